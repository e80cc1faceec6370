"""Keys that say what holds without them."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from transforms.contract.column import Defaults
from transforms.contract.formats import TIMED
from transforms.contract.lookup import LookupSection
from transforms.contract.policy import RULES
from transforms.contract.source import Path
from transforms.lint.finding import Finding
from transforms.lint.subject import StatedColumn, Subject

# Of each section, the keys that may be left out where they have their default. `type`, `identity` and `take` say
# something to the reader even then.
_TABLE = ("load", "on_conflict", "where", "parent")
_PICK = ("of", "ignore_case", "filled")
_JOIN = ("where",)
_DISTINCT = ("order",)
_COLUMN = ("separator", "on_null", "load", "of")
_TEXTS = ("trim", "blank_as_null", "null_words")


def restated(subject: Subject) -> Iterator[Finding]:
    """Keys whose value is the one that they would have anyway."""
    contract = subject.contract
    yield from _same(subject, contract.document, ("document",), ("decode", "declaration"))
    yield from _same(
        subject, contract.document.limits, ("document", "limits"), tuple(type(contract.document.limits).model_fields)
    )
    yield from _same(subject, contract.defaults, ("defaults",), _TEXTS)
    for name, lookup in contract.lookups.items():
        if isinstance(lookup, LookupSection):
            yield from _same(subject, lookup, ("lookups", name), ("ignore_case",))
    for name, table in contract.tables.items():
        place: Path = ("tables", name)
        yield from _same(subject, table, place, _TABLE)
        for pick, stated_pick in table.picks.items():
            yield from _same(subject, stated_pick, (*place, "picks", pick), _PICK)
        for join, stated_join in table.joins.items():
            yield from _same(subject, stated_join, (*place, "joins", join), _JOIN)
        if table.distinct is not None:
            yield from _same(subject, table.distinct, (*place, "distinct"), _DISTINCT)
        for made, stated_made in table.target.columns.items():
            yield from _same(subject, stated_made, (*place, "target", "columns", made), ("nullable",))
    for column in subject.columns:
        yield from _same(subject, column.stated, column.path, _COLUMN)
        shared = contract.lookups.get(column.stated.lookup)
        common = shared.ignore_case if isinstance(shared, LookupSection) else False
        if "ignore_case" in column.said and column.stated.ignore_case is common:
            yield _finding(subject, (*column.path, "ignore_case"), common)
        for key, shown in _as_otherwise(column, contract.defaults):
            yield _finding(subject, (*column.path, key), shown)


def _same(subject: Subject, section: BaseModel, place: Path, keys: tuple[str, ...]) -> Iterator[Finding]:
    for key in keys:
        if key in section.model_fields_set and getattr(section, key) == type(section).model_fields[key].get_default(
            call_default_factory=True
        ):
            yield _finding(subject, (*place, key), getattr(section, key))


def _finding(subject: Subject, place: Path, value: object) -> Finding:
    shown = str(value).lower() if isinstance(value, bool) else "nothing" if value in ("", [], None) else str(value)
    return subject.finding("restated", place, f"{shown} is what holds without this key", "leave it out")


def _as_otherwise(column: StatedColumn, defaults: Defaults) -> Iterator[tuple[str, object]]:
    """The keys of a column that say the same as its fallbacks do."""
    stated, said = column.stated, column.said
    for key in _TEXTS:
        if key in said and getattr(stated, key) == getattr(defaults, key):
            yield key, ", ".join(stated.null_words) if key == "null_words" else getattr(stated, key)
    if "nullable" in said and stated.nullable is (column.plan.name not in column.table.key):
        yield "nullable", stated.nullable
    kind = column.plan.type.kind
    if "formats" in said and kind in TIMED and stated.formats == getattr(defaults.formats, kind.value):
        yield "formats", ", ".join(stated.formats)
    for rule in RULES:
        if rule in said and getattr(stated, rule) == _fallback(rule, column, defaults):
            yield rule, getattr(stated, rule)


def _fallback(rule: str, column: StatedColumn, defaults: Defaults) -> str:
    if rule == "on_missing":
        return _fallback_missing(column, defaults)
    if rule in defaults.model_fields_set:
        return str(getattr(defaults, rule))
    # That the others fall back to on_invalid is no reason not to state them.
    return "reject_document" if rule == "on_invalid" else ""


def _fallback_missing(column: StatedColumn, defaults: Defaults) -> str:
    if "default" in column.said:
        return "default"
    common = defaults.on_missing if "on_missing" in defaults.model_fields_set else "null"
    return "reject_document" if common == "null" and not column.plan.nullable else common
