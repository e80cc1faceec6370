"""Measuring a job's documents, and comparing the result with the survey before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pyarrow as pa

from columnar.audit.folder import audit_folder
from columnar.bookkeeping.books import Books, read_books
from columnar.bookkeeping.ledger import LEDGER
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.json_value import json_object
from columnar.lineage.sampled import SampledDocuments
from columnar.looking.look import look_at_session
from columnar.running.reading import source_keys
from columnar.running.run import Session
from columnar.surveying.survey import (
    Drift,
    Survey,
    SurveyedPath,
    drift,
    load,
    store,
    stored,
    survey_id,
    surveyed_lookup,
)
from loaders.names import nearest
from loaders.source import EVERYTHING, KeyRange, ReadLimits
from transforms.assemble import assemble
from transforms.coverage import Measurement
from transforms.coverage.lookups import lookup_values
from transforms.shred.buffers import document_views, is_text
from transforms.shred.choose import make_shredder

_NOT_KEYS = ("document", "document_bytes")
_SHOWN = 60  # characters of an example


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions:
    """sample: documents that are measured, spread evenly; None: all. run: only those that this run published (`last`:
    the last one that published any); None: the whole source. against: the survey to compare with; None: the last one
    before. keep: store the survey, so that the next can be compared with it."""

    sample: int | None = 500
    run: str | None = None
    against: str | None = None
    keep: bool = True
    memory: int | None = None


@dataclass(frozen=True)
class CoverageReport:
    """survey: of the documents as they are now. drift: None where there is no earlier survey."""

    name: str
    survey: Survey
    drift: Drift | None

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        read, total = self.survey.attributes
        return f"<CoverageReport of job {self.name!r}: {read:,} of {total:,} attributes read>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.coverage_html import coverage_html

        return coverage_html(self)


def survey_job(job: Job, options: CoverageOptions | None = None) -> CoverageReport:
    """Measure which attributes and texts of a job's documents the contract reads, and what is new in them since the
    last survey. The target is not changed; the survey is kept beside the job's audit files.

    Cost: Python for each element and attribute: 3 to 8 MB/s of XML. Memory: one read batch, and every different path.
    """
    options = options or CoverageOptions()
    plan = read_plan(job)
    folder = audit_folder(job)
    kept = stored(folder)
    against = options.against or (kept[-1] if kept else None)
    if against is not None and against not in kept:
        raise JobError(f"there is no survey {against}", hint=nearest(against, kept, "survey") if kept else "")
    earlier = load(folder, against) if against is not None else None
    with look_at_session(job, plan, RunOptions(memory=options.memory)) as session:
        of, ranges = _ranges(session, options)
        total = sum(session.source.count(ranges)) if ranges else 0
        survey = _measure(session, of, ranges, total, options.sample)
    survey = replace(survey, id=survey_id(datetime.now(UTC), stored(folder)))
    changed = drift(earlier, survey) if earlier is not None else None
    if options.keep:
        store(folder, survey)
    return CoverageReport(job.name, survey, changed)


def _ranges(session: Session, options: CoverageOptions) -> tuple[str, Sequence[KeyRange]]:
    """Whose documents are measured, and where they are."""
    if options.run is None:
        size = session.job.chunk
        return "source", [cut.range for cut in session.source.cut(EVERYTHING, rows=size.rows, total_bytes=size.bytes)]
    books = read_books(session.sink, session.job_id)
    runs = _runs(session, books)
    run = (runs[-1] if runs else None) if options.run == "last" else options.run
    if run is None or run not in runs:
        hint = nearest(options.run, runs, "run") if runs else "`columnar run` begins the job"
        raise JobError(f"no run {options.run} has published documents of this generation", hint=hint)
    mine = {each.chunk for each in books.published if each.run == run}
    return run, [each.range for each in books.ranges if each.chunk in mine and not each.range.null_keys]


def _runs(session: Session, books: Books) -> list[str]:
    """The runs that published chunks of this generation, in the order in which they did: two may begin in one second,
    and then their ids do not tell."""
    if not books.published:
        return []
    rows = session.sink.read(LEDGER.name, ["run", "published_at"], books.key.columns()).to_pylist()
    published = {each.run for each in books.published}
    ordered = sorted(rows, key=lambda row: row["published_at"])
    return list(dict.fromkeys(row["run"] for row in ordered if row["run"] in published))


def _measure(session: Session, of: str, ranges: Sequence[KeyRange], total: int, sample: int | None) -> Survey:
    plan = session.plan
    measurement = Measurement(plan)
    shredder = make_shredder(plan, session.job.shredder)
    lookups: dict[str, tuple[Counter[str], Counter[str]]] = {}
    documents = SampledDocuments(session, total, sample)
    shares = session.shares
    limits = ReadLimits(max(1, shares.raw // 4), min(plan.limits.document_bytes, shares.largest_tree))
    for within in ranges:
        with documents.read(within, limits) as read:
            for batch in read.batches():
                for data, keys, text in _documents(batch):
                    measurement.add(data, keys, text=text)
                shredded = shredder.shred(batch.column("document"), _key_columns(batch))
                for name, found in lookup_values(plan, assemble(plan, shredded.extracts).extracts).items():
                    known, unknown = lookups.setdefault(name, (Counter(), Counter()))
                    known.update(found[0])
                    unknown.update(found[1])
    coverage = measurement.coverage()
    return Survey(
        id="",
        of=of,
        contract=plan.sha256,
        total=total,
        documents=coverage.documents,
        document_bytes=coverage.document_bytes,
        attributes=(coverage.attributes.read, coverage.attributes.total),
        texts=(coverage.texts.read, coverage.texts.total),
        bytes=(coverage.bytes.read, coverage.bytes.total),
        paths={
            path: SurveyedPath(tally.occurrences, tally.unread, tally.filled, tally.documents, _shown(tally.example))
            for path, tally in sorted(measurement.paths().items())
        },
        unmatched=tuple(f"{each.table}.{each.column}".rstrip(".") for each in coverage.unmatched),
        lookups={name: surveyed_lookup(*found) for name, found in sorted(lookups.items())},
    )


def _documents(batch: pa.RecordBatch) -> Iterator[tuple[memoryview, dict[str, str | None], bool]]:
    column = batch.column("document")
    keys = {name: values.to_pylist() for name, values in _key_columns(batch).items()}
    text = is_text(column)
    for at, raw in enumerate(document_views(column)):
        if raw is not None:
            yield raw, {name: values[at] for name, values in keys.items()}, text


def _key_columns(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    names = [name for name in batch.schema.names if name not in _NOT_KEYS]
    columns = {name: batch.column(name) for name in names}
    return columns | {"key": source_keys(pa.Table.from_batches([batch.select(names)]))}


def _shown(value: str) -> str:
    short = " ".join(value.split())
    return short if len(short) <= _SHOWN else short[: _SHOWN - 1] + "…"
