"""Trying documents in quarantine again, without reading the others: exactly once, and with the books still proved."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from columnar.bookkeeping.ledger import BEGUN
from columnar.bookkeeping.ranges import StoredRange
from columnar.bookkeeping.receipt import Progress, Receipt
from columnar.bookkeeping.retried import Accounted, Exchange, RetriedKeys, accounted, exchanges_text
from columnar.bookkeeping.state import JobKey, JobRow, JobState, check_retry, continue_state, last_row, prepare_target
from columnar.errors import ExitCode, InterruptedRunError, JobError
from columnar.jobs.job import Job
from columnar.json_value import json_object
from columnar.looking.look import look_at_session, look_at_target
from columnar.running.allocator import MemoryRelief
from columnar.running.budget import TreeBudget, peak_memory
from columnar.running.chunk import ChunkBuilder, PreparedChunk
from columnar.running.finish import finish_run
from columnar.running.publish import Publisher
from columnar.running.reading import ReadAhead, ShreddedBatch, source_keys
from columnar.running.replacing import check_target
from columnar.running.retry_reading import WantedDocuments, WantedPart, WantedRead, parts_of
from columnar.running.retry_selection import RetryOptions, Wanted, select_wanted
from columnar.running.run import Run, Session, open_session, run_id, stage_known_keys
from loaders.sink import Sink
from loaders.source import Key, KeyRange
from loaders.staged_keys import StagedKeys
from transforms.contract.plan import ContractPlan
from transforms.shred.shredder import Shredder

# Documents that go back into quarantine are no new ones: no number of them stops a retry.
_NO_LIMIT = 2**62


@dataclass(frozen=True)
class Retry:
    """What a retry did.

    run: as of any run: the receipt is of the documents that were tried again, the proof of all the job ever published.
    wanted: documents of the quarantine that were asked for and have a key. changed: those that are not what had been
    read before. gone: source keys under which the source has no document any more; they stay in quarantine. null_keys:
    documents asked for that cannot be read again, since their source key is NULL. contract_accepted: whether the job
    goes on with another contract from here on.
    """

    run: Run
    wanted: int
    changed: int
    gone: tuple[str, ...]
    null_keys: int
    contract_accepted: bool

    @property
    def exit_code(self) -> ExitCode:
        """As of a run: CLEAN, or QUARANTINE while the job has documents there."""
        return self.run.exit_code

    def __repr__(self) -> str:
        return f"<Retry of {self.wanted:,} documents, {len(self.gone):,} gone: {self.run!r}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.retry_html import retry_html

        return retry_html(self)


@dataclass(frozen=True)
class RetryPlan:
    """What a retry would do. documents: that it would read again. by_reason: of those. keys: their source keys, in the
    order of the source. gone, null_keys: as in Retry. contract_changed: whether it needs `changed_contract`."""

    name: str
    generation: int
    documents: int
    by_reason: dict[str, int]
    keys: tuple[str, ...]
    gone: tuple[str, ...]
    null_keys: int
    contract_changed: bool

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        return f"<RetryPlan of job {self.name!r}: {self.documents:,} documents, {len(self.gone):,} gone>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.retry_html import retry_plan_html

        return retry_plan_html(self)


def plan_retry(job: Job, plan: ContractPlan, options: RetryOptions | None = None) -> RetryPlan:
    """Find out what `retry_job` with the same options would do. Nothing is made or changed.

    Raises what `retry_job` would raise before it begins.
    """
    options = options or RetryOptions()
    with look_at_session(job, plan, options.of_run()) as session:
        last = _last(session.sink, job)
        check_retry(last, session.job_id, session.source.identity, plan, changed_contract=options.changed_contract)
        state = JobState(session.sink, JobKey(session.job_id, last.generation))
        wanted = select_wanted(job, session.source, _retried(state), options)
        there = session.source.count([_single(key) for key in wanted.keys.values()])
        reasons = wanted.rows["reason"].value_counts(sort=True).rows()
        return RetryPlan(
            name=job.name,
            generation=last.generation,
            documents=wanted.rows.height,
            by_reason=dict(sorted(reasons, key=lambda each: (-each[1], each[0]))),
            keys=tuple(wanted.keys),
            gone=(*wanted.gone, *(text for text, count in zip(wanted.keys, there, strict=True) if not count)),
            null_keys=wanted.null_keys,
            contract_changed=last.contract != plan.sha256,
        )


def retry_job(
    job: Job, plan: ContractPlan, options: RetryOptions | None = None, *, shredder: Shredder | None = None
) -> Retry:
    """Read documents in quarantine again, by the contract as it is now, and load those that can be.

    Raises the errors of columnar.errors, loaders.errors and transforms.errors; whatever it is, what was published stays
    and the same call continues with what is still in quarantine. IntegrityError: the proof does not hold.
    """
    options = options or RetryOptions()
    with look_at_target(job, options.of_run()) as sink:
        _last(sink, job)  # before an empty target is made
    with open_session(job, plan, options.of_run()) as session:
        _complete_purges(session)
        return retry_in_session(session, options, shredder)


def retry_in_session(session: Session, options: RetryOptions, shredder: Shredder | None) -> Retry:
    """The same in a session that is open."""
    return _Retrying(session, options, shredder).run()


def _complete_purges(session: Session) -> None:
    from columnar.purging.purge import complete_purges

    session.sink.prepare(session.specs, create=session.job.target.create)
    complete_purges(session)


def _last(sink: Sink, job: Job) -> JobRow:
    last = last_row(sink, job.name)
    if last is None or not all(sink.has(spec.name) for spec in BEGUN):
        raise JobError(f"job {job.name!r} never ran: nothing is in quarantine", hint="`columnar run` begins it")
    return last


def _retried(state: JobState) -> RetriedKeys:
    return RetriedKeys(state.sink, state.key, [chunk for chunk in state.published() if chunk < 0])


def _single(key: Key) -> KeyRange:
    return KeyRange(key, key, low_inclusive=True)


class _Retrying:
    """One retry: its documents in source order, chunk by chunk, through the same stages as those of a run."""

    def __init__(self, session: Session, options: RetryOptions, shredder: Shredder | None) -> None:
        self._session = session
        self._options = options
        self._trees = TreeBudget(session.shares.trees)
        self._shredder = shredder or session.make_shredder(self._trees)
        self._started = time.monotonic()
        self._started_at = datetime.now(UTC)
        self.id = run_id(self._started_at)
        self._folder = session.workspace / session.job_id
        self._relief = MemoryRelief(session.memory)
        self._receipt = Receipt()
        self._chunks = self._todo = self._expected = self._changed = 0
        self._gone: list[str] = []

    def run(self) -> Retry:
        session, options = self._session, self._options
        self._report("prepare")
        last = _last(session.sink, session.job)
        changed = options.changed_contract
        check_retry(last, session.job_id, session.source.identity, session.plan, changed_contract=changed)
        state = JobState(session.sink, JobKey(session.job_id, last.generation))
        # The number of the next chunk before the quarantine: a retry that publishes in between takes that number.
        published = state.published()
        wanted = select_wanted(session.job, session.source, _retried(state), options)
        prepare_target(session.sink, session.specs, create=session.job.target.create)
        check_target(session.sink, session.rule.replaced_tables(session.plan))
        options.on_step("prepared")
        continue_state(session.sink, session.job_id, last, session.plan)
        options.on_step("job_stored")
        self._folder.mkdir(parents=True, exist_ok=True)
        staged = StagedKeys(session.engine, self._folder / "staged_keys.duckdb")
        try:
            if session.stages_keys:
                self._report("stage keys")
                stage_known_keys(session, staged, state.key)
            options.on_step("keys_staged")
            if wanted.keys:
                with session.trail(self.id, state) as self._trail:
                    self._process(state, staged, wanted, accounted(published.values()), min(0, *published) - 1)
        finally:
            staged.close()
        return self._finish(state, wanted, last)

    def _process(
        self, state: JobState, staged: StagedKeys, wanted: Wanted, books: dict[int, Accounted], number: int
    ) -> None:
        """number: of the first chunk to publish. They are numbered without a gap, in the order in which they are
        published, so that of two retries at the same time one is refused."""
        session, options = self._session, self._options
        publisher = Publisher(
            sink=session.sink,
            staged=staged,
            rule=session.rule,
            job=state.key,
            run=self.id,
            contract=session.plan.sha256,
            trail=self._trail,
            max_quarantine=_NO_LIMIT,
            on_step=options.on_step,
            patience=session.patience,
        )
        parts = self._parts(state, wanted, books)
        chunks = [StoredRange(-at, within, _count(each)) for at, (within, each) in enumerate(parts.items(), 1)]
        self._todo, self._expected = len(chunks), len(wanted.keys)
        documents = WantedDocuments(session.source, parts, session.plan.decode)
        ahead = ReadAhead(
            self._trail.recorded(documents), self._shredder, session.plan,
            shares=session.shares, trees=self._trees, workers=session.workers,
            on_step=options.on_step, relieve=self._relief.relieve, patience=session.patience,
        )  # fmt: skip
        builder = self._builder()

        def consume(batch: ShreddedBatch) -> None:
            builder.add(batch)

        def begin_again() -> None:
            nonlocal builder
            builder = self._builder()

        try:
            with closing(ahead.chunks(chunks, consume, begin_again)) as read:
                for each in read:
                    within = each.stored.range
                    done = self._prepare(number, builder, documents.read_of.pop(within), parts[within], wanted, state)
                    builder = self._builder()
                    if done is not None:
                        self._trail.expect(number, within)
                        done.receipt.seconds["read"] = round(each.seconds_reading, 6)
                        options.on_step("prepared_chunk")
                        self._receipt.add(publisher.publish(done))
                        number -= 1
                    self._chunks += done is not None
                    self._report("retry")
                    self._relief.relieve()
        except KeyboardInterrupt:
            hint = "the same command continues with what is still in quarantine"
            raise InterruptedRunError("stopped on request", hint=hint) from None

    def _parts(
        self, state: JobState, wanted: Wanted, books: dict[int, Accounted]
    ) -> dict[KeyRange, tuple[WantedPart, ...]]:
        """What each chunk reads, by the range between its first key and its last."""
        session, mean = self._session, self._session.source.document_bytes()
        stored = {each.chunk: each for each in state.ranges()}
        origin = dict(wanted.rows.select("source_key", "range_chunk").rows())
        affected = [stored[chunk] for chunk in sorted(set(origin.values()))]
        measured = session.source.measure([each.range for each in affected])
        # Ranges that are not what the books say are read as a whole: is it the documents in quarantine that changed?
        other = {
            each.chunk
            for each, now in zip(affected, measured, strict=True)
            if Accounted(now.rows, now.digest) != books.get(each.chunk)
        }
        size = session.job.chunk
        most = max(1, min(size.rows, min(size.bytes, session.shares.extracts * 16) // mean))
        texts = list(wanted.keys)
        found: dict[KeyRange, tuple[WantedPart, ...]] = {}
        for begin in range(0, len(texts), most):
            chunk = texts[begin : begin + most]
            parts: list[WantedPart] = []
            for number in dict.fromkeys(origin[text] for text in chunk):
                keys = {text: wanted.keys[text] for text in chunk if origin[text] == number}
                parts += parts_of(
                    keys, rows=stored[number].rows_when_cut, document_bytes=mean,
                    compared=number if number in other else None, whole=stored[number].range,
                )  # fmt: skip
            found[KeyRange(wanted.keys[chunk[0]], wanted.keys[chunk[-1]], low_inclusive=True)] = tuple(parts)
        return found

    def _builder(self) -> ChunkBuilder:
        return ChunkBuilder(self._session.plan, self._session.shares.extracts)

    def _prepare(
        self,
        number: int,
        builder: ChunkBuilder,
        read: WantedRead,
        parts: tuple[WantedPart, ...],
        wanted: Wanted,
        state: JobState,
    ) -> PreparedChunk | None:
        """A chunk to publish, with what it does to the ranges; None where the source has none of its documents."""
        listed = read.keys()
        here = pl.DataFrame({"source_key": pl.Series(source_keys(listed), dtype=pl.String)})
        there = set(here["source_key"])
        self._gone += [text for part in parts for text in part.texts if text not in there]
        if not there:
            return None
        former = wanted.rows.join(here, on="source_key", how="semi")
        prepared = builder.finish(number, listed, exchanges_text(_exchanges(former, here, read, state)))
        prepared.receipt.retried = dict(former["reason"].value_counts(sort=True).rows())
        documents = pl.DataFrame(prepared.documents).with_columns(pl.col("fingerprint").bin.encode("hex"))
        same = ["source_key", "fingerprint"]
        self._changed += documents.join(former, on=same, how="anti", nulls_equal=True).height
        return prepared

    def _finish(self, state: JobState, wanted: Wanted, last: JobRow) -> Retry:
        session = self._session
        self._report("prove")
        status, proof = finish_run(
            session.source, state, state.ranges(), [spec.name for spec in session.specs],
            run=self.id, started_at=self._started_at, on_step=self._options.on_step, patience=session.patience,
        )  # fmt: skip
        run = Run(
            id=self.id,
            name=session.job.name,
            generation=state.key.generation,
            status=status,
            receipt=self._receipt,
            proof=proof,
            chunks=self._chunks,
            seconds=time.monotonic() - self._started,
            peak_memory=peak_memory(),
            memory=session.memory,
            workers=session.workers,
            rule=session.rule,
            folder=session.audit.run(self.id),
        )
        accepted = last.contract != session.plan.sha256
        gone = (*wanted.gone, *self._gone)
        return Retry(run, wanted.rows.height, self._changed, gone, wanted.null_keys, accepted)

    def _report(self, phase: str) -> None:
        seconds = time.monotonic() - self._started
        self._options.on_progress(
            Progress.of(
                self._receipt,
                phase,
                chunks_done=self._chunks,
                chunks=self._todo,
                expected=self._expected,
                seconds=seconds,
            )
        )


def _count(parts: tuple[WantedPart, ...]) -> int:
    return sum(len(part.texts) for part in parts)


def _exchanges(former: pl.DataFrame, here: pl.DataFrame, read: WantedRead, state: JobState) -> dict[int, Exchange]:
    """What a chunk does to each range. former: rows of the quarantine that give way; here: source_key of those that
    come."""
    origin = former.select("source_key", "range_chunk").unique()
    now = dict(here.join(origin, on="source_key").group_by("range_chunk").len().rows())
    counts = former.group_by("range_chunk").len().rows()
    retried = _retried(state) if read.found else None
    found = {}
    for chunk, count in counts:
        found[chunk] = Exchange(count, now[chunk])
        if retried is not None and chunk in read.found:
            source, books = pl.concat(read.others[chunk]), retried.of_range(chunk)
            if _others(source, here).equals(_others(books, here), null_equal=True):
                found[chunk] = replace(found[chunk], digest=read.found[chunk].digest)
    return found


def _others(documents: pl.DataFrame, here: pl.DataFrame) -> pl.DataFrame:
    """The documents of a range that are not tried again now, comparable."""
    rest = documents.join(here, on="source_key", how="anti")
    return rest.select("source_key", "fingerprint").sort("source_key", "fingerprint")
