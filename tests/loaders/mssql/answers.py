"""What the endpoint answers to the tests here; importable, since it runs in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.tds_endpoint import Answer, Called, Changed, Dropped, Login, Refused, Rows, ServerError
from tests.servers.tds_process import nothing
from tests.servers.tds_tokens import Column

_LIMIT = re.compile(r"<= (\d+) THEN")
_HALF = b"<\0\x00\xd8>\0"  # half a surrogate pair
_REPLACEMENT = "\ufffd"


def refused(number: int, message: str) -> Refusal:
    return Refusal(number, message)


@dataclass(frozen=True)
class Refusal:
    """Refuses every login, as SQL Server does: 18456 stands behind what it says of the database."""

    number: int
    message: str

    def __call__(self, login: Login) -> ServerError:
        return ServerError(self.number, self.message, 14)


def only_master(login: Login) -> Refused:
    """What SQL Server says of a database that is not there: first why, then that the login failed."""
    if login.database == "master":
        return None
    told = f'Cannot open database "{login.database}" requested by the login. The login failed.'
    return [ServerError(4060, told, 11), ServerError(18456, f"Login failed for user '{login.user}'.", 14)]


@dataclass(frozen=True)
class Fails:
    """Answers statements that hold a word with an error; number 0: with a cut connection."""

    word: str
    number: int
    message: str = ""

    def __call__(self, sql: str, values: Sequence[Any]) -> Answer:
        if self.word in sql:
            if not self.number:
                raise Dropped
            return ServerError(self.number, self.message)
        return (
            copied(sql, values) if "FMTONLY" in sql or sql.startswith(("TM_", "INSERT BULK")) else nothing(sql, values)
        )


@dataclass(frozen=True)
class Documents:
    """A table of documents, whatever is selected: the key, and the texts that the statement's limit lets through."""

    texts: tuple[str | bytes | None, ...]

    def __call__(self, sql: str, values: Sequence[Any]) -> Answer:
        if "PATINDEX(" in sql:
            return self._second_look()
        if "count(*)" in sql:
            longest = max((len(self._utf16(text)) for text in self.texts if text is not None), default=0)
            return Rows([Column("c0", "bigint"), Column("c1", "bigint")], [[len(self.texts), longest]])
        if "[xml]" in sql:
            return self._selected(sql)
        if "snapshot_isolation_state" in sql and "IF" not in sql:
            return Rows([Column("", "bigint")], [[1]])
        return nothing(sql, values)

    def _selected(self, sql: str) -> Rows:
        limit = _LIMIT.search(sql)
        most = int(limit[1]) if limit else None
        rows = []
        for at, text in enumerate(self.texts):
            size = None if text is None else len(self._utf16(text))
            kept = None if size is None or (most is not None and size > most) else text
            rows.append([at, kept, size])
        if "AS n1" in sql:  # the guard asks for lengths
            return Rows([Column("c0", "bigint"), Column("c1"), Column("n1", "bigint")], rows)
        return Rows([Column("id", "bigint"), Column("document")], [row[:2] for row in rows])

    def _second_look(self) -> Rows:
        found = [
            [at, text, self._utf16(text).decode("utf-16-le", "replace").count(_REPLACEMENT) if text != _HALF else 0]
            for at, text in enumerate(self.texts)
            if text is not None and (text == _HALF or (isinstance(text, str) and _REPLACEMENT in text))
        ]
        return Rows([Column("id", "bigint"), Column("document"), Column("columnar_replaced", "bigint")], found)

    @staticmethod
    def _utf16(text: str | bytes) -> bytes:
        return text if isinstance(text, bytes) else text.encode("utf-16-le")


HALF = _HALF


@dataclass(frozen=True)
class Breaks:
    """A result that ends with an error before the last of its rows; number 0: with a cut connection."""

    number: int = 0
    rows: int = 3

    def __call__(self, sql: str, values: Sequence[Any]) -> Answer:
        if "count(*)" in sql:
            return Rows([Column("c0", "bigint"), Column("c1", "bigint")], [[self.rows + 1, 2]])
        if "[xml]" not in sql:
            return nothing(sql, values)
        names = [Column("c0", "bigint"), Column("c1")]
        found: list[list[Any]] = [[at, "x"] for at in range(self.rows)]
        if "AS n1" in sql:
            names.append(Column("n1", "bigint"))
            found = [[*row, 2] for row in found]
        told = "Transaction (Process ID 5) was deadlocked on lock resources with another process."
        if not self.number:
            return Rows(names, found, dropped=True)
        return Rows(names, found, ServerError(self.number, told))


def behind_others(sql: str, values: Sequence[Any]) -> Answer:
    """What stands before the SELECT of a batch, as SQL Server answers it under NOCOUNT: statements, and a procedure."""
    if "c0" not in sql:
        return nothing(sql, values)
    called = [Called()] if "EXEC" in sql else []
    return [Changed(), Changed(), *called, Changed(), Rows([Column("c0", "bigint")], [[1]])]


def counted(sql: str, values: Sequence[Any]) -> Answer:
    """An INSERT whose trigger changed other rows: its own count comes last."""
    if "fails later" in sql:
        return [Rows([Column("a", "bigint")], [[1]]), ServerError(547, "The INSERT statement conflicted with the …")]
    if "ROWCOUNT_BIG" in sql:
        return [Rows([Column("from_a_trigger", "bigint")], [[99]]), Rows([Column("", "bigint")], [[5]])]
    return nothing(sql, values)


def copied(sql: str, values: Sequence[Any]) -> Answer:
    """A staging table of two columns, and three rows that arrived in it."""
    if "FMTONLY" in sql:
        names = [Column("columnar_row", "bigint"), Column("note")]
        collations = [
            Column("colid", "int"),
            Column("name", length=128),
            Column("collation", length=10),
            Column("collation_name", length=128),
        ]
        return [
            Rows([Column("", "int")], [[0]]),
            Rows(names, []),
            Rows(collations, [[1, "columnar_row", None, None], [2, "note", None, "Latin1_General_CI_AS"]]),
        ]
    if sql == "BULK":
        return Changed(3)
    return {
        "TM_BEGIN": Changed(environment=8),
        "TM_COMMIT": Changed(environment=9),
        "TM_ROLLBACK": Changed(environment=10),
    }.get(sql, Changed())


ASKED = ("<a/>", None, "é😀" * 5_000)


def asked_for_its_name(sql: str, values: Sequence[Any]) -> Answer:
    """What SQL Server says where somebody asks which database it is; and documents."""
    if "@@version AS v" in sql:
        return Rows([Column("c0", "bigint")], [[1]])
    if "version" in sql:
        return ServerError(195, "'version' is not a recognized built-in function name.")
    return Documents(ASKED)(sql, values)


STAGED = {
    "flag": "bit",
    "tiny": "smallint",
    "small": "smallint",
    "medium": "int",
    "big": "bigint",
    "number": "float",
    "amount": "decimal(12,2)",
    "exact": "decimal(38,10)",
    "day": "date",
    "clock": "time(6)",
    "moment": "datetime2(6)",
    "instant": "datetimeoffset(6)",
    "bytes": "varbinary(max)",
    "short": "nvarchar",
    "long": "nvarchar",
    "uid": "nvarchar",
}


def every_type(sql: str, values: Sequence[Any]) -> Answer:
    """A staging table with a column of every type."""
    if "FMTONLY" not in sql:
        return copied(sql, values)
    columns = [Column(name, kind) for name, kind in STAGED.items()]
    heads = [Column("colid", "int"), Column("name"), Column("collation", length=10), Column("collation_name")]
    collations = [
        [at, name, None, "Latin1_General_CI_AS" if kind == "nvarchar" else None]
        for at, (name, kind) in enumerate(STAGED.items(), 1)
    ]
    return [Rows([Column("", "int")], [[0]]), Rows(columns, []), Rows(heads, collations)]
