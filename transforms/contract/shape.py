"""Pydantic's findings in a newcomer's words: unknown keys, missing ones, values of the wrong kind."""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from transforms.contract.column import CLEAN_STEPS, Column, Defaults, Section
from transforms.contract.lookup import LookupSection
from transforms.contract.model import Contract, DocumentSection, LimitsSection, Table
from transforms.contract.problems import ALIKE, nearest
from transforms.contract.report import Report
from transforms.contract.selection import DistinctSection, JoinSection, PickSection
from transforms.contract.slots import SAID
from transforms.contract.source import Path
from transforms.contract.target import ContractTarget, ForeignKeySection, MadeColumnSection, TargetSection

# What a section is called in messages, for keys that stand in the wrong one.
_SECTIONS: dict[type[Section], str] = {
    Contract: "the contract itself",
    Table: "a table",
    Column: "a column",
    Defaults: "defaults",
    LookupSection: "a lookup with `entries`",
    DocumentSection: "document",
    LimitsSection: "document.limits",
    DistinctSection: "distinct",
    PickSection: "a pick",
    JoinSection: "a join",
    TargetSection: "a table's target",
    ForeignKeySection: "a foreign key",
    MadeColumnSection: "an entry of target.columns",
    ContractTarget: "the contract's target",
}
# A key of another section is taken for a slip of the pen only where it is almost one of this section's own.
_VERY_ALIKE = 0.85
_LIST = "a list: [a, b]"
_KEYS = "keys with values: {key: value}"
_NAMES = "names with values: {name: value}"
_FORMS: dict[type[BaseModel] | None, str] = {
    Contract: "keys with values: version, root and tables",
    Table: 'keys with values: {rows: /Order, columns: {id: "@id"}}',
    Column: 'a path, such as "@id", or keys with values: {path: "@id", type: int64}',
    DistinctSection: "keys with values: {on: [id]}",
    PickSection: "a path, such as \"contact[@role='PR']\", or keys with values: {path: contact, take: last}",
    JoinSection: "a table's name, or keys with values: {table: bureau}",
    TargetSection: "keys with values: {table: app_base, schema: dbo}",
    ForeignKeySection: "a table's name, or keys with values: {table: dealer, columns: [dealer_no]}",
    MadeColumnSection: "keys with values: {type: timestamp, default: current_timestamp}",
    ContractTarget: "keys with values: {schema: dbo}",
}
_SLOT = 'a path, such as "@tu_score", or columns with their paths: {score: "@tu_score"}'
_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": _LIST,
    "dict_type": _NAMES,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
}


def report_shape(errors: Iterable[Any], report: Report) -> None:  # pydantic's error details
    """Each of pydantic's errors as a problem."""
    for error in errors:
        _report(error["type"], error["loc"], error["input"], error.get("ctx", {}), report)


def _report(kind: str, where: Path, value: object, context: dict[str, Any], report: Report) -> None:
    if kind == "extra_forbidden":
        _report_unknown(where, report)
    elif kind == "missing":
        _report_missing(where, report)
    elif kind == SAID:
        report.value(report.source.known(where), context["message"], expected=context["expected"])
    elif kind in _WANTED:
        place = report.source.known(where)
        wanted = _SLOT if len(place) == 4 and place[2] == "slots" else _WANTED[kind]
        _report_kind(place, value, wanted, report)
    elif kind == "literal_error":
        words = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        _report_word(report.source.known(where), value, words, report)
    elif kind == "union_tag_not_found":
        _report_clean(report.source.known(where), value, report)
    else:
        _report_size(kind, report.source.known(where), value, context, report)


def _report_unknown(where: Path, report: Report) -> None:
    name = str(where[-1])
    section = _section(where[:-1])
    fields = list(_keys(section))
    homes = [title for home, title in _SECTIONS.items() if name in _keys(home) and home is not section]
    near = nearest(name, fields, alike=_VERY_ALIKE if homes else ALIKE)
    expected = "" if near else f"one of {', '.join(fields)}"
    message = f"there is no key {name!r} here"
    if name == "<<":
        message, expected, near = "YAML's merge key << is not read", "the contract's `defaults`", ""
    elif homes and not near:
        message = f"{name!r} is a key of {' and of '.join(homes)}, not of {_title(section)}"
    report.key((*report.source.known(where[:-1]), name), message, expected=expected, nearest=near)


def _report_missing(where: Path, report: Report) -> None:
    name, place = str(where[-1]), report.source.known(where[:-1])
    section = _section(where[:-1])
    fields = _keys(section)
    there = [str(path[-1]) for path in report.source.keys if path[:-1] == place]
    if nearest(name, [key for key in there if key not in fields]):
        return  # a misspelt key is reported as such
    says = (fields[name].description or "").split(". ")[0].rstrip(".") if name in fields else ""
    report.key(place, f"the key {name!r} is missing", expected=f"{name}: {says[:1].lower()}{says[1:]}")


def _report_kind(where: Path, value: object, wanted: str, report: Report) -> None:
    if value is None:
        message = "there is nothing here, or a bare null" if wanted == "text" else "there is nothing here"
    else:
        message = f"here is {_described(value)}"
    if wanted == "text" and isinstance(value, (int, float)):
        written = getattr(value, "text", str(value).lower())
        wanted = f'text, in quotes: "{written}"'
    elif wanted == _LIST and isinstance(value, str):
        wanted = f"a list: [{value}]"
    elif wanted == _KEYS:
        wanted = _FORMS.get(_section(where), _KEYS)
    elif wanted == _NAMES:
        field = _keys(_section(where[:-1])).get(str(where[-1])) if where else None
        wanted = f"names with values: {_flow(field.examples[0])}" if field and field.examples else _NAMES
    report.value(where, message, expected=wanted)


def _report_word(where: Path, value: object, words: list[str], report: Report) -> None:
    near = nearest(value, words) if isinstance(value, str) else ""
    shown = repr(value) if isinstance(value, str) else _described(value)
    message = f"{shown} is not a choice here" if isinstance(value, str) else f"here is {shown}"
    report.value(where, message, expected="one of " + ", ".join(words), nearest=near)


def _report_clean(where: Path, value: object, report: Report) -> None:
    names = list(CLEAN_STEPS)
    expected = f"one of {', '.join(names)}"
    if isinstance(value, dict):
        unknown = [str(key) for key in value if key not in names]
        if unknown:
            message = f"there is no cleaning step {unknown[0]!r}"
            report.value(where, message, expected=expected, nearest=nearest(unknown[0], names))
        else:
            report.value(where, f"here is {_described(value)}", expected="one step per item: - digits")
        return
    report.value(where, f"here is {_described(value)}", expected=expected)


def _report_size(kind: str, where: Path, value: object, context: dict[str, Any], report: Report) -> None:
    """Values of the right kind that are too small, too large, too short or too long; and sizes that are none."""
    if kind == "too_short":
        report.value(where, "this is empty", expected="at least one entry")
    elif kind in ("greater_than_equal", "less_than_equal") and where == ("version",):
        report.value(where, f"there is no version {value}", expected="version: 1")
    elif kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {context['ge']}" if "ge" in context else f"at most {context['le']:,}"
        report.value(where, f"{value} is out of range", expected=f"a number of {bound}")
    elif kind == "string_too_short":
        report.value(where, "here is an empty text", expected="some text")
    elif kind == "string_too_long":
        report.value(where, f"{value!r} has {len(str(value))} characters", expected="one character")
    elif kind == "value_error":
        report.value(where, str(context.get("error", "")), expected="bytes, or a size such as 500KB, 64MiB or 1GiB")
    else:
        report.value(where, f"here is {_described(value)}", expected="another value")


def _described(value: object) -> str:
    """A value as a message shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {getattr(value, 'text', value)}"
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    if isinstance(value, dict):
        return "a mapping with the keys " + ", ".join(list(map(str, value))[:5]) if value else "an empty mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    return "nothing"


def _flow(value: object) -> str:
    """An example as a contract writes it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    return text if text.isidentifier() else json.dumps(value)


def _keys(section: type[BaseModel] | None) -> dict[str, FieldInfo]:
    """The fields of a section by the keys that a contract writes."""
    fields = section.model_fields if section is not None else {}
    return {field.alias or name: field for name, field in fields.items()}


def _title(section: type[BaseModel] | None) -> str:
    for known, title in _SECTIONS.items():
        if section is known:
            return title
    return "this"


def _section(where: Path) -> type[BaseModel] | None:
    """The model that describes the mapping at `where`."""
    annotation: Any = Contract
    for part in where:
        annotation = _inner(annotation, part)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _inner(annotation: Any, part: str | int) -> Any:
    """The type inside a type: a field's, a list's items', a mapping's values'."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = _keys(annotation).get(str(part))
        return _bare(field.annotation) if field is not None else None
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (list, dict):
        return _bare(inside[-1])
    if origin in (typing.Union, types.UnionType):
        for choice in map(_bare, inside):
            if isinstance(choice, type) and issubclass(choice, BaseModel):
                tag = next(iter(choice.model_fields))
                if str(part) in (f"{tag} step", "lookup" if choice is LookupSection else ""):
                    return choice
    return None


def _bare(annotation: Any) -> Any:
    """Without Annotated and None."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        choices = [choice for choice in typing.get_args(annotation) if choice is not type(None)]
        return _bare(choices[0]) if len(choices) == 1 else annotation
    return annotation
