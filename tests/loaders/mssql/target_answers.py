"""A target of two tables, as far as publishing into it asks: its catalogue, counts, and the ledger row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.tds_endpoint import Answer, Changed, Rows, ServerError
from tests.servers.tds_tokens import Column

# Name, type, collation, bytes, identity.
_COLUMNS: dict[int, list[tuple[str, str, str, int, int]]] = {
    1: [("chunk", "bigint", "", 8, 0), ("attempt", "nvarchar", "Latin1_General_CI_AS", -1, 0)],
    2: [("id", "bigint", "", 8, 1), ("name", "nvarchar", "Latin1_General_CI_AS", 40, 0)],
}
_TABLES = {"ledger": 1, "item": 2}
_KEYS = {1: "chunk", 2: "id"}
_CREATED = re.compile(r"CREATE TABLE (\[.*?\]\.\[.*?\]) \((.*)\)")
_STAGED = re.compile(r"\[(columnar_[0-9a-f]{12}_\w+_(\d))\]")
_COLUMN = re.compile(r"\[(\w+)\] (bigint|nvarchar\(max\))")


@dataclass
class Target:
    """Answers by what a statement is about. refuse: the number of an error that INSERTs into `item` end with; 0: none.
    left: staging tables that another run left behind."""

    refuse: int = 0
    left: tuple[str, ...] = ()
    _published: bool = False
    _moved: bool = False
    _created: dict[str, list[Column]] = field(default_factory=dict)

    def __call__(self, sql: str, values: Sequence[Any]) -> Answer:
        if sql.startswith("TM_") or "INSERT BULK" in sql:
            environment = {"TM_BEGIN": 8, "TM_COMMIT": 9, "TM_ROLLBACK": 10}.get(sql)
            return Changed(environment=environment)
        if "FMTONLY" in sql:
            return self._staging_columns(sql)
        if "BEGIN TRANSACTION" in sql:
            return Changed(environment=8)
        if sql.startswith("COMMIT"):
            self._published = self._moved  # tables are made in a transaction, too
            return Changed(environment=9)
        if sql.startswith("IF @@TRANCOUNT"):
            return Changed(environment=10)
        if created := _CREATED.match(sql):
            columns = [
                Column(name, "bigint" if kind == "bigint" else "nvarchar") for name, kind in _COLUMN.findall(created[2])
            ]
            self._created[created[1]] = columns
            return Changed()
        if "ROWCOUNT_BIG" in sql:
            return self._inserted(sql)
        return self._selected(sql, values)

    def _selected(self, sql: str, values: Sequence[Any]) -> Answer:
        if "applock" in sql:
            return _one("locked", 1)
        if "FROM [#columnar_compared]" in sql:
            return self._compared()
        if "FROM sys.objects" in sql:
            number = _TABLES.get(values[1])
            texts = [Column("schema"), Column("name"), Column("kind")]
            return Rows([*texts, Column("id", "bigint")], [] if number is None else [["dbo", values[1], "U", number]])
        if "FROM sys.columns" in sql:
            return _columns(values[0])
        if "FROM sys.indexes" in sql:
            return Rows([Column("column"), Column("index", "bigint")], [[_KEYS[values[0]], 1]])
        if "FROM sys.foreign_keys" in sql:
            texts = [Column(name) for name in ("column", "schema", "table", "references")]
            return Rows([*texts, Column("key", "bigint")], [])
        if "FROM sys.triggers" in sql:
            return Rows([Column("name")], [])
        if "FROM sys.tables" in sql:
            return Rows([Column("name")], [[name] for name in self.left])
        if "COUNT_BIG(*)" in sql:
            staged = _STAGED.search(sql)
            return _one("n", 0 if staged is None else int(staged[2]) * 2 + 1)
        if "[ledger]" in sql:
            columns = [Column("chunk", "bigint"), Column("attempt")]
            return Rows(columns, [[1, "a"]] if self._published else [])
        return Changed()

    @staticmethod
    def _compared() -> Rows:
        """Row 0 is equal to one that is there, rows 1 and 2 to each other."""
        numbers = [Column(name, "bigint") for name in ("columnar_row", "columnar_first", "columnar_there")]
        texts = [Column("c.attempt"), Column("t.attempt")]
        rows = [[0, 0, 1, "e", "É"], [1, 1, 0, "a", None], [2, 1, 0, "A", None]]
        return Rows([*numbers, *texts], rows)

    def _inserted(self, sql: str) -> Answer:
        if "[item]" in sql and self.refuse:
            return ServerError(self.refuse, "Violation of PRIMARY KEY constraint 'PK'.", 14)
        self._moved = True
        return _one("", 3 if "[item]" in sql else 1)

    def _staging_columns(self, sql: str) -> Answer:
        name = next(name for name in self._created if name in sql)
        columns = self._created[name]
        heads = [Column("colid", "int"), Column("name"), Column("collation", length=10), Column("collation_name")]
        collations = [
            [at + 1, column.name, None, "Latin1_General_CI_AS" if column.type == "nvarchar" else None]
            for at, column in enumerate(columns)
        ]
        return [Rows([Column("", "int")], [[0]]), Rows(columns, []), Rows(heads, collations)]


def _one(name: str, value: int) -> Rows:
    return Rows([Column(name, "bigint")], [[value]])


def _columns(table: int) -> Rows:
    names = [Column(name) for name in ("name", "type", "default", "collation")]
    numbers = [Column(name, "bigint") for name in ("size", "precision", "scale", "nullable", "computed", "identity")]
    rows = [
        [name, kind, "", collation, size, 0, 0, int(name == "name"), 0, identity]
        for name, kind, collation, size, identity in _COLUMNS[table]
    ]
    return Rows([*names, *numbers], rows)
