"""How far a job is, as text."""

from __future__ import annotations

from columnar.cli.columns import aligned, block, number, seconds
from columnar.cli.run_text import change_lines, outcome_lines
from columnar.status import JobStatus


def status_text(status: JobStatus) -> str:
    """What `columnar status` prints."""
    if not status.generation:
        lines = [f"job {status.name}: never ran", "", *_held(status)]
    else:
        where = f"in {number(status.chunks_published)} published chunk{'s' * (status.chunks_published != 1)}"
        lines = [f"job {status.name}, generation {status.generation}", ""]
        lines += block("runs", _runs(status))
        lines += block("documents", outcome_lines(status.receipt, where) + _rest(status))
        rows = [(name, number(count)) for name, count in status.receipt.rows.items()]
        lines += block("rows loaded", aligned(rows, right={1}))
        lines += block("values changed", change_lines(status.receipt.changes))
    lines += block("notes", [f"  {note}" for note in status.notes])
    return "\n".join(lines).rstrip()


def _runs(status: JobStatus) -> list[str]:
    last = status.last_run
    rows = []
    if last is not None:
        took = seconds((last.finished_at - last.started_at).total_seconds())
        rows.append(("last finished", last.id, f"{last.status}, {last.finished_at:%Y-%m-%d %H:%M:%S} UTC, {took}"))
    if status.interrupted:
        rows.append(("interrupted", status.interrupted, "the same command continues it"))
    return aligned(rows)


def _rest(status: JobStatus) -> list[str]:
    lines = []
    if status.chunks_pending:
        lines.append(f"  {number(status.chunks_pending)} chunks are cut and not published")
    if status.remaining is not None:
        what = f"{number(status.remaining)} documents are left" if status.remaining else "nothing is left to do"
        lines.append(f"  {what}, of {number(status.source_documents or 0)} in the source")
    return lines


def _held(status: JobStatus) -> list[str]:
    return (
        []
        if status.source_documents is None
        else [f"{number(status.source_documents)} documents are in the source", ""]
    )
