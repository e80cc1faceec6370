"""Documents in quarantine as HTML."""

from __future__ import annotations

from columnar.counted import counted
from columnar.looking.excerpt import Excerpt
from columnar.looking.quarantine import QuarantinedDocument, QuarantineList, ShownDocument
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import Markup, badge, beside, element, joined, report, section, table

# Rows of an output; a longer list is for a data frame.
_MOST = 100
_DETAIL = 200
_NOW = {
    "same": "the same document",
    "changed": "another document under this key",
    "gone": "no document under this key",
    "null": "NULL under this key",
    "too_large": "too large to be shown",
    "unknown": "the source cannot be read",
}


def list_html(found: QuarantineList) -> str:
    """What `columnar quarantine list` prints."""
    kind = "warning" if found.total else "good"
    title = joined([f"job {found.name} ", badge(f"{counted(found.total, 'document')} in quarantine", kind)])
    reasons = [(reason, number(count)) for reason, count in found.by_reason.items()]
    rows = [(_key(each), each.reason, _place(each), _short(each.detail)) for each in found.documents[:_MOST]]
    heads = ("source key", "reason", "place", "detail")
    return report(
        title,
        beside(
            section("reasons", table(reasons, numbers={1})),
            section("documents", table(rows, heads=heads), rest(found.total, len(rows))),
        ),
    )


def shown_html(shown: ShownDocument) -> str:
    """What `columnar quarantine show` prints."""
    record = shown.record
    rows = [
        ("place", _place(record) or "not known"),
        ("detail", record.detail),
        ("size", "NULL" if record.bytes is None else counted(record.bytes, "byte")),
        ("chunk", f"{record.range_chunk}, document {record.range_document}"),
        ("run", record.run),
        ("in the source now", _NOW.get(shown.now, shown.now)),
    ]
    return report(
        joined([f"document {_key(record)} ", badge(record.reason, "warning")]),
        table(rows),
        _excerpt(shown.excerpt) if shown.excerpt is not None else Markup(),
        section("next", element("p", shown.advice)),
    )


def _excerpt(found: Excerpt) -> Markup:
    """Numbered lines with a marker under the place."""
    width = len(str(found.first + len(found.lines) - 1))
    told = []
    for at, line in enumerate(found.lines, found.first):
        marked = at == found.marked
        told.append(f"{'>' if marked else ' '} {at:>{width}} | {line}".rstrip())
        if marked and found.marker is not None:
            told.append(f"  {'':>{width}} | {' ' * found.marker}^")
    return element("div", element("pre", "\n".join(told)), kind="scroll")


def _key(record: QuarantinedDocument) -> str:
    return "(NULL)" if record.source_key is None else record.source_key


def _place(record: QuarantinedDocument) -> str:
    return ":".join(str(part) for part in (record.line, record.column) if part)


def _short(detail: str) -> str:
    return detail if len(detail) <= _DETAIL else detail[: _DETAIL - 1] + "…"
