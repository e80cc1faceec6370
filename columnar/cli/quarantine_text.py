"""Quarantine as text."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.cli.columns import aligned, block, number
from columnar.counted import counted, plural
from columnar.looking.excerpt import Excerpt
from columnar.looking.quarantine import QuarantinedDocument, QuarantineList, ShownDocument
from columnar.printable import printable

_DETAIL = 80

_NOW = {
    "changed": "the document has changed since it was read",
    "gone": "the source no longer has a document under this key",
    "null": "the document is NULL",
    "sealed": "the document cannot be taken out of its archive",
    "too_large": "the document is too large to be shown",
    "unknown": "the source cannot be read now",
}


def list_text(found: QuarantineList, next_commands: Sequence[str]) -> str:
    """What `columnar quarantine list` prints."""
    if not found.total:
        return f"job {found.name}: no document is in quarantine"
    reasons = [(reason, number(count)) for reason, count in found.by_reason.items()]
    rows = [("source key", "reason", "place", "detail")]
    rows += [(_key(each), each.reason, _position(each), _short(each.detail)) for each in found.documents]
    lines = [f"job {found.name}: {counted(found.total, 'document')} in quarantine", ""]
    lines += block("reasons", aligned(reasons, right={1}))
    lines += block("documents", aligned(rows))
    rest = found.total - len(found.documents)
    if rest > 0:
        lines += [
            f"and {number(rest)} more: --limit shows {plural(rest, 'it', 'them')}, --json all that is known of each",
            "",
        ]
    return "\n".join([*lines, *block("next", [f"  {each}" for each in next_commands])]).rstrip()


def shown_text(shown: ShownDocument) -> str:
    """What `columnar quarantine show` prints."""
    record = shown.record
    rows = [
        ("reason", record.reason),
        ("place", _position(record) or "not known"),
        ("detail", printable(record.detail).replace("\n", " ")),
        ("size", "NULL" if record.bytes is None else counted(record.bytes, "byte")),
        ("chunk", _chunk(record)),
        ("run", record.run),
    ]
    lines = [f"document {_key(record)}", *aligned(rows), ""]
    lines += [_NOW[shown.now], ""] if shown.now in _NOW else []
    lines += excerpt_lines(shown.excerpt) if shown.excerpt is not None else []
    return "\n".join([*lines, *block("next", [f"  {shown.advice}"])]).rstrip()


def excerpt_lines(found: Excerpt) -> list[str]:
    """Numbered lines with a marker under the place; an empty line behind them."""
    width = len(str(found.first + len(found.lines) - 1))
    lines = []
    for at, text in enumerate(found.lines, found.first):
        marked = at == found.marked
        lines.append(f"{'>' if marked else ' '} {at:>{width}} | {text}".rstrip())
        if marked and found.marker is not None:
            lines.append(f"  {'':>{width}} | {' ' * found.marker}^")
    return [*lines, ""]


def _key(record: QuarantinedDocument) -> str:
    return "(NULL)" if record.source_key is None else printable(record.source_key).replace("\n", "\\n")


def _chunk(record: QuarantinedDocument) -> str:
    place = f"{record.range_chunk}, document {record.range_document}"
    return place if record.chunk > 0 else f"{place}; tried again in chunk {record.chunk}"


def _position(record: QuarantinedDocument) -> str:
    if not record.line:
        return ""
    return f"{record.line}:{record.column}" if record.column else f"{record.line}"


def _short(detail: str) -> str:
    text = " ".join(detail.split())
    return text if len(text) <= _DETAIL else text[: _DETAIL - 1] + "…"
