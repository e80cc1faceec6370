"""A generated corpus of documents with duplicates of every class, and the truth about it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    key: [id]
    columns:
      id: {path: "@id", type: int64}
      name: "@name"
      amount: {path: "@amount", type: "decimal(10,2)"}
      day: {path: "@day", type: date}
      branch: "@branch"
      read_as: {path: "$key"}
  item:
    rows: /d/app/item
    parent: app
    key: [id, sku]
    columns:
      sku: "@sku"
      price: {path: "@price", type: "decimal(8,2)"}
  note:
    rows: /d/app/note
    parent: app
    columns:
      text: "."
"""
JOB = """
name: corpus
source: {url: "duckdb:corpus.duckdb", table: docs, key: k, document: doc}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
duplicates: {on: app.id}
chunk: {rows: 37}
"""
BRANCHES = ("north", "south", "west")
# (table, row from 1, column or None for a row that is in one of them only)
Place = tuple[str, int, str | None]


@dataclass
class Document:
    """What a document says."""

    app: int | None
    name: str
    amount: str
    day: str
    branch: str
    items: list[tuple[str, str]]
    notes: list[str]

    def text(self, *, spaced: bool = False) -> str:
        """As XML; spaced: with other bytes that mean the same."""
        names = [
            ("id", self.app),
            ("name", self.name),
            ("amount", self.amount),
            ("day", self.day),
            ("branch", self.branch),
        ]
        if spaced:
            names.reverse()
        attributes = " ".join(f'{name}="{value}"' for name, value in names if value is not None)
        inner = "".join(f'<item sku="{sku}" price="{price}"/>' for sku, price in self.items)
        inner += "".join(f"<note>{text}</note>" for text in self.notes)
        return f"<d>\n <app {attributes} >{inner}</app>\n</d>" if spaced else f"<d><app {attributes}>{inner}</app></d>"


@dataclass
class Truth:
    """What an analysis must find, the first in the order of the source winning.

    rows: every source row. classes: loser's source key -> (winner's, class, same bytes). differences: loser's source
    key -> places. contents: groups of keys that have one content. without_key: source keys that have none.
    """

    rows: list[tuple[int, str]] = field(default_factory=list)
    classes: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    differences: dict[str, set[Place]] = field(default_factory=dict)
    contents: list[list[str]] = field(default_factory=list)
    without_key: set[str] = field(default_factory=set)
    entries_by_branch: Counter[str] = field(default_factory=Counter)
    duplicates_by_branch: Counter[str] = field(default_factory=Counter)
    duplicates_by_day: Counter[str] = field(default_factory=Counter)


def make_corpus(apps: int, seed: int = 7) -> Truth:
    """About twice as many documents as applications, in a mixed order; winners come before their losers."""
    chance = random.Random(seed)
    truth = Truth()
    numbers = iter(range(1, 100 * apps))

    def add(text: str) -> str:
        key = next(numbers)
        truth.rows.append((key, text))
        return str(key)

    waiting: list[tuple[str, Document]] = []  # winners whose losers are still to come
    for app in range(1, apps + 1):
        first = _document(chance, app)
        key = add(first.text())
        truth.entries_by_branch[first.branch] += 1
        waiting.append((key, first))
        while waiting and chance.random() < 0.5:
            _add_loser(chance, truth, add, *waiting[chance.randrange(len(waiting))])
        if chance.random() < 0.1:
            twin = Document(**{**vars(first), "app": 1_000_000 + app})
            add(twin.text())
            truth.entries_by_branch[first.branch] += 1
            truth.contents.append(sorted([f'["{app}"]', f'["{twin.app}"]']))
        if chance.random() < 0.1:
            truth.without_key.add(add(_without_key(chance, first)))
    return truth


def _document(chance: random.Random, app: int) -> Document:
    items = [(f"s{number}", f"{chance.randint(1, 99)}.5") for number in range(chance.randint(0, 3))]
    notes = [f"note {number} of {app}" for number in range(chance.randint(1, 2))]
    return Document(
        app, f"name {app}", f"{app}.10", f"2024-01-{1 + app % 28:02}", chance.choice(BRANCHES), items, notes
    )


def _add_loser(chance: random.Random, truth: Truth, add: object, winner: str, first: Document) -> None:
    assert callable(add)
    copy = Document(**{**vars(first), "items": list(first.items), "notes": list(first.notes)})
    kind = chance.choice(["bytes", "spaced", "amount", "price", "more items", "fewer notes", "two"])
    places: set[Place] = set()
    if kind in ("amount", "two"):
        copy.amount = f"{copy.amount[:-1]}5"
        places.add(("app", 1, "amount"))
    if kind == "two":
        copy.name += " junior"
        places.add(("app", 1, "name"))
    if kind == "price" and copy.items:
        at = chance.randrange(len(copy.items))
        copy.items[at] = (copy.items[at][0], "100.5")
        places.add(("item", at + 1, "price"))
    if kind == "more items":  # in front, so that only the key tells which is which
        copy.items.insert(0, ("new", "1.5"))
        places.add(("item", 1, None))
    if kind == "fewer notes":
        places.add(("note", len(copy.notes), None))
        copy.notes.pop()
    loser = add(copy.text(spaced=kind == "spaced"))
    same_bytes = not places and kind != "spaced"
    truth.classes[loser] = (winner, "different_content" if places else "same_content", same_bytes)
    if places:
        truth.differences[loser] = places
    truth.entries_by_branch[first.branch] += 1
    truth.duplicates_by_branch[first.branch] += 1
    truth.duplicates_by_day[first.day] += 1


def _without_key(chance: random.Random, first: Document) -> str:
    kind = chance.choice(["no id", "broken", "empty", "wrong root", "two ids"])
    if kind == "no id":
        return Document(**{**vars(first), "app": None}).text()
    if kind == "two ids":
        other = Document(**{**vars(first), "app": -1})
        return first.text().removesuffix("</d>") + other.text().removeprefix("<d>")
    return {"broken": first.text()[:-3], "empty": "<d/>", "wrong root": "<x/>"}[kind]


def write_corpus(folder: Path, truth: Truth) -> Path:
    """The corpus as a job; its file."""
    with duckdb.connect(folder / "corpus.duckdb") as source:
        source.register("rows", pa.table({"k": [row[0] for row in truth.rows], "doc": [row[1] for row in truth.rows]}))
        source.execute("CREATE TABLE docs AS SELECT CAST(k AS BIGINT) AS k, doc FROM rows ORDER BY hash(k)")
    (folder / "contract.yaml").write_text(CONTRACT)
    (folder / "job.yaml").write_text(JOB)
    return folder / "job.yaml"
