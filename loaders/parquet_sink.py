"""A folder of Parquet files as target: one folder a publication, made visible by renaming it.

    target/publications/<name>/<table>.parquet

The rename is the commit, and the folder's name the unique key: it cannot be taken twice. Files and folders are flushed
to the disk before it. Whatever stands in `target/staging` was never published.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path

import polars as pl
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.errors import AlreadyPublishedError, TargetMismatchError, UnavailableError, UsageError
from loaders.parquet_file import flush_folder, write_durably
from loaders.parquet_source import parquet_errors
from loaders.sink import Part, Removal, TableSpec


def not_for_parquet(specs: Sequence[TableSpec]) -> list[str]:
    """What these tables ask of their target that files cannot do."""
    return [
        f"{spec.name}.{name} is made by the database (identity: database), which a Parquet target has not"
        for spec in specs
        for name in spec.database_made
    ]


class ParquetSink:
    """See loaders.sink.Sink. Keys, foreign keys and columns that a database fills mean nothing to files.

    read_only: only look at what is there; no folder is made or cleared.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._root = path.absolute()
        self._published = self._root / "publications"
        self._staging = self._root / "staging"
        if not read_only:
            self._make_folders()
        self._specs: dict[str, TableSpec] = {}

    def _make_folders(self) -> None:
        with parquet_errors(self._root):
            self._published.mkdir(parents=True, exist_ok=True)
            self._staging.mkdir(exist_ok=True)
            self._sweep()
            if not os.access(self._published, os.W_OK):
                raise UnavailableError(f"{self._root}: permission denied", hint="the folder cannot be written to")

    def _sweep(self) -> None:
        """Remove the drafts of processes that are gone."""
        for draft in self._staging.iterdir():
            owner = draft.name.rpartition(".")[2]
            if not owner.isdecimal() or int(owner) == os.getpid() or not psutil.pid_exists(int(owner)):
                shutil.rmtree(draft, ignore_errors=True)

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return f"parquet:{self._root}"

    @property
    def has_defaults(self) -> bool:
        """See Sink.has_defaults: a file has none."""
        return False

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes: files have no keys."""
        return []

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """See Sink.mismatches: a table is what its files hold; one without a file yet fits everything."""
        problems = not_for_parquet(specs)
        for spec in specs:
            file = next(self._files(spec.name), None)
            if file is None:
                continue
            with parquet_errors(file):
                there = pq.read_schema(file)
            for field in spec.schema:
                if field.name not in there.names:
                    problems.append(f"{file.parent.name}/{file.name} has no column {field.name}")
                elif there.field(field.name).type != field.type:
                    problems.append(
                        f"{spec.name}.{field.name} is {there.field(field.name).type} there, not {field.type}"
                    )
        return problems

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare."""
        problems = self.mismatches(specs, create=create)
        if problems:
            made = any(spec.database_made for spec in specs)
            hint = "Parquet tables cannot change their columns: use a new folder"
            hint = "load into a database, or give the column a path or SQL in the contract" if made else hint
            raise TargetMismatchError(problems, hint=hint)
        self._specs.update({spec.name: spec for spec in specs})

    def has(self, table: str) -> bool:
        """See Sink.has."""
        return table in self._specs or any(self._files(table))

    def count(self, table: str) -> int:
        """See Sink.count: from the files' footers."""
        total = 0
        for file in self._files(table):
            with parquet_errors(file):
                total += pq.read_metadata(file).num_rows
        return total

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read."""
        batches = list(self.stream(table, columns, equal))
        if batches:
            return pa.Table.from_batches(batches)
        spec = self._specs.get(table)
        fields = (
            [spec.schema.field(name) for name in columns] if spec else [pa.field(name, pa.null()) for name in columns]
        )
        return pa.schema(fields).empty_table()

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream."""
        wanted = list(dict.fromkeys([*columns, *equal]))
        for file in self._files(table):
            with parquet_errors(file), pq.ParquetFile(file) as parquet:
                for batch in parquet.iter_batches(65_536, columns=wanted):
                    for name, value in equal.items():
                        batch = batch.filter(pc.equal(batch[name], value))
                    if len(batch):
                        yield batch.select(list(columns))

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select."""
        wanted = list(dict.fromkeys([*columns, *keys.column_names]))
        for file in self._files(table):
            with parquet_errors(file), pq.ParquetFile(file) as parquet:
                for batch in parquet.iter_batches(65_536, columns=wanted):
                    found = batch.filter(_among(batch, keys))
                    if len(found):
                        yield found.select(list(columns))

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored: as they are."""
        return rows

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept: as they are."""
        return rows

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values: `prepare` has refused such tables."""
        raise UsageError(f"{table}.{column}: a Parquet target makes no values")

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish. The folder's name is the first part's unique key, so `name` must be made of it."""
        if removals:
            raise UsageError("a Parquet target does not delete rows and publish others at once")
        final, draft = self._published / name, self._staging / f"{name}.{os.getpid()}"
        if final.exists():
            raise AlreadyPublishedError(f"{name} is published already")
        with parquet_errors(draft):
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            for table in dict.fromkeys(part.table for part in parts):
                rows = pa.concat_tables([part.rows for part in parts if part.table == table])
                if len(rows):
                    write_durably(draft / f"{table}.parquet", rows)
            flush_folder(draft)
            try:
                draft.rename(final)
            except OSError as error:
                if final.exists():
                    raise AlreadyPublishedError(f"{name} is published already") from error
                raise
            flush_folder(self._published)

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once: a publication is one new folder."""
        return False

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once: files are replaced one by one."""
        return False

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete. A file that holds such rows is replaced by one without them, or removed where none is left;
        who reads meanwhile sees the one or the other."""
        for removal in removals:
            for file in list(self._files(removal.table)):
                with parquet_errors(file):
                    rows = pq.read_table(file)
                    among = _among(rows, removal.keys)
                    kept = rows.filter(pc.invert(among))
                    if len(kept) == len(rows):
                        continue
                    if len(kept):
                        write_durably(file, kept)
                    else:
                        file.unlink()
                        flush_folder(file.parent)

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe: a file has no constraints that a value could break."""

    def close(self) -> None:
        """See Sink.close."""

    def _files(self, table: str) -> Iterator[Path]:
        return iter(sorted(self._published.glob(f"*/{escape(table)}.parquet")))


def _among(rows: pa.RecordBatch | pa.Table, keys: pa.Table) -> pa.Array:
    """For each row, whether it equals one of the keys in their columns."""
    names = keys.column_names
    known = pl.DataFrame(keys.cast(pa.schema([rows.schema.field(name).with_nullable(True) for name in names])))
    there = known.unique().with_columns(there=pl.lit(value=True))
    mine = pl.DataFrame(rows.select(names)).join(there, on=names, how="left", maintain_order="left")
    return mine["there"].fill_null(value=False).to_arrow()
