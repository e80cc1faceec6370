"""One text for all contracts that mean the same, and its hash."""

from __future__ import annotations

import hashlib
import json

from transforms.contract.model import Contract
from transforms.contract.slot_plan import placed_slots

_Json = str | int | float | bool | None | list["_Json"] | dict[str, "_Json"]


# Mappings whose order means something; every other one is sorted. `*` is any name: a lookup may be called `tables`.
_ORDERED = (
    ("tables",),
    ("tables", "*", "columns"),
    ("tables", "*", "slots"),
    ("tables", "*", "distinct", "prefer"),
    ("tables", "*", "picks", "*", "prefer"),
    ("tables", "*", "joins", "*", "prefer"),
    ("tables", "*", "target", "columns"),
)


def canonical_text(contract: Contract) -> str:
    """The contract as JSON without comments, short forms or spelled-out sizes; it can be read as a contract again."""
    stated = contract.model_dump(mode="json", exclude_unset=True, by_alias=True)
    for name, table in contract.tables.items():
        if table.slots:
            stated["tables"][name]["slots"] = placed_slots(table)
    return json.dumps(_sorted(stated, ()), ensure_ascii=True, separators=(",", ":"))


def text_hash(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sorted(value: _Json, path: tuple[str, ...]) -> _Json:
    if isinstance(value, list):
        return [_sorted(item, (*path, "")) for item in value]
    if not isinstance(value, dict):
        return value
    names = list(value) if any(_fits(path, ordered) for ordered in _ORDERED) else sorted(value)
    return {name: _sorted(value[name], (*path, name)) for name in names}


def _fits(path: tuple[str, ...], ordered: tuple[str, ...]) -> bool:
    return len(path) == len(ordered) and all(part in ("*", name) for name, part in zip(path, ordered, strict=True))
