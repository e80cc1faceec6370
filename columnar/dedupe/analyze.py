"""Duplicates of a source, Parquet files or an audit folder, analysed into a DuckDB file; nothing else is written."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from columnar.dedupe.clusters import data_table, make_differences, make_members
from columnar.dedupe.entries import ENTRY_SCHEMA, Entries
from columnar.dedupe.near import make_near
from columnar.dedupe.open_entries import open_entries
from columnar.dedupe.options import AnalyzeOptions
from columnar.dedupe.views import add_days_and_origins, make_views
from columnar.errors import JobError
from columnar.jobs.options import processors
from columnar.json_value import json_object
from columnar.running.budget import default_memory, peak_memory
from loaders.duckdb_file import DuckDBFile

# Of the memory budget: the file's engine while entries are read beside it, and once they are.
_BESIDE, _ALONE = 15, 60


@dataclass(frozen=True)
class Analysis:
    """What an analysis found. file: the DuckDB file that has it all.

    entries: documents or rows (`noun`); without_key: those of them that cannot be compared. clusters: keys that several
    entries have; largest: the most entries of one. same_content, different_content: entries that another one wins over,
    by class. contents_under_several_keys: as it says. near: pairs of keys that are alike; near_skipped: blocks that
    were too large to be searched. rule: which entry of a cluster wins.
    """

    file: Path
    source: str
    noun: str
    key: tuple[str, ...]
    rule: str
    entries: int
    without_key: int
    clusters: int
    largest: int
    same_content: int
    different_content: int
    contents_under_several_keys: int
    near: int
    near_skipped: int
    seconds: float
    peak_memory: int

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        told = f"{self.entries:,} {self.noun}s, {self.clusters:,} clusters, {self.same_content:,} same content"
        return f"<Analysis of {self.source}: {told}, {self.different_content:,} different content>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.dedupe_html import analysis_html

        return analysis_html(self)


def analyze(source: str | Path, file: str | Path, options: AnalyzeOptions | None = None) -> Analysis:
    """Analyse duplicates into a DuckDB file, which is replaced where it is there.

    source: a job file, a job's audit folder, or Parquet files: one, a folder or a pattern. Raises JobError for a key or
    a column that is not there, and otherwise what reading the source raises.
    """
    options = options or AnalyzeOptions()
    with closing(open_entries(source, options)) as entries:
        return analyze_entries(entries, Path(file), options)


def analyze_entries(entries: Entries, file: Path, options: AnalyzeOptions) -> Analysis:
    """The same of entries that are open; they are closed."""
    started = time.monotonic()
    options = _with_columns(entries, options)
    memory = options.memory or default_memory()
    made = DuckDBFile(file, memory=memory * _BESIDE // 100, threads=options.workers or processors())
    with closing(made):
        _load(made, entries)
        entries.close()
        made.give_memory(memory * _ALONE // 100)
        _analyse(made, entries, options)
        found = _found(made, entries, options, started)
        made.finish()
    return replace(found, seconds=round(time.monotonic() - started, 3), peak_memory=peak_memory())


def _with_columns(entries: Entries, options: AnalyzeOptions) -> AnalyzeOptions:
    """The options with the columns' own names; JobError for one that is not there."""
    if not 0 < options.threshold <= 1:
        raise JobError(f"a threshold of {options.threshold:g} asks for nothing", hint="give one above 0, at most 1")
    if options.block and not options.similar:
        raise JobError("blocks are for similar columns, of which none is named", hint="name some with --similar")
    return replace(
        options,
        by=tuple(map(entries.column, options.by)),
        day=None if options.day is None else entries.column(options.day),
        origin=None if options.origin is None else entries.column(options.origin),
        similar=tuple(map(entries.column, options.similar)),
        block=tuple(map(entries.column, options.block)),
    )


def _load(file: DuckDBFile, entries: Entries) -> None:
    """Every entry and its rows."""
    file.execute("CREATE SCHEMA data")
    file.append("entry", ENTRY_SCHEMA.empty_table())
    for batch in entries.batches():
        file.append("entry", batch.entries)
        for name, rows in batch.tables.items():
            file.append(data_table(name), rows)


def _analyse(file: DuckDBFile, entries: Entries, options: AnalyzeOptions) -> None:
    first = entries.tables[0]
    if not file.execute("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'data' AND table_name = ?", [first.name]):
        columns = pa.schema(
            [("_entry", pa.int64()), ("_place", pa.int64()), *((name, pa.string()) for name in first.columns)]
        )
        file.append(data_table(first.name), columns.empty_table())
    add_days_and_origins(file, first, day=options.day, origin=options.origin)
    make_members(file, first, keep=options.keep, by=options.by)
    make_differences(file, entries.tables)
    make_near(
        file,
        first,
        similar=options.similar,
        measure=options.measure,
        threshold=options.threshold,
        block=options.block,
    )
    chosen = {name: value for name, value in asdict(options).items() if name not in ("memory", "workers")}
    file.execute(
        "CREATE TABLE analysis AS"
        " SELECT ? AS source, ? AS key, ? AS rule, ? AS options, CAST(? AS TIMESTAMP) AS made_at",
        [
            entries.described,
            ", ".join(entries.key),
            rule_text(options),
            json.dumps(chosen),
            datetime.now(UTC).replace(tzinfo=None),
        ],
    )
    make_views(file)


def rule_text(options: AnalyzeOptions) -> str:
    """Which entry wins, in words."""
    order = f"by {', '.join(options.by)}" if options.by else "in the order of the source"
    return f"the {options.keep} {order}"


def _found(file: DuckDBFile, entries: Entries, options: AnalyzeOptions, started: float) -> Analysis:
    counts = dict(file.execute("FROM summary"))
    clusters, largest = file.execute("SELECT count(*), coalesce(max(entries), 0) FROM clusters")[0]
    several = file.execute("SELECT count(*) FROM same_content")[0][0]
    near, skipped = file.execute("SELECT (SELECT count(*) FROM near_duplicate), (SELECT count(*) FROM near_skipped)")[0]
    return Analysis(
        file=file.path,
        source=entries.described,
        noun=entries.noun,
        key=entries.key,
        rule=rule_text(options),
        entries=int(counts["entries"]),
        without_key=int(counts["without_key"]),
        clusters=int(clusters),
        largest=int(largest),
        same_content=int(counts["same_content"]),
        different_content=int(counts["different_content"]),
        contents_under_several_keys=int(several),
        near=int(near),
        near_skipped=int(skipped),
        seconds=time.monotonic() - started,
        peak_memory=peak_memory(),
    )
