"""What `columnar explain` found, as text."""

from __future__ import annotations

from columnar.checking.check_source import shortened
from columnar.cli.columns import aligned
from columnar.explaining.explained import ExplainedRow, ExplainedValue

_SHOWN = 100  # characters of a text
_CONTENT = {
    "audit": "the source has another document now: this is the one of the raw audit files",
    "changed": "the document that was loaded is not to be had any more: this is what the source has now",
    "gone": "the source does not have the document any more, nor do audit files",
}


def explain_text(found: ExplainedRow) -> str:
    """The document, then each value with where it comes from."""
    key = ", ".join(f"{name} = {value}" for name, value in found.key.items())
    lines = [f"{found.table}, {key}", ""]
    rows = [("document", found.source_key, f"place {found.document} of chunk {found.chunk}"), ("run", found.run, "")]
    rows.append(("contract", found.contract[:12], "another one than now" if found.contract_changed else ""))
    if found.path:
        rows.append(("row", found.path, f"line {found.line}"))
    lines += [*aligned(rows), ""]
    for note in (*([_CONTENT[found.content]] if found.content in _CONTENT else []), *found.notes):
        lines += [f"  note: {note}", ""]
    for value in found.values:
        lines += [*_value(value), ""]
    return "\n".join(lines).rstrip()


def _value(value: ExplainedValue) -> list[str]:
    lines = [f"{value.column} = {_held(value)}"]
    about = {
        "sql": f"made by SQL: {' '.join(value.source.split())}",
        "constant": f"a constant of the contract: {value.source}",
        "key": f"the source's key: {value.source}",
        "position": "the row's place",
        "database": "made by the database",
        "unknown": "nobody knows from where",
    }.get(value.origin)
    if about is not None:
        lines.append(f"  {about}")
    else:
        lines.append(f"  from {value.source}" + ("" if value.nodes else ", which found nothing"))
    rows = [(node.path, f"line {node.line}", _text(node.text)) for node in value.nodes]
    lines += aligned(rows, indent=4)
    changes = [(each.rule, f"{_or_none(each.before)} -> {_or_none(each.after)}") for each in value.changes]
    lines += aligned(changes, indent=4)
    if value.becomes is not None:
        lines.append(f"    the document gives {_text(value.becomes) or 'NULL'}")
    return lines


def _held(value: ExplainedValue) -> str:
    """As the target holds it."""
    return "NULL" if value.value is None else _text(value.text)


def _or_none(text: str | None) -> str:
    return "nothing" if text is None else _text(text)


def _text(text: str) -> str:
    return repr(shortened(text, _SHOWN))
