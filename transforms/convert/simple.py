"""Which columns a shredder may read as their type, and what the simple form of each is.

A text in the simple form is one that conversion reads without counting anything, whatever the policies: no white space
at its ends, no sign `+`, every number within its type, dates and times as the column's formats have them. The forms
themselves stand in transforms/kernel (simple_numbers.h, iso8601.h, date_format.h); here it is decided for which columns
these texts mean what they seem to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.extracts import Extract, ReadColumn, extracts_of, pick_extract
from transforms.contract.plan import (
    CleanStep,
    ColumnPlan,
    ColumnType,
    ContractPlan,
    Many,
    Reaction,
    TablePlan,
    TypeKind,
)
from transforms.convert.read import unreadable
from transforms.convert.text import XML_SPACE
from transforms.convert.types import arrow_type
from transforms.path.model import TerminalKind, ValuePath

# What the kernel is told of a column: kind, two parameters of it, flags, formats (cell_type.h).
Code: TypeAlias = tuple[int, int, int, int, str]
_KINDS = {
    TypeKind.INT: 1,
    TypeKind.DECIMAL: 2,
    TypeKind.FLOAT: 3,
    TypeKind.BOOL: 4,
    TypeKind.DATE: 5,
    TypeKind.TIME: 6,
    TypeKind.TIMESTAMP: 7,
    TypeKind.TIMESTAMPTZ: 8,
}
_DATED = (TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)
_TEMPORAL = (*_DATED, TypeKind.TIME)
_NUMBERS = (TypeKind.INT, TypeKind.DECIMAL)
_TERMINALS = (TerminalKind.STRING, TerminalKind.TEXT, TerminalKind.ATTRIBUTE)

_PARTS = re.compile(r"%.|\s+|.", re.DOTALL)
_DIGITS = frozenset("YymdHIMSf")  # directives that read digits, as many as stand there
_READ = _DIGITS | {"p", "z"}


@dataclass(frozen=True, slots=True)
class SimpleType:
    """The simple form of a column.

    formats: of dates and times, in the kernel's spelling, tried in this order; (): ISO 8601. empty_is_missing: the
    empty text is no value, and no message could tell it from a missing one.
    """

    type: ColumnType
    formats: tuple[str, ...] = ()
    empty_is_missing: bool = False

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type of the values."""
        return arrow_type(self.type)

    @property
    def code(self) -> Code:
        """The same for the kernel."""
        one, two = 0, 0
        if self.type.kind is TypeKind.INT:
            one = self.type.bits
        elif self.type.kind is TypeKind.DECIMAL:
            one, two = self.type.precision, self.type.scale
        formats = "".join(text + "\0" for text in self.formats)
        return _KINDS[self.type.kind], one, two, int(self.empty_is_missing), formats


def typed_columns(plan: ContractPlan) -> dict[tuple[str, str], SimpleType]:
    """The columns that may be read as their type: (extract, column of it) -> its simple form.

    Not among them: what a pick or a slot is decided by, for they look at texts; lists and joined texts; and columns
    whose rules (steps, lookup, null words, formats) make something else of a text in the simple form, or might.
    """
    tables = {table.name: table for table in plan.tables}
    found = {}
    for extract in extracts_of(plan):
        table = tables[extract.table]
        columns = {column.name: column for column in table.columns}
        for read in extract.columns:
            if read.column and _goes_to_conversion(table, extract, read):
                simple = simple_type(columns[read.column])
                if simple is not None:
                    found[extract.name, read.name] = simple
    return found


def _goes_to_conversion(table: TablePlan, extract: Extract, read: ReadColumn) -> bool:
    """Whether nothing but conversion looks at the cells of a column, and each is the text of one node."""
    filled = any(pick.filled and pick_extract(table, pick.name) == extract.name for pick in table.picks)
    if filled or table.slots or read.many in (Many.JOIN, Many.LIST):
        return False
    return isinstance(read.path, ValuePath) and read.path.terminal.kind in _TERMINALS


def simple_type(column: ColumnPlan) -> SimpleType | None:
    """The simple form of a column's type under its rules; None: it has none."""
    kind = column.type.kind
    if kind not in _KINDS or column.lookup is not None:
        return None
    if not all(_leaves_alone(step, kind) for step in column.clean):
        return None
    if any(_may_be_simple(word, column) for word in column.null_words):
        return None
    formats: tuple[str, ...] = ()
    if kind in _TEMPORAL and column.formats:
        formats = _formats(column)
        if not formats:
            return None
    return SimpleType(column.type, formats, _empty_is_missing(column))


def _leaves_alone(step: CleanStep, kind: TypeKind) -> bool:
    """Whether a cleaning step never changes a text in the simple form."""
    if step.name in ("trim", "collapse"):
        return True
    if kind not in _NUMBERS:
        return False
    return step.name in ("upper", "lower") or (step.name == "number" and step.decimal == "." and not step.drop_sign)


def _may_be_simple(word: str, column: ColumnPlan) -> bool:
    """Whether a null word, which is compared in lower case and without white space, may be a text in the simple form:
    taken for granted where the type reads it."""
    lower = pc.utf8_lower(pc.ascii_trim(pa.scalar(word, pa.string()), characters=XML_SPACE)).as_py()
    return any(unreadable(text, column.type, column.formats) is None for text in (lower, lower.upper()))


def _empty_is_missing(column: ColumnPlan) -> bool:
    """Whether an empty text may as well be no text: it becomes NULL uncounted, and no message will show it. Null words
    do not matter: what is blank is not compared with them."""
    defaulted = column.on_missing is Reaction.DEFAULT and column.default is not None
    nulled = column.on_missing in (Reaction.NULL, Reaction.DEFAULT) and column.nullable
    return column.blank_as_null and (defaulted or nulled)


def _formats(column: ColumnPlan) -> tuple[str, ...]:
    """The column's formats as far as the kernel reads them: from the first one that it does not read, a text that none
    before took may be that one's."""
    found = []
    for text in column.formats:
        plain = _plain_format(text, column.type.kind)
        if plain is None:
            break
        found.append(plain)
    return tuple(found)


def _plain_format(text: str, kind: TypeKind) -> str | None:
    """A format with its white space as single blanks; None where the kernel does not read it, or not as that type.

    It reads numbers between characters that are no digits, AM and PM, and an offset at the end.
    """
    parts = [" " if part.isspace() else part for part in _PARTS.findall(text)]
    directives = [part[1] for part in parts if part[0] == "%" and part != "%%"]
    read = set(directives)
    if not read <= _READ or {"Y", "y"} <= read or {"H", "I"} <= read or "z" in directives[:-1]:
        return None
    if not ((read & {"Y", "y"} and {"m", "d"} <= read) if kind in _DATED else read & {"H", "I"}):
        return None
    if ("z" in read) != (kind is TypeKind.TIMESTAMPTZ) or ("z" in read and parts[-1] != "%z"):
        return None
    if any(part[0] != "%" and (not part.isascii() or part.isdigit()) for part in parts):
        return None
    numbers = [part[0] == "%" and part[1:] in _DIGITS for part in parts]
    if any(one and other for one, other in pairwise(numbers)):
        return None
    return "".join(parts)
