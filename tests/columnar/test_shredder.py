"""A run and its shredder: which one serves, what the books say of it, and how memory is divided for it."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from columnar.bookkeeping.receipt import Receipt, from_json
from columnar.errors import InterruptedRunError
from columnar.jobs.job_file import parse_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.status import job_status
from columnar.running.budget import TREE_FACTOR, TreeBudget, divide
from columnar.running.plan_run import plan_run, shredder_text
from columnar.running.reading import ReadAhead
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import open_session
from tests.columnar.fake_native import LEFT, with_kernel, without_kernel
from tests.columnar.world import CONTRACT, World, document
from transforms.errors import ContractError, TransformError
from transforms.shred import NoKernelError, ShredderKind
from transforms.shred.choose import why_not_native
from transforms.shred.kept_memory import keep_at_most
from transforms.shred.refusal import RefusedError

XPATH = CONTRACT.replace('name: "@name"', 'name: "@name"\n      all: {xpath: "count(../item)", type: int32}')


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.insert(*[(key, document(key, items=[LEFT] if key in (3, 7) else [])) for key in range(1, 9)], (9, "<d"))
    return world


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernel(monkeypatch)


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernel(monkeypatch)


@pytest.mark.usefixtures("kernel")
def test_every_chunk_says_which_way_its_documents_took_and_a_run_sums_it(world: World) -> None:
    run = world.run(chunk={"rows": 4})
    rows = world.query("SELECT chunk, receipt -> '$.ways' FROM columnar_ledger ORDER BY chunk")
    assert [(chunk, json.loads(ways)) for chunk, ways in rows] == [
        (1, {"native": 3, "lxml encoding": 1}),
        (2, {"native": 3, "lxml encoding": 1}),
        (3, {"native": 1}),
    ]
    assert run.receipt.ways == {"native": 7, "lxml encoding": 2}
    assert job_status(world.job()).receipt.ways == run.receipt.ways


@pytest.mark.usefixtures("no_kernel")
def test_without_a_kernel_a_run_says_so_and_native_is_refused_before_anything_is_made(world: World) -> None:
    with pytest.raises(NoKernelError, match="not built"):
        world.run(RunOptions(shredder=ShredderKind.NATIVE))
    assert not (world.folder / "target.duckdb").exists()
    assert world.run().receipt.ways == {"lxml no_kernel": 9}


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("job", "option", "way"),
    [
        (None, None, "native"),
        ("auto", None, "native"),
        ("lxml", None, "lxml by_choice"),
        ("lxml", ShredderKind.AUTO, "native"),
        ("lxml", "native", "native"),
        ("native", ShredderKind.LXML, "lxml by_choice"),
    ],
)
def test_the_option_is_stronger_than_the_job(
    world: World, job: str | None, option: ShredderKind | str | None, way: str
) -> None:
    settings = {} if job is None else {"shredder": job}
    run = world.run(RunOptions(shredder=option), **settings)
    assert way in run.receipt.ways


def test_a_job_with_another_shredder_is_refused(world: World) -> None:
    text = 'name: w\nsource: {url: "folder:in"}\ncontract: c.yaml\ntarget: {url: "parquet:o"}\nshredder: fast\n'
    with pytest.raises(ContractError, match="shredder") as raised:
        parse_job(text, name="job.yaml", base=world.folder)
    assert "'auto', 'native' or 'lxml'" in str(raised.value)


def test_one_run_may_use_the_one_and_the_next_the_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernel(monkeypatch)
    world.run(RunOptions(limit=4), chunk={"rows": 4})
    without_kernel(monkeypatch)
    run = world.run(chunk={"rows": 4})
    assert (run.receipt.documents, run.receipt.ways) == (5, {"lxml no_kernel": 5})
    status = job_status(world.job())
    assert status.receipt.ways == {"native": 3, "lxml encoding": 1, "lxml no_kernel": 5}
    assert status.receipt.whys() == {"native": {"": 3}, "lxml": {"no_kernel": 5, "encoding": 1}}
    assert world.query("SELECT count(*), count(DISTINCT id) FROM app") == [(8, 8)]


@pytest.mark.usefixtures("kernel")
def test_books_of_a_program_with_one_shredder_are_continued(world: World) -> None:
    world.run(RunOptions(limit=4), chunk={"rows": 4})
    old = "json_merge_patch(receipt, '{\"ways\": null}')"
    world.query(f"UPDATE columnar_ledger SET receipt = {old}")
    assert world.query("SELECT count(*) FROM columnar_ledger WHERE receipt LIKE '%ways%'") == [(0,)]
    run = world.run(chunk={"rows": 4})
    assert run.proof.holds
    assert run.receipt.ways == {"native": 4, "lxml encoding": 1}
    assert job_status(world.job()).receipt.ways == run.receipt.ways
    world.insert((20, document(20)))
    assert world.retry().run.receipt.ways == {"native": 1}


def test_a_receipt_without_ways_is_one() -> None:
    text = json.loads(Receipt(documents=3).as_json())
    del text["ways"]
    assert from_json(json.dumps(text)) == Receipt(documents=3)


@pytest.mark.usefixtures("kernel")
def test_a_retry_takes_the_option_and_its_readings_are_counted_again(world: World) -> None:
    world.run()
    assert world.retry().run.receipt.ways == {"native": 1}
    assert world.retry(shredder="lxml").run.receipt.ways == {"lxml by_choice": 1}
    retry = world.retry(RetryOptions(shredder=ShredderKind.LXML))
    assert retry.run.receipt.ways == {"lxml by_choice": 1}
    receipt = job_status(world.job()).receipt
    assert receipt.documents == 9
    assert receipt.ways == {"native": 8, "lxml encoding": 2, "lxml by_choice": 2}


def test_a_row_without_a_key_takes_no_way(world: World) -> None:
    world.insert((None, document(99)))
    run = world.run()
    assert run.receipt.documents == 10
    assert sum(run.receipt.ways.values()) == 9


def test_a_plan_says_what_would_serve_and_what_xpath_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path, XPATH)
    without_kernel(monkeypatch)
    planned = plan_run(world.job())
    assert (planned.shredder.way, planned.shredder.why) == ("lxml", "no_kernel")
    assert shredder_text(planned) == "lxml (no_kernel: the native one is not there)"
    with pytest.raises(TransformError):
        plan_run(world.job(shredder="native"))
    with_kernel(monkeypatch)
    planned = plan_run(world.job())
    named = "native; documents with rows for them are parsed a second time, by lxml, for the xpath: of item.all"
    assert shredder_text(planned) == named
    assert planned.as_dict()["shredder"] == {"way": "native", "why": "", "xpath": ["item.all"]}
    assert planned.shares.largest_document == planned.shares.largest_tree
    (tmp_path / "plain").mkdir()
    plain = World(tmp_path / "plain")
    planned = plan_run(plain.job())
    assert shredder_text(planned) == "native"
    assert planned.shares.largest_document > planned.shares.largest_tree
    assert shredder_text(plan_run(plain.job(), RunOptions(shredder="lxml"))) == "lxml"


# How memory is divided


@given(st.integers(0, 10**11))
def test_the_shares_are_as_large_with_the_one_as_with_the_other(more: int) -> None:
    memory = 400_000_000 + int(psutil.Process().memory_info().rss) + more
    lxml, native = divide(memory, trees=True), divide(memory, trees=False)
    sums = [each.engine + each.raw + each.trees + each.extracts for each in (lxml, native)]
    assert abs(sums[0] - sums[1]) < memory // 50  # what this process holds is measured twice
    assert 0 < native.kept <= min(memory // 16, 64_000_000)
    assert sums[1] + native.kept < memory
    assert native.raw > lxml.raw
    assert native.largest_document > 2 * lxml.largest_document
    assert lxml.largest_document == lxml.largest_tree == lxml.trees // TREE_FACTOR
    assert native.largest_tree == native.trees // TREE_FACTOR < lxml.largest_tree


@pytest.mark.skipif(bool(why_not_native()), reason="the native shredder was not built")
def test_memory_that_the_native_shredder_keeps_is_part_of_the_budget_and_given_back_after_a_run(world: World) -> None:
    kernel: Any = import_module("transforms._kernel")
    _, before = kernel.kept()
    try:
        memory = 400_000_000 + int(psutil.Process().memory_info().rss)
        world.run(memory=memory)
        kept, most = kernel.kept()
        assert kept == 0
        assert most <= memory // 16  # 0 with sanitizers
        keep_at_most(1_000_000)
        assert kernel.kept()[1] in (0, 1_000_000)
    finally:
        keep_at_most(before)


def test_trees_wait_for_each_other_and_one_that_never_fits_is_refused() -> None:
    trees = TreeBudget(100 * TREE_FACTOR)
    with pytest.raises(RefusedError, match=r"101 bytes to parse, more than the 100 that fit into --memory") as raised:
        trees.holding(101)
    assert raised.value.reason == "limit"
    order: list[str] = []

    def second() -> None:
        with trees.holding(60):
            order.append("second")

    with trees.holding(60):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.05)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    with trees.holding(100):
        pass
    trees.stop()
    with pytest.raises(InterruptedRunError):
        trees.holding(1).__enter__()


@pytest.mark.usefixtures("kernel")
def test_a_document_left_to_lxml_must_fit_as_a_tree_and_a_retry_with_more_memory_reads_it(world: World) -> None:
    held = int(psutil.Process().memory_info().rss)
    size = divide(400_000_000 + held, trees=False).largest_tree + 1_000_000
    world.insert(
        (30, f'<d><app id="30" amount="1"/>{" " * (size + 9)}</d>'),
        (31, f'<d><app id="31" amount="1"/>{LEFT:{size}}</d>'),
    )
    run = world.run(memory=400_000_000 + held)
    assert run.receipt.reasons == {"truncated": 1, "limit": 1}
    [(key, detail)] = world.query("SELECT source_key, detail FROM columnar_document WHERE reason = 'limit'")
    assert key == "31"
    assert "bytes to parse" in detail
    assert "quarantine retry" in detail
    retry = world.retry(RetryOptions(reasons=("limit",), memory=3_000_000_000))
    assert retry.run.receipt.loaded == 1


@pytest.mark.parametrize("shredder", ["lxml", "auto"])
def test_a_document_too_large_once_decoded_is_told_like_one_that_is_not_fetched(tmp_path: Path, shredder: str) -> None:
    world = World(tmp_path, CONTRACT.replace("root: d", "document: {decode: [gzip]}\nroot: d"))
    memory = 400_000_000 + int(psutil.Process().memory_info().rss)
    most = divide(memory, trees=True).largest_document
    with world.source() as source:
        source.execute("ALTER TABLE docs ALTER doc TYPE BLOB")
    small, large = (f'<d><app id="{size}" amount="1"/>{" " * size}</d>'.encode() for size in (1000, most + 1_000_000))
    world.insert((1, gzip.compress(small)), (2, gzip.compress(large)))
    run = world.run(memory=memory, shredder=shredder)
    assert run.receipt.reasons == {"limit": 1}
    [(key, detail)] = world.query("SELECT source_key, detail FROM columnar_document WHERE reason = 'limit'")
    assert key == "2"
    assert "fit into --memory" in detail
    assert "document.limits" not in detail
    assert world.retry(RetryOptions(memory=3_000_000_000)).run.receipt.loaded == 1


def test_who_waits_for_a_tree_gives_up_once_the_reading_is_stopped(world: World) -> None:
    trees = TreeBudget(TREE_FACTOR)
    job = world.job()
    with open_session(job, read_plan(job), RunOptions()) as session:
        ahead = ReadAhead(
            session.source, session.make_shredder(trees), session.plan,
            shares=session.shares, trees=trees, workers=1, on_step=lambda _: None, relieve=lambda: None,
            patience=session.patience,
        )  # fmt: skip
        with trees.holding(1):
            ahead.stop()
            with pytest.raises(InterruptedRunError), trees.holding(1):
                pass


@pytest.mark.usefixtures("kernel")
def test_a_run_that_is_stopped_leaves_nobody_waiting_for_a_tree(world: World) -> None:
    def stop(step: str) -> None:
        if step == "prepared_chunk":
            raise KeyboardInterrupt

    with suppress(InterruptedRunError):
        world.run(RunOptions(on_step=stop, workers=4), chunk={"rows": 1})
    assert not [each for each in threading.enumerate() if each.name.startswith(("shred", "read"))]
    assert world.run(chunk={"rows": 1}).proof.holds
