"""What a run does about purges before anything else: it completes those that were killed, and reads purged documents
again."""

from __future__ import annotations

from columnar.bookkeeping.ledger import BEGUN, LEDGER
from columnar.bookkeeping.retried import PURGED, RetriedKeys, is_purge
from columnar.bookkeeping.state import JobKey, JobState, last_row
from columnar.jobs.job import Job
from columnar.jobs.options import RunOptions
from columnar.looking.look import look_at_target
from columnar.purging.purge import complete_purges
from columnar.running.retry import retry_in_session
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import Session, open_session
from loaders.sink import Sink
from transforms.contract.plan import ContractPlan
from transforms.shred.shredder import Shredder

# Documents that are read again at once: their keys are held in memory.
_AT_ONCE = 50_000


def reload_purged(job: Job, plan: ContractPlan, options: RunOptions, shredder: Shredder | None) -> int:
    """Load the job's purged documents again, as a retry of just these; how many were read.

    Nothing is done where the run is one of a selection (`limit`, `where_key`), begins a new generation, or would be
    refused because the job's contract or source is another one; but for completing a purge that was killed.
    """
    with look_at_target(job, options) as sink:
        if not _purges(sink, job):
            return 0
    whole = options.limit is None and options.where_key == (None, None) and not options.new_generation
    again = RetryOptions(
        reasons=(PURGED,), limit=_AT_ONCE, memory=options.memory, workers=options.workers,
        shredder=options.shredder, on_step=options.on_step, on_progress=options.on_progress,
    )  # fmt: skip
    read = 0
    while True:
        with open_session(job, plan, options) as session:
            if not _may_write(session):
                return read
            complete_purges(session)
            if not whole or not _waiting(session):
                return read
            done = retry_in_session(session, again, shredder).run.receipt.documents
        read += done
        if not done:  # those that are left are gone from the source
            return read


def _purges(sink: Sink, job: Job) -> bool:
    """Whether the job has ever been purged, in its generation."""
    last = last_row(sink, job.name) if all(sink.has(spec.name) for spec in BEGUN) else None
    if last is None:
        return False
    key = JobKey(job.name, last.generation)
    found = sink.read(LEDGER.name, ["chunk", "keys"], key.columns())
    return any(row["chunk"] < 0 and is_purge(row["keys"]) for row in found.to_pylist())


def _may_write(session: Session) -> bool:
    """Whether the session's contract and source are those of the books; then the target is prepared."""
    last = last_row(session.sink, session.job_id)
    if last is None or (last.contract, last.source) != (session.plan.sha256, session.source.identity):
        return False
    session.sink.prepare(session.specs, create=session.job.target.create)
    return True


def _waiting(session: Session) -> bool:
    """Whether purged documents are in quarantine."""
    last = last_row(session.sink, session.job_id)
    if last is None:
        return False
    state = JobState(session.sink, JobKey(session.job_id, last.generation))
    retried = RetriedKeys(session.sink, state.key, [chunk for chunk in state.published() if chunk < 0])
    columns = ["source_key", "chunk", "document"]
    return any(rows.height for rows in retried.quarantine(columns, {"reason": PURGED}))
