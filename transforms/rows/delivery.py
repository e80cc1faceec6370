"""How the result of SQL comes to a column: as a value of its type where it is one already, else as text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transforms.contract.plan import ColumnPlan, ColumnType, TypeKind
from transforms.convert.cell import CellRule, cell_rule
from transforms.errors import Problem

# Whole numbers of at most 64 bits.
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_TYPES = {
    TypeKind.BOOL: "BOOLEAN",
    TypeKind.FLOAT: "DOUBLE",
    TypeKind.DATE: "DATE",
    TypeKind.TIME: "TIME",
    TypeKind.TIMESTAMP: "TIMESTAMP",
    TypeKind.TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
    TypeKind.BINARY: "BLOB",
}


# DuckDB's text of these is not what a column reads: bytes with escapes, an offset without minutes.
_WITHOUT_TEXT = {
    "BLOB": "to_base64(...) or hex(...)",
    "TIMESTAMP WITH TIME ZONE": "strftime(..., '%Y-%m-%d %H:%M:%S')",
    "TIME WITH TIME ZONE": "strftime(..., '%H:%M:%S')",
}
_FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True, slots=True)
class Delivery:
    """cast: the DuckDB type that results are cast to, '' where they are of it. typed: they are values, not text.

    named: a text of a floating number says INF and NaN as XML does.
    """

    cast: str
    typed: bool
    rule: CellRule
    named: bool = False

    def sql(self, expression: str) -> str:
        """The SQL that delivers the result of an expression."""
        delivered = f"CAST({expression} AS {self.cast})" if self.cast else expression
        return f"replace(replace({delivered}, 'inf', 'INF'), 'nan', 'NaN')" if self.named else delivered


def delivery(column: ColumnPlan, kind: str) -> Delivery:
    """How results of a DuckDB type come to a column.

    A text goes through all its rules. Of any other result only lookup and clean look at the text; blanks, null words
    and formats are for texts that the SQL itself yields.
    """
    rule = cell_rule(column)
    if kind in ("VARCHAR", "JSON") or kind.startswith("ENUM"):
        return Delivery("" if kind == "VARCHAR" else "VARCHAR", typed=False, rule=rule)
    rule = replace(rule, trim=False, blank_as_null=False, null_words=(), plain=True)
    if not (rule.lookup or rule.clean):
        if column.type.kind in (TypeKind.INT, TypeKind.DECIMAL) and kind in _INTEGERS:
            return Delivery("" if kind == "BIGINT" else "BIGINT", typed=True, rule=rule)
        if kind == _TYPES.get(column.type.kind) or _is_number(kind, column.type):
            return Delivery("", typed=True, rule=rule)
    named = kind in _FLOATS and column.type.kind is TypeKind.FLOAT
    return Delivery("VARCHAR", typed=False, rule=rule, named=named)


def delivery_fault(column: ColumnPlan, kind: str, key: str) -> Problem | None:
    """Why results of a DuckDB type cannot come to a column; None where they can. key: of the column."""
    steps = "lookup" if column.lookup else "clean" if column.clean else ""
    if not steps or kind not in _WITHOUT_TEXT:
        return None
    return Problem(
        f"{steps} works on a text, and the SQL yields {kind}, which has none of its own",
        key=f"{key}.{steps}",
        expected=f"SQL that yields a text, such as {_WITHOUT_TEXT[kind]}, or no {steps}",
    )


def _is_number(kind: str, declared: ColumnType) -> bool:
    """Whether both are exact numbers, so that only range and digits have to be looked at."""
    return declared.kind in (TypeKind.INT, TypeKind.DECIMAL) and kind.startswith("DECIMAL(")
