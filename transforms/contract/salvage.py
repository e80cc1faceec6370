"""What can still be judged of a contract whose shape is wrong somewhere: its sound columns."""

from __future__ import annotations

from pydantic import ValidationError

from transforms.contract.column import Column, short_column
from transforms.contract.model import Contract
from transforms.contract.source import Value


def salvage(value: Value) -> Contract | None:
    """A contract of the sound columns of every table, to check them alone; None where what they all depend on
    (namespaces, lookups, defaults) is not sound, since that would make up problems."""
    if not isinstance(value, dict) or not isinstance(value.get("tables"), dict):
        return None
    shared = {key: value[key] for key in ("namespaces", "lookups", "defaults") if key in value}
    tables: dict[str, Value] = {}
    named = value["tables"]
    for name, table in named.items() if isinstance(named, dict) else ():
        columns = table.get("columns") if isinstance(table, dict) else None
        sound = (
            {key: column for key, column in columns.items() if _is_sound(column)} if isinstance(columns, dict) else {}
        )
        if sound:
            tables[name] = {"rows": "/", "columns": sound}
    try:
        return Contract.model_validate({"version": 1, "root": "root", **shared, "tables": tables})
    except ValidationError:
        return None


def _is_sound(column: Value) -> bool:
    try:
        Column.model_validate(short_column(column))
    except ValidationError:
        return False
    return True
