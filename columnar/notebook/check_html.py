"""A check as HTML: each table beside the places its rows come from, and what would not load or is not read."""

from __future__ import annotations

from columnar.checking.check_coverage_text import share_text
from columnar.checking.check_examples import LEFT_OUT
from columnar.checking.check_report import CheckReport, ColumnHead, TableSample
from columnar.checking.check_table_text import always_null, cell_text, quoted
from columnar.counted import counted
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import Markup, badge, beside, element, folded, joined, lines, report, section, table
from columnar.sizes import show_size

# A notebook is scrolled, not searched: what is longer is in the report itself.
_MOST = 20
_MOST_ROWS = 10
_MOST_OPEN = 3


def check_html(found: CheckReport) -> str:
    """What `columnar check` prints, the tables folded where there are many."""
    refused = len(found.quarantined)
    title = f"{counted(found.documents, 'document')}, {show_size(found.bytes)} "
    shown = [each for each in found.tables if each.rows or each.changed]
    opened = len(shown) <= _MOST_OPEN
    return report(
        joined([title, _verdict(found, refused)]),
        lines(f"${each.key} reads {each.what} here: {each.first}" for each in found.stand_ins),
        _overview(found),
        joined(folded(_counted(each), _table(each), opened=opened) for each in shown),
        beside(_coverage(found), _unmatched(found), _quarantined(found), _differences(found)),
    )


def table_html(sample: TableSample) -> str:
    """One table of a check."""
    return report(_counted(sample), _table(sample))


def _verdict(found: CheckReport, refused: int) -> Markup:
    if found.differences:
        return badge("not the same alone and together", "bad")
    fine = f"{number(found.documents - refused)} would load"
    return badge(f"{fine}, {number(refused)} would not", "warning") if refused else badge(fine, "good")


def _overview(found: CheckReport) -> Markup:
    rows = []
    for each in found.tables:
        changed = sum(change.values for change in each.changed if change.column)
        dropped = sum(change.values for change in each.changed if not change.column)
        path = each.path if each.load else f"{each.path} (not loaded)"
        rows.append((each.name, *map(number, (each.rows, each.documents, changed, dropped)), path))
    heads = ("table", "rows", "documents", "changed", "dropped", "rows from")
    return section("tables", table(rows, heads=heads, numbers={1, 2, 3, 4}))


def _counted(sample: TableSample) -> str:
    shown = min(len(sample.sample), _MOST_ROWS)
    first = f", the first {shown}" if 0 < shown < sample.rows else ""
    return f"{sample.name}: {counted(sample.rows, 'row')} of {counted(sample.documents, 'document')}{first}"


def _table(sample: TableSample) -> Markup:
    """Its rows beside each other and the columns below each other, so that wide tables fit too."""
    rows = sample.sample[:_MOST_ROWS]
    places = []
    for at, row in enumerate(rows, 1):
        place = f"{row.document}:{row.line}" + (f":{row.column}" if row.column else "")
        places.append((f"[{at}]", place, row.source))
    empty = always_null(sample) if rows else []
    values = [
        (_name(column), column.type, *(cell_text(row.cells[at]) for row in rows))
        for at, column in enumerate(sample.columns)
        if rows and column.name not in empty
    ]
    heads = ("column", "type", *(f"[{at}]" for at in range(1, len(rows) + 1)))
    nulls = [f"NULL in {'all of them' if len(rows) > 1 else 'it'}: {', '.join(empty)}"] if empty else []
    return joined([table(places), table(values, heads=heads), lines(nulls, kind="dim"), _changed(sample)])


def _name(column: ColumnHead) -> str:
    return f"{column.name} (key)" if column.key else column.name


def _changed(sample: TableSample) -> Markup:
    rows = []
    for change in sample.changed:
        example = ""
        if change.example:
            source, became = change.example
            shown = became if became == LEFT_OUT else quoted(became) if became else "NULL"
            example = f"{quoted(source)} → {shown}"
        rows.append((change.column or "rows dropped", change.rule, number(change.values), example))
    return table(rows, heads=("changed", "rule", "values", "for example"), numbers={2})


def _coverage(found: CheckReport) -> Markup:
    coverage = found.coverage
    if not coverage.documents:
        return Markup()
    named = {"attributes": coverage.attributes, "texts": coverage.texts, "their bytes": coverage.bytes}
    shares = [(name, share_text(each)[1], number(each.read), number(each.total)) for name, each in named.items()]
    unread = [(each.path, number(each.unread), number(each.documents), each.example) for each in coverage.unread]
    heads = ("path", "values", "documents", "for example")
    return joined(
        [
            section("read by the contract", table(shares, heads=("", "", "read", "of"), numbers={1, 2, 3})),
            section("not read", table(unread[:_MOST], heads=heads, numbers={1, 2}), rest(len(unread), _MOST)),
        ]
    )


def _unmatched(found: CheckReport) -> Markup:
    rows = [
        (
            f"{each.table}.{each.column}" if each.column else f"{each.table} (rows)",
            each.path,
            f"there is {each.nearest}" if each.nearest else "",
        )
        for each in found.coverage.unmatched
    ]
    return section("found in no document", table(rows[:_MOST]), rest(len(rows), _MOST))


def _quarantined(found: CheckReport) -> Markup:
    rows = [
        (
            ":".join(str(part) for part in (each.document, each.line, each.column) if part),
            each.reason,
            each.detail,
            element("code", each.source),
        )
        for each in found.quarantined
    ]
    heads = ("place", "reason", "detail", "what stands there")
    return section("would not load", table(rows[:_MOST], heads=heads), rest(len(rows), _MOST))


def _differences(found: CheckReport) -> Markup:
    rows = [(each.document, each.table, each.alone, each.together) for each in found.differences]
    heads = ("document", "table", "alone", "together")
    return section("not the same alone and together", table(rows[:_MOST], heads=heads), rest(len(rows), _MOST))
