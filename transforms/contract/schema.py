"""The JSON Schema of the contract, for editors."""

from __future__ import annotations

from typing import Any

from transforms.contract.model import Contract

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def contract_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a contract: every key with its description, its values and examples."""
    schema = Contract.model_json_schema(mode="validation")
    schema = {"$schema": DRAFT, **schema}
    for definition in (schema, *schema["$defs"].values()):
        for field in definition.get("properties", {}).values():
            # An absent key falls back to `defaults` or to another rule first: the description says so.
            field.pop("default", None)
            field.pop("title", None)
    column = schema["$defs"]["Column"]
    column["oneOf"] = [{"required": ["path"]}, {"required": ["xpath"]}]
    short = {"type": "string", "description": "The path alone: a column of type string."}
    columns = schema["$defs"]["Table"]["properties"]["columns"]
    columns["additionalProperties"] = {"anyOf": [short, columns["additionalProperties"]]}
    return schema
