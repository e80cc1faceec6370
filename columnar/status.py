"""How far a job is, from the books of its target and its source's own count."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from columnar.books import Books, FinishedRun, read_books
from columnar.connect import open_source
from columnar.job import Job
from columnar.json_value import json_object
from columnar.look import look_at_sink, looking_engine
from columnar.receipt import Receipt
from loaders.errors import LoaderError
from loaders.sink import Sink
from loaders.source import EVERYTHING, NULL_KEYS, Source


@dataclass(frozen=True)
class JobStatus:
    """What `columnar status` tells.

    generation: 0 where the job never ran. interrupted: the last run that published and did not come to its end.
    receipt: the sum over all published chunks. source_documents: what the source holds now, None where it cannot be
    read. remaining: documents in no published chunk, None likewise. notes: what could not be found out.
    """

    name: str
    job: str
    generation: int
    target: str
    last_run: FinishedRun | None
    interrupted: str | None
    chunks_published: int
    chunks_pending: int
    receipt: Receipt
    source_documents: int | None
    remaining: int | None
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)


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
        receipt = books.receipt()
        held = sum(source.count([EVERYTHING, NULL_KEYS])) if source is not None else None
        return JobStatus(
            name=job.name,
            job=books.job,
            generation=books.generation,
            target=sink.identity,
            last_run=books.runs[-1] if books.runs else None,
            interrupted=_interrupted(books),
            chunks_published=len(books.published),
            chunks_pending=len(books.pending),
            receipt=receipt,
            source_documents=held,
            remaining=None if held is None else max(0, held - receipt.documents),
            notes=tuple(notes),
        )


def _interrupted(books: Books) -> str | None:
    """Run ids begin with their time, so the greatest is the last."""
    finished = {run.id for run in books.runs}
    others = sorted(each.run for each in books.published if each.run not in finished)
    last = books.runs[-1].id if books.runs else ""
    return others[-1] if others and others[-1] > last else None
