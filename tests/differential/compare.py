"""Two results of one batch side by side: every difference, as a thing that can be counted and shown."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transforms.shred import Shredded

_BLURRED = re.compile(r"the document ends too early: |\(line \d+, column \d+: |[^a-zA-Z_ ]+")
SHOWN = 160  # characters of a value


@dataclass(frozen=True)
class Difference:
    """One thing that two results do not agree in.

    kind: `accepts` (the native shredder takes what the reference refuses), `refuses` (the reverse), `reason`, `rows`,
    `value`, `schema`, `several`, `ways`, `invalid` (arrays that Arrow calls invalid) or `raises`.
    document: its place in the batch; None where it is about the batch.
    """

    kind: str
    document: int | None
    where: str
    reference: Any
    native: Any

    @property
    def sort(self) -> str:
        """What differences of one cause have in common, as far as can be told: kind, reasons, beginnings of details."""
        if self.kind not in ("accepts", "refuses", "reason"):
            return self.kind
        return " | ".join([self.kind, *(_beginning(each) for each in (self.reference, self.native))])

    def __str__(self) -> str:
        place = "the batch" if self.document is None else f"document {self.document}"
        where = f", {self.where}" if self.where else ""
        return f"{place}{where}: {self.kind}: the reference has {_shown(self.reference)}, native {_shown(self.native)}"


def _beginning(answer: Any) -> str:
    return " ".join(_BLURRED.sub("", str(answer)).split()[:5])


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = repr(text) if isinstance(value, str) else text
    return text if len(text) <= SHOWN else f"{text[: SHOWN // 2]} … {text[-SHOWN // 2 :]} ({len(text)} characters)"


def differences(reference: Shredded, native: Shredded, documents: int) -> list[Difference]:
    """What differs, documents first. documents: how many the batch has."""
    found = _invalid(native)
    if found:
        return found  # its values cannot be looked at
    found += _refusals(reference, native) + _ways(native, documents)
    told = {each.document for each in found}
    for name, extract in reference.extracts.items():
        if name in native.extracts and not _same(extract, native.extracts[name]):
            found += [each for each in _rows(name, extract, native.extracts[name]) if each.document not in told]
    if list(reference.extracts) != list(native.extracts):
        found.append(Difference("schema", None, "extracts", list(reference.extracts), list(native.extracts)))
    if not found and not _same(reference.several, native.several):
        found.append(Difference("several", None, "", reference.several.to_pylist(), native.several.to_pylist()))
    return found


def _same(reference: pa.Table, native: pa.Table) -> bool:
    return bool(reference.schema.equals(native.schema, check_metadata=True) and reference.equals(native))


def _invalid(native: Shredded) -> list[Difference]:
    found = []
    for name, extract in native.extracts.items():
        try:
            extract.validate(full=True)
        except pa.ArrowInvalid as error:
            found.append(Difference("invalid", None, name, None, str(error)))
    return found


def _refusals(reference: Shredded, native: Shredded) -> list[Difference]:
    ours, theirs = ({row["document"]: row for row in each.refused.to_pylist()} for each in (reference, native))
    found = []
    for document in sorted(ours.keys() | theirs.keys()):
        one, other = (
            f"{row['reason']} (line {row['line']}, column {row['column']}: {row['detail']})" if row else "accepted"
            for row in (ours.get(document), theirs.get(document))
        )
        if document not in theirs:
            found.append(Difference("accepts", document, "", one, other))
        elif document not in ours:
            found.append(Difference("refuses", document, "", one, other))
        elif ours[document]["reason"] != theirs[document]["reason"]:
            found.append(Difference("reason", document, "", one, other))
    order = native.refused["document"].to_pylist()
    if order != sorted(set(order)):
        found.append(Difference("refuses", None, "order of the refused", sorted(set(order)), order))
    if not reference.refused.schema.equals(native.refused.schema, check_metadata=True):
        found.append(Difference("schema", None, "refused", reference.refused.schema, native.refused.schema))
    return found


def _ways(native: Shredded, documents: int) -> list[Difference]:
    ways = getattr(native, "ways", None)
    if ways is None:
        return []
    total = sum(ways["documents"].to_pylist())
    return [] if total == documents else [Difference("ways", None, "documents", documents, ways.to_pylist())]


def _rows(name: str, reference: pa.Table, native: pa.Table) -> list[Difference]:
    if not reference.schema.equals(native.schema, check_metadata=True):
        return [Difference("schema", None, name, str(reference.schema), str(native.schema))]
    ours, theirs = (Counter(each["_document"].to_pylist()) for each in (reference, native))
    found = [
        Difference("rows", document, name, ours[document], theirs[document])
        for document in sorted(ours.keys() | theirs.keys())
        if ours[document] != theirs[document]
    ]
    if found:
        return found
    for at, column in enumerate(reference.schema.names):
        one, other = reference.column(at), native.column(at)
        if not one.equals(other):
            found += _cells(f"{name}.{column}", reference, one.to_pylist(), other.to_pylist())
    return found


def _cells(where: str, rows: pa.Table, ours: list[Any], theirs: list[Any]) -> list[Difference]:
    """The first cell of each document that differs in one column."""
    numbers = rows["_document"].to_pylist()
    found: dict[int, Difference] = {}
    for document, row, one, other in zip(numbers, rows["_row"].to_pylist(), ours, theirs, strict=True):
        if one != other and document not in found:
            found[document] = Difference("value", document, f"{where} in row {row}", one, other)
    return list(found.values())
