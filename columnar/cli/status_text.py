"""How far a job is, as text."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.cli.columns import aligned, block, number, seconds
from columnar.cli.run_text import change_lines, outcome_lines, way_lines
from columnar.counted import counted, plural
from columnar.looking.report import unread_told
from columnar.looking.status import JobStatus


def status_text(status: JobStatus, next_commands: Sequence[str], *, keyed: bool) -> str:
    """What `columnar status` prints. keyed: whether duplicates are told by anything but the source key."""
    if not status.generation:
        lines = [f"job {status.name}: never ran", "", *_held(status)]
    else:
        where = f"in {counted(status.chunks_published, 'published chunk')}"
        where += f" and {counted(status.retries, 'chunk')} of documents tried again" if status.retries else ""
        told = unread_told(status.drift, keyed=keyed, quarantined=bool(status.receipt.quarantined))
        lines = [f"job {status.name}, generation {status.generation}", *([told] if told else []), ""]
        lines += block("runs", _runs(status))
        lines += block("documents", outcome_lines(status.receipt, where) + _rest(status))
        rows = [(name, number(count)) for name, count in status.receipt.rows.items()]
        lines += block("rows loaded", aligned(rows, right={1}))
        lines += block("values changed", change_lines(status.receipt.changes))
        lines += block("shredded by", way_lines(status.receipt))
    lines += block("notes", [f"  {note}" for note in status.notes])
    lines += block("next", [f"  {command}" for command in next_commands])
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
        are = plural(status.chunks_pending, "is", "are")
        lines.append(f"  {counted(status.chunks_pending, 'chunk')} {are} cut and not published")
    if status.remaining is not None:
        left = f"{counted(status.remaining, 'document')} {plural(status.remaining, 'is', 'are')} left"
        what = left if status.remaining else "nothing is left to do"
        lines.append(f"  {what}, of {number(status.source_documents or 0)} in the source")
    return lines


def _held(status: JobStatus) -> list[str]:
    held = status.source_documents
    return [] if held is None else [f"{counted(held, 'document')} {plural(held, 'is', 'are')} in the source", ""]
