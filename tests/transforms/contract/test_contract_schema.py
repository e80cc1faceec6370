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
from transforms.contract.model import Contract

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
            for column in table.columns.values():
                parse_type(column.type)
                if len({"path", "xpath"} & column.model_fields_set) != 1:
                    return False
    except (ValidationError, TypeTextError):
        return False
    return True


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
        (False, column(path="@c", sql="1")),
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
