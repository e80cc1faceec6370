"""What a contract says of slots: several rows from one element."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from transforms.contract.column import SCALAR_SCHEMA
from transforms.contract.written import text_as_written

# More rows of one element than anybody writes by hand; a range is a few letters.
MOST_SLOTS = 1000
SLOTS = 'a range: 1..4, names: [TU, EX], or names with paths: {TU: "@tu_score"}'
SAID = "said"

_RANGE = re.compile(r"\s*(\d{1,9})\s*\.\.\s*(\d{1,9})\s*")

SlotPaths = dict[str, str]
Slots = Annotated[
    dict[str, SlotPaths | str],
    Field(min_length=1),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*[0-9]+\s*\.\.\s*[0-9]+\s*$"},
                {"type": "array", "items": SCALAR_SCHEMA, "minItems": 1, "uniqueItems": True},
                {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {
                        "anyOf": [
                            {"type": ["string", "null"]},
                            {"type": "object", "additionalProperties": {"type": "string"}},
                        ]
                    },
                },
            ]
        }
    ),
]


def slots_as_written(value: Any) -> Any:  # whatever the YAML holds
    """A range `1..4` and a list become a mapping of names to no paths of their own; a mapping unchanged.

    Raises pydantic's error of type SAID, with message and expectation, for anything else.
    """
    if isinstance(value, str):
        return _of_range(value)
    if isinstance(value, list):
        names = [text_as_written(name) for name in value]
        for index, name in enumerate(names):
            if not isinstance(name, str):
                raise said(f"slot number {index + 1} has no name", "a list of names: [TU, EX]")
            if name in names[:index]:
                raise said(f"the slot {name!r} is here twice", "each name once")
        return {name: {} for name in names}
    if isinstance(value, dict):
        return {slot: {} if paths is None else paths for slot, paths in value.items()}
    raise said("here are no slots", SLOTS)


def _of_range(text: str) -> dict[str, dict[str, str]]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise said(f"{text!r} is no range of numbers", SLOTS)
    first, last = int(found[1]), int(found[2])
    if last < first:
        raise said(f"the range {text!r} ends before it begins", f"{last}..{first}")
    if last >= first + MOST_SLOTS:
        raise said(f"the range {text!r} has {last - first + 1:,} slots", f"at most {MOST_SLOTS:,} slots")
    return {str(number): {} for number in range(first, last + 1)}


def said(message: str, expected: str) -> PydanticCustomError:
    """An error whose message is for the reader of the contract as it stands."""
    return PydanticCustomError(SAID, "{message}", {"message": message, "expected": expected})
