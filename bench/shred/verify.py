"""Before anything is timed: the native shredder's result is the reference's, on the very documents.

The same is asked of lxml XPath for some of them: the peer that targets are measured by must do the same work.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from bench.shred.cases import Case
from bench.shred.contestants import SkippedError, native_shredder
from bench.shred.xpath import XPathShredder
from transforms.contract.extracts import ReadColumn, extracts_of
from transforms.path.model import TerminalKind, ValuePath
from transforms.shred import LxmlShredder, Shredded

PEER_STEP = 16  # lxml XPath is compared on every so manieth document


class DifferentError(Exception):
    """A shredder returned something else than the reference."""


@dataclass(frozen=True)
class Verified:
    """case: the documents that are not refused. refused: how many are. native: '' or why it was not compared. ways: how
    many documents took which way, where the shredder tells."""

    case: Case
    refused: int
    native: str
    ways: tuple[tuple[str, int], ...] = ()


def verify(case: Case) -> Verified:
    """Shred the documents with each. DifferentError where the results are not the same."""
    reference = LxmlShredder(case.plan).shred(case.documents, case.keys)
    refused = set(reference.refused["document"].to_pylist())
    taken = pa.array([number for number in range(len(case.documents)) if number not in refused], pa.int64())
    good = case.of(case.documents.take(taken))
    _compare_peer(good.every(PEER_STEP))
    try:
        natives = [native_shredder(case.plan, threads=threads) for threads in (1, 2)]
    except SkippedError as error:
        return Verified(good, len(refused), str(error))
    for shredder in natives:
        found = shredder.shred(case.documents, case.keys)
        _compare(f"native, {case.name}", found, reference)
    return Verified(good, len(refused), "", _ways(found))


def _compare(case: str, native: Shredded, reference: Shredded) -> None:
    if list(native.extracts) != list(reference.extracts):
        raise DifferentError(f"{case}: extracts {list(native.extracts)}, not {list(reference.extracts)}")
    for name, wanted in reference.extracts.items():
        _compare_tables(f"{case}, extract {name}", native.extracts[name], wanted)
    _compare_tables(f"{case}, several", native.several, reference.several)
    codes = ["document", "reason"]
    _compare_tables(f"{case}, refused", native.refused.select(codes), reference.refused.select(codes))


def _compare_peer(case: Case) -> None:
    """lxml XPath counts positions in the whole document, the reference below the parent's row: not compared."""
    reference = LxmlShredder(case.plan).shred(case.documents, case.keys)
    peer = XPathShredder(case.plan).shred(case.texts())
    for extract in extracts_of(case.plan):
        names = [column.name for column in extract.columns if not _is_position(column)]
        wanted = reference.extracts[extract.name].select(names)
        _compare_tables(f"lxml XPath, {case.name}, extract {extract.name}", peer[extract.name].select(names), wanted)


def _is_position(column: ReadColumn) -> bool:
    return isinstance(column.path, ValuePath) and column.path.terminal.kind is TerminalKind.POSITION


def _compare_tables(what: str, found: pa.Table, wanted: pa.Table) -> None:
    if found.schema != wanted.schema:
        raise DifferentError(f"{what}: the schema is\n{found.schema}\nand the reference's\n{wanted.schema}")
    if found.num_rows != wanted.num_rows:
        raise DifferentError(f"{what}: {found.num_rows:,} rows, and the reference has {wanted.num_rows:,}")
    for name in wanted.column_names:
        if not found[name].equals(wanted[name]):
            ours, theirs = found[name].to_pylist(), wanted[name].to_pylist()
            row = next(at for at, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other)
            raise DifferentError(f"{what}.{name}, row {row}: {ours[row]!r}, and the reference has {theirs[row]!r}")


def _ways(found: Shredded) -> tuple[tuple[str, int], ...]:
    ways: pa.Table | None = getattr(found, "ways", None)
    if ways is None:
        return ()
    return tuple(
        (f"{row['way']} ({row['why']})" if row["why"] else row["way"], row["documents"]) for row in ways.to_pylist()
    )
