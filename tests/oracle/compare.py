"""The shredder's tables beside the oracle's readings: every difference as one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.oracle.document import BROKEN
from tests.oracle.oracle import Oracle, Reading, Row
from transforms.shred.result import ROW_FIELDS, Shredded

_BROKEN_REASONS = {"not_well_formed", "truncated", "encoding", "limit", "namespace", "empty"}


def disagreements(
    contract: str,
    documents: Sequence[str | bytes | None],
    shredded: Shredded,
    keys: Mapping[str, Sequence[str | None]] | None = None,
) -> list[str]:
    """What differs between the oracle and `shredded`; empty when they agree on every row, cell, count and refusal."""
    oracle = Oracle(contract)
    readings = [
        oracle.read(document, {name: values[index] for name, values in (keys or {}).items()})
        for index, document in enumerate(documents)
    ]
    found = _refusals(readings, shredded)
    if not found:
        found = _tables(readings, shredded) + _several(readings, shredded)
    return found


def _refusals(readings: list[Reading], shredded: Shredded) -> list[str]:
    refused = {row["document"]: row["reason"] for row in shredded.refused.to_pylist()}
    found = []
    if shredded.refused["document"].to_pylist() != sorted(refused):
        found.append("the refused documents are not in order, or one is there twice")
    for index, reading in enumerate(readings):
        reason = refused.get(index)
        if (BROKEN if reason in _BROKEN_REASONS else reason) != reading.refused:
            found.append(f"document {index}: the oracle says {reading.refused}, the shredder {reason}")
    return found


def _tables(readings: list[Reading], shredded: Shredded) -> list[str]:
    found = []
    names = {name for reading in readings for name in reading.tables}
    if any(reading.tables for reading in readings) and names != set(shredded.extracts):
        found.append(f"tables: the oracle has {sorted(names)}, the shredder {sorted(shredded.extracts)}")
    for name, extract in shredded.extracts.items():
        expected = [(index, row) for index, reading in enumerate(readings) for row in reading.tables.get(name, [])]
        actual = [_row(row) for row in extract.to_pylist()]
        if len(expected) != len(actual):
            found.append(f"{name}: the oracle has {len(expected)} rows, the shredder {len(actual)}")
        found += [
            f"{name}: the oracle says {theirs}, the shredder {ours}"
            for theirs, ours in zip(expected, actual, strict=False)
            if theirs != ours
        ]
    return found


def _row(row: dict[str, object]) -> tuple[object, Row]:
    document, number, parent, position, line = (row.pop(field.name) for field in ROW_FIELDS)
    return document, Row(number, parent, position, line, row)  # type: ignore[arg-type]  # Arrow's values are untyped


def _several(readings: list[Reading], shredded: Shredded) -> list[str]:
    expected: Counter[tuple[str, str]] = Counter()
    for reading in readings:
        expected.update(reading.several)
    actual = Counter({(row["table"], row["column"]): row["cells"] for row in shredded.several.to_pylist()})
    return [] if +expected == +actual else [f"several: the oracle counts {+expected}, the shredder {+actual}"]
