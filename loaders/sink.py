"""What a target is: tables that take Arrow rows, all of one publication or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ForeignKeySpec:
    """Columns that must be a key of a table of the target; `references` are its columns, in the same order."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeColumnSpec:
    """A column that the target fills: by the SQL expression `default`, or computed by that of `computed`, or in a way
    of its own. It is never written; `type` is needed only to make it."""

    name: str
    type: pa.DataType | None = None
    default: str = ""
    computed: str = ""
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as its writer needs it. Fields that are not nullable become NOT NULL; `key` becomes its primary key.

    name: `table`, or `schema.table` where the schema is not the sink's own. made: columns beside those of the schema.
    numbered: identity columns, which get a number where a row brings none. database_made: those of them (or other
    columns with a default) that no row brings; see Sink.next_values. omitted: columns that are left out of the INSERT
    where they are NULL, so that their default applies. lengths: how many characters a text may have, by column, where
    that is limited. uuids: text columns that hold UUIDs, 36 characters in lower case. names: of columns
    that the target calls otherwise, here and there; see loaders.named_sink.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKeySpec, ...] = ()
    made: tuple[MadeColumnSpec, ...] = ()
    numbered: tuple[str, ...] = ()
    database_made: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    lengths: tuple[tuple[str, int], ...] = ()
    uuids: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()

    def length(self, column: str) -> int | None:
        """How many characters a column's text may have; None for no limit."""
        return dict(self.lengths).get(column)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows for one table; columns are matched by name."""

    table: str
    rows: pa.Table


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows of one table to delete: those that equal a row of `keys` in the columns it names. A NULL equals nothing."""

    table: str
    keys: pa.Table


class Sink(Protocol):
    """A target. Every method may raise the errors of loaders.errors."""

    @property
    def identity(self) -> str:
        """What it is, free of secrets."""
        ...

    @property
    def has_defaults(self) -> bool:
        """Whether a column that a row leaves out gets its default; otherwise it is NULL."""
        ...

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """Every reason why `prepare` would refuse, free of side effects."""
        ...

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """What `prepare` allows and is seldom meant: a key of the target that is not the contract's."""
        ...

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """Check that each table can take its rows (names, types, NOT NULL columns nobody fills, foreign keys in the
        order of `specs`); create the missing ones when asked to. Raises TargetMismatchError with every mismatch of
        every table, before anything is made."""
        ...

    def has(self, table: str) -> bool:
        """Whether the table exists."""
        ...

    def count(self, table: str) -> int:
        """The rows of a table, counted by the target."""
        ...

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """Rows of a bookkeeping table where the named columns equal the values."""
        ...

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """The same, batch by batch, for tables of any size."""
        ...

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """The rows of a table that equal a row of `keys` in the columns it names, as the target compares; in any order.
        A NULL equals nothing. The keys are held in memory, the rows are not."""
        ...

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """The rows as `stream` would return them once they are in a prepared table; NULL for a value that it would
        refuse. What two rows look like here tells whether their key is the same."""
        ...

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """The same for what is no key, value by value: never a value that only compares as equal to the one that would
        be stored, so that whatever was changed since shows, be it in case, accents or trailing blanks."""
        ...

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """So many values of a column that the target makes, ascending; never given out again, whatever becomes of
        them."""
        ...

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """Make all parts visible in one transaction, in their order, or nothing. The first part holds the row whose
        unique key makes a second publication refuse itself (AlreadyPublishedError); `name` is unique to this attempt
        and names whatever is staged. Row counts are checked inside the transaction.

        removals: rows that are deleted in the same transaction, after the first part and before the others; only where
        `deletes_at_once` or, for what comes again, `replaces_at_once` says that the target can."""
        ...

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """Whether `publish` can delete rows of these tables, children first, where its parts bring others in their
        place: by `deletes_at_once`, or in a way of its own that comes to the same."""
        ...

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """Whether rows of these tables, children first, can be deleted in one transaction, that of `publish`."""
        ...

    def delete(self, removals: Sequence[Removal]) -> None:
        """Delete rows, one removal after the other: children first. Each is done as a whole or not at all, and rows
        that are gone already are no error: what a process that was killed left, the same call completes."""
        ...

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """Do all that publish does but the commit, and undo it: raises DataError where publish would. The first part is
        one like the others."""
        ...

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        ...
