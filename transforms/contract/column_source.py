"""Where a column's value comes from: a path, XPath, SQL, the database, or the SELECT of its table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from transforms.contract.column import Column
from transforms.contract.model import Table
from transforms.contract.plan import Identity
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.slot_text import SlotTextError, holds_slot, in_slot, uses_slot
from transforms.contract.source import Path
from transforms.contract.sql_text import EXPRESSION, check_sql
from transforms.errors import PathError
from transforms.path.model import ValuePath, XPath
from transforms.path.parse import parse_value_path
from transforms.path.xpath import parse_xpath

REFUSED_BY_SELECT = ("path", "xpath", "sql", "of", "many", "separator")
REFUSED_BY_SQL = ("of", "many", "separator")
_NO_SOURCE = 'a path,{} or sql: "NULL" where it never has a value'
ALLOWED_BY_DATABASE = frozenset({"identity", "type", "nullable", "load"})


@dataclass(frozen=True, slots=True)
class Around:
    """What a column must know of its table. slots: slot -> column -> path, as written; picks: their names, None where
    they are not known."""

    key: Collection[str] = ()
    by_sql: bool = False
    slots: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    picks: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where a value comes from; at most one of path, sql and the database. slots: the path in each slot, where it
    differs; path is then the first of them."""

    path: ValuePath | XPath | None = None
    sql: str = ""
    of: str | None = None
    identity: Identity | None = None
    slots: tuple[tuple[str, ValuePath | XPath], ...] = ()


def has_own_source(column: Column) -> bool:
    """Whether a column itself says where its value comes from; else slots or the table's SQL do."""
    made = "identity" in column.model_fields_set and column.identity == "database"
    return made or bool({"path", "xpath", "sql"} & column.model_fields_set)


def around(table: Table, slots: Mapping[str, Mapping[str, str]], *, by_sql: bool) -> Around:
    """What the columns of a table must know of it."""
    return Around(key=frozenset(table.key), by_sql=by_sql, slots=slots, picks=tuple(table.picks))


def source_of(
    name: str, column: Column, path: Path, about: Around, namespaces: Mapping[str, str], report: Report
) -> ColumnSource | None:
    """Where the value of the column at `path` comes from; None where a problem was reported."""
    before = report.count
    identity = Identity(column.identity) if "identity" in column.model_fields_set else None
    if about.by_sql:
        source = _by_select(column, identity, path, report)
    elif identity is Identity.DATABASE:
        others = [key for key in Column.model_fields if key not in ALLOWED_BY_DATABASE]
        _refuse(others, column, path, "the database makes the values of this column", "identity and type only", report)
        source = ColumnSource(identity=identity)
    elif _one_source(name, column, path, about, report) == "sql":
        _refuse(
            REFUSED_BY_SQL, column, path, "the column's value is made by SQL", "sql, and rules for its result", report
        )
        check_sql(column.sql, (*path, "sql"), EXPRESSION, report)
        source = ColumnSource(sql=column.sql.strip(), identity=identity)
    else:
        source = replace(_read(name, column, path, about, namespaces, report), identity=identity)
    return None if report.count > before else source


def _by_select(column: Column, identity: Identity | None, path: Path, report: Report) -> ColumnSource:
    """A column of a table made by SQL, which has its value from there."""
    why = "the SELECT of the table makes this column"
    _refuse(REFUSED_BY_SELECT, column, path, why, "its type and rules only", report)
    if "type" not in column.model_fields_set:
        expected = "a type for each column of an SQL table: {type: int64}"
        report.value(path, "the column has no type", expected=expected)
    if identity is Identity.DATABASE:
        message = "the SELECT of the table makes this column, so the database does not"
        report.value((*path, "identity"), message, expected="identity: keep, or a column under target")
    return ColumnSource(identity=identity)


def _one_source(name: str, column: Column, path: Path, about: Around, report: Report) -> str:
    """Which of the keys says where the value is: path where slots do; two, and none, are reported."""
    given = [key for key in ("path", "xpath", "sql") if key in column.model_fields_set]
    slot = next((slot for slot, paths in about.slots.items() if name in paths), None)
    if len(given) > 1:
        message = f"the column has {'an' if given[0] == 'xpath' else 'a'} {given[0]} as well"
        report.key((*path, given[1]), message, expected=f"{given[0]} or {given[1]}, not both")
    elif given == ["sql"] and slot is not None:
        place = report.source.known((*path[:2], "slots", slot, name))
        message = f"the column {name!r} is made by SQL, so it has no path in a slot"
        report.value(place, message, expected="a path here, or sql on the column, not both")
    elif not given and slot is None:
        message = "the column does not say where its value is"
        report.value(path, message, expected=_NO_SOURCE.format(" here or in the slots," if about.slots else ""))
    return given[0] if given else "path"


def _read(
    name: str, column: Column, path: Path, about: Around, namespaces: Mapping[str, str], report: Report
) -> ColumnSource:
    """The source of a column with a path of its own or in the slots."""
    of = column.of if "of" in column.model_fields_set else None
    if of is not None and about.picks is not None and of not in about.picks:
        near = nearest(of, about.picks)
        names = ", ".join(about.picks)
        expected = "" if near else f"one of {names}" if names else "picks: on the table, and the pick's name here"
        report.value((*path, "of"), f"the table has no pick {of!r}", expected=expected, nearest=near)
    key = "xpath" if "xpath" in column.model_fields_set else "path"
    text = getattr(column, key) if key in column.model_fields_set else None
    varies = any(name in paths for paths in about.slots.values()) or (
        text is not None and bool(about.slots) and uses_slot(text)
    )
    if not varies:
        found = None if text is None else _parse(text, text, key, (*path, key), about, namespaces, report)
        return ColumnSource(path=found, of=of)
    slots: list[tuple[str, ValuePath | XPath]] = []
    before = report.count
    for slot, paths in about.slots.items():
        own = paths.get(name)
        written, kind = (text, key) if own is None else (own, "path")
        place = (*path, key) if own is None else report.source.known((*path[:2], "slots", slot, name))
        if written is None or (own is None and report.count > before):
            continue  # one problem of the column's own path is enough
        try:
            shown = in_slot(written, slot)
        except SlotTextError as error:
            report.value(place, str(error), expected=error.expected)
            continue
        found = _parse(shown, written, kind, place, about, namespaces, report)
        if found is not None:
            slots.append((slot, found))
    return ColumnSource(path=slots[0][1] if slots else None, of=of, slots=tuple(slots))


def _parse(
    text: str, written: str, key: str, place: Path, about: Around, namespaces: Mapping[str, str], report: Report
) -> ValuePath | XPath | None:
    try:
        return parse_xpath(text, namespaces) if key == "xpath" else parse_value_path(text, namespaces)
    except PathError as error:
        if not about.slots and holds_slot(written):
            report.value(place, f"{written!r} speaks of slots, but the table has none", expected="slots: on the table")
        elif text != written:
            report.value(place, error.message, expected=error.expected or error.hint)
        else:
            report.path_error(place, error)
        return None


def _refuse(keys: Collection[str], column: Column, path: Path, why: str, expected: str, report: Report) -> None:
    for key in keys:
        if key in column.model_fields_set:
            report.key((*path, key), f"{why}, so {key!r} means nothing here", expected=expected)
