"""Documents in Parquet files: DuckDB orders the keys, pyarrow reads the rows, row group by row group."""

from __future__ import annotations

import errno
import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors
from loaders.duckdb_keys import DuckDBKeys
from loaders.errors import DISK_FULL, LoaderError, UnavailableError, UsageError
from loaders.names import nearest
from loaders.source import NULL_KEYS, Key, KeyColumn, KeyRange, RangeCut, RangeKeys, ReadLimits

# The key of a source that names none: the file and the row's place in it.
_FILE, _ROW = "columnar_file", "file_row_number"


@dataclass(frozen=True, slots=True)
class ParquetSourceOptions:
    """A file, a folder or a glob pattern; `key` may be empty: then file name and row number are the key."""

    pattern: str
    key: tuple[str, ...]
    document: str


class ParquetSource:
    """See loaders.source.Source."""

    def __init__(self, engine: DuckDBEngine, options: ParquetSourceOptions) -> None:
        self._options = options
        self._name = options.pattern
        self.files = parquet_files(options.pattern)
        self._schema = self._check_columns()
        listed = ", ".join("'" + str(file).replace("'", "''") + "'" for file in self.files)
        self.relation = f"read_parquet([{listed}], filename = '{_FILE}', file_row_number = true)"
        self.cursor = engine.cursor()
        with duckdb_errors(self._name):
            types = {
                row[0]: row[1] for row in self.cursor.execute(f"DESCRIBE SELECT * FROM {self.relation}").fetchall()
            }
        key = tuple(KeyColumn(name, types[name]) for name in options.key or (_FILE, _ROW))
        self.keys = DuckDBKeys(self.cursor, self.relation, key, self._name)
        self._mean: int | None = None

    @property
    def identity(self) -> str:
        """See Source.identity."""
        return (
            f"parquet:{Path(self._options.pattern).absolute()}({','.join(self._options.key)})->{self._options.document}"
        )

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return self.keys.key

    @property
    def document(self) -> str:
        """The column of the documents."""
        return self._options.document

    @property
    def name(self) -> str:
        """What to call it in messages."""
        return self._name

    def notes(self) -> list[str]:
        """See Source.notes."""
        return (
            []
            if self._options.key
            else [f"{self._name}: no key named, so file and row number are the key: do not rewrite the files"]
        )

    def document_bytes(self) -> int:
        """See Source.document_bytes: from the files' own statistics."""
        if self._mean is None:
            rows = total = 0
            for file in self.files:
                with parquet_errors(file), pq.ParquetFile(file) as parquet:
                    at = parquet.schema.names.index(self._options.document)
                    rows += parquet.metadata.num_rows
                    groups = range(parquet.metadata.num_row_groups)
                    total += sum(
                        parquet.metadata.row_group(group).column(at).total_uncompressed_size for group in groups
                    )
            self._mean = max(1, total // max(1, rows))
        return self._mean

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        return self.keys.rank(keys)

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        return self.keys.key_at(within, rows)

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut."""
        if gap == NULL_KEYS:
            return iter(())
        return self.keys.cut(gap, rows=max(1, min(rows, total_bytes // self.document_bytes())))

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return self.keys.count(ranges)

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure."""
        return self.keys.measure(ranges)

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[_ParquetRead]:
        """See Source.read."""
        yield _ParquetRead(self, within, limits)

    def close(self) -> None:
        """See Source.close."""
        self.cursor.close()

    def _check_columns(self) -> pa.Schema:
        with parquet_errors(self.files[0]):
            schema = pq.read_schema(self.files[0])
        for wanted in (*self._options.key, self._options.document):
            if wanted not in schema.names:
                raise UsageError(f"{self._name} has no column {wanted}", hint=nearest(wanted, schema.names, "column"))
        kind = schema.field(self._options.document).type
        accepted = (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
        if not any(test(kind) for test in accepted):
            raise UsageError(
                f"{self._name}: the document column {self._options.document} is {kind}, neither text nor binary"
            )
        return schema


class _ParquetRead:
    """One range: the place of its rows by key, then those rows in the files' order."""

    def __init__(self, source: ParquetSource, within: KeyRange, limits: ReadLimits) -> None:
        self._source = source
        self._limits = limits
        self.found = source.keys.measure([within])[0]
        found = source.keys.ordered(source.cursor, within, beside=(_FILE, _ROW))
        names = [part.name for part in source.key]
        self.keys: pa.Table = found.select(names)
        # The key may be made of file and row themselves, so its columns go by number here.
        places = found.rename_columns([*(f"key {at}" for at in range(len(names))), _FILE, _ROW])
        self._places = places.sort_by([(_FILE, "ascending"), (_ROW, "ascending")])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        files = self._places[_FILE]
        for file in pc.unique(files).to_pylist():
            places = self._places.filter(pc.equal(files, file))
            with parquet_errors(Path(file)), pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as parquet:
                yield from self._of_file(parquet, places)

    def _of_file(self, parquet: pq.ParquetFile, places: pa.Table) -> Iterator[pa.RecordBatch]:
        rows = max(1, self._limits.batch_bytes // self._source.document_bytes())
        first = 0
        for group in range(parquet.metadata.num_row_groups):
            count = parquet.metadata.row_group(group).num_rows
            here = _between(places, first, first + count)
            if len(here):
                start = first
                for batch in parquet.iter_batches(
                    rows, row_groups=[group], columns=[self._source.document], use_threads=False
                ):
                    wanted = _between(here, start, start + len(batch))
                    if len(wanted):
                        yield self._rows(batch.column(0), wanted, start)
                    start += len(batch)
            first += count

    def _rows(self, documents: pa.Array, wanted: pa.Table, start: int) -> pa.RecordBatch:
        documents = documents.take(pc.subtract(wanted[_ROW].combine_chunks(), start))
        length = pc.cast(pc.binary_length(documents), pa.int64())
        fits = pc.less_equal(length, self._limits.document_bytes)
        columns = {name: wanted[f"key {at}"].combine_chunks() for at, name in enumerate(self.keys.column_names)}
        columns["document"] = pc.if_else(fits, documents, pa.scalar(None, documents.type))
        columns["document_bytes"] = length
        return pa.RecordBatch.from_pydict(columns)


def _between(places: pa.Table, first: int, end: int) -> pa.Table:
    row = places[_ROW]
    return places.filter(pc.and_(pc.greater_equal(row, first), pc.less(row, end)))


def parquet_files(pattern: str) -> list[Path]:
    """The files of a path or pattern, in order; UsageError where there is none."""
    path = Path(pattern)
    found = (
        sorted(path.rglob("*.parquet"))
        if path.is_dir()
        else [path]
        if path.is_file()
        else [Path(each) for each in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (absolute ones too)
    )
    if not found:
        raise UsageError(f"no Parquet file matches {pattern}", hint="check the path in the job's source")
    return [each.absolute() for each in found]


@contextmanager
def parquet_errors(file: Path) -> Iterator[None]:
    """Turn pyarrow's and the system's errors into ours."""
    try:
        yield
    except LoaderError:
        raise
    except pa.ArrowInvalid as error:
        raise UnavailableError(f"{file} is not a readable Parquet file: {str(error).splitlines()[0]}") from error
    except (OSError, pa.ArrowException) as error:
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = DISK_FULL if full else ""
        raise UnavailableError(f"{file}: {str(error).splitlines()[0]}", hint=hint) from error
