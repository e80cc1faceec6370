"""Tables and their parents: which exist, cycles, order, and whether a parent's rows can be around a child's."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.model import Table
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.path.model import ANY, Axis, NameTest, RowPath


def parents_first(tables: Mapping[str, Table], report: Report) -> list[str]:
    """The names of `tables` with parents before children, otherwise in their order; parents that do not exist, and
    cycles, are reported."""
    ordered: list[str] = []
    judged: set[str] = set()  # tables of cycles and tables whose parent is unknown, each reported once
    for name in tables:
        chain = [name]
        while (parent := tables[chain[-1]].parent) and parent in tables and parent not in chain:
            chain.append(parent)
        if parent and chain[-1] not in judged:
            judged.add(chain[-1])
            if parent in chain:
                cycle = chain[chain.index(parent) :]
                judged.update(cycle)
                _report_cycle(cycle, report)
            else:
                _report_unknown(chain[-1], parent, tables, report)
        ordered.extend(table for table in reversed(chain) if table not in ordered)
    return ordered


def _report_cycle(cycle: list[str], report: Report) -> None:
    shown = " -> ".join([*cycle, cycle[0]])
    message = f"the parents go round in a circle: {shown}" if len(cycle) > 1 else "the table is its own parent"
    report.value(("tables", cycle[0], "parent"), message, expected="a table without parent at the top")


def _report_unknown(table: str, parent: str, tables: Mapping[str, Table], report: Report) -> None:
    near = nearest(parent, [name for name in tables if name != table])
    others = ", ".join(name for name in tables if name != table)
    expected = "" if near else f"one of {others}" if others else "no parent: there is no other table"
    report.value(("tables", table, "parent"), f"there is no table {parent!r}", expected=expected, nearest=near)


def may_be_root(rows: RowPath, root: NameTest) -> bool:
    """Whether the first step of a row path can be the root element."""
    return rows.steps[0].axis is Axis.DESCENDANT or _may_match(rows.steps[0].test, root)


def may_contain(parent: RowPath, child: RowPath) -> bool:
    """Whether an element of `parent` can be an ancestor of one of `child`, or the same; certain only without `//`."""
    if any(step.axis is Axis.DESCENDANT for step in (*parent.steps, *child.steps)):
        return True
    if len(parent.steps) > len(child.steps):
        return False
    return all(_may_match(outer.test, inner.test) for outer, inner in zip(parent.steps, child.steps, strict=False))


def _may_match(one: NameTest, other: NameTest) -> bool:
    """Whether some element has both names."""
    return all(a == b or ANY in (a, b) for a, b in ((one.local, other.local), (one.uri, other.uri)))
