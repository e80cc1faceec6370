"""From what a contract says of one column to its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.contract.cleaning import plan_clean
from transforms.contract.column import Column, Defaults
from transforms.contract.column_source import ColumnSource
from transforms.contract.column_type import TypeTextError, parse_type, type_reads
from transforms.contract.formats import TIMED, format_fault
from transforms.contract.literal import literal_fault
from transforms.contract.lookup_plan import Stated, plan_lookup
from transforms.contract.plan import ColumnPlan, ColumnType, Lookup, Many, TypeKind
from transforms.contract.policy import reactions
from transforms.contract.report import Report
from transforms.contract.source import Path


@dataclass(frozen=True, slots=True)
class Shared:
    """What all columns of a contract share."""

    namespaces: Mapping[str, str]
    lookups: Stated
    defaults: Defaults
    report: Report


def plan_column(
    name: str, column: Column, path: Path, shared: Shared, source: ColumnSource | None, *, in_key: bool
) -> ColumnPlan | None:
    """The plan of one column; None where a problem was reported. `path` is the column's place in the contract, source
    where its value comes from (None: that has problems, which were reported)."""
    report = shared.report
    before = report.count
    column_type = _type(column, path, report)
    _check_many(column, path, report, in_key=in_key)
    nullable = _nullable(column, path, report, in_key=in_key)
    lookup = plan_lookup(column, path, shared.lookups, report)
    clean = plan_clean(column, path, report)
    _check_target(column, column_type, path, report, nullable=nullable, in_key=in_key)
    if source is None or column_type is None:
        return None
    formats = _formats(column, column_type, path, shared)
    settled = reactions(column, shared.defaults, column_type, nullable=nullable, path=path, report=report)
    _check_literals(column, column_type, formats, lookup, path, report)
    if report.count > before:
        return None
    rules = column.model_fields_set
    return ColumnPlan(
        name=name,
        path=source.path,
        type=column_type,
        nullable=nullable,
        many=Many(column.many),
        separator=column.separator,
        trim=(column if "trim" in rules else shared.defaults).trim,
        blank_as_null=(column if "blank_as_null" in rules else shared.defaults).blank_as_null,
        null_words=tuple((column if "null_words" in rules else shared.defaults).null_words),
        clean=clean,
        lookup=lookup,
        formats=formats,
        default=column.default if "default" in rules else None,
        on_missing=settled.on_missing,
        on_invalid=settled.on_invalid,
        on_unknown=settled.on_unknown,
        on_too_long=settled.on_too_long,
        on_inexact=settled.on_inexact,
        of=source.of,
        sql=source.sql,
        identity=source.identity,
        omit_null=column.on_null == "omit",
        load=column.load,
    )


def _type(column: Column, path: Path, report: Report) -> ColumnType | None:
    try:
        return parse_type(column.type)
    except TypeTextError as error:
        report.value((*path, "type"), str(error), expected=error.expected, nearest=error.nearest)
        return None


def _nullable(column: Column, path: Path, report: Report, *, in_key: bool) -> bool:
    if not in_key:
        return column.nullable
    if "nullable" in column.model_fields_set and column.nullable:
        message = "the column is part of the table's key, and a key has no NULL"
        report.value((*path, "nullable"), message, expected="no nullable, or a key without this column")
    return False


def _check_many(column: Column, path: Path, report: Report, *, in_key: bool) -> None:
    if "separator" in column.model_fields_set and column.many != "join":
        report.key((*path, "separator"), f"many: {column.many} joins nothing", expected="many: join, or no separator")
    if column.many == "list" and in_key:
        report.value((*path, "many"), "a list cannot be part of a key", expected="another many, or a key without it")


def _check_target(
    column: Column, column_type: ColumnType | None, path: Path, report: Report, *, nullable: bool, in_key: bool
) -> None:
    """What the column is in the target: loaded, an identity, left out where it is NULL."""
    said = column.model_fields_set
    if not column.load and in_key:
        message = "the column is part of the table's key, so it is loaded"
        report.value((*path, "load"), message, expected="no load, or a key without this column")
    if "on_null" in said and not column.load:
        message = "the column is not loaded, so a NULL of it is never written"
        report.key((*path, "on_null"), message, expected="no on_null, or no load: false")
    elif column.on_null == "omit" and not nullable:
        message = "the column is never NULL, so it is never left out"
        report.value((*path, "on_null"), message, expected="a column that is nullable and not part of the key")
    if "identity" not in said:
        return
    if column_type is not None and column_type.kind is not TypeKind.INT:
        report.value((*path, "type"), "an identity is a whole number", expected="int16, int32 or int64")
    if not column.load and not in_key:
        report.value((*path, "load"), "an identity is a column of the target", expected="no load, or no identity")
    if column.identity == "database" and not in_key:
        message = "the rows below would have nothing to refer to: the column is not part of the table's key"
        report.value((*path, "identity"), message, expected="the column's name in the table's key")


def _formats(column: Column, column_type: ColumnType, path: Path, shared: Shared) -> tuple[str, ...]:
    kind = column_type.kind
    if "formats" not in column.model_fields_set:
        return tuple(getattr(shared.defaults.formats, kind.value)) if kind in TIMED else ()
    if kind not in TIMED:
        message = f"the type {column.type!r} has no formats"
        shared.report.key(
            (*path, "formats"), message, expected="type date, time, timestamp or timestamptz, or no formats"
        )
        return ()
    check_formats(column.formats, kind, (*path, "formats"), shared.report)
    return tuple(column.formats)


def check_formats(formats: list[str], kind: TypeKind, path: Path, report: Report) -> None:
    """Report every format of the list that the type cannot be read with."""
    for index, text in enumerate(formats):
        fault = format_fault(text, kind)
        if fault is not None:
            message = f"in the format {text!r}: {fault.message}"
            report.character((*path, index), fault.offset, message, expected=fault.expected, nearest=fault.nearest)


def _check_literals(
    column: Column, column_type: ColumnType, formats: tuple[str, ...], lookup: Lookup | None, path: Path, report: Report
) -> None:
    """Defaults and lookup values are read by the type: find out now rather than at the first document."""
    if any(format_fault(text, column_type.kind) for text in formats):
        return
    reads = f"one of the formats {', '.join(formats)}" if formats else type_reads(column_type)
    if "default" in column.model_fields_set:
        fault = literal_fault([column.default], column_type, formats)
        if fault is not None:
            report.value((*path, "default"), fault[1], expected=reads)
    if lookup is not None:
        given = [*((repr(entry), value) for entry, value in lookup.entries), ("else", lookup.otherwise)]
        entries = [(entry, value) for entry, value in given if value is not None]
        fault = literal_fault([value for _, value in entries], column_type, formats)
        if fault is not None:
            entry, value = entries[fault[0]]
            message = f"lookup {lookup.name!r} gives {value!r} for {entry}, and {fault[1]}"
            report.value((*path, "lookup"), message, expected=reads)
