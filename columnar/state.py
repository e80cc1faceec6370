"""What a job's target knows of it: read at the start of a run, added to while it goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from columnar.errors import ContractChangedError
from columnar.ledger import BASELINE, BOOKS, JOB, LEDGER, RANGE, rows
from columnar.ranges import StoredRange
from loaders.errors import AlreadyPublishedError
from loaders.sink import Part, Sink, TableSpec
from loaders.source import Key, KeyRange
from transforms.contract.plan import ContractPlan


@dataclass(frozen=True, slots=True)
class JobKey:
    """A job and its generation: what the bookkeeping rows are found by."""

    job: str
    generation: int

    def columns(self) -> dict[str, str | int]:
        """As key columns of the bookkeeping tables."""
        return {"job": self.job, "generation": self.generation}

    def publication(self, what: str) -> str:
        """The name of a publication, unique in the target."""
        return f"{self.job}-g{self.generation}-{what}"


@dataclass(frozen=True, slots=True)
class Published:
    """One ledger row."""

    chunk: int
    run: str
    documents: int
    loaded: int
    empty: int
    duplicate: int
    quarantined: int
    rows: dict[str, int]
    receipt: str


class JobState:
    """One job's rows in the bookkeeping tables of its target."""

    def __init__(self, sink: Sink, key: JobKey) -> None:
        self.sink = sink
        self.key = key

    def ranges(self) -> list[StoredRange]:
        """Every chunk that was cut, by number."""
        columns = ["chunk", "low", "high", "low_inclusive", "high_inclusive", "null_keys", "rows_when_cut"]
        found = self.sink.read(RANGE.name, columns, self.key.columns()).sort_by("chunk")
        return [_stored(row) for row in found.to_pylist()]

    def store_ranges(self, ranges: Sequence[StoredRange]) -> None:
        """Add chunks; once stored, a range is never cut otherwise."""
        if not ranges:
            return
        values = [
            {
                **self.key.columns(),
                "chunk": each.chunk,
                "low": _text(each.range.low),
                "high": _text(each.range.high),
                "low_inclusive": each.range.low_inclusive,
                "high_inclusive": each.range.high_inclusive,
                "null_keys": each.range.null_keys,
                "rows_when_cut": each.rows_when_cut,
            }
            for each in ranges
        ]
        self.sink.publish(self.key.publication(f"r{ranges[0].chunk:09d}"), [Part(RANGE.name, rows(RANGE, values))])

    def published(self) -> dict[int, Published]:
        """Every published chunk."""
        columns = ["chunk", "run", "documents", "loaded", "empty", "duplicate", "quarantined", "rows", "receipt"]
        found = self.sink.read(LEDGER.name, columns, self.key.columns())
        return {row["chunk"]: Published(**{**row, "rows": json.loads(row["rows"])}) for row in found.to_pylist()}


def current_generation(sink: Sink, job: str) -> tuple[int, str]:
    """The job's last generation and its contract's hash; 0 and nothing where the job has not begun."""
    if not sink.has(JOB.name):
        return 0, ""
    found = sink.read(JOB.name, ["generation", "contract"], {"job": job}).sort_by("generation").to_pylist()
    return (found[-1]["generation"], found[-1]["contract"]) if found else (0, "")


def check_contract(sink: Sink, job: str, name: str, plan: ContractPlan, *, new_generation: bool) -> None:
    """ContractChangedError where the contract is not the one the current generation began with, unless a new generation
    is asked for."""
    generation, contract = current_generation(sink, job)
    if generation and contract != plan.sha256 and not new_generation:
        raise ContractChangedError(
            f"the contract of job {name!r} has changed since its documents were loaded"
            f" ({contract[:12]} then, {plan.sha256[:12]} now)",
            hint="take the former contract to continue, or --new-generation to read the whole source again with this one",
        )


def open_state(sink: Sink, job: str, name: str, source: str, plan: ContractPlan) -> JobState:
    """The job's state under this contract; the first row of a generation is written where there is none."""
    generation, contract = current_generation(sink, job)
    if generation and contract == plan.sha256:
        return JobState(sink, JobKey(job, generation))
    state = JobState(sink, JobKey(job, generation + 1))
    row: dict[str, object] = {**state.key.columns(), "name": name, "source": source, "contract": plan.sha256}
    row |= {"created_at": datetime.now(UTC), "contract_text": plan.text}
    sink.publish(state.key.publication("job"), [Part(JOB.name, rows(JOB, [row]))])
    return state


def prepare_target(sink: Sink, tables: Sequence[TableSpec], *, create: bool) -> None:
    """Check or make the target's tables and the bookkeeping ones, and note how many rows each held at first."""
    sink.prepare(tables, create=create)
    sink.prepare(BOOKS, create=True)
    known = set(sink.read(BASELINE.name, ["table"], {})["table"].to_pylist())
    for spec in tables:
        if spec.name not in known:
            row = rows(BASELINE, [{"table": spec.name, "rows": sink.count(spec.name)}])
            try:
                sink.publish(f"baseline-{spec.name}", [Part(BASELINE.name, row)])
            except AlreadyPublishedError:  # by another job that began at the same time
                continue


def _text(key: Key | None) -> str | None:
    return None if key is None else json.dumps(list(key), ensure_ascii=False)


def _key(text: str | None) -> Key | None:
    return None if text is None else tuple(json.loads(text))


def _stored(row: dict[str, object]) -> StoredRange:
    low, high = row["low"], row["high"]
    within = KeyRange(
        _key(low if isinstance(low, str) else None),
        _key(high if isinstance(high, str) else None),
        low_inclusive=bool(row["low_inclusive"]),
        high_inclusive=bool(row["high_inclusive"]),
        null_keys=bool(row["null_keys"]),
    )
    return StoredRange(int(str(row["chunk"])), within, int(str(row["rows_when_cut"])))
