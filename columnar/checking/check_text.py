"""What `check` found, to be read in a terminal: each table beside the lines it comes from, then what is not read."""

from __future__ import annotations

from collections.abc import Iterator

from columnar.checking.check_coverage_text import coverage_lines, unmatched_lines
from columnar.checking.check_report import CheckReport, Quarantined
from columnar.checking.check_source import shortened
from columnar.checking.check_table_text import table_lines
from columnar.checking.text_grid import fitted, grid
from columnar.sizes import show_size

_LEAST_WIDTH = 60


def check_text(report: CheckReport, *, width: int = 120) -> str:
    """The report as plain text, no line longer than `width` cells; it ends with a line break."""
    width = max(width, _LEAST_WIDTH)
    sections = [
        _headline(report, width),
        _overview(report, width),
        *(table_lines(table, width) for table in report.tables if table.rows or table.changed),
        list(coverage_lines(report.coverage, width)),
        list(unmatched_lines(report.coverage, width)),
        list(_quarantined(report.quarantined, width)),
        list(_independence(report, width)),
    ]
    return "\n\n".join("\n".join(fitted(line, width) for line in lines) for lines in sections if lines) + "\n"


def _headline(report: CheckReport, width: int) -> list[str]:
    refused = len(report.quarantined)
    fine = report.documents - refused
    what = f"{_count(report.documents, 'document')}, {show_size(report.bytes)}: {fine:,} would load"
    what += f", {refused:,} would not" if refused else ""
    lines = [f"{what}."]
    lines += [
        f"${stand_in.key} reads {stand_in.what} here: {shortened(stand_in.first, width)}"
        for stand_in in report.stand_ins
    ]
    return lines


def _overview(report: CheckReport, width: int) -> list[str]:
    rows: list[tuple[str, ...]] = [("table", "rows", "documents", "changed", "dropped", "rows from")]
    for table in report.tables:
        changed = sum(change.values for change in table.changed if change.column)
        dropped = sum(change.values for change in table.changed if not change.column)
        path = table.path if table.load else f"{table.path}  (not loaded)"
        counts = (table.rows, table.documents, changed, dropped)
        rows.append((table.name, *(f"{count:,}" if count else "-" for count in counts), path))
    names = max(width // 4, 12)
    lines = grid(rows, most=[names, 10, 10, 10, 10, width], right=(1, 2, 3, 4))
    return ["TABLES", *(f"  {line}" for line in lines)]


def _quarantined(quarantined: tuple[Quarantined, ...], width: int) -> Iterator[str]:
    if not quarantined:
        return
    yield f"WOULD NOT LOAD: {_count(len(quarantined), 'document')}"
    for each in quarantined:
        place = ":".join(str(part) for part in (each.document, each.line, each.column) if part)
        yield f"  {shortened(place, width)}"
        yield f"    {each.reason}: {shortened(each.detail, width)}"
        if each.source:
            yield f"    | {each.source}"


def _independence(report: CheckReport, width: int) -> Iterator[str]:
    if not report.compared:
        return
    if not report.differences:
        others = f"with all {report.compared} together" if report.documents > 1 else "beside a copy of itself"
        yield f"Each document gives the same rows alone and {others}."
        return
    yield "NOT THE SAME ALONE AND TOGETHER: an error of the contract"
    yield "  What a document gives must not depend on those beside it: look at `where` and `order`."
    for each in report.differences:
        document = shortened(each.document, width)
        yield f"  {document}" + (f", table {each.table}" if each.table else "")
        yield f"    alone:    {each.alone}"
        yield f"    together: {each.together}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
