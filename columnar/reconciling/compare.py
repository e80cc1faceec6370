"""Rows made anew against rows of the target, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from columnar.reconciling.report import ColumnSums, Difference
from columnar.running.identity import made_columns
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable
from transforms.documents import DOCUMENT

# Of a hash so many bits are summed: a sum of 16 million rows fits into 64.
_BITS = (1 << 40) - 1
_SEED = 7
_SHOWN = 200  # characters of a value


@dataclass(frozen=True)
class Comparable:
    """A table's columns as they are compared.

    columns: all but those that the database makes. key: by which rows of both sides are matched; () where all columns
    have to. defaulted: columns where a NULL became whatever the target's default is.
    """

    table: TargetTable
    columns: tuple[str, ...]
    key: tuple[str, ...]
    defaulted: frozenset[str]

    @classmethod
    def of(cls, table: TargetTable, plan: ContractPlan) -> Comparable:
        """Of a table of the plan's target."""
        made = made_columns(plan).get(table.name, {})
        columns = tuple(column.name for column in table.columns if column.name not in made)
        key = table.key if table.key and not set(table.key) & set(made) else ()
        return cls(table, columns, key, frozenset(column.name for column in table.columns if column.omit_null))


class TableComparison:
    """Adds up one table over all chunks."""

    def __init__(self, comparable: Comparable) -> None:
        self.of = comparable
        self.sums = {name: ColumnSums(comparable.table.name, name) for name in comparable.columns}

    def add(self, chunk: int, expected: pa.Table, found: pa.Table, source_keys: Sequence[str]) -> Iterator[Difference]:
        """Compare the rows of some documents.

        expected: as the target would store them, with `_document`. found: all that the target has of them, in the same
        types. source_keys: by number of the document.
        """
        mine, theirs = _comparable(expected), _comparable(found)
        for name, sums in self.sums.items():
            _sum(sums, mine[name], theirs[name])
        if self.of.key:
            yield from self._by_key(chunk, mine, theirs, source_keys)
        else:
            yield from self._as_wholes(chunk, mine, theirs, source_keys)

    def _by_key(
        self, chunk: int, mine: pl.DataFrame, theirs: pl.DataFrame, source_keys: Sequence[str]
    ) -> Iterator[Difference]:
        key = list(self.of.key)
        for row in mine.join(theirs, on=key, how="anti", nulls_equal=True).to_dicts():
            yield self._row("missing_row", chunk, row, source_keys)
        for row in theirs.join(mine, on=key, how="anti", nulls_equal=True).to_dicts():
            yield self._row("extra_row", chunk, row, source_keys)
        both = mine.join(theirs, on=key, how="inner", suffix="#", nulls_equal=True)
        for name in self.of.columns:
            if name in key:
                continue
            other = pl.col(name).ne_missing(pl.col(f"{name}#"))
            if name in self.of.defaulted:
                other &= pl.col(name).is_not_null()
            for row in both.filter(other).to_dicts():
                yield Difference(
                    "value", chunk, source_keys[row[DOCUMENT]], self.of.table.name, name, self._key(row),
                    _shown(row[name]), _shown(row[f"{name}#"]),
                )  # fmt: skip

    def _as_wholes(
        self, chunk: int, mine: pl.DataFrame, theirs: pl.DataFrame, source_keys: Sequence[str]
    ) -> Iterator[Difference]:
        """Without a key, by how often each row is there."""
        columns = [name for name in self.of.columns if name not in self.of.defaulted]
        ours = mine.group_by(columns).agg(mine=pl.len(), document=pl.col(DOCUMENT).first())
        there = theirs.group_by(columns).agg(theirs=pl.len())
        both = ours.join(there, on=columns, how="full", coalesce=True, nulls_equal=True)
        counts = both.with_columns(pl.col("mine").fill_null(0), pl.col("theirs").fill_null(0))
        for row in counts.filter(pl.col("mine") != pl.col("theirs")).to_dicts():
            kind = "missing_row" if row["mine"] > row["theirs"] else "extra_row"
            source_key = "" if row["document"] is None else source_keys[row["document"]]
            yield Difference(
                kind, chunk, source_key, self.of.table.name, key=self._key(row),
                expected=f"{row['mine']} times", found=f"{row['theirs']} times",
            )  # fmt: skip

    def _row(self, kind: str, chunk: int, row: dict[str, object], source_keys: Sequence[str]) -> Difference:
        number = row.get(DOCUMENT)
        source_key = source_keys[number] if isinstance(number, int) else ""
        return Difference(kind, chunk, source_key, self.of.table.name, key=self._key(row))

    def _key(self, row: dict[str, object]) -> str:
        names = self.of.key or self.of.columns
        return ", ".join(f"{name} = {_shown(row[name])}" for name in names if name in row)


def _comparable(rows: pa.Table) -> pl.DataFrame:
    """Lists as texts: they are neither joined nor hashed."""
    frame = pl.DataFrame(rows)
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    return frame.with_columns(
        pl.struct(name).struct.json_encode().alias(name) if frame.height else pl.lit(None, pl.String).alias(name)
        for name in lists
    )


def _sum(sums: ColumnSums, mine: pl.Series, theirs: pl.Series) -> None:
    sums.rows += len(mine)
    sums.nulls += mine.null_count()
    sums.checksum += _checksum(mine)
    sums.target_rows += len(theirs)
    sums.target_nulls += theirs.null_count()
    sums.target_checksum += _checksum(theirs)


def _checksum(values: pl.Series) -> int:
    hashed = values.drop_nulls().hash(seed=_SEED)
    return int((hashed & _BITS).sum() or 0) if len(hashed) else 0


def _shown(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
