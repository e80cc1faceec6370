"""What can still be judged of a contract whose shape is wrong somewhere: its sound columns."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from transforms.contract.column import Column, short_column
from transforms.contract.model import Contract
from transforms.contract.source import Value


def salvage(value: Value) -> Contract | None:
    """A contract of the sound columns of every table, to check them alone.

    None where what they all depend on (namespaces, lookups, defaults) is not sound or may be misspelt, since that would
    make up problems.
    """
    if not isinstance(value, dict) or not value.keys() <= Contract.model_fields.keys():
        return None
    shared = {key: value[key] for key in ("namespaces", "lookups", "defaults") if key in value}
    tables: dict[str, Value] = {
        name: {"rows": "/", "columns": columns}
        for name, table in _items(_get(value, "tables"))
        if (columns := {key: column for key, column in _items(_get(table, "columns")) if _is_sound(column)})
    }
    try:
        return Contract.model_validate({"version": 1, "root": "root", **shared, "tables": tables})
    except ValidationError:
        return None


def _get(value: Value, key: str) -> Value:
    return value.get(key) if isinstance(value, dict) else None


def _items(value: Value) -> Iterable[tuple[str, Value]]:
    return value.items() if isinstance(value, dict) else ()


def _is_sound(column: Value) -> bool:
    try:
        Column.model_validate(short_column(column))
    except ValidationError:
        return False
    return True
