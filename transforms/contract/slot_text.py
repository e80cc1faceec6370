"""The name of a slot inside the text of a path: `{slot}` and `$slot`."""

from __future__ import annotations

import re

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"\{slot\}")
_VALUE = re.compile(r"\$slot(?![\w.\-])")
# What may stand in an XML name; a slot's name may be any of its parts.
_PART = re.compile(r"[\w.\-]+")


class SlotTextError(ValueError):
    """A slot whose name cannot stand where a path has it; says why, and what was expected."""

    def __init__(self, message: str, expected: str) -> None:
        super().__init__(message)
        self.expected = expected


def uses_slot(text: str) -> bool:
    """Whether the text of a path differs from slot to slot."""
    bare = _LITERAL.sub("", text)
    return bool(_NAME.search(text) or _VALUE.search(bare))


def holds_slot(text: str) -> bool:
    """Whether the text has `{slot}` outside quotes, where nothing else can be meant."""
    return bool(_NAME.search(_LITERAL.sub("", text)))


def in_slot(text: str, name: str) -> str:
    """The text with the slot's name in it: `{slot}` as it is, within quotes or as part of a name, and `$slot` in
    quotes. Raises SlotTextError where the path would then mean something else."""
    parts: list[str] = []
    at = 0
    for literal in _LITERAL.finditer(text):
        parts += [_outside(text[at : literal.start()], name), _inside(literal.group(), name)]
        at = literal.end()
    return "".join([*parts, _outside(text[at:], name)])


def _outside(text: str, name: str) -> str:
    if _NAME.search(text) and not _PART.fullmatch(name):
        raise SlotTextError(
            f"the slot's name {name!r} cannot be part of an XML name",
            "letters, digits, `_`, `.` and `-`, or slots with paths of their own",
        )
    named = _NAME.sub(lambda _: name, text)
    return _VALUE.sub(lambda _: _quoted(name), named)


def _inside(literal: str, name: str) -> str:
    return _quoted(literal[1:-1].replace("{slot}", name)) if "{slot}" in literal else literal


def _quoted(text: str) -> str:
    """A literal of XPath 1.0, which has no escapes."""
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise SlotTextError(f"with the slot's name, {text!r} holds both kinds of quotes", "one kind of quotes at most")
