"""A job's bookkeeping as its target holds it, read in one go by the commands that change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from columnar.bookkeeping.ledger import BEGUN, LEDGER, RUN
from columnar.bookkeeping.ranges import StoredRange
from columnar.bookkeeping.receipt import Receipt, from_json
from columnar.bookkeeping.retried import Accounted, accounted, retries
from columnar.bookkeeping.state import JobKey, JobState, Published, last_row
from columnar.bookkeeping.stored_json import stored_object
from loaders.sink import Sink


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that came to its end. proof: as columnar_run holds it."""

    id: str
    started_at: datetime
    finished_at: datetime
    status: str  # complete, quarantine, integrity
    proof: dict[str, Any]  # JSON


@dataclass(frozen=True)
class Books:
    """What the target knows of a job. generation: 0 where the job never ran. source: what it has read so far. contract:
    the hash it runs with.

    ranges, published, retries, runs: of this generation only; published: ranges, retries: documents in quarantine that
    were tried again, oldest first; runs in the order they finished. interrupted: the run that published last, where it
    did not come to its end.
    """

    job: str
    generation: int = 0
    source: str = ""
    contract: str = ""
    ranges: tuple[StoredRange, ...] = ()
    published: tuple[Published, ...] = ()
    retries: tuple[Published, ...] = ()
    runs: tuple[FinishedRun, ...] = ()
    interrupted: str | None = None

    @property
    def key(self) -> JobKey:
        """What the rows are found by."""
        return JobKey(self.job, self.generation)

    @property
    def pending(self) -> list[StoredRange]:
        """Chunks that are cut and not published."""
        done = {each.chunk for each in self.published}
        return [each for each in self.ranges if each.chunk not in done]

    def receipt(self) -> Receipt:
        """The sum of all published chunks' receipts; a document that was tried again counts as what it is now."""
        total = Receipt()
        for each in (*sorted(self.published, key=lambda one: one.chunk), *self.retries):
            total.add(from_json(each.receipt))
        return total.settled()

    def accounted(self) -> dict[int, Accounted]:
        """What the books hold of each published range."""
        return accounted((*self.published, *self.retries))


def read_books(sink: Sink, job: str) -> Books:
    """The books of a job, empty where the target has none; its current generation is the last one."""
    if not all(sink.has(spec.name) for spec in BEGUN):
        return Books(job)
    last = last_row(sink, job)
    if last is None:
        return Books(job)
    state = JobState(sink, JobKey(job, last.generation))
    published = sorted(state.published().values(), key=lambda each: each.chunk)
    runs = _runs(sink, state.key)
    return Books(
        job=job,
        generation=last.generation,
        source=last.source,
        contract=last.contract,
        ranges=tuple(state.ranges()),
        published=tuple(each for each in published if each.chunk > 0),
        retries=tuple(retries(published)),
        runs=runs,
        interrupted=_interrupted(sink, state.key, runs),
    )


def _interrupted(sink: Sink, key: JobKey, runs: tuple[FinishedRun, ...]) -> str | None:
    """Runs that published and finished nothing are told only while nothing was published or finished after them."""
    rows = sink.read(LEDGER.name, ["run", "published_at"], key.columns()).to_pylist()
    last = max(rows, key=lambda row: row["published_at"], default=None)
    if last is None or last["run"] in {run.id for run in runs}:
        return None
    return str(last["run"]) if not runs or runs[-1].finished_at < last["published_at"] else None


def _runs(sink: Sink, key: JobKey) -> tuple[FinishedRun, ...]:
    rows = sink.read(RUN.name, ["run", "started_at", "finished_at", "status", "proof"], key.columns()).to_pylist()
    runs = [
        FinishedRun(
            row["run"],
            row["started_at"],
            row["finished_at"],
            row["status"],
            stored_object(row["proof"], f"columnar_run.proof of run {row['run']}"),
        )
        for row in rows
    ]
    return tuple(sorted(runs, key=lambda run: (run.finished_at, run.id)))
