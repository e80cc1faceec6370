"""A contract's text as plain values, and the line and column of each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from transforms.contract.nodes import Mapping, Node, Scalar, Sequence, read_nodes
from transforms.contract.problems import Problems

Path = tuple[str | int, ...]

# YAML 1.2's core schema. `yes`, `NO`, `on`, 2020-01-01 and 12:30 are text.
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


class WrittenInt(int):
    """A whole number that remembers how it was written."""

    text: str


class WrittenFloat(float):
    """A number that remembers how it was written."""

    text: str


Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]


@dataclass(slots=True)
class Source:
    """What the text holds; paths are those of pydantic's errors: keys and list indexes from 0."""

    value: Value = None
    values: dict[Path, Node] = field(default_factory=dict)
    keys: dict[Path, Scalar] = field(default_factory=dict)

    def known(self, path: Path) -> Path:
        """The elements of `path` that are in the text: pydantic adds its own in between."""
        found: Path = ()
        for part in path:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def value_position(self, path: Path) -> tuple[int, int]:
        """Line and column of a value, or of what it is missing from."""
        node = self.values.get(self.known(path))
        return (node.line, node.column) if node is not None else (1, 1)

    def key_position(self, path: Path) -> tuple[int, int]:
        """Line and column of a key (of a list's item: of the item)."""
        key = self.keys.get(path)
        return (key.line, key.column) if key is not None else self.value_position(path)

    def character_position(self, path: Path, offset: int) -> tuple[int, int]:
        """Line and column of one character of a text value; of its start where it runs over several lines."""
        node = self.values.get(self.known(path))
        if not isinstance(node, Scalar):
            return self.value_position(path)
        return node.line, node.column + _raw_offset(node, offset)


def read_source(text: str, *, problems: Problems) -> Source:
    """Values and positions of `text`; duplicate keys become problems. NodeError where it is not YAML at all."""
    source = Source()
    source.value = _value(read_nodes(text, name=problems.file), (), source, problems)
    return source


def _value(node: Node, path: Path, source: Source, problems: Problems) -> Value:
    source.values[path] = node
    if isinstance(node, Scalar):
        return _scalar(node)
    if isinstance(node, Sequence):
        return [_value(item, (*path, index), source, problems) for index, item in enumerate(node.items)]
    mapping: dict[str, Value] = {}
    for key, value in node.items:
        inner = (*path, key.text)
        if key.text in mapping:
            first = source.keys[inner]
            message = f"{key.text!r} is here a second time; the first is in line {first.line}"
            problems.add(message, key=inner, at=(key.line, key.column), expected="each name once")
            continue
        source.keys[inner] = key
        mapping[key.text] = _value(value, inner, source, problems)
    return mapping


def _scalar(node: Scalar) -> Value:
    if node.style is not None:
        return node.text
    if node.text in _NULL:
        return None
    if node.text in _BOOL:
        return _BOOL[node.text]
    if _INT.fullmatch(node.text):
        whole = WrittenInt(node.text)
        whole.text = node.text
        return whole
    if _FLOAT.fullmatch(node.text):
        number = WrittenFloat(node.text)
        number.text = node.text
        return number
    return node.text


def _raw_offset(node: Scalar, offset: int) -> int:
    """How far right of the scalar's start its character number `offset` is written."""
    if not node.raw or node.style in ("|", ">"):
        return 0
    if node.style is None:
        return offset
    at = 1
    for _ in range(offset):
        if node.style == "'" and node.raw.startswith("''", at):
            at += 2
        elif node.style == '"' and node.raw.startswith("\\", at):
            at += _ESCAPE_LENGTHS.get(node.raw[at + 1 : at + 2], 2)
        else:
            at += 1
    return min(at, len(node.raw) - 1)


__all__ = ["Mapping", "Path", "Source", "Value", "WrittenFloat", "WrittenInt", "read_source"]
