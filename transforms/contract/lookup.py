"""What a contract says of a lookup: its entries alone, or with rules for every column that uses it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from transforms.contract.column import SCALAR_SCHEMA, Section
from transforms.contract.written import lookup_as_written, text_as_written

_VALUE_SCHEMA = {"type": [*SCALAR_SCHEMA["type"], "null"]}

Entries = Annotated[
    dict[str, str | None],
    BeforeValidator(lookup_as_written),
    WithJsonSchema({"type": "object", "additionalProperties": _VALUE_SCHEMA, "minProperties": 1}),
    Field(min_length=1),
]
EntryValue = Annotated[str | None, BeforeValidator(text_as_written), WithJsonSchema(_VALUE_SCHEMA)]


class LookupSection(Section):
    """A lookup with rules for every column that uses it."""

    entries: Entries = Field(
        description='The text in the document, and the value it becomes; null is NULL, `""` what is missing or blank.',
        examples=[{"Y": True, "N": False}],
    )
    ignore_case: bool = Field(
        default=False, description="Whether it compares without regard to case; a column may say otherwise."
    )
    otherwise: EntryValue = Field(
        alias="else",
        default=None,
        description="The value of every text that has no entry; null is NULL. Then nothing is unknown, and "
        "`on_unknown` has no part in it.",
        examples=[0, "OTHER", False],
    )


def _kind(value: Any) -> str:  # whatever the YAML holds
    """`entries` that are a mapping can be no entry: those are scalars."""
    long = isinstance(value, LookupSection) or (isinstance(value, dict) and isinstance(value.get("entries"), dict))
    return "lookup" if long else "entries"


Lookups = dict[
    str, Annotated[Annotated[Entries, Tag("entries")] | Annotated[LookupSection, Tag("lookup")], Discriminator(_kind)]
]
