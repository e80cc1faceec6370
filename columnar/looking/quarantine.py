"""Documents in quarantine: which ones, why, and what stands there in the source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass

import pyarrow as pa

from columnar.bookkeeping.books import read_books
from columnar.bookkeeping.retried import RetriedKeys
from columnar.errors import JobError
from columnar.jobs.connect import open_source
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.key_text import key_parts, parse_key
from columnar.json_value import json_object
from columnar.looking.advice import advice
from columnar.looking.excerpt import Excerpt, excerpt
from columnar.looking.look import look_at_sink, looking_engine
from columnar.running.reading import key_text
from loaders.errors import LoaderError
from loaders.names import nearest
from loaders.sink import Sink
from loaders.source import NOT_FETCHED, Key, KeyRange, ReadLimits, Source
from transforms.contract.plan import ContractPlan
from transforms.fingerprint import raw_fingerprints
from transforms.shred.buffers import document_views
from transforms.shred.decode import UTF16_BOMS, decoded
from transforms.shred.refusal import RefusedError

_FIELDS = ("source_key", "reason", "line", "column", "detail", "chunk", "document", "bytes", "fingerprint", "run")
_LISTED = 100
# Source keys are unique but for a mistake; of more copies than this, the others tell nothing new.
_MOST_COPIES = 10


@dataclass(frozen=True, slots=True)
class QuarantinedDocument:
    """One record. source_key: None where it is NULL. line, column: from 1, 0 where unknown. chunk: below zero where the
    record is that of a retry. document: its place within the chunk, from 0. range_chunk, range_document: its place when
    its range was read."""

    source_key: str | None
    reason: str
    line: int
    column: int
    detail: str
    chunk: int
    document: int
    bytes: int | None
    fingerprint: str | None
    run: str
    range_chunk: int
    range_document: int


@dataclass(frozen=True, slots=True)
class QuarantineList:
    """Some records of a job's quarantine. total: all that match; by_reason: all there are, most frequent first."""

    name: str
    total: int
    by_reason: dict[str, int]
    documents: tuple[QuarantinedDocument, ...]

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        return f"<QuarantineList of job {self.name!r}: {self.total:,} documents, {len(self.documents):,} listed>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.quarantine_html import list_html

        return list_html(self)


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A record, and what the source holds under its key now.

    now: `same`, `changed` (other content than was read), `gone`, `null`, `too_large` to show, `sealed` (it cannot be
    taken out of its archive), or `unknown` (the source cannot be read). excerpt: the lines around the position, None
    where there are none.
    """

    record: QuarantinedDocument
    now: str
    excerpt: Excerpt | None
    advice: str

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        return f"<ShownDocument {self.record.source_key!r}: {self.record.reason}; now {self.now}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.quarantine_html import shown_html

        return shown_html(self)


def list_quarantine(job: Job, *, reason: str | None = None, limit: int = _LISTED) -> QuarantineList:
    """The quarantine of a job's current generation as it is now, in the order in which the ranges were read; at most
    `limit` records. A document that was tried again has the record of its last try."""
    with ExitStack() as stack:
        sink, _ = _open(job, stack)
        records = _records(sink, job)
        by_reason: dict[str, int] = {}
        listed: list[QuarantinedDocument] = []
        for record in records:
            by_reason[record.reason] = by_reason.get(record.reason, 0) + 1
            if reason in (None, record.reason):
                listed.append(record)
                if len(listed) > 2 * limit:  # only the first ones are kept, whatever the order they come in
                    listed = sorted(listed, key=_place)[:limit]
    if reason is not None and reason not in by_reason:
        known = list(by_reason)
        hint = nearest(reason, known, "reason") if known else "the quarantine is empty"
        raise JobError(f"no document is in quarantine for the reason {reason!r}", hint=hint)
    total = sum(by_reason.values()) if reason is None else by_reason[reason]
    ordered = dict(sorted(by_reason.items(), key=lambda item: (-item[1], item[0])))
    return QuarantineList(job.name, total, ordered, tuple(sorted(listed, key=_place)[:limit]))


def show_quarantined(job: Job, source_key: str) -> ShownDocument:
    """One quarantined document: its record, and the lines around the position as the source holds them now.

    source_key: as `quarantine` lists it; the parts of a composite key also with commas between them.
    JobError where no such document is in quarantine.
    """
    plan = read_plan(job)
    key = parse_key(source_key, key_parts(job))
    with ExitStack() as stack:
        sink, source = _open(job, stack)
        text = key_text(key)
        record = next(_records(sink, job, {"source_key": text}), None)
        if record is None:
            hint = "`columnar quarantine list` lists what is; `columnar status` tells how far the job is"
            raise JobError(f"no document with the source key {text} is in quarantine", hint=hint)
        what = advice(record.reason, detail=record.detail, keyed=job.duplicates is not None)
        if source is None:
            return ShownDocument(record, "unknown", None, what)
        now, lines = _now(record, source, key, plan)
        return ShownDocument(record, now, lines, what)


def _open(job: Job, stack: ExitStack) -> tuple[Sink, Source | None]:
    engine = stack.enter_context(looking_engine())
    sink = look_at_sink(job, engine)
    stack.callback(sink.close)
    try:
        source = open_source(job, engine)
    except LoaderError:
        return sink, None
    stack.callback(source.close)
    return sink, source


def _records(sink: Sink, job: Job, equal: dict[str, str | int] | None = None) -> Iterator[QuarantinedDocument]:
    books = read_books(sink, job.name)
    if not books.generation:
        return
    retried = RetriedKeys(sink, books.key, [each.chunk for each in books.retries])
    for rows in retried.quarantine(_FIELDS, equal or {}):
        for row in rows.to_dicts():
            yield QuarantinedDocument(
                **{**row, "line": row["line"] or 0, "column": row["column"] or 0, "detail": row["detail"] or ""}
            )


def _place(record: QuarantinedDocument) -> tuple[int, int, int]:
    return record.range_chunk, record.range_document, record.document


def _now(record: QuarantinedDocument, source: Source, key: Key, plan: ContractPlan) -> tuple[str, Excerpt | None]:
    """What the source holds under the record's key now, and the lines around its position."""
    most = plan.limits.document_bytes
    found: list[tuple[pa.Array, str | None, int | None]] = []
    with source.read(KeyRange(key, key, low_inclusive=True), ReadLimits(most, most)) as read:
        for batch in read.batches():
            documents, sizes = batch.column("document"), batch.column("document_bytes")
            prints = raw_fingerprints(documents, decode=plan.decode, document_bytes=most)
            found += [
                (documents.slice(at, 1), _hex(prints[at]), sizes[at].as_py())
                for at in range(min(len(batch), _MOST_COPIES))
            ]
            if len(found) >= _MOST_COPIES:
                break
    if not found:
        return "gone", None
    same = [each for each in found if each[1] == record.fingerprint]
    document, _, size = (same or found)[0]
    if document[0].as_py() is None:
        return "null" if size is None else "sealed" if size in NOT_FETCHED else "too_large", None
    return "same" if same else "changed", _excerpt(document, record, plan)


def _hex(fingerprint: pa.Scalar) -> str | None:
    value = fingerprint.as_py()
    return None if value is None else value.hex()


def _excerpt(document: pa.Array, record: QuarantinedDocument, plan: ContractPlan) -> Excerpt:
    raw = next(document_views(document))
    if raw is None:
        raise ValueError("a NULL document has no lines")
    with suppress(RefusedError):  # then it is shown as it is stored
        raw = decoded(raw, plan.decode, plan.limits.document_bytes)
    data = bytes(raw)
    utf16 = data[:2] in UTF16_BOMS
    text = data.decode("utf-16", "replace") if utf16 else data.decode("utf-8-sig", "backslashreplace")
    return excerpt(text, record.line, record.column)
