"""A contract's text as dictionaries, with every default put in: what is written, and nothing that it is compiled to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_NULLS = ("", "~", "null", "Null", "NULL")
_SLOT_VALUE = re.compile(r"\$slot(?![\w.\-])")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True)
class Type:
    """A column's type. detail: what stands in its parentheses."""

    name: str
    detail: tuple[str, ...] = ()

    @property
    def duckdb(self) -> str:
        """The type that SQL sees."""
        plain = {
            "float64": "DOUBLE",
            "bool": "BOOLEAN",
            "date": "DATE",
            "time": "TIME",
            "timestamp": "TIMESTAMP",
            "timestamptz": "TIMESTAMP WITH TIME ZONE",
            "binary": "BLOB",
        }
        if self.name.startswith("int"):
            return "BIGINT"  # whole numbers have 64 bits in SQL
        return f"DECIMAL({','.join(self.detail)})" if self.name == "decimal" else plain.get(self.name, "VARCHAR")


@dataclass(frozen=True)
class Lookup:
    """entries: text -> value. otherwise: the value of every other text, in a tuple of one; empty: such are unknown."""

    entries: dict[str, str | None]
    ignore_case: bool
    otherwise: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Column:
    """A column with all of its rules. says: its keys as they are written."""

    name: str
    says: dict[str, Any]
    type: Type
    trim: bool
    blank_as_null: bool
    null_words: tuple[str, ...]
    lookup: Lookup | None
    formats: tuple[str, ...]
    nullable: bool
    on: dict[str, str] = field(default_factory=dict)  # missing, invalid, unknown, too_long, inexact -> what to do

    @property
    def is_list(self) -> bool:
        """Whether a value is a list of values."""
        return self.says.get("many") == "list"

    @property
    def duckdb(self) -> str:
        """The type of a value in DuckDB's SQL."""
        return self.type.duckdb + ("[]" if self.is_list else "")


@dataclass(frozen=True)
class Table:
    """A table. says: its keys as they are written; slots: name -> column -> path or xpath of that slot."""

    name: str
    says: dict[str, Any]
    columns: dict[str, Column]
    slots: dict[str, dict[str, str]]

    @property
    def parent(self) -> str | None:
        """The table around it."""
        parent: str | None = self.says.get("parent")
        return parent

    def same_in_every_slot(self, column: Column) -> bool:
        """Whether neither its own path nor any slot's says something else for each slot."""
        path = column.says.get("path") or column.says.get("xpath") or ""
        outside = _QUOTED.sub("", path)
        own = "{slot}" in path or bool(_SLOT_VALUE.search(outside))
        return not own and not any(column.name in paths for paths in self.slots.values())

    def path_in(self, slot: str, column: Column) -> dict[str, str] | None:
        """The column's `path` or `xpath` in a slot; None: it has none there."""
        if column.name in self.slots[slot]:
            return {"path": _in_slot(self.slots[slot][column.name], slot)}
        return {key: _in_slot(column.says[key], slot) for key in ("path", "xpath") if key in column.says} or None


@dataclass(frozen=True)
class Contract:
    """A whole contract, its tables in the order of the file."""

    says: dict[str, Any]
    tables: dict[str, Table]

    def above(self, table: Table) -> Iterator[Table]:
        """The tables around one, the nearest first."""
        while table.parent:
            table = self.tables[table.parent]
            yield table

    def gained(self, table: Table) -> dict[str, Column]:
        """The columns that a table gains from those around it, in their order."""
        if not table.parent:
            return {}
        parent = self.tables[table.parent]
        own = {name: parent.columns[name] for name in parent.says.get("key", ()) if name in parent.columns}
        return {name: column for name, column in {**self.gained(parent), **own}.items() if name not in table.columns}


def read_contract(text: str) -> Contract:
    """What a contract says."""
    says = _plain(YAML(typ="safe", pure=True).compose(text))
    tables = {name: _table(name, table, says) for name, table in says["tables"].items()}
    return Contract(says, tables)


def _plain(node: Node) -> Any:  # dictionaries, lists, texts and None
    if isinstance(node, MappingNode):
        return {key.value: _plain(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [_plain(value) for value in node.value]
    assert isinstance(node, ScalarNode)
    if node.style in ("'", '"', "|", ">"):
        return node.value
    if node.value in _NULLS:
        return None
    return node.value.lower() if node.value.lower() in ("true", "false") else node.value


def _table(name: str, says: dict[str, Any], contract: dict[str, Any]) -> Table:
    columns = {
        title: _column(title, {"path": column} if isinstance(column, str) else column, says, contract)
        for title, column in says["columns"].items()
    }
    return Table(name, says, columns, _slots(says.get("slots"), columns))


def _slots(written: Any, columns: dict[str, Column]) -> dict[str, dict[str, str]]:
    """The three forms of `slots` as one."""
    if written is None:
        return {}
    if isinstance(written, str):
        first, last = written.split("..")
        return {str(number): {} for number in range(int(first), int(last) + 1)}
    if isinstance(written, list):
        return {name: {} for name in written}
    without = [name for name, column in columns.items() if not column.says.keys() & {"path", "xpath", "sql"}]
    return {
        slot: {without[0]: paths} if isinstance(paths, str) else dict(paths or {}) for slot, paths in written.items()
    }


def _in_slot(path: str, slot: str) -> str:
    """`{slot}` is the name as it stands, `$slot` outside quotes the name in quotes."""
    quote = '"' if "'" in slot else "'"
    parts = re.split(r"('[^']*'|\"[^\"]*\")", path)
    outside = [_SLOT_VALUE.sub(lambda _: f"{quote}{slot}{quote}", part) for part in parts[::2]]
    parts[::2] = outside
    return "".join(parts).replace("{slot}", slot)


def _column(name: str, says: dict[str, Any], table: dict[str, Any], contract: dict[str, Any]) -> Column:
    defaults = contract.get("defaults") or {}
    kind, detail = re.fullmatch(r"\s*(\w+)\s*(?:\((.*)\))?\s*", says.get("type", "string")).groups()  # type: ignore[union-attr]  # every type is so
    type_ = Type(kind, tuple(part.strip() for part in detail.split(",")) if detail else ())
    nullable = says["nullable"] == "true" if "nullable" in says else name not in table.get("key", ())
    formats = says.get("formats") or (defaults.get("formats") or {}).get(kind, ())
    lookup = _lookup(contract["lookups"][says["lookup"]], says) if says.get("lookup") else None

    def said(rule: str, otherwise: Any) -> Any:
        return says.get(rule, defaults.get(rule, otherwise))

    def reaction(rule: str, otherwise: str) -> str:
        return said(rule, otherwise) or "null"

    invalid = reaction("on_invalid", "reject_document")
    return Column(
        name,
        says,
        type_,
        trim=said("trim", "false") == "true",
        blank_as_null=said("blank_as_null", "true") == "true",
        null_words=tuple("null" if word is None else word for word in said("null_words", ())),
        lookup=lookup,
        formats=tuple(formats),
        nullable=nullable,
        on={
            "missing_value": _on_missing(says, defaults, nullable=nullable),
            "invalid_value": invalid,
            "out_of_range": invalid,
            "unknown_value": reaction("on_unknown", invalid),
            "too_long": reaction("on_too_long", invalid),
            "inexact": reaction("on_inexact", invalid),
        },
    )


def _lookup(written: dict[str, Any], column: dict[str, Any]) -> Lookup:
    """Entries alone, or with the rules of all columns that use them; a column's own rule goes before."""
    rules = written if isinstance(written.get("entries"), dict) else {"entries": written}
    ignore_case = column.get("ignore_case", rules.get("ignore_case", "false")) == "true"
    return Lookup(rules["entries"], ignore_case, (rules["else"],) if "else" in rules else ())


def _on_missing(says: dict[str, Any], defaults: dict[str, Any], *, nullable: bool) -> str:
    """`default` where the column has one, else null, and reject_document where it is not nullable."""
    if "on_missing" in says:
        return says["on_missing"] or "null"
    if "default" in says:
        return "default"
    stated = defaults.get("on_missing") or "null"
    return "reject_document" if stated == "null" and not nullable else stated
