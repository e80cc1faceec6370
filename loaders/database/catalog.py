"""What a database says of its tables, in the same words for every database."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as it is.

    type: in the database's own words, complete: what a CAST or CREATE TABLE takes (`varchar(20)`, `decimal(12,2)`).
    arrow: the Arrow type that holds every one of its values; None where no contract type does. default: its SQL; '' for
    none. computed: by the database, never written. identity: the database numbers it. collation: of text, where it has
    one; '' otherwise. max_length: of text or binary in the unit `type` has; None for no limit. exact: two of its values
    are equal to the database only where their texts are; not so where it ignores case, accents or padding. verbatim:
    what it takes it returns as it was; not so where it pads, drops blanks at the end or writes a value its own way.
    kept: a regular expression of the texts that are stored as they are, where others become another one without an
    error; '' where all are. max_bytes: of a text whose type is limited in bytes. holds_nan: not where NaN becomes NULL.
    ordered: its values stand in the order in which they are compared; no key can be cut by those of others.
    """

    name: str
    type: str
    arrow: pa.DataType | None
    nullable: bool
    default: str = ""
    computed: bool = False
    identity: bool = False
    collation: str = ""
    max_length: int | None = None
    exact: bool = True
    verbatim: bool = True
    kept: str = ""
    max_bytes: int | None = None
    holds_nan: bool = True
    ordered: bool = True

    @property
    def required(self) -> bool:
        """Whether a row that does not bring it is refused."""
        return not self.nullable and not self.default and not self.computed and not self.identity


@dataclass(frozen=True, slots=True)
class StoredForeignKey:
    """A foreign key as it is. schema, table: what it refers to."""

    columns: tuple[str, ...]
    schema: str
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table as it is; `kind` is `table` or `view`.

    keys: the columns of its primary key and of every unique constraint or index, the primary key first.
    triggers: the names of those that run on INSERT.
    """

    schema: str
    name: str
    kind: str
    columns: tuple[StoredColumn, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[StoredForeignKey, ...] = ()
    triggers: tuple[str, ...] = ()

    def column(self, name: str) -> StoredColumn | None:
        """One of them, by its exact name."""
        return next((each for each in self.columns if each.name == name), None)
