"""The JSON Schema says what the model says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from edited_contracts import RICH, edited_contracts
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from transforms.contract import contract_schema
from transforms.contract.column_type import TYPE_FORMS, TypeTextError, parse_type
from transforms.contract.model import Contract, Table
from transforms.contract.table_rules import IN_THE_SELECT

SCHEMA = contract_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def definitions() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "Contract", SCHEMA
    yield from SCHEMA["$defs"].items()


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    for title, definition in definitions():
        for name, field in definition["properties"].items():
            yield f"{title}.{name}", field


def model_accepts(data: object) -> bool:
    try:
        contract = Contract.model_validate(data)
        for table in contract.tables.values():
            if not table_accepts(table):
                return False
            for made in table.target.columns.values():
                if made.type or "type" in made.model_fields_set:
                    parse_type(made.type)
    except (ValidationError, TypeTextError):
        return False
    return True


def table_accepts(table: Table) -> bool:
    """What the model says of a table in its compiler rather than in its types."""
    said = table.model_fields_set
    if len({"rows", "sql"} & said) != 1 or ("on_conflict" in said and "key" not in said):
        return False
    if "sql" in said and said & set(IN_THE_SELECT):
        return False
    for column in table.columns.values():
        parse_type(column.type)
        keys = column.model_fields_set
        values = {"path", "xpath", "sql"} & keys
        made = "identity" in keys and column.identity == "database"
        if "sql" in said:
            accepted = "type" in keys and not values and not keys & {"of", "many", "separator"} and not made
        elif made:
            accepted = keys <= {"identity", "type", "nullable", "load"}
        else:
            accepted = len(values) == 1 or (not values and "slots" in said)
        if not accepted or ("sql" in keys and keys & {"of", "many", "separator"}):
            return False
    return all(len({"default", "computed"} & made.model_fields_set) == 1 for made in table.target.columns.values())


def test_it_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def test_every_mapping_is_closed_and_every_key_described() -> None:
    for title, definition in definitions():
        assert definition["additionalProperties"] is False, title
        assert definition["description"], title
    for name, field in fields():
        assert field.get("description"), name


def test_examples_follow_their_own_schema() -> None:
    count = 0
    for name, field in fields():
        validator = Draft202012Validator({"$defs": SCHEMA["$defs"], **field})
        for example in field.get("examples", ()):
            count += 1
            assert validator.is_valid(example), (name, example)
    assert count >= 40


def test_every_type_of_the_reference_is_one() -> None:
    validator = Draft202012Validator({"$defs": SCHEMA["$defs"], **SCHEMA["$defs"]["Column"]["properties"]["type"]})
    for form in TYPE_FORMS:
        text = form.form.replace("(n)", "(20)").replace("(p,s)", "(12, 2)")
        assert validator.is_valid(text)
        parse_type(text)
    assert not validator.is_valid("varchar(20)")


def column(**keys: object) -> dict[str, object]:
    return {"version": 1, "root": "r", "tables": {"t": {"rows": "/r", "columns": {"c": keys}}}}


def table(**keys: object) -> dict[str, object]:
    return {"version": 1, "root": "r", "tables": {"t": {"rows": "/r", "columns": {"c": "@c"}, **keys}}}


def by_sql(**keys: object) -> dict[str, object]:
    said = {"sql": "SELECT _document, 1 AS n FROM u", "columns": {"n": {"type": "int64"}}}
    return {"version": 1, "root": "r", "tables": {"t": {**said, **keys}}}


@pytest.mark.parametrize(
    ("accepted", "data"),
    [
        (True, RICH),
        (True, {"version": 1, "root": "r", "tables": {"t": {"rows": "/r", "columns": {"c": "@c"}}}}),
        (True, column(path="@c", on_invalid=None)),
        (True, column(path="@c", on_invalid="null")),
        (True, column(path="@c", default=5)),
        (True, column(path="@c", null_words=[None, 0, "none"])),
        (True, column(path="@c", clean=["number", {"number": {}}])),
        (True, {**RICH, "document": {"limits": {"bytes": 1000, "text": "10 MB", "depth": 3}}}),
        (False, column()),
        (False, column(path="@c", xpath="@c")),
        (False, column(path=5)),
        (False, column(path="@c", on_invalid="truncate")),
        (False, column(path="@c", default=None)),
        (False, column(path="@c", nullable="yes")),
        (False, column(path="@c", clean="digits")),
        (False, column(path="@c", clean=[{"number": {}, "replace": {"pattern": "a"}}])),
        (False, column(path="@c", clean=[{"replace": {}}])),
        (False, column(path="@c", formats=[])),
        (False, column(path="@c", type="varchar(10)")),
        (True, column(sql="1")),
        (True, column(identity="database", type="int64")),
        (True, column(path="@c", identity="keep", type="int64")),
        (True, column(path="@c", on_null=None)),
        (True, column(path="@c", on_null="omit", load=False)),
        (True, table(slots="1..4", columns={"c": {}})),
        (True, table(slots=["A", 1], columns={"c": {"path": "@c{slot}"}})),
        (True, table(slots={"A": None, "B": "@b", "C": {"c": "@c"}}, columns={"c": {}})),
        (True, table(picks={"p": "x"})),
        (True, table(picks={"p": {"path": "x", "require": "@a", "require_any": ["@a"]}})),
        (True, table(joins={"j": "u"})),
        (True, table(joins={"j": {"table": "u", "on": {"a": "b"}, "take": "last"}})),
        (True, table(key=["c"], on_conflict="skip")),
        (True, table(target={"table": "x", "schema": "y", "foreign_keys": ["a", {"table": "b"}]})),
        (True, table(target={"columns": {"at": {"default": "now()", "nullable": False}}})),
        (True, by_sql()),
        (True, {**RICH, "target": {"schema": "app"}}),
        (False, column(path="@c", sql="1")),
        (False, column(sql="1", many="last")),
        (False, column(identity="database", path="@c")),
        (False, column(identity="database", default="1")),
        (False, column(path="@c", identity="make")),
        (False, column(path="@c", on_null="skip")),
        (False, table(slots="1-4")),
        (False, table(slots=[])),
        (False, table(slots=["A", "A"])),
        (False, table(slots={"A": 5})),
        (False, table(slots={})),
        (False, table(picks={"p": {"require": "@a"}})),
        (False, table(picks={"p": {"path": "x", "require": []}})),
        (False, table(picks={"p": {"path": "x", "take": "best"}})),
        (False, table(picks={"p": {"path": "x", "prefer": {"@a": []}}})),
        (False, table(joins={"j": {"on": {"a": "b"}}})),
        (False, table(on_conflict="skip")),
        (False, table(target={"columns": {"at": {}}})),
        (False, table(target={"columns": {"at": {"default": "1", "computed": "2"}}})),
        (False, table(target={"foreign_keys": [5]})),
        (False, table(sql="SELECT 1")),
        (False, by_sql(where="n > 1")),
        (False, by_sql(columns={"n": {}})),
        (False, by_sql(columns={"n": "@n"})),
        (False, by_sql(columns={"n": {"type": "int64", "identity": "database"}})),
        (False, {**RICH, "target": {"table": "app"}}),
        (False, {**RICH, "version": 2}),
        (False, {**RICH, "version": True}),
        (False, {**RICH, "tables": {}}),
        (False, {**RICH, "lookups": {"flag": {}}}),
        (False, {**RICH, "lookups": {"flag": {"Y": []}}}),
        (False, {**RICH, "document": {"limits": {"bytes": "10 meg"}}}),
        (False, {**RICH, "document": {"limits": {"depth": 0}}}),
        (False, {**RICH, "document": {"decode": ["zip"]}}),
        (False, {"version": 1, "root": "r"}),
        (False, []),
    ],
)
def test_schema_and_model_agree(accepted: bool, data: object) -> None:
    assert VALIDATOR.is_valid(data) is accepted
    assert model_accepts(data) is accepted


@settings(max_examples=200, deadline=None)
@given(edited_contracts())
def test_schema_and_model_agree_on_any_edit(data: object) -> None:
    assert VALIDATOR.is_valid(data) == model_accepts(data)
