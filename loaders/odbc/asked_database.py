"""What is behind a connection string: asked in SQL, since turbodbc does not hand on what a driver says of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from loaders.database.connection import Connection
from loaders.database.select import integers
from loaders.errors import LoaderError, TransientError

# One row where the database is that; an error or no row elsewhere.
_KNOWN = {
    "postgresql": "FROM (SELECT version() AS v) t WHERE v LIKE 'PostgreSQL%'",
    "mssql": "FROM (SELECT @@version AS v) t WHERE v LIKE 'Microsoft SQL%'",
    "mariadb": "FROM (SELECT @@version_comment AS v) t",
    "sqlite": "FROM (SELECT sqlite_version() AS v) t",
}
_ONE = "(SELECT 1 AS columnar_one {0}) t"
# Several databases have no SELECT without FROM.
_FROM = ("", "FROM dual", "FROM sysibm.sysdummy1", "FROM rdb$database")
_LENGTHS = ("OCTET_LENGTH({0})", "LENGTHB({0})", "DATALENGTH({0})", "LENGTH({0})")
_PAGING = ("OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY", "LIMIT {0} OFFSET {1}")
# What a CAST calls a 64-bit integer, and a text of so many characters.
_INTEGERS = ("bigint", "signed", "integer")
_TEXTS = ("varchar({0})", "char({0})")
_QUOTES = ('""', "``", "[]")


@dataclass(frozen=True, slots=True)
class AskedDatabase:
    """name: of its dialect, '' for none that is known here; the rest is for those.

    quotes: the two characters around an identifier. length: the SQL of a text's bytes. paging: a clause behind ORDER BY
    that keeps so many rows (0) after so many others (1). integer, text: see _INTEGERS and _TEXTS.
    """

    name: str
    quotes: str = '""'
    length: str = _LENGTHS[0]
    paging: str = _PAGING[0]
    integer: str = _INTEGERS[0]
    text: str = _TEXTS[0]


def ask(connection: Connection) -> AskedDatabase:
    """Find out. TransientError and others of a connection that is lost; what the database does not understand is an
    answer."""
    for name, tail in _KNOWN.items():
        if _answers(connection, tail):
            return AskedDatabase(name)
    some = _first(_FROM, lambda each: _answers(connection, "FROM " + _ONE.format(each)))
    one = _ONE.format(some)
    return AskedDatabase(
        "",
        # A column that is one; where the quotes make a text, that is not 1.
        _first(_QUOTES, lambda each: _answers(connection, f"FROM {_quoted_one(some, each)}")),
        _first(_LENGTHS, lambda each: _answers(connection, f"FROM {one} WHERE {each.format(_CHARACTERS)} = 6")),
        _first(_PAGING, lambda each: _answers(connection, f"FROM {one} ORDER BY columnar_one {each.format(1, 0)}")),
        _first(
            _INTEGERS, lambda each: _answers(connection, f"FROM {one} WHERE CAST(5000000000 AS {each}) = 5000000000")
        ),
        _first(_TEXTS, lambda each: _answers(connection, f"FROM {one} WHERE CAST('ab' AS {each.format(5)}) = 'ab'")),
    )


# Four characters of six bytes.
_CHARACTERS = "'äbcö'"


def _quoted_one(some: str, quotes: str) -> str:
    name = f"{quotes[0]}columnar one{quotes[1]}"
    return f"(SELECT 1 AS {name} {some}) t WHERE {name} = 1"


def _first(choices: tuple[str, ...], fits: Callable[[str], bool]) -> str:
    """The first that fits, else the first of all, which is the standard's."""
    return next((each for each in choices if fits(each)), choices[0])


def _answers(connection: Connection, tail: str) -> bool:
    """Whether a statement gives a row."""
    try:
        return len(connection.table(integers([("one", "1")], tail))) > 0
    except TransientError:
        raise
    except LoaderError:
        return False
