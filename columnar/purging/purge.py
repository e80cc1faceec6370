"""Purging: rows out of the target, children first, and their documents into quarantine, where the next run finds them.

Books first: one transaction holds the ledger row of the purge (a chunk below zero, rows below zero), the new rows of
its documents and, where the target can, the deletions. Where it cannot, the deletions follow; a purge is over once its
run is in columnar_run, and whoever finds one that is not completes it before anything else.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pyarrow as pa

from columnar.bookkeeping.books import read_books
from columnar.bookkeeping.ledger import DOCUMENT, LEDGER, OUTCOMES, RUN, rows
from columnar.bookkeeping.prove import Proof
from columnar.bookkeeping.receipt import Receipt
from columnar.bookkeeping.retried import PURGED, Exchange, exchanges_text, is_purge
from columnar.bookkeeping.state import JobKey, JobState, check_retry, last_row, prepare_target
from columnar.bookkeeping.stored_json import stored_counts
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.json_value import json_object
from columnar.looking.look import look_at_session, look_at_target
from columnar.purging.options import PurgeOptions
from columnar.purging.removals import check_rows, removals_of
from columnar.purging.selected import Selected, select_documents
from columnar.running.finish import finish_run
from columnar.running.run import Session, open_session, run_id
from loaders.sink import Part, Removal

# Why documents that were asked for stay, in words.
KEPT = {
    "quarantined": "in quarantine already: they have no rows",
    "replaced": "another document has their place",
    "null_key": "no key leads to them, so they could not be read again",
}


@dataclass(frozen=True)
class PurgePlan:
    """What a purge would do, or did. documents: by outcome. rows: that go, by table. kept: documents that were asked
    for and stay, by why: `quarantined` (they have no rows), `replaced`, `null_key`. left_behind: duplicates elsewhere
    whose winner goes until it is read again."""

    name: str
    generation: int
    documents: dict[str, int]
    rows: dict[str, int]
    kept: dict[str, int]
    left_behind: int

    @property
    def total(self) -> int:
        """How many documents."""
        return sum(self.documents.values())

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self, total=self.total)

    def __repr__(self) -> str:
        return f"<PurgePlan of job {self.name!r}: {self.total:,} documents, {sum(self.rows.values()):,} rows>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.purge_html import purge_plan_html

        return purge_plan_html(self)


@dataclass(frozen=True)
class Purge:
    """What a purge did. run: its id. chunk: of its ledger row, below zero. proof: counted after it."""

    plan: PurgePlan
    run: str
    chunk: int
    proof: Proof

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return {**self.plan.as_dict(), "run": self.run, "chunk": self.chunk, "proof": json_object(self.proof)}

    def __repr__(self) -> str:
        return f"<Purge {self.run}: {self.plan!r}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.purge_html import purge_html

        return purge_html(self)


def plan_purge(job: Job, options: PurgeOptions) -> PurgePlan:
    """Find out what `purge_job` with the same options would do. Nothing is changed. Raises what it would raise."""
    with look_at_session(job, read_plan(job), options.of_run()) as session:
        selected, _, counted = _selected(session, options)
        return _plan(session, selected, counted)


def purge_job(job: Job, options: PurgeOptions) -> Purge:
    """Delete the rows of a run's, a chunk's or listed documents, children first, and put the documents into quarantine
    as `purged`: the next run reads them again.

    Whatever ends it, the books and the rows are what they were, or what they are to be: the same call, or any other
    that writes to this job, completes it. IntegrityError where the target has other rows of these documents than the
    books say (nothing is changed then), or the proof does not hold.
    """
    options.check()
    with look_at_target(job, options.of_run()) as sink:
        if last_row(sink, job.name) is None:
            raise JobError(f"job {job.name!r} never ran: there is nothing to purge", hint="`columnar run` begins it")
    with open_session(job, read_plan(job), options.of_run()) as session:
        prepare_target(session.sink, session.specs, create=session.job.target.create)
        complete_purges(session)
        selected, removals, counted = _selected(session, options)
        plan = _plan(session, selected, counted)
        return _Purging(session, options, selected, removals, plan).run()


def _selected(session: Session, options: PurgeOptions) -> tuple[Selected, list[Removal], dict[str, int]]:
    job, sink = session.job, session.sink
    last = last_row(sink, job.name)
    if last is None:
        raise JobError(f"job {job.name!r} never ran: there is nothing to purge", hint="`columnar run` begins it")
    check_retry(last, job.name, session.source.identity, session.plan, changed_contract=True)
    selected = select_documents(job, sink, read_books(sink, job.name), options)
    if not selected.documents.height:
        raise JobError("none of these documents has anything to purge", hint="those in quarantine have no rows")
    removals = removals_of(session, selected.root_keys)
    return selected, removals, check_rows(session, removals, selected.rows())


def _plan(session: Session, selected: Selected, counted: dict[str, int]) -> PurgePlan:
    generation = read_books(session.sink, session.job_id).generation
    return PurgePlan(session.job_id, generation, selected.outcomes(), counted, selected.kept, selected.left_behind)


@dataclass
class _Purging:
    session: Session
    options: PurgeOptions
    selected: Selected
    removals: list[Removal]
    plan: PurgePlan

    def run(self) -> Purge:
        session, started_at = self.session, datetime.now(UTC)
        last = last_row(session.sink, session.job_id)
        assert last is not None  # noqa: S101  selected from its books
        state = JobState(session.sink, JobKey(session.job_id, last.generation))
        chunk, run = min(0, *state.published()) - 1, run_id(started_at)
        parts = self._parts(state.key, chunk, run, last.contract)
        self.options.on_step("before_purge")
        tables = [each.table for each in self.removals]
        at_once = session.sink.replaces_at_once(tables)
        name = state.key.publication(f"c{chunk:09d}")
        session.sink.publish(name, parts, self.removals if at_once else ())
        self.options.on_step("purge_stored")
        for removal in () if at_once else self.removals:
            session.sink.delete([removal])
            self.options.on_step("table_purged")
        self.options.on_step("purged")
        _, proof = finish_run(
            session.source, state, state.ranges(), [spec.name for spec in session.specs],
            run=run, started_at=started_at, on_step=self.options.on_step, patience=session.patience,
        )  # fmt: skip
        return Purge(self.plan, run, chunk, proof)

    def _parts(self, key: JobKey, chunk: int, run: str, contract: str) -> list[Part]:
        documents, constants = self.selected.documents, {**key.columns(), "chunk": chunk, "run": run}
        count = documents.height
        gone = {table: -rows_gone for table, rows_gone in self.plan.rows.items()}
        receipt = Receipt(documents=count, quarantined=count, rows=gone, reasons={PURGED: count})
        receipt.purged = self.plan.documents
        receipt.duplicates = _fewer(documents)
        ledger: dict[str, object] = dict.fromkeys(OUTCOMES, 0)
        ledger |= constants
        ledger |= {"attempt": uuid.uuid4().hex, "contract": contract, "published_at": datetime.now(UTC)}
        ledger |= {"documents": count, "quarantined": count, "rows": json.dumps(gone, separators=(",", ":"))}
        ledger |= {"receipt": receipt.as_json(), "keys": exchanges_text(_exchanges(documents))}
        return [
            Part(LEDGER.name, rows(LEDGER, [ledger])),
            Part(DOCUMENT.name, _document_rows(documents, constants, gone)),
        ]


def _fewer(documents: pl.DataFrame) -> dict[str, int]:
    """Duplicates that are none any more, as receipts count them."""
    gone = documents.filter(pl.col("outcome") == "duplicate")
    label = pl.concat_str([pl.col(name).fill_null("") for name in ("class", "place", "rule")], separator=" ")
    counts = gone.select(label.alias("label"))["label"].value_counts(name="documents")
    return {name: -count for name, count in counts.rows()}


def _exchanges(documents: pl.DataFrame) -> dict[int, Exchange]:
    """What a purge does to each range."""
    counts = documents.group_by("range_chunk", "outcome").len().sort("range_chunk", "outcome")
    found: dict[int, dict[str, int]] = {}
    for chunk, outcome, count in counts.rows():
        found.setdefault(chunk, {})[outcome] = count
    return {
        chunk: Exchange(sum(outcomes.values()), sum(outcomes.values()), outcomes=outcomes)
        for chunk, outcomes in found.items()
    }


def _document_rows(documents: pl.DataFrame, constants: Mapping[str, str | int], tables: Collection[str]) -> pa.Table:
    """Rows of columnar_document: where each document was, which of its rows went, below zero, and its keys."""
    counts = [stored_counts(text or "{}", "columnar_document.rows") for text in documents["rows"].to_list()]
    negative = [
        json.dumps({table: -count for table, count in mine.items() if table in tables}, separators=(",", ":"))
        for mine in counts
    ]
    frame = documents.select(
        "source_key",
        "root_key",
        "fingerprint",
        detail=pl.format("was {} in chunk {} of run {}", "outcome", "chunk", "run"),
    )
    frame = frame.with_row_index("document").with_columns(
        pl.col("document").cast(pl.Int64),
        outcome=pl.lit("quarantined"),
        reason=pl.lit(PURGED),
        rows=pl.Series(negative, dtype=pl.String),
        **{name: pl.lit(value) for name, value in constants.items()},
    )
    missing = [pl.lit(None).alias(name) for name in DOCUMENT.schema.names if name not in frame.columns]
    return frame.with_columns(missing).select(DOCUMENT.schema.names).to_arrow().cast(DOCUMENT.schema)


def complete_purges(session: Session) -> int:
    """Complete the purges that were killed between their books and their end; how many. Nothing else may be written to
    the job before."""
    last = last_row(session.sink, session.job_id)
    if last is None:
        return 0
    state = JobState(session.sink, JobKey(session.job_id, last.generation))
    purges = [each for each in state.published().values() if each.chunk < 0 and is_purge(each.keys)]
    if not purges:
        return 0
    ended = set(session.sink.read(RUN.name, ["run"], state.key.columns())["run"].to_pylist())
    left = [each for each in purges if each.run not in ended]
    for each in left:
        where: dict[str, str | int] = {**state.key.columns(), "chunk": each.chunk}
        found = pl.DataFrame(session.sink.read(DOCUMENT.name, ["root_key", "rows"], where))
        found = found.select(pl.all().cast(pl.String)).filter(pl.col("rows") != "{}")
        session.sink.delete(removals_of(session, found["root_key"].drop_nulls().unique().to_list()))
        finish_run(
            session.source, state, state.ranges(), [spec.name for spec in session.specs],
            run=each.run, started_at=datetime.now(UTC), on_step=lambda _: None, patience=session.patience,
        )  # fmt: skip
    return len(left)
