"""One text for all contracts that mean the same, and its hash."""

from __future__ import annotations

import hashlib
import json

from transforms.contract.model import Contract

_Json = str | int | float | bool | None | list["_Json"] | dict[str, "_Json"]


def canonical_text(contract: Contract) -> str:
    """The contract as JSON without comments, short forms or spelled-out sizes; it can be read as a contract again."""
    stated: _Json = contract.model_dump(mode="json", exclude_unset=True)
    return json.dumps(_sorted(stated, ordered=False), ensure_ascii=True, separators=(",", ":"))


def text_hash(text: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sorted(value: _Json, *, ordered: bool, level: int = 0) -> _Json:
    if isinstance(value, list):
        return [_sorted(item, ordered=False, level=level + 1) for item in value]
    if not isinstance(value, dict):
        return value
    names = list(value) if ordered else sorted(value)
    # `tables` stands at the top and `columns` in a table; a lookup or a namespace may bear the same name.
    return {
        name: _sorted(value[name], ordered=(level, name) in ((0, "tables"), (2, "columns")), level=level + 1)
        for name in names
    }
