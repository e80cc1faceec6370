"""One run of a job: cut, read, shred, convert, decide, publish, prove."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from columnar.audit.folder import AuditFolder, audit_folder
from columnar.audit.trail import AuditTrail, audit_trail
from columnar.bookkeeping.prove import Proof
from columnar.bookkeeping.ranges import StoredRange, gaps, in_source_order, selected
from columnar.bookkeeping.receipt import Progress, Receipt
from columnar.bookkeeping.state import JobKey, JobState, check_job, open_state, prepare_target
from columnar.errors import ExitCode, InterruptedRunError
from columnar.jobs.connect import (
    check_source_exists,
    drivers_of,
    is_one_file,
    make_workspace,
    open_engine,
    open_sink,
    open_source,
)
from columnar.jobs.job import Job
from columnar.jobs.options import RunOptions, processors
from columnar.running.allocator import MemoryRelief
from columnar.running.budget import MemoryShares, TreeBudget, default_memory, divide, peak_memory
from columnar.running.chunk import ChunkBuilder, PreparedChunk, null_key_chunk
from columnar.running.decide import DuplicateRule, row_rules
from columnar.running.duplicate_keys import duplicate_rule
from columnar.running.finish import finish_run
from columnar.running.key_names import check_key_names
from columnar.running.patience import Patience
from columnar.running.patient_sink import PatientSink
from columnar.running.patient_source import PatientSource
from columnar.running.publish import Publisher
from columnar.running.reading import ReadAhead, ShreddedBatch
from columnar.running.replacing import check_target
from columnar.running.staging import stage_target_keys
from columnar.running.target_specs import target_specs, with_home_schema
from loaders.duckdb_engine import DuckDBEngine
from loaders.named_sink import named_sink
from loaders.sink import Sink, TableSpec
from loaders.source import NULL_KEYS, KeyRange, Source
from loaders.staged_keys import StagedKeys
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import target_tables
from transforms.shred import kept_memory
from transforms.shred.choose import Choice, choose, shredder_of
from transforms.shred.shredder import Shredder

# Chunks stored at a time while a source is cut.
_RANGES_AT_ONCE = 1000


@dataclass(frozen=True)
class Run:
    """What a run did. receipt: the sum over the chunks it published; proof: of everything the job ever published.
    reloaded: purged documents that were read again before, in a run of their own."""

    id: str
    name: str
    generation: int
    status: str  # complete, quarantine
    receipt: Receipt
    proof: Proof
    chunks: int
    seconds: float
    peak_memory: int
    memory: int
    workers: int
    rule: DuplicateRule
    folder: Path
    reloaded: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """CLEAN, or QUARANTINE when the job has documents there."""
        return ExitCode.QUARANTINE if self.proof.quarantined else ExitCode.CLEAN

    def __repr__(self) -> str:
        """Of this run alone, as its receipt is."""
        counts = self.receipt
        told = f"{counts.documents:,} documents read, {counts.loaded:,} loaded, {counts.empty:,} empty"
        told += f", {counts.duplicate:,} duplicate, {counts.quarantined:,} quarantined"
        return f"<Run {self.id} of job {self.name!r}: {self.status}; {told}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.run_html import run_html

        return run_html(self)


@dataclass
class Session:
    """Everything a run has open, and how it will go about it. shredder: which one serves. patience: with what may pass
    by itself; source and sink have it already."""

    job: Job
    plan: ContractPlan
    engine: DuckDBEngine
    source: Source
    sink: Sink
    shares: MemoryShares
    memory: int
    workers: int
    workspace: Path
    rule: DuplicateRule
    shredder: Choice
    patience: Patience

    @property
    def specs(self) -> list[TableSpec]:
        """The target's tables, in the order in which they are loaded."""
        return target_specs(self.plan)

    def make_shredder(self, trees: TreeBudget) -> Shredder:
        """The one that serves. What is larger after decoding than documents may be is refused, as it is before."""
        most = min(self.plan.limits.document_bytes, self.shares.largest_document)
        plan = replace(self.plan, limits=replace(self.plan.limits, document_bytes=most))
        return shredder_of(plan, self.shredder, trees=trees.holding, typed=True)

    @property
    def stages_keys(self) -> bool:
        """Whether documents or rows are compared with what is there."""
        return self.rule.used or bool(row_rules(target_tables(self.plan), self.rule))

    @property
    def job_id(self) -> str:
        """What the job is called in its target's books."""
        return self.job.name

    @property
    def audit(self) -> AuditFolder:
        """Where the job's audit files are."""
        return audit_folder(self.job)

    def trail(self, run: str, state: JobState) -> AbstractContextManager[AuditTrail]:
        """What writes the audit files of a run, while it goes on."""
        return audit_trail(self.audit, state, run, self.plan.sha256, self.job.audit.stages)


@contextmanager
def open_session(job: Job, plan: ContractPlan, options: RunOptions) -> Iterator[Session]:
    """Open the source, the target and the embedded engine of a job, and close them again."""
    memory = next((each for each in (options.memory, job.memory) if each is not None), None)
    memory = default_memory() if memory is None else memory
    workers = options.workers or job.workers or processors()
    plan = with_home_schema(plan, job.target.db_schema)
    rule = duplicate_rule(job.duplicates, plan)
    shredder = choose(plan, options.shredder or job.shredder)
    shares = divide(memory, trees=shredder.trees or bool(plan.decode), drivers=drivers_of(job))
    check_source_exists(job)
    with ExitStack() as stack:
        kept_memory.keep_at_most(shares.kept)
        stack.callback(kept_memory.give_back)
        workspace = make_workspace(job.path(job.workspace))
        engine = open_engine(workspace, memory=shares.engine, threads=workers)
        stack.callback(engine.close)
        patience = Patience(job.patience, on_wait=options.on_wait)
        first = [_patient_sink(job, plan, engine, shares, patience, stack)] if is_one_file(job) else []
        source = patience.keep_trying(lambda: open_source(job, engine, memory=shares.driver))
        stack.callback(source.close)
        check_key_names(plan, source)
        # The target last: where it is a file, it is made by opening it.
        (sink,) = first or [_patient_sink(job, plan, engine, shares, patience, stack)]
        yield Session(
            job, plan, engine, PatientSource(source, patience), sink,
            shares, memory, workers, workspace, rule, shredder, patience,
        )  # fmt: skip


def _patient_sink(
    job: Job, plan: ContractPlan, engine: DuckDBEngine, shares: MemoryShares, patience: Patience, stack: ExitStack
) -> Sink:
    sink = patience.keep_trying(lambda: open_sink(job, engine, memory=shares.driver))
    stack.callback(sink.close)
    return PatientSink(named_sink(sink, target_specs(plan)), patience)


def run_job(
    job: Job, plan: ContractPlan, options: RunOptions | None = None, *, shredder: Shredder | None = None
) -> Run:
    """Run a job to its end.

    Raises the errors of columnar.errors, loaders.errors and transforms.errors; whatever it is, what was published stays
    and the same call continues. IntegrityError: the proof does not hold.
    """
    from columnar.purging.reload import reload_purged

    options = options or RunOptions()
    reloaded = reload_purged(job, plan, options, shredder)
    with open_session(job, plan, options) as session:
        return replace(_Execution(session, options, shredder).run(), reloaded=reloaded)


def stage_known_keys(session: Session, staged: StagedKeys, job: JobKey) -> None:
    """Stage what the target and the books hold: once more where the connection is lost on the way, which adds what is
    still missing, and a key that is added again counts once."""
    session.patience.keep_trying(lambda: stage_target_keys(session.sink, staged, session.rule, session.plan, job))


def run_id(started_at: datetime) -> str:
    """A new run's id, which sorts by the time it began."""
    return f"{started_at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"


def selection_of(source: Source, options: RunOptions) -> KeyRange:
    """The keys that the options ask for."""
    low, high = options.where_key
    selection = KeyRange(low, high, low_inclusive=low is not None)
    if options.limit is not None:
        last = source.key_at(selection, options.limit)
        if last is not None:
            selection = KeyRange(low, last, low_inclusive=low is not None)
    return selection


def cut_uncovered(session: Session, selection: KeyRange, stored: Sequence[StoredRange]) -> Iterator[StoredRange]:
    """Chunks for what of the selection no stored range covers."""
    chunk = max((each.chunk for each in stored), default=0)
    source, size = session.source, session.job.chunk
    # Few chunks of very small memory: what a chunk's documents become has to fit as well.
    most = max(1, min(size.bytes, session.shares.extracts * 16))
    for gap in gaps(selection, stored, source.rank):
        for cut in source.cut(gap, rows=size.rows, total_bytes=most):
            chunk += 1
            yield StoredRange(chunk, cut.range, cut.rows)
    everything = selection.low is None and selection.high is None
    if everything and not any(each.range.null_keys for each in stored):
        nulls = source.count([NULL_KEYS])[0]
        if nulls:
            yield StoredRange(chunk + 1, NULL_KEYS, nulls)


class _Execution:
    """The threads of one run: reading and shredding ahead, this one converting, one publishing."""

    def __init__(self, session: Session, options: RunOptions, shredder: Shredder | None) -> None:
        self._session = session
        self._options = options
        self._trees = TreeBudget(session.shares.trees)
        self._shredder = shredder or session.make_shredder(self._trees)
        self._started = time.monotonic()
        self._started_at = datetime.now(UTC)
        self.id = run_id(self._started_at)
        self._receipt = Receipt()
        self._chunks_done = 0
        self._todo: list[StoredRange] = []
        self._prepared: queue.Queue[PreparedChunk | None] = queue.Queue(maxsize=1)
        self._failure: BaseException | None = None
        self._ahead: ReadAhead | None = None
        self._relief = MemoryRelief(session.memory)

    def run(self) -> Run:
        session, step = self._session, self._options.on_step
        self._report("prepare")
        name, source = session.job_id, session.source.identity
        check_job(session.sink, name, source, session.plan, self._options, keyed=session.rule.used)
        prepare_target(session.sink, session.specs, create=session.job.target.create)
        check_target(session.sink, session.rule.replaced_tables(session.plan))
        step("prepared")
        state = open_state(session.sink, name, source, session.plan, new_generation=self._options.new_generation)
        step("job_stored")
        stored = self._cut(state)
        staged = StagedKeys(session.engine, self._folder / "staged_keys.duckdb")
        try:
            if session.stages_keys:
                self._report("stage keys")
                stage_known_keys(session, staged, state.key)
            step("keys_staged")
            if self._todo:
                with session.trail(self.id, state) as self._trail:
                    self._process(state, staged)
        finally:
            staged.close()
        return self._finish(state, stored)

    @property
    def _folder(self) -> Path:
        folder = self._session.workspace / self._session.job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _cut(self, state: JobState) -> list[StoredRange]:
        """Cut and store what is not covered; note which chunks this run has to do, in source order."""
        self._report("cut")
        session, source = self._session, self._session.source
        selection = selection_of(source, self._options)
        stored = state.ranges()
        fresh: list[StoredRange] = []
        for each in cut_uncovered(session, selection, list(stored)):
            fresh.append(each)
            if len(fresh) == _RANGES_AT_ONCE:
                state.store_ranges(fresh)
                stored, fresh = stored + fresh, []
                self._options.on_step("ranges_stored")
        state.store_ranges(fresh)
        stored += fresh
        self._options.on_step("ranges_stored")
        done = state.published()
        todo = [each for each in selected(selection, stored, source.rank) if each.chunk not in done]
        self._todo = in_source_order(todo, source.rank)
        return stored

    def _process(self, state: JobState, staged: StagedKeys) -> None:
        session, options = self._session, self._options
        most = options.max_quarantine if options.max_quarantine is not None else session.job.max_quarantine
        publisher = Publisher(
            sink=session.sink,
            staged=staged,
            rule=session.rule,
            job=state.key,
            run=self.id,
            contract=session.plan.sha256,
            trail=self._trail,
            max_quarantine=most,
            on_step=options.on_step,
            patience=session.patience,
        )
        thread = threading.Thread(target=self._publish, args=(publisher,), name="publish", daemon=True)
        self._ahead = ReadAhead(
            self._trail.recorded(session.source, self._todo), self._shredder, session.plan,
            shares=session.shares, trees=self._trees, workers=session.workers,
            on_step=options.on_step, relieve=self._relief.relieve,
            patience=session.patience, connections=session.job.source.connections,
        )  # fmt: skip
        thread.start()
        try:
            self._convert(self._ahead)
        except KeyboardInterrupt:
            session.patience.stop()
            raise InterruptedRunError(
                "stopped on request", hint="the same command continues where this one stopped"
            ) from None
        finally:
            self._ahead.stop()
            self._hand_over(None)
            thread.join()
            if self._failure is not None:
                raise self._failure

    def _convert(self, ahead: ReadAhead) -> None:
        builder = self._builder()

        def consume(batch: ShreddedBatch) -> None:
            builder.add(batch)

        def begin_again() -> None:
            nonlocal builder
            builder = self._builder()

        for chunk in ahead.chunks(self._todo, consume, begin_again):
            number = chunk.stored.chunk
            if chunk.keys is None or chunk.found is None:
                found = self._session.source.measure([chunk.stored.range])[0]
                prepared = null_key_chunk(number, found.rows, found.digest)
            else:
                prepared = builder.finish(number, chunk.keys, chunk.found.digest)
            prepared.receipt.seconds["read"] = round(chunk.seconds_reading, 6)
            self._options.on_step("prepared_chunk")
            self._hand_over(prepared)
            if self._failure is not None:
                return
            builder = self._builder()
            self._relief.relieve()

    def _builder(self) -> ChunkBuilder:
        return ChunkBuilder(self._session.plan, self._session.shares.extracts)

    def _hand_over(self, prepared: PreparedChunk | None) -> None:
        """To the publishing thread, unless that has failed."""
        while self._failure is None:
            try:
                self._prepared.put(prepared, timeout=0.1)
                break
            except queue.Full:
                continue

    def _publish(self, publisher: Publisher) -> None:
        try:
            while (prepared := self._prepared.get()) is not None:
                self._receipt.add(publisher.publish(prepared))
                self._chunks_done += 1
                self._report("run")
        except BaseException as error:  # noqa: BLE001 (raised again by the thread that runs)
            self._failure = error
            if self._ahead is not None:
                self._ahead.stop()

    def _finish(self, state: JobState, stored: list[StoredRange]) -> Run:
        session = self._session
        self._report("prove")
        status, proof = finish_run(
            session.source, state, stored, [spec.name for spec in session.specs],
            run=self.id, started_at=self._started_at, on_step=self._options.on_step, patience=session.patience,
        )  # fmt: skip
        return Run(
            id=self.id,
            name=session.job.name,
            generation=state.key.generation,
            status=status,
            receipt=self._receipt,
            proof=proof,
            chunks=self._chunks_done,
            seconds=time.monotonic() - self._started,
            peak_memory=peak_memory(),
            memory=session.memory,
            workers=session.workers,
            rule=session.rule,
            folder=session.audit.run(self.id),
        )

    def _report(self, phase: str) -> None:
        seconds = time.monotonic() - self._started
        self._options.on_progress(
            Progress.of(
                self._receipt,
                phase,
                chunks_done=self._chunks_done,
                chunks=len(self._todo),
                expected=sum(each.rows_when_cut for each in self._todo),
                seconds=seconds,
            )
        )
