"""Runs over zip and tar archives, from the job to the tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.errors import InterruptedRunError
from columnar.jobs.job_file import parse_job
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import list_quarantine, show_quarantined
from columnar.running.plan_run import plan_run
from columnar.running.run import Run
from loaders.errors import UsageError
from loaders.source import DAMAGED, NOT_FETCHED
from tests.columnar.world import World, document
from tests.loaders.archives import write
from transforms.errors import ContractError

ENDINGS = ("zip", "tar", "tar.gz")


def members(count: int, *, suffix: str = "") -> list[tuple[str, bytes]]:
    """In no order of their names."""
    return [(f"in/{key * 7 % count:03}{suffix}.xml", document(key, items=["a"]).encode()) for key in range(count)]


def run(world: World, ending: str, options: RunOptions | None = None, *, rows: int = 6) -> Run:
    return world.run(options, source=spec(ending), chunk={"rows": rows})


def spec(ending: str) -> dict[str, str]:
    return {"url": f"{'zip' if ending == 'zip' else 'tar'}:docs.{ending}"}


def loaded(world: World) -> list[int]:
    return [key for (key,) in world.query("SELECT id FROM app ORDER BY id")]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_is_loaded_once(world: World, ending: str) -> None:
    copies = [(f"copy of {name}", content) for name, content in members(5)]
    others = [("broken.xml", b"<d>"), ("note.txt", b"<d/>")]
    path = write(world.folder / f"docs.{ending}", members(20) + copies + others)
    plan = plan_run(world.job(source=spec(ending), chunk={"rows": 6}))
    assert (plan.source.documents, plan.source.null_keys, plan.problems) == (26, 0, ())
    done = run(world, ending)
    assert done.proof.holds
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (20, 5, 1)
    assert done.chunks == 5
    assert run(world, ending).chunks == 0
    assert loaded(world) == list(range(20))
    names = {name for (name,) in world.query("SELECT source_key FROM columnar_document")}
    assert names == {name for name, _ in members(20) + copies + others[:1]}
    assert path.exists()


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("at", ["ranges_stored", "chunk_read", "prepared_chunk"])
def test_a_stopped_run_continues(world: World, ending: str, at: str) -> None:
    write(world.folder / f"docs.{ending}", members(50))
    seen = 0

    def stop(step: str) -> None:
        nonlocal seen
        seen += step == at
        if step == at and (seen == 4 or at == "ranges_stored"):
            raise KeyboardInterrupt

    with pytest.raises((InterruptedRunError, KeyboardInterrupt)):
        run(world, ending, RunOptions(on_step=stop), rows=5)
    done = run(world, ending, rows=50)
    assert (done.proof.loaded, done.proof.holds, done.proof.drift) == (50, True, [])
    assert loaded(world) == list(range(50))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_part_first_and_the_rest_later(world: World, ending: str) -> None:
    write(world.folder / f"docs.{ending}", members(30))
    assert run(world, ending, RunOptions(limit=7)).proof.loaded == 7
    name = members(30)[20][0]
    assert run(world, ending, RunOptions(where_key=((name,), (name,)))).proof.loaded == 8
    done = run(world, ending)
    assert (done.proof.loaded, done.proof.uncovered) == (30, 0)
    assert loaded(world) == list(range(30))


@pytest.mark.parametrize("ending", ENDINGS)
def test_different_documents_of_one_name_are_not_guessed_at(world: World, ending: str) -> None:
    both = [("a.xml", document(1).encode()), ("b.xml", document(2).encode()), ("a.xml", document(3).encode())]
    same = [("c.xml", document(4).encode())] * 2
    write(world.folder / f"docs.{ending}", both + same)
    done = run(world, ending, rows=1)
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (2, 1, 2)
    assert done.receipt.reasons == {"duplicate_source_key": 2}
    assert loaded(world) == [2, 4]


def test_a_damaged_member_is_quarantined_and_read_again_once_it_is_whole(world: World) -> None:
    path = write(world.folder / "docs.zip", members(3))
    whole = path.read_bytes()
    place = whole.index(b"in/000.xml") + 15
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    done = run(world, "zip")
    assert (done.proof.loaded, done.proof.quarantined, done.receipt.reasons) == (2, 1, {"encoding": 1})
    job = world.job(source=spec("zip"))
    (record,) = list_quarantine(job).documents
    assert (record.source_key, record.detail) == ("in/000.xml", NOT_FETCHED[DAMAGED])
    shown = show_quarantined(job, "in/000.xml")
    assert (shown.now, shown.excerpt) == ("sealed", None)
    assert "archive" in shown.advice
    path.write_bytes(whole)
    done = run(world, "zip", RunOptions(new_generation=True))
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (1, 2, 0)
    assert loaded(world) == [0, 1, 2]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_that_is_another_now_is_drift(world: World, ending: str) -> None:
    write(world.folder / f"docs.{ending}", members(12))
    run(world, ending)
    write(world.folder / f"docs.{ending}", [*members(12), *members(3, suffix="z")])
    done = run(world, ending)
    assert done.proof.holds
    assert sum(each.now - each.read for each in done.proof.drift) + done.proof.documents == done.proof.source == 15


def test_a_tar_without_the_members_that_its_ranges_end_at_is_refused(world: World) -> None:
    write(world.folder / "docs.tar.gz", members(12))
    run(world, "tar.gz", RunOptions(limit=6))
    write(world.folder / "docs.tar.gz", members(3, suffix="new"))
    with pytest.raises(UsageError, match="has no member") as caught:
        run(world, "tar.gz")
    assert "wants a job of its own" in caught.value.hint


def test_what_a_job_says_wrongly_of_an_archive(world: World) -> None:
    with pytest.raises(UsageError, match="there is no zip archive"):
        run(world, "zip")
    assert not (world.folder / "target.duckdb").exists(), "nothing is made before"
    text = "{name: j, contract: c.yaml, target: {url: 'duckdb:t'}, source: {url: 'tar:a.tar', key: k}}"
    with pytest.raises(ContractError, match="a tar source takes no key: the path within the archive is it"):
        parse_job(text, name="j", base=world.folder)
    with pytest.raises(ContractError, match="a folder source takes no key: the path below the folder is it"):
        parse_job(text.replace("tar:a.tar", "folder:in"), name="j", base=world.folder)
