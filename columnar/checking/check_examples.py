"""For each rule that changes values, a value that it changed.

Conversion counts by column and rule, and does not keep which values; the texts of one column of one document are
converted once more for that.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from columnar.checking.check_values import value_text
from transforms.contract.plan import ColumnPlan, Many
from transforms.convert.cell import cell_rule
from transforms.convert.rules import ChangeRule
from transforms.convert.settle import settle

_RULES = {str(rule) for rule in ChangeRule} - {"defaulted_missing"}  # there is no text to show
LEFT_OUT = "row left out"


def example_of(texts: pa.Array, column: ColumnPlan, rule: str) -> tuple[str, str] | None:
    """The first text of a column that a rule changed, and what became of it; None where there is none to show.

    texts: those that the column was read from, in the order of the rows.
    """
    if column.many is Many.LIST or rule not in _RULES:
        return None
    settled = settle(texts.cast(pa.string()), cell_rule(column))
    mask = settled.changes.get(ChangeRule(rule))
    at = pc.index(mask, True).as_py() if mask is not None else -1
    if at < 0 or not texts[at].is_valid:
        return None
    became = LEFT_OUT if rule.startswith("rejected_") else value_text(settled.values[at].as_py())
    return texts[at].as_py(), became
