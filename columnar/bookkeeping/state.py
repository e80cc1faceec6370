"""What a job's target knows of it: read at the start of a run, added to while it goes on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from columnar.bookkeeping.ledger import BASELINE, BOOKS, JOB, LEDGER, RANGE, rows
from columnar.bookkeeping.ranges import StoredRange
from columnar.bookkeeping.stored_json import stored_counts
from columnar.errors import ContractChangedError, JobError, SourceChangedError
from columnar.jobs.options import RunOptions
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
    keys: str
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

    def finished(self) -> bool:
        """Whether chunks were cut and every one is published."""
        ranges = self.ranges()
        return bool(ranges) and {each.chunk for each in ranges} <= set(self.published())

    def published(self) -> dict[int, Published]:
        """Every published chunk."""
        columns = [
            "chunk",
            "run",
            "documents",
            "loaded",
            "empty",
            "duplicate",
            "quarantined",
            "keys",
            "rows",
            "receipt",
        ]
        found = self.sink.read(LEDGER.name, columns, self.key.columns())
        return {row["chunk"]: Published(**{**row, "rows": _rows(row)}) for row in found.to_pylist()}


@dataclass(frozen=True, slots=True)
class JobRow:
    """The last row of a job: its generation, what it reads, and the hash of the contract it goes by."""

    generation: int
    source: str
    contract: str


def last_row(sink: Sink, job: str) -> JobRow | None:
    """What the target knows of a job; None where it has not begun."""
    if not sink.has(JOB.name):
        return None
    found = sink.read(JOB.name, ["generation", "source", "contract", "created_at"], {"job": job}).to_pylist()
    if not found:
        return None
    last = max(found, key=lambda row: (row["generation"], row["created_at"]))
    return JobRow(last["generation"], last["source"], last["contract"])


def check_job(sink: Sink, job: str, source: str, plan: ContractPlan, options: RunOptions, *, keyed: bool) -> None:
    """Refuse what would load documents twice or leave some out: a contract or a source that is not the one the job
    began with, unless the options say that this is meant.

    keyed: whether anything but the source key tells duplicates.
    """
    last = last_row(sink, job)
    if last is None or _has_read_nothing(sink, job, last):
        return
    if not options.moved:
        _check_source(last, job, source)
    if options.new_generation and not keyed:
        raise JobError(
            f"a new generation of job {job!r} would load every document a second time: nothing tells duplicates",
            hint="name key columns in the job's duplicates, or load into another target",
        )
    if last.contract != plan.sha256 and not options.new_generation:
        hint = "take the former contract to continue"
        if keyed:
            hint += "; or --new-generation reads everything again with this one, and what is loaded counts as duplicate"
        hint += "; or `quarantine retry --changed-contract` goes on with this one, and leaves what is loaded as it is"
        raise _contract_changed(last, job, plan, hint)


def _has_read_nothing(sink: Sink, job: str, last: JobRow) -> bool:
    """Whether no chunk of the job was ever cut: then it is bound to no source and no contract."""
    return last.generation == 1 and not JobState(sink, JobKey(job, last.generation)).ranges()


def check_retry(last: JobRow, job: str, source: str, plan: ContractPlan, *, changed_contract: bool) -> None:
    """The same for documents in quarantine that are to be tried again. changed_contract: go on with the contract as it
    is now, whatever the job began with."""
    _check_source(last, job, source)
    if last.contract != plan.sha256 and not changed_contract:
        hint = (
            "--changed-contract tries the documents by the contract as it is now, and later runs go on with it;"
            " what is loaded stays as it is"
        )
        raise _contract_changed(last, job, plan, hint)


def _check_source(last: JobRow, job: str, source: str) -> None:
    if last.source != source:
        raise SourceChangedError(
            f"job {job!r} of this target has read {last.source} so far, and would now read {source}",
            hint="if the same documents have moved there, run once with --moved;"
            " if they are others, give the job another name",
        )


def _contract_changed(last: JobRow, job: str, plan: ContractPlan, hint: str) -> ContractChangedError:
    return ContractChangedError(
        f"the contract of job {job!r} has changed since its documents were loaded"
        f" ({last.contract[:12]} then, {plan.sha256[:12]} now)",
        hint=hint,
    )


def open_state(sink: Sink, job: str, source: str, plan: ContractPlan, *, new_generation: bool) -> JobState:
    """The job's state under this contract and source; a row is written where the last one says otherwise. A new
    generation is begun when asked for, but not before the last one is finished: its command continues it."""
    last = last_row(sink, job)
    generation = 1
    if last is not None:
        changed = last.contract != plan.sha256 and not _has_read_nothing(sink, job, last)
        begin = changed or (new_generation and JobState(sink, JobKey(job, last.generation)).finished())
        generation = last.generation + begin
    state = JobState(sink, JobKey(job, generation))
    if last is None or last != JobRow(generation, source, plan.sha256):
        _store_job(state, source, plan)
    return state


def continue_state(sink: Sink, job: str, last: JobRow, plan: ContractPlan) -> JobState:
    """The job's state in the generation it is in, whose chunks to come go by this contract."""
    state = JobState(sink, JobKey(job, last.generation))
    if last.contract != plan.sha256:
        _store_job(state, last.source, plan)
    return state


def _store_job(state: JobState, source: str, plan: ContractPlan) -> None:
    now = datetime.now(UTC)
    row: dict[str, object] = {**state.key.columns(), "source": source, "contract": plan.sha256, "created_at": now}
    row["contract_text"] = plan.text
    state.sink.publish(state.key.publication(f"job-{now:%Y%m%dT%H%M%S%f}"), [Part(JOB.name, rows(JOB, [row]))])


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


def _rows(row: dict[str, Any]) -> dict[str, int]:
    return stored_counts(row["rows"], f"columnar_ledger.rows of chunk {row['chunk']}")


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
