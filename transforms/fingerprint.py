"""The raw fingerprint of a document: equal bytes, equal fingerprint, whatever the contract."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from transforms.contract.plan import Limits
from transforms.shred.buffers import Documents, document_views
from transforms.shred.decode import UTF8_BOM, decoded
from transforms.shred.refusal import RefusedError

FINGERPRINT_TYPE = pa.binary(32)


def raw_fingerprints(
    documents: Documents, *, decode: tuple[str, ...] = (), document_bytes: int = Limits().document_bytes
) -> pa.Array:
    """SHA-256 of each document: the bytes after `decode` and after a UTF-8 byte order mark.

    documents: string, large_string, string_view, binary, large_binary or binary_view.
    decode, document_bytes: as in the contract.
    Returns binary(32), as long as `documents`; null for NULL and for what does not decode, which the shredder refuses.
    """
    digests = [None if raw is None else _digest(raw, decode, document_bytes) for raw in document_views(documents)]
    return pa.array(digests, FINGERPRINT_TYPE)


def _digest(raw: memoryview, decode: tuple[str, ...], document_bytes: int) -> bytes | None:
    if decode:
        try:
            raw = decoded(raw, decode, document_bytes)
        except RefusedError:
            return None
    # hashlib reads the Arrow buffer where it lies, with the GIL released
    return hashlib.sha256(raw[len(UTF8_BOM) :] if raw[: len(UTF8_BOM)] == UTF8_BOM else raw).digest()
