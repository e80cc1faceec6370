"""The JSON Schema of the contract, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from transforms.contract.column_source import ALLOWED_BY_DATABASE, REFUSED_BY_SELECT, REFUSED_BY_SQL
from transforms.contract.model import Contract
from transforms.contract.table_rules import IN_THE_SELECT

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_VALUE = ("path", "xpath", "sql")
_BY_DATABASE = {"properties": {"identity": {"const": "database"}}, "required": ["identity"]}


def contract_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a contract: every key with its description, its values and examples."""
    schema = Contract.model_json_schema(mode="validation")
    schema = {"$schema": DRAFT, **schema}
    for definition in (schema, *schema["$defs"].values()):
        for field in definition.get("properties", {}).values():
            # An absent key falls back to `defaults` or to another rule first: the description says so.
            field.pop("default", None)
            field.pop("title", None)
    definitions = schema["$defs"]
    _shorten(definitions)
    definitions["Column"] |= _column_rules()
    definitions["Table"] |= _table_rules()
    definitions["MadeColumnSection"]["oneOf"] = [{"required": ["default"]}, {"required": ["computed"]}]
    return schema


def _shorten(definitions: dict[str, Any]) -> None:
    """The short forms, which a validator of the model turns into the long ones."""
    table, target = definitions["Table"]["properties"], definitions["TargetSection"]["properties"]
    for holder, key, says in (
        (table["columns"], "additionalProperties", "The path alone: a column of type string."),
        (table["picks"], "additionalProperties", "The path alone: the first such element."),
        (table["joins"], "additionalProperties", "The table alone."),
        (target["foreign_keys"], "items", "The table alone: the columns have the names of its key."),
    ):
        holder[key] = {"anyOf": [{"type": "string", "description": says}, holder[key]]}


def _column_rules() -> dict[str, Any]:
    """At most one of path, xpath and sql; none for what the database makes, which has few keys."""
    none = {"not": {"anyOf": _required(_VALUE)}}
    return {
        "oneOf": [*_required(_VALUE), none],
        "allOf": [
            {"if": _BY_DATABASE, "then": {"propertyNames": {"enum": sorted(ALLOWED_BY_DATABASE)}}},
            {"if": {"required": ["sql"]}, "then": _without(REFUSED_BY_SQL)},
        ],
    }


def _table_rules() -> dict[str, Any]:
    """Rows or SQL, and what each of them lets a table and its columns say."""
    column = {"type": "object", "required": ["type"], **_without(REFUSED_BY_SELECT)}
    column["properties"]["identity"] = {"const": "keep"}
    by_sql = {**_without(IN_THE_SELECT)}
    by_sql["properties"]["columns"] = {"additionalProperties": column}
    placed = {"anyOf": [{"type": "string"}, *_required(_VALUE), _BY_DATABASE]}
    return {
        "oneOf": _required(("rows", "sql")),
        "dependentRequired": {"on_conflict": ["key"]},
        "allOf": [
            {"if": {"required": ["sql"]}, "then": by_sql},
            {
                "if": {"not": {"anyOf": _required(("sql", "slots"))}},
                "then": {"properties": {"columns": {"additionalProperties": placed}}},
            },
        ],
    }


def _required(keys: Iterable[str]) -> list[dict[str, Any]]:
    return [{"required": [key]} for key in keys]


def _without(keys: Iterable[str]) -> dict[str, Any]:
    return {"properties": dict.fromkeys(keys, False)}
