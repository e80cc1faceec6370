"""The analysis of exact duplicates in SQL: which entries share a key, which of them wins, where the others differ."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.dedupe.entries import ENTRY, PLACE, EntryTable
from columnar.dedupe.options import Keep
from loaders.duckdb_file import DuckDBFile
from loaders.sql import quote

DATA = "data"  # the schema of the entries' rows


def data_table(name: str) -> str:
    """Where the rows of a table are, quoted."""
    return f"{quote(DATA)}.{quote(name)}"


def make_members(file: DuckDBFile, first: EntryTable, *, keep: Keep, by: Sequence[str]) -> None:
    """`member`: every entry of a cluster, with its place in the order of the rule: 1 is the winner."""
    data = data_table(first.name)
    values = ", ".join(f"arg_min({quote(name)}, {quote(PLACE)}) AS by_{at}" for at, name in enumerate(by))
    join = f"LEFT JOIN (SELECT {quote(ENTRY)} AS entry, {values} FROM {data} GROUP BY ALL) USING (entry)" if by else ""
    direction = "DESC" if keep == "last" else "ASC"
    order = ", ".join([*(f"by_{at} {direction} NULLS LAST" for at in range(len(by))), "entry"])
    if not by:
        order = f"entry {direction}"
    file.execute(
        "CREATE TABLE member AS"
        " WITH repeated AS (SELECT key FROM entry WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1)"
        f" SELECT key, entry, row_number() OVER (PARTITION BY key ORDER BY {order}) AS place"
        f" FROM entry SEMI JOIN repeated USING (key) {join}"
    )
    file.execute(
        "CREATE TABLE duplicate AS"
        " SELECT l.key, l.entry, w.entry AS winner,"
        " CASE WHEN l.content IS NOT DISTINCT FROM w.content THEN 'same_content' ELSE 'different_content' END AS class,"
        " l.bytes_fingerprint = w.bytes_fingerprint AS same_bytes"
        " FROM (FROM member JOIN entry USING (key, entry) WHERE place > 1) AS l"
        " JOIN (FROM member JOIN entry USING (key, entry) WHERE place = 1) AS w USING (key)"
    )


def make_differences(file: DuckDBFile, tables: Sequence[EntryTable]) -> None:
    """`difference`: each value in which a loser is not like its winner; where one has a row that the other has not, one
    line without a column."""
    file.execute(
        "CREATE TABLE difference (key VARCHAR, winner BIGINT, loser BIGINT, table_name VARCHAR, row_number BIGINT,"
        " column_name VARCHAR, winner_value VARCHAR, loser_value VARCHAR, only_in VARCHAR)"
    )
    for table in tables:
        if table.name in _there(file):
            file.execute(f"INSERT INTO difference {_differences(table)}")


def _there(file: DuckDBFile) -> set[str]:
    return {row[0] for row in file.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = ?", [DATA])}


def _differences(table: EntryTable) -> str:
    """The query for one table. Rows are told by the table's key where it has one of its own, else by their order."""
    compared = [name for name in table.columns if name not in table.left_out]
    own_key = [name for name in table.key if name not in table.left_out]
    told_by = ", ".join(f"CAST(t.{quote(name)} AS VARCHAR)" for name in own_key)
    same = f"[{told_by}]" if own_key else "CAST([] AS VARCHAR[])"
    cells = ", ".join(
        f"{{'name': {_literal(name)}, 'winner': CAST(w.{quote(name)} AS VARCHAR),"
        f" 'loser': CAST(l.{quote(name)} AS VARCHAR),"
        f" 'differs': w.{quote(name)} IS DISTINCT FROM l.{quote(name)}}}"
        for name in compared
    )
    gone = "{'name': NULL, 'winner': NULL, 'loser': NULL, 'differs': true}"
    cells = f"list_filter([{cells}], lambda cell: cell.differs)" if compared else "[]"
    side = (
        "SELECT d.key, d.winner, d.entry AS loser, t.*, {same} AS _told,"
        " row_number() OVER (PARTITION BY d.entry, {same} ORDER BY t.{place}) AS _turn"
        " FROM duplicate AS d JOIN {data} AS t ON t.{entry} = d.{whose} WHERE d.class = 'different_content'"
    )
    names = {"same": same, "place": quote(PLACE), "entry": quote(ENTRY), "data": data_table(table.name)}
    return (
        f"WITH w AS ({side.format(**names, whose='winner')}), l AS ({side.format(**names, whose='entry')})"
        f" SELECT coalesce(w.key, l.key), coalesce(w.winner, l.winner), coalesce(w.loser, l.loser),"
        f" {_literal(table.name)}, coalesce(w.{quote(PLACE)}, l.{quote(PLACE)}) + 1,"
        " cell.name, cell.winner, cell.loser,"
        " CASE WHEN l.loser IS NULL THEN 'winner' WHEN w.loser IS NULL THEN 'loser' END"
        " FROM w FULL JOIN l ON w.loser = l.loser AND w._told = l._told AND w._turn = l._turn,"
        f" unnest(CASE WHEN w.loser IS NULL OR l.loser IS NULL THEN [{gone}] ELSE {cells} END) AS u(cell)"
    )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
