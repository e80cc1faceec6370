"""What conversion did to one text, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ColumnPlan, Many
from transforms.convert.cell import CellRule, cell_rule
from transforms.convert.clean import clean
from transforms.convert.rules import ChangeRule
from transforms.convert.settle import settle
from transforms.convert.text import XML_SPACE, entry_of

_TO_NULL = (ChangeRule.BLANK_AS_NULL, ChangeRule.NULL_WORD)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One change. rule: as it is counted. before, after: texts, or values of the column's type; None: none."""

    rule: str
    before: object
    after: object


def conversions(cell: str | list[str] | None, column: ColumnPlan) -> tuple[Conversion, ...]:
    """What became of a cell as it was read, in order; nothing where only the type was read. Of a list, the changes of
    each text after the other's."""
    rule = cell_rule(column)
    texts = cell if isinstance(cell, list) else [cell]
    if column.many is Many.LIST and cell is None:
        return ()
    return tuple(change for text in texts for change in _of_text(text, rule))


def _of_text(text: str | None, rule: CellRule) -> Iterator[Conversion]:
    settled = settle(_array(text), rule)
    fired = [change for change, mask in settled.changes.items() if mask[0].as_py()]
    final = settled.values[0].as_py()
    current = text
    if text is not None and (ChangeRule.TRIMMED in fired or rule.trim):
        current = pc.ascii_trim(_array(text), characters=XML_SPACE)[0].as_py()
        if ChangeRule.TRIMMED in fired:
            yield Conversion(ChangeRule.TRIMMED, text, current)
    for change in fired:
        if change in _TO_NULL:
            yield Conversion(change, current, None)
            current = None
    if not (rule.blank_as_null is False or current is None or current.strip(XML_SPACE)):
        current = None  # the empty text, which nobody counts
    for step in rule.clean:
        cleaned = clean(_array(current), step)[0].as_py() if current is not None else None
        if cleaned != current:
            yield Conversion(f"clean_{step.name}", current, cleaned)
        current = cleaned
    if rule.lookup is not None:
        entry = entry_of(current, rule.lookup)
        if entry is not None and ChangeRule.LOOKUP in fired:
            yield Conversion(ChangeRule.LOOKUP, current, entry[1])
            current = entry[1]
    for change in fired:
        if not change.startswith("clean_") and change not in (ChangeRule.TRIMMED, ChangeRule.LOOKUP, *_TO_NULL):
            yield Conversion(change, current, final)


def _array(text: str | None) -> pa.Array:
    return pa.array([text], pa.string())
