"""What reconciling found, as HTML."""

from __future__ import annotations

from columnar.counted import counted, plural
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import Markup, badge, beside, element, joined, lines, report, section, table
from columnar.reconciling.report import KINDS, Reconciliation

# Rows of an output; all that were found are in the result itself.
_MOST = 20
_VALUE = 200


def reconcile_html(found: Reconciliation) -> str:
    """What `columnar reconcile` prints."""
    read = f"{counted(found.documents, 'document')} in {counted(len(found.chunks), 'range')}"
    told = [f"{read}, {number(found.recomputed)} of them made anew by the reference shredder"]
    if found.pending:
        are = plural(found.pending, "is", "are")
        told.append(f"{counted(found.pending, 'document')} {are} in ranges that are not published yet")
    return report(
        joined([f"job {found.name}, generation {found.generation} ", _verdict(found)]),
        lines(told),
        beside(_columns(found), _kinds(found)),
        _differences(found),
        section("notes", lines(found.notes)),
    )


def _verdict(found: Reconciliation) -> Markup:
    count = sum(found.counts.values())
    what = "what is published" if found.pending else "the target"
    return badge(counted(count, "difference"), "bad") if count else badge(f"{what} is what the source says", "good")


def _columns(found: Reconciliation) -> Markup:
    """Those that differ, by name; of the others how many."""
    different = [each for each in found.columns if not each.same]
    same = len(found.columns) - len(different)
    told = f"{counted(same, 'column')} {plural(same, 'has', 'have')} the same values, NULLs and checksums"
    rows = [
        (
            f"{each.table}.{each.column}",
            *(number(count) for count in (each.rows, each.target_rows, each.nulls, each.target_nulls)),
        )
        for each in different[:_MOST]
    ]
    heads = ("column that differs", "values", "in the target", "NULL", "in the target")
    return section(
        "columns",
        element("p", told) if same else Markup(),
        table(rows, heads=heads, numbers={1, 2, 3, 4}),
        rest(len(different), _MOST),
    )


def _kinds(found: Reconciliation) -> Markup:
    rows = [(kind, number(count), KINDS.get(kind, "")) for kind, count in sorted(found.counts.items())]
    return section("differences", table(rows, numbers={1}))


def _differences(found: Reconciliation) -> Markup:
    rows = [
        (
            each.kind.replace("_", " "),
            number(each.chunk) if each.chunk else "",
            each.source_key,
            ".".join(part for part in (each.table, each.column) if part),
            each.key,
            _short(each.expected),
            _short(each.found),
        )
        for each in found.differences[:_MOST]
    ]
    heads = ("kind", "chunk", "document", "column", "row", "expected", "found")
    return section("which", table(rows, heads=heads, numbers={1}), rest(sum(found.counts.values()), len(rows)))


def _short(value: str) -> str:
    return value if len(value) <= _VALUE else value[: _VALUE - 1] + "…"
