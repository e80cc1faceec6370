"""The proof of conservation: what the source holds is what the target's books account for, counted from the target."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import polars as pl

from columnar.bookkeeping.ledger import BASELINE, DOCUMENT, LEDGER, OUTCOMES, REPLACED
from columnar.bookkeeping.ranges import StoredRange, gaps
from columnar.bookkeeping.retried import accounted, exchanges_of, retries, retry_problems
from columnar.bookkeeping.state import JobState, Published
from columnar.bookkeeping.stored_json import stored_counts, stored_rows
from loaders.sink import Sink
from loaders.source import EVERYTHING, NULL_KEYS, Source


@dataclass(frozen=True, slots=True)
class TableProof:
    """One table: rows before the first job, rows that all jobs' ledgers account for, rows it holds."""

    table: str
    before: int
    accounted: int
    found: int


@dataclass(frozen=True, slots=True)
class Drift:
    """A range of which the source holds other documents now than when it was read: more, fewer, or under other keys."""

    chunk: int
    read: int
    now: int


@dataclass
class Proof:
    """documents: in published chunks; one that was tried again counts once, as what it is now. replaced: those of the
    duplicates that were loaded, until a later document took their place. source: what the source
    counts now, NULL keys included. pending: documents in ranges that are stored and not published. uncovered: documents
    that no range covers yet. problems: what does not add up; empty where everything does."""

    documents: int = 0
    loaded: int = 0
    empty: int = 0
    duplicate: int = 0
    quarantined: int = 0
    replaced: int = 0
    source: int = 0
    pending: int = 0
    uncovered: int = 0
    tables: list[TableProof] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything adds up."""
        return not self.problems

    @property
    def of_the_target(self) -> bool:
        """Whether what does not add up is the target's."""
        return any(not problem.startswith("source: ") for problem in self.problems)

    def as_json(self) -> str:
        """One line, as columnar_run keeps it."""
        return json.dumps(asdict(self), separators=(",", ":"))


def prove(source: Source, sink: Sink, state: JobState, stored: Sequence[StoredRange], tables: Sequence[str]) -> Proof:
    """Count everything again: the source by range, the document table by chunk, the ledger, and each target table."""
    proof = Proof()
    published = state.published()
    for each in published.values():
        for name in ("documents", *OUTCOMES):
            setattr(proof, name, getattr(proof, name) + getattr(each, name))
        if each.loaded + each.empty + each.duplicate + each.quarantined != each.documents:
            proof.problems.append(
                f"chunk {each.chunk}: the ledger's outcomes do not add up to its {each.documents} documents"
            )
    for retry in retries(published.values()):
        for exchange in exchanges_of(retry).values():
            proof.documents -= exchange.former
            for name in OUTCOMES:
                setattr(proof, name, getattr(proof, name) - exchange.of(name))
    replaced = _read_replaced(sink, state, tables)
    proof.replaced = replaced.documents
    proof.loaded -= replaced.documents
    proof.duplicate += replaced.documents
    _check_documents(sink, state, published, tables, proof)
    proof.problems += retry_problems(sink, state.key, published.values())
    _check_tables(sink, tables, proof, replaced.rows)
    _check_source(source, stored, published, proof)
    return proof


def _check_documents(
    sink: Sink, state: JobState, published: dict[int, Published], tables: Sequence[str], proof: Proof
) -> None:
    """The document table against the ledger, chunk by chunk: outcomes, and rows per table."""
    outcomes = pl.DataFrame(schema={"chunk": pl.Int64, "outcome": pl.String, "documents": pl.UInt32})
    sums = pl.DataFrame(schema={"chunk": pl.Int64, **dict.fromkeys(tables, pl.Int64)})
    for batch in sink.stream(DOCUMENT.name, ["chunk", "outcome", "rows"], state.key.columns()):
        frame = pl.DataFrame(batch).with_columns(pl.col("outcome").cast(pl.String))
        counted = frame.group_by("chunk", "outcome").agg(documents=pl.len().cast(pl.UInt32))
        outcomes = pl.concat([outcomes, counted]).group_by("chunk", "outcome").agg(pl.col("documents").sum())
        rows = pl.DataFrame(stored_rows(batch["rows"], tables)).with_columns(chunk=frame["chunk"])
        sums = pl.concat([sums, rows.select(sums.columns)]).group_by("chunk").agg(pl.all().sum())
    found = {
        (chunk, outcome): count for chunk, outcome, count in outcomes.select("chunk", "outcome", "documents").rows()
    }
    rows_by_chunk = {row["chunk"]: row for row in sums.to_dicts()}
    for chunk in sorted({chunk for chunk, _ in found} - set(published)):
        proof.problems.append(f"chunk {chunk}: the document table has documents of it, the ledger does not have it")
    for each in published.values():
        for outcome in OUTCOMES:
            said, counted_now = getattr(each, outcome), found.get((each.chunk, outcome), 0)
            if said != counted_now:
                proof.problems.append(
                    f"chunk {each.chunk}: the ledger says {said} {outcome}, the document table has {counted_now}"
                )
        for table in tables:
            said, counted_now = each.rows.get(table, 0), rows_by_chunk.get(each.chunk, {}).get(table, 0)
            if said != counted_now:
                proof.problems.append(
                    f"chunk {each.chunk}: the ledger says {said} rows of {table},"
                    f" the document table adds up to {counted_now}"
                )


@dataclass
class _Replaced:
    """documents: of this generation that lost their place. rows: that are gone, by table, whichever job loaded them."""

    documents: int = 0
    rows: dict[str, int] = field(default_factory=dict)


def _read_replaced(sink: Sink, state: JobState, tables: Sequence[str]) -> _Replaced:
    found = _Replaced()
    if not sink.has(REPLACED.name):
        return found
    for batch in sink.stream(REPLACED.name, ["job", "of_generation", "rows"], {}):
        frame = pl.DataFrame(batch)
        ours = (pl.col("job") == state.key.job) & (pl.col("of_generation") == state.key.generation)
        found.documents += int(frame.select(ours.sum()).item() or 0)
        for table, counts in pl.DataFrame(stored_rows(batch["rows"], tables)).to_dict().items():
            found.rows[table] = found.rows.get(table, 0) + int(counts.sum())
    return found


def _check_tables(sink: Sink, tables: Sequence[str], proof: Proof, replaced: Mapping[str, int]) -> None:
    """Each target table against the ledgers of all jobs that load it. replaced: rows that made room for others."""
    before = {row["table"]: row["rows"] for row in sink.read(BASELINE.name, ["table", "rows"], {}).to_pylist()}
    accounted = dict.fromkeys(tables, 0)
    for batch in sink.stream(LEDGER.name, ["rows"], {}):
        for text in batch["rows"].to_pylist():
            for table, count in stored_counts(text, "columnar_ledger.rows").items():
                if table in accounted:
                    accounted[table] += count
    for table in tables:
        accounted[table] -= replaced.get(table, 0)
        row = TableProof(table, before.get(table, 0), accounted[table], sink.count(table))
        proof.tables.append(row)
        if row.found != row.before + row.accounted:
            proof.problems.append(
                f"table {table}: {row.found:,} rows are there, {row.before + row.accounted:,} are accounted for"
                f" ({row.before:,} before, {row.accounted:,} loaded)"
            )


def _check_source(source: Source, stored: Sequence[StoredRange], published: dict[int, Published], proof: Proof) -> None:
    """The source's own count of every range; what changed since a range was read is drift, not a broken proof."""
    measured = source.measure([each.range for each in stored])
    books = accounted(published.values())
    for each, now in zip(stored, measured, strict=True):
        done = books.get(each.chunk)
        if done is None:
            proof.pending += now.rows
        elif (now.rows, now.digest) != (done.documents, done.keys):
            proof.drift.append(Drift(each.chunk, done.documents, now.rows))
    proof.source = sum(source.count([EVERYTHING, NULL_KEYS]))
    proof.uncovered = proof.source - sum(now.rows for now in measured)
    if proof.uncovered:
        _check_order(source, stored, proof)


def _check_order(source: Source, stored: Sequence[StoredRange], proof: Proof) -> None:
    """Whether the ranges and what lies between them make up the source. Where they do not, keys are compared otherwise
    than they are ordered, and some would never be read, or twice. A source that changes while it is counted can look
    like that once, so what stays the same is told; what does not is drift."""
    everything, parts = found = _counted_by_parts(source, stored)
    if everything != parts and _counted_by_parts(source, stored) == found:
        proof.problems.append(
            f"source: it holds {everything:,} documents, but {parts:,} by the ranges of its keys: it compares keys"
            " otherwise than it orders them, so some are left out or read twice; use another key"
        )


def _counted_by_parts(source: Source, stored: Sequence[StoredRange]) -> tuple[int, int]:
    """The documents of the source without regard to keys, and those of the ranges and of what lies between them."""
    between = gaps(EVERYTHING, stored, source.rank)
    if not any(each.range.null_keys for each in stored):
        between.append(NULL_KEYS)
    counts = source.count([EVERYTHING, NULL_KEYS, *(each.range for each in stored), *between])
    return sum(counts[:2]), sum(counts[2:])
