"""The program's tables beside those of the second program: every difference as one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tests.differential.shredders import make
from tests.oracle.language import Language
from transforms.contract import read_contract
from transforms.convert.result import Converted
from transforms.rows.check import check_selection
from transforms.tables import tables_of

_BROKEN = {"not_well_formed", "truncated", "encoding", "limit", "namespace", "empty"}
Documents = Sequence[str | None]
Keys = Mapping[str, Sequence[str | None]]


def run_program(contract: str, documents: Documents, keys: Keys | None = None) -> tuple[Converted, dict[int, str]]:
    """The program's tables, and why it refused documents."""
    plan = read_contract(contract, name="contract.yaml")
    check_selection(plan)
    given = {name: pa.array(values, pa.string()) for name, values in (keys or {}).items()}
    shredded = make(plan).shred(pa.array(documents, pa.string()), given)
    made = tables_of(plan, shredded.extracts)
    refused = {row["document"]: row["reason"] for row in shredded.refused.to_pylist() + made.rejected.to_pylist()}
    assert len(refused) == len(shredded.refused) + len(made.rejected), "a document is refused twice"
    return made, {document: "broken" if reason in _BROKEN else reason for document, reason in refused.items()}


def differences(contract: str, documents: Documents, keys: Keys | None = None) -> list[str]:
    """What differs in rows, cells, counts and refusals; empty where both programs agree."""
    made, refused = run_program(contract, documents, keys)
    expected = Language(contract).read(documents, keys)
    found = [
        f"document {at}: expected {sorted(expected.refused.get(at, []))}, the program says {refused.get(at)}"
        for at in range(len(documents))
        if refused.get(at) not in expected.refused.get(at, {None})
    ]
    if found:
        details = [f"{row['document']}: {row['detail']}" for row in made.rejected.to_pylist()]
        return [*found, *details]
    if set(made.tables) != set(expected.tables):
        found.append(f"tables: expected {sorted(expected.tables)}, the program has {sorted(made.tables)}")
    for name, table in made.tables.items():
        found += _rows(name, [_plain(row) for row in expected.tables[name]], [_plain(row) for row in table.to_pylist()])
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in made.changes.to_pylist():
        counted[row["table"], row["column"], row["rule"]] += row["values"]
    for key in sorted(counted.keys() | expected.changes.keys()):
        if counted[key] != expected.changes[key]:
            found.append(f"count {key}: expected {expected.changes[key]}, the program has {counted[key]}")
    return found


def _rows(name: str, expected: list[dict[str, Any]], actual: list[dict[str, Any]]) -> list[str]:
    if len(expected) != len(actual):
        only = [row for row in expected if row not in actual], [row for row in actual if row not in expected]
        return [
            f"{name}: expected {len(expected)} rows, the program has {len(actual)}; only expected, only had: {only}"
        ]
    found = []
    for theirs, ours in zip(expected, actual, strict=True):
        if theirs != ours:
            differ = {
                key: (theirs.get(key), ours.get(key)) for key in theirs | ours if theirs.get(key) != ours.get(key)
            }
            where = f"document {theirs['_document']} row {theirs['_row']}"
            found.append(f"{name}, {where}: {{column: (expected, the program's)}} {differ}")
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose values compare: NaN is one value."""
    return {name: "NaN" if isinstance(value, float) and value != value else value for name, value in row.items()}
