"""What a contract compiles to: everything the shredder and the converters need, with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from transforms.path.model import NameTest, RowPath, ValuePath, XPath


class Many(Enum):
    """What a path that meets several nodes yields; meeting several is counted, whatever the choice."""

    FIRST = "first"
    LAST = "last"
    JOIN = "join"
    LIST = "list"
    ERROR = "error"


class Reaction(Enum):
    """What happens to a value that is missing, invalid, unknown or too long."""

    NULL = "null"
    DEFAULT = "default"
    REJECT_ROW = "reject_row"
    REJECT_DOCUMENT = "reject_document"
    TRUNCATE = "truncate"  # on_too_long only
    ROUND_HALF_UP = "round_half_up"  # on_inexact only
    KEEP = "keep"  # on_unknown only: the value itself goes on to the type


class TypeKind(Enum):
    """The families of column types."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    DECIMAL = "decimal"
    STRING = "string"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    TIMESTAMPTZ = "timestamptz"
    BINARY = "binary"
    UUID = "uuid"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A column type. Arrow types: bool, int8..int64, float64, decimal128(p, s), string, date32, time64[us],
    timestamp[us], timestamp[us, UTC], binary, and string (36 characters, lower case) for uuid."""

    kind: TypeKind
    bits: int = 64  # INT: 8, 16, 32, 64
    precision: int = 0  # DECIMAL
    scale: int = 0  # DECIMAL
    length: int | None = None  # STRING: most characters (Unicode code points); None: any
    encoding: str = "base64"  # BINARY: base64 or hex


@dataclass(frozen=True, slots=True)
class CleanStep:
    """One cleaning step: digits, upper, lower, collapse, trim, replace (`pattern`, `replacement`), or number
    (`decimal`, `group`: the characters of the locale): a number read out of text, sign kept."""

    name: str
    pattern: str = ""
    replacement: str = ""
    decimal: str = "."
    group: str = ","


@dataclass(frozen=True, slots=True)
class Lookup:
    """A named enumeration: source text -> text that the column's type then reads (None: NULL)."""

    name: str
    entries: tuple[tuple[str, str | None], ...]
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of one table."""

    name: str
    path: ValuePath | XPath
    type: ColumnType
    nullable: bool = True
    many: Many = Many.FIRST
    separator: str = ""  # many: join
    trim: bool = False
    blank_as_null: bool = True
    null_words: tuple[str, ...] = ()
    clean: tuple[CleanStep, ...] = ()
    lookup: Lookup | None = None
    formats: tuple[str, ...] = ()
    default: str | None = None  # as text, read by the type
    on_missing: Reaction = Reaction.NULL
    on_invalid: Reaction = Reaction.REJECT_DOCUMENT
    on_unknown: Reaction = Reaction.REJECT_DOCUMENT
    on_too_long: Reaction = Reaction.REJECT_DOCUMENT
    on_inexact: Reaction = Reaction.REJECT_DOCUMENT


@dataclass(frozen=True, slots=True)
class Distinct:
    """Keep one row per document and key: the first by `order` (SQL), then the first in the document."""

    on: tuple[str, ...]
    order: str = ""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: its rows, its columns and what happens to them after conversion."""

    name: str
    rows: RowPath
    parent: str | None
    inherited: tuple[ColumnPlan, ...]  # the parent's key columns, which come first in the table
    columns: tuple[ColumnPlan, ...]
    key: tuple[str, ...] = ()
    where: str = ""
    distinct: Distinct | None = None
    keep_if_any: tuple[str, ...] = ()
    load: bool = True


class Declaration(Enum):
    """Whether the encoding in `<?xml encoding=…?>` is believed. AUTO: in binary columns only, since a database has
    converted the text of a text column and left the declaration behind."""

    AUTO = "auto"
    TRUST = "trust"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may grow to; one past a limit is quarantined with reason `limit`."""

    document_bytes: int = 64 * 1024 * 1024  # as fetched, and again after decode
    depth: int = 256  # elements inside each other, the root being 1
    text_bytes: int = 10_000_000  # one text or attribute value; libxml2's own limit without huge_tree
    attributes: int = 10_000  # of one element
    name_bytes: int = 10_000  # one element or attribute name


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """A compiled contract. Tables stand parents first, otherwise in the contract's order."""

    root: NameTest
    tables: tuple[TablePlan, ...]
    limits: Limits = Limits()
    declaration: Declaration = Declaration.AUTO
    decode: tuple[str, ...] = ()  # gzip, utf-16: applied in this order
    sha256: str = ""  # of the contract in canonical form: hexadecimal
    text: str = ""  # the contract in canonical form (JSON), as the hash saw it

    def table(self, name: str) -> TablePlan:
        """The table of that name; KeyError where there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
