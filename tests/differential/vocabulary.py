"""The few names and values that made-up documents and paths share, so that paths meet nodes."""

from __future__ import annotations

from transforms.path.model import NameTest

URIS = ("", "", "", "urn:one", "urn:two")
LOCALS = ("a", "b", "b", "b", "c", "é", "x.y-z", "_1")
ATTRIBUTES = ("k", "k", "a", "id", "ключ")
VALUES = ("x", "x", "", "y", "1", " x ", "xx", "x&<>", "é😀", "x\ny", "it's")

# What a contract's `namespaces` may be. "" is the default of element names.
NAMESPACES: tuple[dict[str, str], ...] = (
    {"n": "urn:one", "m": "urn:two"},
    {"n": "urn:one", "m": "urn:two"},
    {"": "urn:one", "m": "urn:two"},
    {"": "urn:two", "n": "urn:one", "again": "urn:one"},
)

ROOTS = (NameTest("a"), NameTest("b"), NameTest("b", "urn:one"), NameTest("*", "urn:one"))
KEYS = ("key", "region")  # key columns of every batch
REGIONS = ("north", "", None, "süd")
