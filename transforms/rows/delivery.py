"""How the result of SQL comes to a column: as a value of its type where it is one already, else as text."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transforms.contract.plan import ColumnPlan, ColumnType, TypeKind
from transforms.convert.cell import CellRule, cell_rule

_INTEGERS = {"TINYINT": 8, "SMALLINT": 16, "INTEGER": 32, "BIGINT": 64, "UTINYINT": 9, "USMALLINT": 17, "UINTEGER": 33}
_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19, 9: 3, 17: 5, 33: 10}
_TYPES = {
    TypeKind.BOOL: "BOOLEAN",
    TypeKind.FLOAT: "DOUBLE",
    TypeKind.DATE: "DATE",
    TypeKind.TIME: "TIME",
    TypeKind.TIMESTAMP: "TIMESTAMP",
    TypeKind.TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
    TypeKind.BINARY: "BLOB",
}
_BY_BITS = {8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """cast: the DuckDB type that results are cast to, '' where they are of it. typed: they are values, not text."""

    cast: str
    typed: bool
    rule: CellRule

    def sql(self, expression: str) -> str:
        """The SQL that delivers the result of an expression."""
        return f"CAST({expression} AS {self.cast})" if self.cast else expression


def delivery(column: ColumnPlan, kind: str) -> Delivery:
    """How results of a DuckDB type come to a column. Rules that look at a text (lookup, clean, null words) get one;
    formats are for texts that the SQL itself yields."""
    rule = cell_rule(column)
    if kind == "VARCHAR":
        return Delivery("", typed=False, rule=rule)
    rule = replace(rule, formats=())
    target = _duckdb_type(column.type)
    if target and not (rule.lookup or rule.clean or rule.null_words) and _fits(kind, target, column.type):
        return Delivery("" if kind == target else target, typed=True, rule=rule)
    return Delivery("VARCHAR", typed=False, rule=rule)


def _duckdb_type(kind: ColumnType) -> str:
    """The DuckDB type of a column type; '' for texts."""
    if kind.kind is TypeKind.INT:
        return _BY_BITS[kind.bits]
    if kind.kind is TypeKind.DECIMAL:
        return f"DECIMAL({kind.precision},{kind.scale})"
    return _TYPES.get(kind.kind, "")


def _fits(kind: str, target: str, declared: ColumnType) -> bool:
    """Whether every value of a DuckDB type is one of the target's, with the same text."""
    if kind == target:
        return True
    bits = _INTEGERS.get(kind, 0)
    if declared.kind is TypeKind.INT:
        return 0 < bits <= declared.bits
    if declared.kind is not TypeKind.DECIMAL:
        return False
    if bits:
        return _DIGITS[bits] <= declared.precision - declared.scale
    if not kind.startswith("DECIMAL("):
        return False
    precision, scale = map(int, kind[8:-1].split(","))
    return scale <= declared.scale and precision - scale <= declared.precision - declared.scale
