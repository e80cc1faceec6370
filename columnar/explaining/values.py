"""One value of a row: the nodes it was read from, and what was done with their text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from columnar.checking.check_values import cut, value_json, value_text
from columnar.explaining.explained import Change, ExplainedValue
from columnar.explaining.remade import RemadeDocument, RowPlace
from transforms.contract.extracts import slot_column
from transforms.contract.plan import ColumnPlan, Identity
from transforms.convert.runs import is_read
from transforms.explain.conversions import conversions
from transforms.explain.nodes import Node
from transforms.explain.picked import picked_row
from transforms.path.model import TerminalKind, XPath

_WHOLE = {TerminalKind.CONSTANT: "constant", TerminalKind.KEY: "key", TerminalKind.POSITION: "position"}


def explain_value(remade: RemadeDocument, place: RowPlace, column: str, value: Any) -> ExplainedValue:
    """value: what the target holds, of any type."""
    now = remade.tables[place.table.name]
    becomes: str | None = None
    if column in now.column_names:
        made = now[column][place.at].as_py()
        becomes = None if _equal(made, value) else value_text(made)
    told = ExplainedValue(column, value_json(value), value_text(value), "unknown", becomes=becomes)
    return _with_origin(remade, place, column, told)


def _with_origin(remade: RemadeDocument, place: RowPlace, column: str, told: ExplainedValue) -> ExplainedValue:
    own = next((each for each in place.table.columns if each.name == column), None)
    if own is None:
        above = remade.parent(place)
        if above is None:
            return told
        found = _with_origin(remade, above, column, told)
        origin = "database" if found.origin == "database" else "parent"
        return replace(found, origin=origin, source=f"{above.table.title}.{column}: {found.source}".rstrip(": "))
    if own.identity is Identity.DATABASE:
        return replace(told, origin="database", becomes=None)
    if place.table.rows is None or own.sql or not is_read(place.table, own):
        return replace(told, origin="sql", source=own.sql or f"the SQL of {place.table.title}")
    text = remade.text(place, column)
    changes = tuple(Change(str(each.rule), _shown(each.before), _shown(each.after)) for each in conversions(text, own))
    origin, source, nodes = _nodes(remade, place, own)
    return replace(told, origin=origin, source=source, nodes=nodes, changes=changes)


def _nodes(remade: RemadeDocument, place: RowPlace, column: ColumnPlan) -> tuple[str, str, tuple[Node, ...]]:
    """Origin, the contract's words, and the nodes."""
    table, row, name = place.table, remade.element_number(place), column.name
    extract = remade.nodes.extracts[table.name]
    if column.of is not None:
        picked = picked_row(table, remade.nodes.extracts, remade.extracts, name, row)
        if picked is None:
            return "path", f"{column.of}: nothing was picked", ()
        extract, row = remade.nodes.extracts[picked[0]], picked[1]
    names = [name]
    if table.slots:
        slot = table.slots[remade.row_number(place) % len(table.slots)]
        names.insert(0, slot_column(name, slot))
    read = next(each for wanted in names for each in extract.columns if each.name == wanted)
    if isinstance(read.path, XPath):
        return "xpath", read.path.source, remade.nodes.met(extract, read, row)
    origin = _WHOLE.get(read.path.terminal.kind, "path")
    return origin, read.path.source, remade.nodes.met(extract, read, row)


def _shown(value: object) -> str | None:
    return None if value is None else cut(value_text(value))


def _equal(made: Any, there: Any) -> bool:
    """As the target may store it: another type of the same value is the same."""
    return bool(made == there) or value_text(made) == value_text(there)
