"""A world for tests of duplicate policies: documents with a version, and what the target must hold by a model."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.columnar.world import World

CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    key: [id]
    columns:
      id: {path: "@id", type: int64}
      version: {path: "@version", type: int32}
      name: "@name"
  item:
    rows: /d/app/item
    parent: app
    key: [id, no]
    columns:
      no: {path: "@no", type: int32}
      name: "@name"
  price:
    rows: /d/app/item/price
    parent: item
    columns:
      amount: {path: "@amount", type: "decimal(10,2)"}
"""
REFERRING = CONTRACT.replace("    key: [id, no]\n", "    key: [id, no]\n    target: {foreign_keys: [app]}\n").replace(
    "    parent: item\n", "    parent: item\n    target: {foreign_keys: [item]}\n"
)
TABLES = ("app", "item", "price")


@dataclass(frozen=True, order=True)
class Doc:
    """A document. prices: for each item, how many it has."""

    app: int
    version: int | None = 1
    name: str = "a"
    prices: tuple[int, ...] = (1,)
    spaced: bool = False

    @property
    def text(self) -> str:
        """As XML."""
        items = "".join(
            f'<item no="{no}" name="{self.name}">' + f'<price amount="{no}.5"/>' * count + "</item>"
            for no, count in enumerate(self.prices, 1)
        )
        version = "" if self.version is None else f' version="{self.version}"'
        space = "\n" if self.spaced else ""
        return f'<d>{space}<app id="{self.app}"{version} name="{self.name}">{items}</app></d>'

    @property
    def content(self) -> tuple[object, ...]:
        """What its rows say."""
        return self.version, self.name, self.prices

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """What it brings to each table."""
        return {
            "app": [(self.app, self.version, self.name)],
            "item": [(self.app, no, self.name) for no in range(1, len(self.prices) + 1)],
            "price": [(self.app, no, f"{no}.50") for no, count in enumerate(self.prices, 1) for _ in range(count)],
        }


def make_world(folder: Path, docs: Iterable[Doc], *, contract: str = CONTRACT) -> World:
    """A world whose source has these documents, with keys from 1."""
    folder.mkdir(exist_ok=True)
    world = World(folder, contract=contract)
    world.insert(*((key, doc.text) for key, doc in enumerate(docs, 1)))
    return world


def held(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """What the target's tables hold."""
    return {
        name: [
            tuple(str(value) if name == "price" and at == 2 else value for at, value in enumerate(row)) for row in rows
        ]
        for name in TABLES
        if (rows := world.query(f"FROM {name} ORDER BY ALL")) is not None
    }


def rows_of(docs: Iterable[Doc]) -> dict[str, list[tuple[Any, ...]]]:
    """What the target holds when these were loaded, and nothing else."""
    listed = list(docs)
    return {name: sorted(itertools.chain.from_iterable(doc.rows()[name] for doc in listed), key=str) for name in TABLES}


def books(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that the books say of documents, but for times and ids of runs."""
    return {
        "documents": world.query(
            "SELECT source_key, outcome, root_key, fingerprint, content, bytes, rows, reason, detail, class, place,"
            " winner, rule, chunk, document FROM columnar_document ORDER BY ALL"
        ),
        "replaced": world.query(
            "SELECT chunk, document, rows, of_generation, source_key, root_key, class, winner FROM columnar_replaced"
            " ORDER BY ALL"
        ),
        "ledger": world.query(
            "SELECT chunk, documents, loaded, empty, duplicate, quarantined, rows, keys FROM columnar_ledger"
            " ORDER BY ALL"
        ),
    }


def now(world: World) -> dict[str, tuple[str, ...]]:
    """What each document is: its outcome, and of one that lost its place `lost` and to whom."""
    became = {
        key: (outcome, *(each for each in (reason, winner) if each))
        for key, outcome, reason, winner in world.query(
            "SELECT source_key, outcome, reason, winner FROM columnar_document ORDER BY chunk"
        )
    }
    lost = world.query("SELECT source_key, winner FROM columnar_replaced WHERE source_key IS NOT NULL")
    return became | {key: ("lost", winner) for key, winner in lost}


def by_keys(world: World, keys: Sequence[int]) -> list[str]:
    """The outcomes of some documents, in that order."""
    found = now(world)
    return [found[str(key)][0] for key in keys]
