"""Rows that make room for others in a DuckDB file, where foreign keys refer to them.

DuckDB refuses to delete a row in the transaction that deleted what referred to it (seen with 2.0.1). So a row of a
table that others refer to is updated in place where one with its key comes again. One that does not come again stays
until what referred to it is gone for good: it is noted in `columnar_leftover` in the same transaction, and deleted by
the next, right after. Who finds such notes deletes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import first_row
from loaders.sql import quote

LEFTOVER = "columnar_leftover"
_ROWS = "columnar_rows_in_place"


@dataclass(frozen=True, slots=True)
class Place:
    """A table that others refer to. table: its full name, quoted. key: the columns of its primary key. types: of its
    columns. among: the condition that a row `t` is one of those that make room."""

    name: str
    table: str
    key: tuple[str, ...]
    types: Mapping[str, str]
    among: str

    @property
    def key_texts(self) -> str:
        """The key of a row `t` as a list of texts."""
        return "[" + ", ".join(f"CAST(t.{quote(name)} AS VARCHAR)" for name in self.key) + "]"

    def same(self, other: str) -> str:
        """The condition that a row `t` has the key of another."""
        pairs = (f"t.{quote(name)} = TRY_CAST({other}.{quote(name)} AS {self.types[name]})" for name in self.key)
        return " AND ".join(pairs)


def come_again(cursor: duckdb.DuckDBPyConnection, place: Place, rows: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows whose key is that of one that makes room, and the others."""
    numbered = rows.select(list(place.key)).append_column("columnar_number", pa.array(range(len(rows)), pa.int64()))
    cursor.register(_ROWS, numbered)
    try:
        found = cursor.sql(
            f"SELECT r.columnar_number AS number FROM {_ROWS} AS r WHERE EXISTS"
            f" (SELECT 1 FROM {place.table} AS t WHERE {place.among} AND {place.same('r')}) ORDER BY number"
        ).to_arrow_table()["number"]
    finally:
        cursor.unregister(_ROWS)
    again = set(found.to_pylist())
    others = pa.array([number for number in range(len(rows)) if number not in again], pa.int64())
    return rows.take(found.combine_chunks()), rows.take(others)


def note_leftover(cursor: duckdb.DuckDBPyConnection, schema: str, place: Place, again: pa.Table, turn: int) -> int:
    """Note those that make room and do not come again; how many. turn: in which order they are deleted."""
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {schema}.{LEFTOVER} (turn BIGINT, table_name VARCHAR, key VARCHAR[])")
    cursor.register(_ROWS, again.select(list(place.key)))
    try:
        done = first_row(
            cursor,
            f"INSERT INTO {schema}.{LEFTOVER} SELECT ?, ?, {place.key_texts} FROM {place.table} AS t"
            f" WHERE {place.among} AND NOT EXISTS (SELECT 1 FROM {_ROWS} AS r WHERE {place.same('r')})",
            [turn, place.name],
        )
    finally:
        cursor.unregister(_ROWS)
    return int(done[0]) if done else 0


def leftovers(cursor: duckdb.DuckDBPyConnection, schema: str) -> list[tuple[int, str]]:
    """The turns and tables of rows that are still to be deleted, in their order."""
    rows = cursor.execute(f"SELECT DISTINCT turn, table_name FROM {schema}.{LEFTOVER} ORDER BY turn").fetchall()
    return [(turn, name) for turn, name in rows]


def delete_leftover(cursor: duckdb.DuckDBPyConnection, schema: str, place: Place, turn: int) -> None:
    """Delete the rows of one turn, and their notes."""
    cursor.execute(
        f"DELETE FROM {place.table} AS t WHERE EXISTS (SELECT 1 FROM {schema}.{LEFTOVER} AS l"
        f" WHERE l.turn = ? AND l.table_name = ? AND l.key = {place.key_texts})",
        [turn, place.name],
    )
    cursor.execute(f"DELETE FROM {schema}.{LEFTOVER} WHERE turn = ? AND table_name = ?", [turn, place.name])


def update_sql(place: Place, columns: Sequence[str], every: Sequence[str], view: str) -> str:
    """Puts the rows of a view in place of those that have their keys. columns: of the view; every: that a row brings or
    whose default it takes."""
    names = ", ".join(quote(name) for name in columns)
    others = [name for name in every if name not in place.key]
    target = ", ".join(quote(name) for name in place.key)
    changes = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in others)
    action = f"DO UPDATE SET {changes}" if changes else "DO NOTHING"
    return f"INSERT INTO {place.table} ({names}) SELECT {names} FROM {view} ON CONFLICT ({target}) {action}"
