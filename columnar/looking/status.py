"""How far a job is, from the books of its target and its source's own count."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from columnar.bookkeeping.books import Books, FinishedRun, read_books
from columnar.bookkeeping.prove import Drift
from columnar.bookkeeping.receipt import Receipt
from columnar.jobs.connect import open_source
from columnar.jobs.job import Job
from columnar.json_value import json_object
from columnar.looking.look import look_at_sink, looking_engine
from loaders.errors import LoaderError
from loaders.source import EVERYTHING, NULL_KEYS, Source


@dataclass(frozen=True)
class JobStatus:
    """What `columnar status` tells.

    generation: 0 where the job never ran. interrupted: the last run that published and did not come to its end.
    receipt: the sum over all published chunks; documents that were tried again count as what they are now. retries: how
    many chunks of such documents there are. source_documents: what the source holds now, None where it cannot be
    read. remaining: documents in no published chunk, None likewise or where the source is another one now. drift:
    published chunks of which the source holds other documents now. notes: what could not be found out.
    """

    name: str
    generation: int
    target: str
    last_run: FinishedRun | None
    interrupted: str | None
    chunks_published: int
    chunks_pending: int
    retries: int
    receipt: Receipt
    source_documents: int | None
    remaining: int | None
    drift: tuple[Drift, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        left = "an unknown number of" if self.remaining is None else f"{self.remaining:,}"
        told = f"{self.receipt.documents:,} documents read, {self.receipt.quarantined:,} in quarantine, {left} left"
        return f"<JobStatus of job {self.name!r}: {told}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.status_html import status_html

        return status_html(self)


def job_status(job: Job) -> JobStatus:
    """Look at a job; nothing is changed. The source may be away: then the target tells what it knows."""
    with ExitStack() as stack:
        engine = stack.enter_context(looking_engine())
        sink = look_at_sink(job, engine)
        stack.callback(sink.close)
        source, notes = None, []
        try:
            source = open_source(job, engine)
            stack.callback(source.close)
        except LoaderError as error:
            notes.append(f"the source cannot be read: {error.message}")
        books = read_books(sink, job.name)
        held = sum(source.count([EVERYTHING, NULL_KEYS])) if source is not None else None
        other = source is not None and books.source not in ("", source.identity)
        if other:
            notes.append(f"the job has read {books.source} so far, which is not its source now")
        done, drift = _done(source, books) if source is not None and not other else (0, ())
        return JobStatus(
            name=job.name,
            generation=books.generation,
            target=sink.identity,
            last_run=books.runs[-1] if books.runs else None,
            interrupted=books.interrupted,
            chunks_published=len(books.published),
            chunks_pending=len(books.pending),
            retries=len(books.retries),
            receipt=books.receipt(),
            source_documents=held,
            remaining=None if held is None or other else max(0, held - done),
            drift=drift,
            notes=tuple(notes),
        )


def _done(source: Source, books: Books) -> tuple[int, tuple[Drift, ...]]:
    """The documents that the source holds in published chunks now, and which of those are not what the books say."""
    published = books.accounted()
    stored = [each for each in books.ranges if each.chunk in published]
    found = source.measure([each.range for each in stored])
    drift = [
        Drift(each.chunk, published[each.chunk].documents, now.rows)
        for each, now in zip(stored, found, strict=True)
        if (now.rows, now.digest) != (published[each.chunk].documents, published[each.chunk].keys)
    ]
    return sum(now.rows for now in found), tuple(drift)
