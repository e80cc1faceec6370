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


class Take(Enum):
    """Which of several elements or rows is taken, once they are in order of preference."""

    FIRST = "first"
    LAST = "last"


class Identity(Enum):
    """Who makes the values of an identity column: the contract, or the database when a row is inserted."""

    KEEP = "keep"
    DATABASE = "database"


class Conflict(Enum):
    """What happens to a row whose key the target holds already, or an earlier document of the run brought."""

    REJECT_DOCUMENT = "reject_document"
    SKIP = "skip"  # the row is not loaded, and counted


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
    (`decimal`, `group`: the characters of the locale): a number read out of text, with its sign or without."""

    name: str
    pattern: str = ""
    replacement: str = ""
    decimal: str = "."
    group: str = ","
    drop_sign: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """A named enumeration: source text -> text that the column's type then reads (None: NULL). has_else: every text
    without an entry becomes `otherwise`."""

    name: str
    entries: tuple[tuple[str, str | None], ...]
    ignore_case: bool = False
    has_else: bool = False
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of one table. Its value is at `path`, or made by `sql`, or by the database (`identity`), or by the
    table's own SQL (none of them)."""

    name: str
    path: ValuePath | XPath | None
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
    of: str | None = None  # the pick from whose element the path starts; None: the row's own element
    sql: str = ""  # an expression over the converted row; its result is text or value for the rules above
    identity: Identity | None = None
    omit_null: bool = False  # on_null: omit. A NULL is left out of its INSERT, so that the target's default applies
    load: bool = True  # False: for SQL, `where` and the like only


@dataclass(frozen=True, slots=True)
class Preference:
    """An order by listed values: those of `values` first, as they stand there; every other one, and none, after
    them."""

    by: ValuePath | str  # a path from the candidate element (picks), or a column (distinct, joins)
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """One other element whose values stand in a row: of the candidates that have what is required, the first or last
    in order of preference and then of the document."""

    name: str
    rows: RowPath  # the candidates, from the document
    of: str | None = None  # the pick below whose element they are; None: below the row's element
    everywhere: bool = False  # they may be anywhere in the document
    match: tuple[tuple[ValuePath, ValuePath], ...] = ()  # (of the candidate, of the row or `of`): equal, not blank
    require: tuple[ValuePath, ...] = ()  # none of them blank
    require_any: tuple[ValuePath, ...] = ()  # not all of them blank
    prefer: tuple[Preference, ...] = ()
    ignore_case: bool = False  # of `match` and `prefer`
    null_words: tuple[str, ...] = ()  # blank for `require` and `require_any`, as nothing is
    take: Take = Take.FIRST
    filled: bool = False  # each column takes the first candidate whose value for it is not blank


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the rows that every row element gives: where the columns that differ from slot to slot are."""

    name: str
    paths: tuple[tuple[str, ValuePath | XPath], ...]  # column -> its path in this slot; `$slot` is a constant


@dataclass(frozen=True, slots=True)
class Join:
    """At most one row of another table, whose columns the SQL of this one sees as `name.column`: of the rows of the
    same document as they were converted, before their own SQL and selection."""

    name: str
    table: str
    on: tuple[tuple[str, str], ...] = ()  # (their column, ours); (): the rows below this one, else of the document
    where: str = ""
    prefer: tuple[Preference, ...] = ()
    take: Take = Take.FIRST


@dataclass(frozen=True, slots=True)
class Distinct:
    """Keep one row per document and key: the first by `prefer`, then by `order` (SQL), then in the document, or the
    last there."""

    on: tuple[str, ...]
    order: str = ""
    prefer: tuple[Preference, ...] = ()
    take: Take = Take.FIRST


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that must be a key of another table of the target."""

    columns: tuple[str, ...]
    table: str  # its name in the target
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MadeColumn:
    """A column of the target that the contract does not fill: defaulted or computed by the database. The SQL is the
    target's own; `type` is needed only where this program makes the table."""

    name: str
    type: ColumnType | None = None
    default: str = ""
    computed: str = ""
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class TargetPlan:
    """What a table is in the target."""

    name: str = ""  # `table` or `schema.table`; '': as in the contract
    names: tuple[tuple[str, str], ...] = ()  # of loaded columns, here and there, where they differ
    foreign_keys: tuple[ForeignKey, ...] = ()
    made: tuple[MadeColumn, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """Which documents a table reads, where several contracts share a plan: those with that root element, and with
    those values in the named key columns of the source; a column named twice may have either value. A document that
    several routes take belongs to the first of them in the plan."""

    root: NameTest
    when: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table: its rows, its columns and what happens to them after conversion."""

    name: str  # unique in the plan; `scope:name` where several contracts share it
    rows: RowPath | None  # None: the rows of `sql`
    parent: str | None
    inherited: tuple[ColumnPlan, ...]  # the parent's key columns, which come first in the table
    columns: tuple[ColumnPlan, ...]
    key: tuple[str, ...] = ()
    where: str = ""
    distinct: Distinct | None = None
    keep_if_any: tuple[str, ...] = ()
    load: bool = True
    picks: tuple[Pick, ...] = ()  # each after the one it starts from
    slots: tuple[Slot, ...] = ()  # (): one row an element
    joins: tuple[Join, ...] = ()
    sql: str = ""  # a SELECT over the tables of the same contract that stand before it
    on_conflict: Conflict = Conflict.REJECT_DOCUMENT
    target: TargetPlan = TargetPlan()
    route: Route | None = None  # None: every document that has the plan's root
    scope: str = ""

    @property
    def title(self) -> str:
        """What its contract calls it, and SQL."""
        return self.name.removeprefix(f"{self.scope}:") if self.scope else self.name

    @property
    def target_name(self) -> str:
        """What it is called in the target: `table` or `schema.table`."""
        return self.target.name or self.title


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
    """A compiled contract, or several merged into one. Tables stand parents first, otherwise in the contract's order;
    those made by SQL after those that they may read."""

    root: NameTest  # of the first contract, where there are several: see TablePlan.route
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
