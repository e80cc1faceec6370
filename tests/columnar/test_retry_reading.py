"""How documents in quarantine are read again: only they are, and what else changed in the source is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from columnar.jobs.job_file import read_plan
from columnar.looking.status import job_status
from columnar.running import retry_reading
from columnar.running.retry import plan_retry
from columnar.running.retry_reading import WantedPart, parts_of
from columnar.running.retry_selection import RetryOptions
from loaders.duckdb_source import DuckDBSource
from loaders.errors import UsageError
from loaders.source import Key, KeyRange, ReadLimits
from tests.columnar.broken_world import BROKEN, became, broken_world, mend, outcomes
from tests.columnar.world import World, document


@pytest.fixture
def world(tmp_path: Path) -> World:
    return broken_world(tmp_path)


def test_whatever_way_they_are_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One key at a time or a range at once, in chunks of any size: the same documents become the same."""
    for lookup in (0, 10**12):
        monkeypatch.setattr(retry_reading, "LOOKUP_BYTES", lookup)
        for rows in (1, 2, 5):
            assert outcomes(world.retry(chunk={"rows": rows}).run.proof) == (9, 0, 0, 3)
            assert set(became(world)) == {"3", "6", "7"}
    assert {len(each) for each in became(world).values()} == {7}


def test_only_what_is_wanted_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[KeyRange] = []
    original = DuckDBSource.read

    def watched(self: DuckDBSource, within: KeyRange, limits: ReadLimits) -> Any:
        read.append(within)
        return original(self, within, limits)

    monkeypatch.setattr(DuckDBSource, "read", watched)
    monkeypatch.setattr(retry_reading, "LOOKUP_BYTES", 1)
    world.retry()
    assert [(each.low, each.high) for each in read] == [((key,), (key,)) for key in ("3", "6", "7")]
    read.clear()
    monkeypatch.setattr(retry_reading, "LOOKUP_BYTES", 10**9)
    world.retry()
    assert [(each.low, each.high) for each in read] == [(("3",), ("3",)), (("6",), ("7",))]


def test_a_range_is_read_at_once_where_that_costs_less() -> None:
    keys = {str(key): (str(key),) for key in range(10, 30, 2)}
    lookup = retry_reading.LOOKUP_BYTES
    whole = KeyRange(("0",), ("99",))
    at_once = [WantedPart(KeyRange(("10",), ("28",), low_inclusive=True), tuple(keys))]
    assert parts_of(keys, rows=10, document_bytes=lookup, compared=None, whole=whole) == at_once
    single = parts_of(keys, rows=11, document_bytes=lookup, compared=None, whole=whole)
    assert [each.texts for each in single] == [(text,) for text in keys]
    assert parts_of(keys, rows=11, document_bytes=lookup, compared=7, whole=whole) == [
        WantedPart(whole, tuple(keys), 7)
    ]


def test_keys_that_the_source_calls_equal(tmp_path: Path) -> None:
    """A range from 'a' to 'a' holds 'A' too where the collation says so; only what is wanted is taken."""
    world = World(tmp_path)
    with world.source() as source:
        source.execute("DROP TABLE docs")
        source.execute("CREATE TABLE docs (k VARCHAR COLLATE NOCASE, doc VARCHAR)")
        source.execute("INSERT INTO docs VALUES ('a', ?), ('A', ?), ('B', ?), ('b', ?)", [document(1), *[BROKEN] * 3])
    assert outcomes(world.run().proof) == (1, 0, 0, 3)
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 'A' AND doc = ?", [document(2), BROKEN])
    assert outcomes(world.retry(RetryOptions(keys=("A",))).run.proof) == (2, 0, 0, 2)
    assert world.retry().wanted == 2
    assert world.query("SELECT count(*) FROM columnar_document WHERE source_key = 'a'") == [(1,)]


def test_keys_of_several_parts(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.source() as source:
        source.execute("CREATE TABLE pairs (a VARCHAR, b INTEGER, doc VARCHAR)")
        for at, name in enumerate(("x,y", 'q"', "z")):
            source.execute("INSERT INTO pairs VALUES (?, 1, ?), (?, 2, ?)", [name, BROKEN, name, document(at)])
    job: dict[str, Any] = {
        "source": {"url": "duckdb:source.duckdb", "table": "pairs", "key": ["a", "b"], "document": "doc"}
    }
    assert outcomes(world.run(**job).proof) == (3, 0, 0, 3)
    with world.source() as source:
        source.execute("UPDATE pairs SET doc = '<d/>'")
    assert outcomes(world.retry(RetryOptions(keys=('["x,y","1"]', "z,1")), **job).run.proof) == (3, 2, 0, 1)
    assert outcomes(world.retry(**job).run.proof) == (3, 3, 0, 0)


@pytest.fixture
def folder(world: World) -> tuple[World, dict[str, Any]]:
    """The same documents as files, which a source tells by their sizes too."""
    inbox = world.folder / "inbox"
    inbox.mkdir()
    for key in range(6):
        (inbox / f"{key}.xml").write_text(BROKEN if key in (1, 4) else document(key))
    settings: dict[str, Any] = {
        "name": "files",
        "source": {"url": "folder:inbox"},
        "target": {"url": "duckdb:files.duckdb", "create": True},
    }
    world.run(**settings, chunk={"rows": 3})
    return world, settings


def test_a_file_that_was_mended_is_no_drift_any_more(folder: tuple[World, dict[str, Any]]) -> None:
    world, settings = folder
    (world.folder / "inbox" / "1.xml").write_text(document(11))
    assert len(job_status(world.job(**settings)).drift) == 1
    retry = world.retry(**settings)
    assert outcomes(retry.run.proof) == (5, 0, 0, 1)
    assert (retry.changed, retry.run.proof.drift) == (1, [])
    assert job_status(world.job(**settings)).drift == ()
    (world.folder / "inbox" / "4.xml").write_text(document(44))
    assert world.retry(**settings).run.proof.drift == []
    assert world.run(**settings).proof.drift == []


def test_another_file_that_changed_stays_drift(folder: tuple[World, dict[str, Any]]) -> None:
    world, settings = folder
    (world.folder / "inbox" / "1.xml").write_text(document(11))
    (world.folder / "inbox" / "2.xml").write_text(document(22))
    retry = world.retry(**settings)
    assert outcomes(retry.run.proof) == (5, 0, 0, 1)
    assert [each.chunk for each in retry.run.proof.drift] == [1]


def test_a_source_that_orders_only_what_it_has(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    original = DuckDBSource.rank

    def of_what_is_there(self: DuckDBSource, keys: Sequence[Key]) -> list[int]:
        if not all(self.count([KeyRange(key, key, low_inclusive=True) for key in keys])):
            raise UsageError("there is no such key")
        return original(self, keys)

    monkeypatch.setattr(DuckDBSource, "rank", of_what_is_there)
    mend(world, 3, 7)
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k = 6")
    assert plan_retry(world.job(), read_plan(world.job())).gone == ("6",)
    retry = world.retry()
    assert (retry.gone, retry.wanted) == (("6",), 3)
    assert outcomes(retry.run.proof) == (11, 0, 0, 1)


def test_two_that_were_mended_and_tried_in_two_chunks(folder: tuple[World, dict[str, Any]]) -> None:
    world, settings = folder
    for key in (1, 4):
        (world.folder / "inbox" / f"{key}.xml").write_text(document(100 + key))
    settings["chunk"] = {"rows": 1}
    assert world.retry(**settings).run.proof.drift == []
