"""What is particular to ADBC: its placeholders, and transactions whose end is what it says."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pyarrow as pa
import pytest

from loaders.database.address import parse_address
from loaders.database.select import Select, Selected, integers
from loaders.errors import UnavailableError, UsageError
from loaders.postgresql.connect import connect, reader_of
from loaders.postgresql.placeholders import from_settings, numbered
from tests.servers.account import Account
from tests.servers.postgresql import PostgreSQLServer


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("a = ? AND b > ?", "a = $1 AND b > $2"),
        ("a = '?' AND b = ?", "a = '?' AND b = $1"),
        ("a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"),
        (r"a = E'\'?' AND b = ?", r"a = E'\'?' AND b = $1"),
        (r"a = '\' AND b = ?", r"a = '\' AND b = $1"),
        ('"why?" = ? AND "a""?" = ?', '"why?" = $1 AND "a""?" = $2'),
        ("a -- what?\n = ?", "a -- what?\n = $1"),
        ("a /* what? */ = ?", "a /* what? */ = $1"),
        ("$$?$$ || $a$ ? $$ ? $a$ || ?", "$$?$$ || $a$ ? $$ ? $a$ || $1"),
        ("name = 'x' || ?", "name = 'x' || $1"),
        ("", ""),
    ],
)
def test_placeholders(sql: str, expected: str) -> None:
    assert numbered(sql) == expected


def test_values_in_settings_are_any_text(postgresql: Account) -> None:
    """They go into no statement, so nothing in them can get out of it."""
    assert from_settings("a = ? AND '?' = b") == "a = current_setting('columnar.value_1') AND '?' = b"
    connection = connect(parse_address(postgresql.url), reader="adbc")
    for text in ("", "it's", "\\", "$1 ? 😀", "'); DROP TABLE docs; --", "x" * 100_000):
        tail = "FROM (SELECT CAST(? AS text) AS doc) t WHERE doc = ?"
        select = Select((Selected("doc", "doc", pa.string()),), tail, (text, text), document="doc")
        assert connection.table(select)["doc"].to_pylist() == [text]
    connection.close()


def test_what_is_rolled_back_is_gone(postgresql: Account, postgresql_server: PostgreSQLServer) -> None:
    postgresql_server.execute("CREATE TABLE t (x bigint PRIMARY KEY)", database=postgresql.database)
    connection = connect(parse_address(postgresql.url), reader="adbc")
    connection.begin()
    connection.run("INSERT INTO t VALUES (CAST(CAST(? AS text) AS bigint))", ["1"])
    connection.rollback()
    assert postgresql_server.execute("SELECT count(*) FROM t", database=postgresql.database).strip() == "0"
    connection.begin()
    connection.run("INSERT INTO t VALUES (2)")
    connection.commit()
    assert postgresql_server.execute("SELECT x FROM t", database=postgresql.database).strip() == "2"
    connection.run("INSERT INTO t VALUES (3)")  # each statement by itself again
    assert postgresql_server.execute("SELECT count(*) FROM t", database=postgresql.database).strip() == "2"
    connection.close()


def test_nothing_is_committed_after_an_error(postgresql: Account, postgresql_server: PostgreSQLServer) -> None:
    postgresql_server.execute("CREATE TABLE t (x bigint PRIMARY KEY)", database=postgresql.database)
    connection = connect(parse_address(postgresql.url), reader="adbc")
    connection.begin()
    connection.run("INSERT INTO t VALUES (1)")
    with pytest.raises(UsageError):
        connection.run("INSERT INTO nowhere VALUES (1)")
    with pytest.raises(UnavailableError, match="a statement failed"):
        connection.commit()
    connection.rollback()
    assert connection.table(integers([("n", "count(*)")], "FROM t"))["n"].to_pylist() == [0]
    connection.close()


def test_a_database_in_another_encoding(postgresql_server: PostgreSQLServer) -> None:
    """Its lengths are not those of what arrives: turbodbc refuses, ADBC needs none."""
    pytest.importorskip("turbodbc", reason="turbodbc is not installed")
    postgresql_server.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    account = replace(postgresql_server.administrator, database="latin")
    with pytest.raises(UsageError, match="not in UTF8") as caught:
        connect(parse_address(account.url), reader="turbodbc")
    assert "reader: adbc" in caught.value.hint
    connection = connect(parse_address(account.url), reader="adbc")
    select = Select((Selected("doc", "doc", pa.string()),), "FROM (SELECT CAST('äöü' AS text) AS doc) t")
    assert connection.table(select)["doc"].to_pylist() == ["äöü"]
    connection.close()
    postgresql_server.drop_database("latin")


def test_the_reader_is_the_best_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    here, with_driver = parse_address("postgresql://host/db"), parse_address("postgresql://host/db?driver=/a.so")
    found = dict.fromkeys(("adbc_driver_postgresql", "turbodbc"), ModuleSpec("found", None))
    monkeypatch.setattr(importlib.util, "find_spec", found.get)
    monkeypatch.setattr("loaders.postgresql.connect.driver_library", lambda _: Path("/a.so"))
    assert (reader_of(here), reader_of(here, "turbodbc"), reader_of(with_driver)) == ("adbc", "turbodbc", "turbodbc")
    del found["adbc_driver_postgresql"]
    assert reader_of(here) == "turbodbc"
    found.clear()
    assert reader_of(here) == "adbc"
    with pytest.raises(UsageError, match="no reader odbc"):
        reader_of(here, "odbc")
