"""Near duplicates in SQL: entries under different keys that are alike in some columns."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.dedupe.clusters import data_table
from columnar.dedupe.entries import ENTRY, PLACE, EntryTable
from columnar.dedupe.options import Measure
from loaders.duckdb_file import DuckDBFile
from loaders.sql import quote

# All pairs of a block are compared: 2,000 are two million comparisons, about a second. Larger blocks are told, not
# searched.
LARGEST_BLOCK = 2_000
# Characters that make a block, where none is named.
_PREFIX = 3
MACRO = (
    "CREATE MACRO normalised(value) AS"
    " regexp_replace(lower(strip_accents(CAST(value AS VARCHAR))), '[^\\p{L}\\p{N}]+', '', 'g')"
)
_SIMILARITY = {
    "jaro_winkler": "jaro_winkler_similarity({a}, {b})",
    "levenshtein": "1 - levenshtein({a}, {b}) / greatest(length({a}), length({b}), 1)",
}


def make_near(
    file: DuckDBFile,
    first: EntryTable,
    *,
    similar: Sequence[str],
    measure: Measure,
    threshold: float,
    block: Sequence[str],
) -> None:
    """`near_duplicate`: pairs of keys whose first entries are equal once normalised, or similar. `near_skipped`: blocks
    that were too large to be searched."""
    file.execute(MACRO)
    file.execute(
        "CREATE TABLE near_duplicate (kind VARCHAR, score DOUBLE, key VARCHAR, other_key VARCHAR, entry BIGINT,"
        " other_entry BIGINT, value VARCHAR, other_value VARCHAR)"
    )
    file.execute("CREATE TABLE near_skipped (block VARCHAR, entries BIGINT)")
    if not similar:
        return
    _make_candidates(file, first, similar, block)
    file.execute(
        "INSERT INTO near_duplicate"
        " SELECT 'normalised', 1.0, w.key, c.key, w.entry, c.entry, w.shown, c.shown"
        " FROM near_candidate AS c JOIN (SELECT norms, min(entry) AS entry FROM near_candidate GROUP BY norms) AS first"
        " ON first.norms = c.norms AND first.entry < c.entry JOIN near_candidate AS w ON w.entry = first.entry"
    )
    # of those that are equal, one stands for all
    file.execute(
        "CREATE TEMP TABLE distinct_candidate AS FROM near_candidate"
        " QUALIFY row_number() OVER (PARTITION BY norms ORDER BY entry) = 1"
    )
    file.execute(
        "INSERT INTO near_skipped SELECT block, count(*) FROM distinct_candidate GROUP BY block HAVING count(*) > ?",
        [LARGEST_BLOCK],
    )
    scores = [_SIMILARITY[measure].format(a=f"a.norms[{at}]", b=f"b.norms[{at}]") for at in range(1, len(similar) + 1)]
    score = f"({' + '.join(scores)}) / {len(similar)}"
    file.execute(
        "INSERT INTO near_duplicate"
        f" SELECT 'similar', {score} AS score, a.key, b.key, a.entry, b.entry, a.shown, b.shown"
        " FROM (FROM distinct_candidate ANTI JOIN near_skipped USING (block)) AS a"
        " JOIN distinct_candidate AS b ON a.block = b.block AND a.entry < b.entry"
        f" WHERE {score} >= ?",
        [threshold],
    )
    file.execute("DROP TABLE distinct_candidate")
    file.execute("DROP TABLE near_candidate")


def _make_candidates(file: DuckDBFile, first: EntryTable, similar: Sequence[str], block: Sequence[str]) -> None:
    """The first entry of each key that has any of the values: its normalised values, and its block."""
    norms = ", ".join(f"coalesce(normalised({quote(name)}), '')" for name in similar)
    shown = " || ' | ' || ".join(f"coalesce(CAST({quote(name)} AS VARCHAR), '')" for name in similar)
    blocks = " || ' ' || ".join(f"coalesce(normalised({quote(name)}), '')" for name in block)
    blocks = blocks or f"left(coalesce(normalised({quote(similar[0])}), ''), {_PREFIX})"
    file.execute(
        "CREATE TEMP TABLE near_candidate AS"
        f" SELECT e.key, e.entry, [{norms}] AS norms, {shown} AS shown, {blocks} AS block"
        " FROM (SELECT key, min(entry) AS entry FROM entry WHERE key IS NOT NULL GROUP BY key) AS e"
        f" JOIN {data_table(first.name)} AS t ON t.{quote(ENTRY)} = e.entry"
        f" WHERE t.{quote(PLACE)} = 0 AND list_any_value(list_filter([{norms}], lambda text: text <> '')) IS NOT NULL"
    )
