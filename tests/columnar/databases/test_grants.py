"""The least that has to be granted, as docs/databases.md lists it: with it everything works, and it is all there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from columnar.running.plan_run import plan_run
from loaders.errors import LoaderError
from tests.columnar.databases.database_world import DatabaseWorld
from tests.servers.account import PASSWORD, Account
from tests.servers.server import Server

PAGE = (Path(__file__).parents[3] / "docs" / "databases.md").read_text(encoding="utf-8")
DROP = {"postgresql": "DROP OWNED BY {0}; DROP ROLE {0}", "mariadb": "DROP USER {0}@'%'"}
# By the heading under which the page lists them.
USES = ["Read", "Load, and make the tables", "Load into tables that are there"]


def grants(backend: str, use: str, account: Account) -> list[str]:
    """What the page says, for this database."""
    title = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}[backend]
    found = re.search(rf"^-- {title}: {use}\n(.*?)^(?:--|```)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, (title, use)
    text = found[1].replace("warehouse", account.database).replace("loans.", f"{account.database}.")
    statements = [each.strip() for each in text.split(";") if each.strip()]
    given = [re.fullmatch(r"GRANT (.*) TO loader(?:@'%')?", each) for each in statements]
    assert all(given), statements
    return [each[1] for each in given if each]


@pytest.fixture
def loader(server: Server, account: Account) -> object:
    made: list[str] = []

    def make(granted: Sequence[str]) -> Account:
        name = "loader"
        made.append(name)
        return server.create_user(account.database, name, password=PASSWORD, grants=granted)

    yield make
    for name in made:
        server.execute(DROP[account.backend].format(name), database=account.database)


def test_reading(world: DatabaseWorld, account: Account, loader: object) -> None:
    world.on_server(account)
    reader = loader(grants(account.backend, USES[0], account))  # type: ignore[operator]
    source = {"url": reader.url, "table": "docs", "key": "k", "document": "doc"}
    proof = world.run(source=source, target={"url": "duckdb:target.duckdb", "create": True}).proof
    assert proof.documents == 12


def test_making_tables_and_loading(world: DatabaseWorld, account: Account, loader: object) -> None:
    world.url = loader(grants(account.backend, USES[1], account)).url  # type: ignore[operator]
    world.check()


def test_loading_into_tables_that_are_there(world: DatabaseWorld, account: Account, loader: object) -> None:
    settings = {"target": {"url": account.url, "ddl": False}}
    world.server.execute(";\n".join(plan_run(world.job(**settings)).ddl) + ";", database=account.database)
    user = loader(grants(account.backend, USES[2], account))  # type: ignore[operator]
    settings["target"]["url"] = user.url
    world.check(world.run(**settings), **settings)


def test_each_grant_is_needed(world: DatabaseWorld, account: Account, server: Server) -> None:
    """Without any one of them something fails."""
    settings = {"target": {"url": account.url, "ddl": False}}
    world.server.execute(";\n".join(plan_run(world.job(**settings)).ddl) + ";", database=account.database)
    listed = grants(account.backend, USES[2], account)
    for left_out in range(len(listed)):
        user = server.create_user(
            account.database, "loader", password=PASSWORD, grants=listed[:left_out] + listed[left_out + 1 :]
        )
        settings["target"]["url"] = user.url
        try:
            with pytest.raises(LoaderError):
                world.run(**settings)
        finally:
            server.execute(DROP[account.backend].format("loader"), database=account.database)
