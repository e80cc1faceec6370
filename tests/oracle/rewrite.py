"""Paths of the contract rewritten as XPath 1.0 text. Nothing here is shared with the shredder's own parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import cache

# The prefixes under which rewritten paths name the contract's default namespace and the function `own()`.
DEFAULT_PREFIX = "the-default"
FUNCTION_PREFIX = "the-oracle"
FUNCTION_URI = "urn:columnar:test:oracle"

_NC_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<literal>"[^"]*"|'[^']*')
      | (?P<name>{_NC_NAME}(?::(?!:)(?:\*|{_NC_NAME}))?)
      | (?P<number>\d+)
      | (?P<symbol>::|//|\.\.|!=|[/.@*\[\]()=])
    )\s*""",
    re.VERBOSE,
)
# XPath 1.0, 3.7: after one of these (or at the start) a name is never an operator.
_BEFORE_OPERAND = {None, "@", "::", "(", "[", "/", "//", "=", "!=", "and", "or"}


class Reads(Enum):
    """What a value path reads from the elements it selects, or instead of any."""

    STRING = "the string value"
    TEXT = "the own text"
    ATTRIBUTE = "an attribute"
    XML = "the subtree as XML"
    POSITION = "the row's position"
    CONSTANT = "a constant"
    KEY = "a source key"


@dataclass(frozen=True)
class Rewritten:
    """`elements`: their XPath; `detail`: the attribute's name, the constant or the key; `up`: leading `../`."""

    reads: Reads
    elements: str = ""
    detail: str = ""
    up: int = 0


def tokens(path: str) -> list[str]:
    """Cut a path into literals, names (with their prefix), numbers and symbols."""
    found: list[str] = []
    at = 0
    while at < len(path):
        match = _TOKEN.match(path, at)
        if match is None:
            raise ValueError(f"the oracle cannot read {path!r} at {path[at:]!r}")
        found.append(str(match[match.lastgroup or 0]))
        at = match.end()
    return found


def to_xpath(parts: list[str], *, default: bool) -> str:
    """Element steps with predicates as XPath; `default`: unprefixed element names are in the default namespace."""
    written: list[str] = []
    before: str | None = None
    for index, part in enumerate(parts):
        after = parts[index + 1] if index + 1 < len(parts) else ""
        is_name = bool(re.fullmatch(_NC_NAME, part))
        is_operator = part in ("and", "or") and before not in _BEFORE_OPERAND
        if is_operator:
            written.append(f" {part} ")
        elif part == "text" and after == "(":
            written.append(f"{FUNCTION_PREFIX}:own")  # the own text is one string, where XPath sees several nodes
        elif is_name and default and after not in ("(", "::") and before != "@":
            written.append(f"{DEFAULT_PREFIX}:{part}")
        else:
            written.append(part)
        before = part if is_operator or not is_name else "a name"
    return "".join(written)


@cache
def rewrite_rows(path: str, *, default: bool) -> str:
    """A row path as XPath."""
    return to_xpath(tokens(path), default=default)


@cache
def rewrite(path: str, *, default: bool) -> Rewritten:
    """A value path: what it reads, and the XPath of the elements it reads it from."""
    parts = tokens(path) if not path.startswith("$") else []
    if not parts:
        return Rewritten(Reads.KEY, detail=path[1:])
    if parts == ["position", "(", ")"]:
        return Rewritten(Reads.POSITION)
    if len(parts) == 1 and parts[0][0] in "'\"":
        return Rewritten(Reads.CONSTANT, detail=parts[0][1:-1])
    reads, detail = Reads.STRING, ""
    if parts[-3:] == ["text", "(", ")"]:
        reads, parts = Reads.TEXT, parts[:-3]
    elif parts[-3:] == ["xml", "(", ")"]:
        reads, parts = Reads.XML, parts[:-3]
    elif parts[-2:-1] == ["@"]:
        reads, detail, parts = Reads.ATTRIBUTE, parts[-1], parts[:-2]
    if reads is not Reads.STRING and parts[-1:] == ["/"]:
        parts = parts[:-1]
    up = 0
    while parts[2 * up : 2 * up + 1] == [".."]:
        up += 1
    return Rewritten(reads, to_xpath(parts, default=default) or ".", detail, up)
