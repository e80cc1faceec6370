"""What can still be judged of a contract whose shape is wrong somewhere: its sound columns."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError

from transforms.contract.column import Column, short_column
from transforms.contract.model import Contract, Table
from transforms.contract.problems import nearest
from transforms.contract.source import Value

_DECIDING = ("slots", "picks", "key")


def salvage(value: Value) -> Contract | None:
    """A contract of the sound columns of every table, to check them alone.

    None where what they all depend on (namespaces, lookups, defaults) is not sound or may be misspelt, since that would
    make up problems.
    """
    if not isinstance(value, dict) or not value.keys() <= Contract.model_fields.keys():
        return None
    shared = {key: value[key] for key in ("namespaces", "lookups", "defaults") if key in value}
    tables = {
        name: {**judged, "columns": columns}
        for name, table in _items(_get(value, "tables"))
        if (judged := _around(table)) is not None
        and (columns := {key: column for key, column in _items(_get(table, "columns")) if _is_sound(column)})
    }
    try:
        return Contract.model_validate({"version": 1, "root": "root", **shared, "tables": tables})
    except ValidationError:
        return None


def _around(table: Value) -> dict[str, Value] | None:
    """What the columns of a table depend on, as it is stated: whether it is made by SQL, its slots, picks and key.

    None where one of these is not sound, or may be misspelt.
    """
    if not isinstance(table, dict) or ("rows" in table and "sql" in table):
        return None
    unknown = [key for key in table if key not in Table.model_fields]
    if any(nearest(key, ("sql", *_DECIDING)) for key in unknown):
        return None
    found: dict[str, Value] = {key: table[key] for key in _DECIDING if key in table}
    try:
        Table.model_validate({"columns": {"c": "."}, **found})
    except ValidationError:
        return None
    return {"sql": "SELECT 1", **found} if "sql" in table else {"rows": "/", **found}


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
