"""The views of an analysis: what a person or a notebook asks of its file. docs/duplicates.md shows each."""

from __future__ import annotations

from dataclasses import dataclass

from columnar.dedupe.clusters import data_table
from columnar.dedupe.entries import ENTRY, PLACE, EntryTable
from loaders.duckdb_file import DuckDBFile
from loaders.sql import quote


@dataclass(frozen=True, slots=True)
class View:
    """A view, what it tells, and its query."""

    name: str
    told: str
    sql: str


TABLES = {
    "entry": "Every document or row, in the order of the source. key: what is compared, NULL where problem says why.",
    "member": "Every entry of a cluster; place 1 is the winner.",
    "duplicate": "Every entry that another one wins over.",
    "difference": "Every value in which a loser is not like its winner.",
    "near_duplicate": "Pairs of keys that are alike in the columns that were named.",
    "near_skipped": "Blocks that were too large to be searched for similar entries.",
    "analysis": "How this file was made: one row.",
}
VIEWS = (
    View(
        "summary",
        "How many entries there are of each class.",
        "SELECT 'entries' AS class, count(*) AS entries FROM entry"
        " UNION ALL SELECT 'without_key', count(*) FROM entry WHERE key IS NULL"
        " UNION ALL SELECT 'unique', count(*) FROM entry WHERE key IS NOT NULL AND key NOT IN (SELECT key FROM member)"
        " UNION ALL SELECT 'winner', count(*) FROM member WHERE place = 1"
        " UNION ALL SELECT 'same_content', count(*) FROM duplicate WHERE class = 'same_content'"
        " UNION ALL SELECT 'different_content', count(*) FROM duplicate WHERE class = 'different_content'"
        " UNION ALL SELECT 'same_content_other_key', coalesce(sum(keys - 1), 0) FROM same_content",
    ),
    View(
        "clusters",
        "One row for each key that several entries have.",
        "SELECT key, count(*) AS entries, count(DISTINCT content) AS contents, count(DISTINCT content) > 1 AS conflict,"
        " count(DISTINCT origin) AS origins, arg_min(entry, place) AS winner,"
        " arg_min(source_key, place) AS winner_source_key, min(day) AS first_day, max(day) AS last_day"
        " FROM member JOIN entry USING (key, entry) GROUP BY key",
    ),
    View(
        "sizes",
        "How many clusters have how many entries.",
        "SELECT entries, count(*) AS clusters, count(*) FILTER (WHERE conflict) AS conflicts FROM clusters"
        " GROUP BY entries ORDER BY entries",
    ),
    View(
        "duplicates",
        "One row for each entry that another one wins over.",
        "SELECT d.key, d.class, l.source_key, w.source_key AS winner_source_key, l.origin, w.origin AS winner_origin,"
        " l.day, d.same_bytes, d.entry, d.winner"
        " FROM duplicate AS d JOIN entry AS l ON l.entry = d.entry JOIN entry AS w ON w.entry = d.winner",
    ),
    View(
        "conflicts",
        "One row for each entry whose content is not that of its winner, with the columns that differ.",
        "SELECT d.key, l.source_key, w.source_key AS winner_source_key, l.origin, l.day,"
        " f.columns, d.entry, d.winner"
        " FROM duplicate AS d JOIN entry AS l ON l.entry = d.entry JOIN entry AS w ON w.entry = d.winner"
        " LEFT JOIN (SELECT loser, "
        " list_sort(list(DISTINCT table_name || '.' || coalesce(column_name, '(row)'))) AS columns"
        " FROM difference GROUP BY loser) AS f ON f.loser = d.entry WHERE d.class = 'different_content'",
    ),
    View(
        "differences",
        "One row for each value in which a loser is not like its winner; only_in where one has no such row.",
        "SELECT f.key, f.table_name, f.row_number, f.column_name, f.winner_value, f.loser_value, f.only_in,"
        " w.source_key AS winner_source_key, l.source_key AS loser_source_key, f.winner, f.loser"
        " FROM difference AS f JOIN entry AS l ON l.entry = f.loser JOIN entry AS w ON w.entry = f.winner",
    ),
    View(
        "differing_columns",
        "How often each column differs.",
        "SELECT table_name, column_name, only_in, count(*) AS differences, count(DISTINCT loser) AS entries"
        " FROM difference GROUP BY ALL ORDER BY entries DESC, table_name, column_name",
    ),
    View(
        "per_day",
        "Entries and duplicates by day.",
        "SELECT day, count(*) AS entries, count(d.entry) AS duplicates,"
        " count(*) FILTER (WHERE d.class = 'different_content') AS conflicts"
        " FROM entry AS e LEFT JOIN duplicate AS d USING (entry) GROUP BY day ORDER BY day",
    ),
    View(
        "per_source",
        "Entries and duplicates by file or source; from_elsewhere: duplicates whose winner is in another one.",
        "SELECT e.origin, count(*) AS entries, count(d.entry) AS duplicates,"
        " count(*) FILTER (WHERE d.class = 'different_content') AS conflicts,"
        " count(*) FILTER (WHERE w.origin <> e.origin) AS from_elsewhere"
        " FROM entry AS e LEFT JOIN duplicate AS d USING (entry) LEFT JOIN entry AS w ON w.entry = d.winner"
        " GROUP BY e.origin ORDER BY e.origin",
    ),
    View(
        "same_content",
        "One row for each content that stands under several keys.",
        "SELECT lower(hex(content)) AS content, count(DISTINCT key) AS keys, count(*) AS entries,"
        " list_sort(list(DISTINCT key)) AS key_list"
        " FROM entry WHERE key IS NOT NULL AND content IS NOT NULL GROUP BY entry.content"
        " HAVING count(DISTINCT key) > 1",
    ),
    View(
        "near_duplicates",
        "Pairs of keys that are alike: equal once normalised, or as similar as the threshold asks.",
        "SELECT kind, round(score, 4) AS score, key, other_key, value, other_value, entry, other_entry"
        " FROM near_duplicate",
    ),
    View(
        "without_key",
        "Entries that have no key to compare, and why.",
        "SELECT source_key, problem, origin, day, entry FROM entry WHERE key IS NULL",
    ),
)


def make_views(file: DuckDBFile) -> None:
    """All of them, each with its comment; the tables get theirs too."""
    ordered = sorted(VIEWS, key=lambda view: view.name in ("summary", "sizes"))  # these two ask others
    for view in ordered:
        file.execute(f"CREATE VIEW {quote(view.name)} AS {view.sql}")
        file.describe("VIEW", view.name, view.told)
    for name, told in TABLES.items():
        file.describe("TABLE", name, told)


def add_days_and_origins(file: DuckDBFile, first: EntryTable, *, day: str | None, origin: str | None) -> None:
    """The column `day` of every entry, NULL where no column is named; and `origin` from a column, where one is."""
    file.execute("ALTER TABLE entry ADD COLUMN day DATE")
    for column, name, kind in (("day", day, "DATE"), ("origin", origin, "VARCHAR")):
        if name is not None:
            file.execute(
                f"UPDATE entry SET {column} = d.value FROM (SELECT {quote(ENTRY)} AS entry,"
                f" arg_min(TRY_CAST({quote(name)} AS {kind}), {quote(PLACE)}) AS value"
                f" FROM {data_table(first.name)} GROUP BY ALL) AS d WHERE d.entry = entry.entry"
            )
