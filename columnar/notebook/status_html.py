"""How far a job is, as HTML."""

from __future__ import annotations

from columnar.cli.columns import seconds
from columnar.counted import counted
from columnar.looking.status import JobStatus
from columnar.notebook.counts_html import all_of, drift_told
from columnar.notebook.markup import Markup, badge, beside, joined, lines, report, section, table


def status_html(status: JobStatus) -> str:
    """What `columnar status` prints."""
    if not status.generation:
        held = status.source_documents
        told = [] if held is None else [f"{counted(held, 'document')} in the source"]
        return report(joined([f"job {status.name} ", badge("never ran", "warning")]), lines((*told, *status.notes)))
    where = f"in {counted(status.chunks_published, 'published chunk')}"
    where += f" and {counted(status.retries, 'chunk')} of documents tried again" if status.retries else ""
    return report(
        joined([f"job {status.name}, generation {status.generation} ", _verdict(status)]),
        section("runs", _runs(status)),
        beside(all_of(status.receipt, where), drift_told(status.drift)),
        section("notes", lines(status.notes)),
    )


def _verdict(status: JobStatus) -> Markup:
    if status.remaining is None:
        return badge("what is left is not known", "warning")
    if status.remaining or status.chunks_pending:
        return badge(f"{counted(status.remaining, 'document')} left", "warning")
    quarantined = status.receipt.quarantined
    done = "nothing is left to do"
    return badge(f"{done}; {quarantined:,} in quarantine", "warning") if quarantined else badge(done, "good")


def _runs(status: JobStatus) -> Markup:
    last, rows = status.last_run, []
    if last is not None:
        took = seconds((last.finished_at - last.started_at).total_seconds())
        rows.append(("last finished", last.id, f"{last.status}, {last.finished_at:%Y-%m-%d %H:%M:%S} UTC, {took}"))
    if status.interrupted:
        rows.append(("interrupted", status.interrupted, "the same call continues it"))
    return table(rows)
