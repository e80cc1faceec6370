"""Why an entry is a duplicate: out of the file of an analysis, or out of the books of a job."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from columnar.dedupe.open_entries import JOBS
from columnar.errors import JobError
from columnar.jobs.job_file import read_job
from columnar.json_value import json_object
from loaders.duckdb_reader import DuckDBReader

_TABLES = {"analysis", "entry", "member", "duplicate", "difference"}


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of a loser that is not its winner's. row: from 1. column: None where one has a row that the other has
    not, and `only_in` says which: winner or loser."""

    table: str
    row: int
    column: str | None
    winner: str | None
    loser: str | None
    only_in: str | None


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """One entry of a cluster. place: in the order of the rule, 1 is the winner. class_: same_content or
    different_content; None for the winner. same_bytes: None where bytes are not compared. outcome: in the books of a
    job: loaded, duplicate, replaced, or why it is in quarantine; None in an analysis, and what the source no longer has
    has no differences."""

    place: int
    source_key: str | None
    origin: str | None
    class_: str | None
    same_bytes: bool | None
    differences: tuple[Difference, ...]
    outcome: str | None = None


@dataclass(frozen=True)
class Explanation:
    """A key with all that has it. rule: which of them wins. entries: the winner, then the others. problem: why an entry
    has no key. other_keys: keys with the winner's content."""

    source: str
    key: str | None
    columns: str
    rule: str
    entries: tuple[ExplainedEntry, ...]
    other_keys: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def winner(self) -> ExplainedEntry:
        """The first one."""
        return self.entries[0]

    @property
    def losers(self) -> tuple[ExplainedEntry, ...]:
        """The others."""
        return self.entries[1:]

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        found = json_object(self)
        for entry in found["entries"] if isinstance(found["entries"], list) else ():
            entry["class"] = entry.pop("class_")
        return found

    def __repr__(self) -> str:
        return f"<Explanation of {self.key}: {len(self.entries)} entries, the winner is {self.winner.source_key}>"


def explain(file: str | Path, key: str) -> Explanation:
    """What an analysis found of a key.

    file: of `analyze`; or a job's, for what its runs made of the key (columnar.dedupe.explain_job). key: a key as the
    views show it (a JSON array), its parts with commas between them, or the source key of one entry. JobError where the
    file is no analysis or has no such key.
    """
    path = Path(file)
    if path.suffix.lower() in JOBS:
        from columnar.dedupe.explain_job import explain_of_job

        return explain_of_job(read_job(path), key)
    return explain_file(path, key)


def explain_file(path: Path, key: str) -> Explanation:
    """See `explain`."""
    reader = DuckDBReader(path)
    try:
        there = {row[0] for row in reader.rows("SELECT table_name FROM duckdb_tables()")}
        if _TABLES - there:
            raise JobError(f"{path} is not the file of an analysis", hint="make one with columnar dedupe analyze")
        return _explain(reader, path, key)
    finally:
        reader.close()


def _explain(reader: DuckDBReader, path: Path, asked: str) -> Explanation:
    source, columns, rule = reader.rows("SELECT source, key, rule FROM analysis")[0]
    found = _found(reader, asked)
    if found is None:
        raise JobError(f"{path} has no key and no source key {asked}", hint="the views show how keys are written")
    key, entry = found
    if key is None:
        one, problem = _entry(reader, entry)
        return Explanation(source, None, columns, rule, (one,), problem=problem)
    rows = reader.rows(
        "SELECT coalesce(m.place, 1), e.source_key, e.origin, d.class, d.same_bytes, e.entry FROM entry AS e"
        " LEFT JOIN member AS m USING (key, entry) LEFT JOIN duplicate AS d USING (key, entry)"
        " WHERE e.key = ? ORDER BY 1",
        [key],
    )
    entries = tuple(
        ExplainedEntry(place, source_key, origin, class_, same_bytes, _differences(reader, entry))
        for place, source_key, origin, class_, same_bytes, entry in rows
    )
    others = reader.rows(
        "SELECT DISTINCT key FROM entry WHERE key <> ? AND content = (SELECT content FROM entry WHERE entry = ?)"
        " ORDER BY key LIMIT 100",
        [key, rows[0][5]],
    )
    return Explanation(source, key, columns, rule, entries, tuple(row[0] for row in others))


def _found(reader: DuckDBReader, asked: str) -> tuple[str | None, int] | None:
    """The key that is meant, and an entry that has it."""
    for text in key_texts(asked):
        rows = reader.rows("SELECT key, entry FROM entry WHERE key = ? LIMIT 1", [text])
        if rows:
            return rows[0]
    rows = reader.rows("SELECT key, entry FROM entry WHERE source_key = ? ORDER BY entry LIMIT 1", [asked])
    return rows[0] if rows else None


def key_texts(asked: str) -> list[str]:
    """The keys that somebody may mean: as it stands, of one part, of several."""
    return list(dict.fromkeys([asked, _array([asked]), _array(asked.split(","))]))


def _array(parts: list[str]) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def _entry(reader: DuckDBReader, entry: int) -> tuple[ExplainedEntry, str]:
    row = reader.rows("SELECT source_key, origin, problem FROM entry WHERE entry = ?", [entry])[0]
    return ExplainedEntry(1, row[0], row[1], None, None, ()), str(row[2])


def _differences(reader: DuckDBReader, loser: int) -> tuple[Difference, ...]:
    rows: list[tuple[Any, ...]] = reader.rows(
        "SELECT table_name, row_number, column_name, winner_value, loser_value, only_in FROM difference"
        " WHERE loser = ? ORDER BY ALL NULLS FIRST",
        [loser],
    )
    return tuple(Difference(*row) for row in rows)
