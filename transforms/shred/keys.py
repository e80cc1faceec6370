"""The source's key columns that a shredder reads: `$name` paths, and routing by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from transforms.contract.extracts import Extract
from transforms.path.model import TerminalKind, ValuePath
from transforms.shred.routing import Routing


def key_names(extracts: Iterable[Extract], routing: Routing) -> list[str]:
    """The names of all that are read."""
    read = {
        column.path.terminal.text or "key"
        for extract in extracts
        for column in extract.columns
        if isinstance(column.path, ValuePath) and column.path.terminal.kind is TerminalKind.KEY
    }
    return sorted(read | set(routing.keys))


def key_texts(
    names: Sequence[str],
    documents: pa.Array | pa.ChunkedArray,
    keys: Mapping[str, pa.Array | pa.ChunkedArray],
) -> dict[str, pa.Array]:
    """Those columns as text. ValueError: one is not there, or not as long as `documents`."""
    texts = {}
    for name in names:
        if name not in keys:
            raise ValueError(f"the contract reads ${name}, but the batch has no key of that name")
        if len(keys[name]) != len(documents):
            raise ValueError(f"key {name!r} has {len(keys[name])} values for {len(documents)} documents")
        key = keys[name]
        text = key if key.type == pa.string() else key.cast(pa.string())
        texts[name] = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return texts
