"""What a job's URL takes from the environment, and that nobody prints it."""

from __future__ import annotations

import pytest

from columnar.errors import JobError
from columnar.jobs.job import SourceSpec, TargetSpec
from columnar.jobs.url import default_schema, scheme_of, with_environment
from loaders.database.address import pairs_of, parse_address
from tests.servers.account import PASSWORD

HARD = [PASSWORD, "${HOME}", "a;b", "{x}", "}", "%41", " padded ", "ä€😀", "'\"\\`", "#?/@:&="]


@pytest.mark.parametrize("password", HARD)
@pytest.mark.parametrize("backend", ["postgresql", "mariadb", "mssql"])
def test_a_password_is_whatever_it_is(backend: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", password)
    address = parse_address(with_environment(backend + "://me:${SECRET}@host:5432/${SECRET}?ca=${SECRET}"))
    assert (address.user, address.password.reveal()) == ("me", password)
    assert (address.host, address.port, address.database) == ("host", 5432, password)
    assert address.options == {"ca": password}


@pytest.mark.parametrize("password", HARD)
def test_a_password_of_a_connection_string(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", password)
    pairs = dict(pairs_of(with_environment("odbc:Driver=x;PWD=${SECRET};UID=me").partition(":")[2]))
    stored = pairs["PWD"]
    assert (stored[1:-1].replace("}}", "}") if stored.startswith("{") else stored) == password
    assert (pairs["Driver"], pairs["UID"]) == ("x", "me")


def test_host_and_port_are_taken_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "host:99")
    address = parse_address(with_environment("postgresql://${WHERE}/db"))
    assert (address.host, address.port) == ("host", 99)
    monkeypatch.setenv("FOLDER", "a b#c")
    assert with_environment("duckdb:${FOLDER}/x.duckdb") == "duckdb:a b#c/x.duckdb"


def test_a_whole_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:s3cret%40@host/db")
    target = TargetSpec(url="${DATABASE_URL}")
    assert (scheme_of(target.url), default_schema(target.url)) == ("postgresql", "public")
    address = parse_address(with_environment(target.url))
    assert (address.password.reveal(), address.host, address.database) == ("s3cret@", "host", "db")
    assert "s3cret" not in repr(target)


def test_a_whole_url_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "s3cret")
    with pytest.raises(JobError, match=r"^the value of \$\{DATABASE_URL\} is not a URL$"):
        scheme_of("${DATABASE_URL}")
    monkeypatch.setenv("DATABASE_URL", "hidden:word")
    with pytest.raises(ValueError, match=r"there is no backend for the value of \$\{DATABASE_URL\}") as caught:
        TargetSpec(url="${DATABASE_URL}")
    assert "hidden" not in str(caught.value)
    monkeypatch.delenv("DATABASE_URL")
    with pytest.raises(ValueError, match="the environment variable DATABASE_URL is not set"):
        TargetSpec(url="${DATABASE_URL}")


def test_a_variable_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOWHERE", raising=False)
    for url in ("postgresql://me:${NOWHERE}@host/db", "odbc:PWD=${NOWHERE}", "duckdb:${NOWHERE}"):
        with pytest.raises(JobError, match="the environment variable NOWHERE is not set"):
            with_environment(url)


def test_no_password_is_printed() -> None:
    source = SourceSpec(url="postgresql://me:s3cret@host/db", table="t", key=("k",))
    target = TargetSpec(url="odbc:DSN=x;PWD=s3cret")
    assert "s3cret" not in repr(source) + str(target)
    for text in ("postgre sql://me:s3cret@host/db", "DSN=x;PWD=s3cret", "s3cret@host"):
        with pytest.raises(JobError) as caught:
            scheme_of(text)
        assert "s3cret" not in str(caught.value) + caught.value.hint


def test_the_schema_where_none_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB", "docs")
    urls = {
        "duckdb:x": "main",
        "parquet:x": "main",
        "sqlite:x": "main",
        "postgresql://h/d": "public",
        "mssql://h/d": "dbo",
        "mariadb://h/${DB}": "docs",
        "odbc:DSN=x": "",
    }
    assert {url: default_schema(url) for url in urls} == urls
    assert TargetSpec.model_validate({"url": "mssql://h/d", "schema": "own"}).db_schema == "own"
