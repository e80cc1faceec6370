"""Results as plain JSON values: the one way in which every command's --json is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path


def json_value(value: object) -> object:
    """A dataclass as an object, sequences as arrays, paths and times (ISO 8601) as texts; TypeError for others."""
    if value is None or (isinstance(value, bool | int | float | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return json_value(value.value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(json_value(key)): json_value(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: json_value(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


def json_object(value: object, **more: object) -> dict[str, object]:
    """A dataclass as a JSON object, with further keys behind its own."""
    found = json_value(value)
    if not isinstance(found, dict):
        raise TypeError(f"{type(value).__name__} is not an object")
    return found | {name: json_value(each) for name, each in more.items()}
