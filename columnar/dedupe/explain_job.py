"""What the runs of a job made of a key: the books say who has it, the documents, read again, how they differ."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from columnar.bookkeeping.books import read_books
from columnar.bookkeeping.ledger import DOCUMENT, REPLACED
from columnar.bookkeeping.ranges import StoredRange
from columnar.dedupe.analyze import analyze_entries
from columnar.dedupe.explain import ExplainedEntry, Explanation, explain_file, key_texts
from columnar.dedupe.job_entries import JobEntries
from columnar.dedupe.options import AnalyzeOptions
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.key_text import key_parts, parse_key
from columnar.jobs.options import RunOptions
from columnar.running.decide import policy_text
from loaders.sink import Sink
from loaders.source import KeyRange

# More documents of one key are not read again.
_MOST = 200
_COLUMNS = ["chunk", "source_key", "root_key", "outcome", "reason", "class", "rule"]


def explain_of_job(job: Job, asked: str) -> Explanation:
    """Who has a key in the job's target, by the books, and how the others differ, by the source as it is now. Nothing
    is changed. asked: a key, or a source key. JobError where the books know neither."""
    ignore = job.duplicates.ignore if job.duplicates else ()
    entries = JobEntries(job, RunOptions(), key=(), ignore=ignore, target=True)
    with closing(entries):
        session = entries.session
        key, became = _books(session.sink, job, asked)
        ordered = sorted(became, key=lambda each: became[each] != "loaded")
        entries.ranges = [
            StoredRange(number, KeyRange(parsed, parsed, low_inclusive=True), 1)
            for number, text in enumerate(ordered[:_MOST], 1)
            if (parsed := parse_key(text, key_parts(job)))
        ]
        with tempfile.TemporaryDirectory(prefix="columnar-explain-") as folder:
            file = Path(folder) / "explained.duckdb"
            analyze_entries(entries, file, AnalyzeOptions())
            found = _explained(file, key, Explanation(entries.described, key, ", ".join(entries.key), "", ()))
        rule = policy_text(session.rule)
    return _told(found, became, ordered, f"in the target; {rule}")


def _explained(file: Path, key: str, unread: Explanation) -> Explanation:
    """What was read again of the key; `unread` where the source has nothing of it any more."""
    try:
        return explain_file(file, key)
    except JobError:
        return unread


def _books(sink: Sink, job: Job, asked: str) -> tuple[str, dict[str, str]]:
    """The key, and what became of each document that has it: source key -> outcome, in the order of their chunks."""
    books = read_books(sink, job.name)
    where: dict[str, str | int] = books.key.columns()
    rows: list[Mapping[str, Any]] = []
    for column, texts in (("root_key", key_texts(asked)), ("source_key", [asked])):
        for text in texts:
            rows = rows or (
                sink.read(DOCUMENT.name, _COLUMNS, {**where, column: text}).to_pylist() if books.generation else []
            )
    key = next((row["root_key"] for row in rows if row["root_key"] is not None), None)
    if key is None:
        raise JobError(
            f"job {job.name!r} knows no key and no source key {asked} that is compared",
            hint="`columnar quarantine list` shows documents that have none",
        )
    found = sink.read(DOCUMENT.name, _COLUMNS, {**where, "root_key": key}).to_pylist()
    became = {
        str(row["source_key"]): str(row["reason"] or row["outcome"])
        for row in sorted(found, key=lambda row: (min(row["chunk"], 0) * -1, row["chunk"]))
    }
    if sink.has(REPLACED.name):
        lost = {"job": job.name, "of_generation": books.generation, "root_key": key}
        for row in sink.read(REPLACED.name, ["source_key"], lost).to_pylist():
            became[str(row["source_key"])] = "replaced"
    return key, became


def _told(found: Explanation, became: Mapping[str, str], ordered: Sequence[str], rule: str) -> Explanation:
    """The entries with their outcomes; also those that cannot be read any more."""
    there = {
        str(entry.source_key): replace(entry, outcome=became.get(str(entry.source_key))) for entry in found.entries
    }
    gone = [ExplainedEntry(0, text, None, None, None, (), became[text]) for text in ordered if text not in there]
    entries = [*there.values(), *gone]
    entries = [replace(entry, place=place) for place, entry in enumerate(entries, 1)]
    return replace(found, rule=rule, entries=tuple(entries))
