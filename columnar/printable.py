"""Text out of documents and keys, made harmless for a terminal."""

from __future__ import annotations

# Control characters, and those that turn the direction of text round: neither may steer what a reader sees.
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_ESCAPES = {code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" for code in _CONTROLS if code != 0x0A}


def printable(text: str) -> str:
    r"""Control characters as escapes, the end of line excepted.

    >>> printable("a\x1b[31m")
    'a\\x1b[31m'
    """
    return text.translate(_ESCAPES)
