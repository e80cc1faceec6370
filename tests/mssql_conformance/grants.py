"""The least that has to be granted, as docs/databases-mssql.md lists it: a login with nothing else does it all."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent
from urllib.parse import urlsplit

from columnar import api
from columnar.purging.options import PurgeOptions
from loaders.errors import LoaderError, UnavailableError
from loaders.mssql.statement import literal, quote
from tests.columnar.databases.database_world import rows
from tests.columnar.policy_world import CONTRACT
from tests.mssql_conformance.checking import Check, equal, raises
from tests.mssql_conformance.runs import ServerWorld, run_keyed
from tests.mssql_conformance.server import VARIABLE, Server, Skipped

PAGE = (Path(__file__).parents[2] / "docs" / "databases-mssql.md").read_text(encoding="utf-8")
_LOADER = "COLUMNAR_MSSQL_LOADER"
_BY_OTHERS = ("integrated", "trustedconnection", "trusted_connection", "authentication")


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module."""
    yield "grants: read a source", _reads
    yield "grants: load into tables that are there", _loads
    yield "grants: replace and purge", _deletes
    yield "grants: make the tables", _makes


def granted(use: str, names: dict[str, str]) -> list[str]:
    """What the page says under this heading, with these names for its own."""
    found = re.search(rf"^-- {use}\n(.*?)(?=^-- |^```)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, use
    text = re.sub(r"^GO$", "", found[1], flags=re.MULTILINE)
    for word, name in names.items():
        text = re.sub(rf"\b{re.escape(word)}(?![\w.])", lambda _, name=name: name, text)
    return [each.strip() for each in text.split(";") if each.strip()]


@contextmanager
def _world(server: Server, granting: Sequence[str], *, made: bool = True) -> Iterator[ServerWorld]:
    """A world whose job connects as somebody who was granted just that. made: whether its tables are there."""
    with tempfile.TemporaryDirectory() as folder:
        schema, staging = server.another_schema(), server.another_schema()
        options: dict[str, object] = {"schema": schema, "staging_schema": staging}
        nobody: Any = None
        world = ServerWorld(Path(folder), nobody, nobody, options, "${" + VARIABLE + "}", tried=server, schema=schema)
        if made:
            (world.folder / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
            server.run(*(each for each in api.plan(world.job()).ddl if quote(staging) not in each))
            world.options = {**options, "create": False}
        with _loader(server) as loader:
            names = {"loader": quote(loader), "SCHEMA::loans": f"SCHEMA::{quote(schema)}", "columnar": quote(staging)}
            names["dbo.incoming"] = server.named("granted_source")
            for use in granting:
                server.run(*granted(use, names))
            world.url = "${" + _LOADER + "}"
            try:
                yield world
            finally:  # before the user who may own them
                server.drop_schemas(staging)
                server.drop_schemas(schema)


@contextmanager
def _loader(server: Server) -> Iterator[str]:
    """A login that may do nothing yet; its URL is in the environment."""
    if any(option in _BY_OTHERS for option in server.address.options) or not server.address.user:
        raise Skipped("the URL has no user and password, so another login cannot be named in it")
    name, password = server.another_schema(), f"aZ9-{secrets.token_hex(12)}"
    secret = f"WITH PASSWORD = {literal(password)}"
    try:
        server.run(f"CREATE LOGIN {quote(name)} {secret}", f"CREATE USER {quote(name)} FOR LOGIN {quote(name)}")
    except LoaderError as error:
        try:
            server.run(f"CREATE USER {quote(name)} {secret}")  # of this database alone, as in Azure SQL
        except LoaderError:
            raise Skipped(f"CREATE LOGIN needs ALTER ANY LOGIN: {error.message}") from error
    parts = urlsplit(server.url)
    host = parts.netloc.rpartition("@")[2]
    os.environ[_LOADER] = parts._replace(netloc=f"{name}:{percent(password, safe='')}@{host}").geturl()
    try:
        yield name
    finally:
        del os.environ[_LOADER]
        server.drop_users(name)


def _reads(server: Server) -> None:
    table = server.named("granted_source")
    server.run(f"CREATE TABLE {table} (k bigint NOT NULL PRIMARY KEY, doc nvarchar(max) NULL)")
    values = [f"({key}, {literal(text)})" for key, text in rows(12)]
    server.run(f"INSERT INTO {table} VALUES {', '.join(values)}")
    with _world(server, ["the source"], made=False) as world:
        for reader in server.readers:
            source = {"url": world.url, "table": f"{server.schema}.granted_source", "key": "k", "document": "doc"}
            target = {"url": f"duckdb:{reader}.duckdb", "create": True}
            done = world.run(name=reader, source={**source, "reader": reader}, target=target)
            equal((done.proof.documents, done.proof.holds), (12, True), f"documents read by {reader}")


def _loads(server: Server) -> None:
    with _world(server, ["the target"]) as world:
        run_keyed(world, range(1, 7))
        raises(UnavailableError, lambda: api.purge(world.job(), PurgeOptions(keys=("3",))), "permission")


def _deletes(server: Server) -> None:
    with _world(server, ["the target", "replace, last, purge"]) as world:
        run_keyed(world, range(1, 7))
        api.purge(world.job(), PurgeOptions(keys=("3",)))
        equal(len(world.query("SELECT id FROM app")), 5, "applications after one was purged")
        world.run()
        equal(len(world.query("SELECT id FROM app")), 6, "applications, loaded again")


def _makes(server: Server) -> None:
    with _world(server, ["create: true"], made=False) as world:
        world.check()
