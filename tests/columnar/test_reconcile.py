"""The source against the target, whatever the runs said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from columnar.errors import ExitCode, JobError
from columnar.jobs.job_file import read_plan
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.reconciling.report import Reconciliation
from columnar.running.retry import retry_job
from tests.columnar.audit_world import AuditWorld, order
from tests.columnar.world import little_memory

ALL = ReconcileOptions(sample=None)


@pytest.fixture
def world(tmp_path: Path) -> AuditWorld:
    world = AuditWorld(tmp_path)
    world.run()
    return world


def told(found: Reconciliation) -> list[tuple[str, str, str, str, str]]:
    rows = [(each.kind, each.source_key, each.table, each.column, each.key) for each in found.differences]
    return sorted(rows)


def test_what_was_loaded_is_found_the_same(world: AuditWorld) -> None:
    found = reconcile_job(world.job(), ALL)
    assert (found.exit_code, told(found), found.notes) == (ExitCode.CLEAN, [], [])
    assert (found.documents, found.recomputed, found.pending) == (9, 9, 0)
    assert [(each.chunk, each.source, each.books) for each in found.chunks] == [(1, 4, 4), (2, 4, 4), (3, 1, 1)]
    sums = {f"{each.table}.{each.column}": each for each in found.columns}
    assert (sums["orders.id"].rows, sums["line.price"].rows, sums["orders.state"].nulls) == (7, 9, 1)
    assert all(each.same for each in found.columns)


def test_a_changed_value_is_named_by_table_column_and_key(world: AuditWorld) -> None:
    world.target("UPDATE line SET price = 99 WHERE id = 6 AND number = 2")
    world.target("UPDATE orders SET buyer = NULL WHERE id = 1")
    found = reconcile_job(world.job(), ALL)
    assert told(found) == [
        ("value", "1", "orders", "buyer", "id = 1"),
        ("value", "6", "line", "price", "id = 6, number = 2"),
    ]
    price = next(each for each in found.differences if each.column == "price")
    assert (price.expected, price.found, price.chunk) == ("2.50", "99.00", 2)
    assert found.exit_code is ExitCode.INTEGRITY
    different = [f"{each.table}.{each.column}" for each in found.columns if not each.same]
    assert different == ["orders.buyer", "line.price"]


def test_rows_too_few_and_too_many_are_named(world: AuditWorld) -> None:
    world.target("DELETE FROM line WHERE id = 6 AND number = 3")
    world.target("INSERT INTO line VALUES (7, 9, 1.00)")
    world.target("INSERT INTO orders (id) VALUES (100)")
    found = reconcile_job(world.job(), ALL)
    assert told(found) == [
        ("extra_row", "", "line", "", "id = 7, number = 9"),
        ("missing_row", "6", "line", "", "id = 6, number = 3"),
        ("stray_row", "", "orders", "", 'id = ["100"]'),
    ]


def test_documents_that_only_one_side_has_are_named(world: AuditWorld) -> None:
    world.source("DELETE FROM docs WHERE k = 7")
    world.source("INSERT INTO docs VALUES (8, ?)", order(8, lines=0))
    found = reconcile_job(world.job(), ALL)
    assert told(found) == [("gone_document", "7", "", "", ""), ("missing_document", "8", "", "", "")]
    assert [(each.source, each.books) for each in found.chunks] == [(4, 4), (4, 4), (1, 1)]
    assert reconcile_job(world.job()).counts == {"gone_document": 1, "missing_document": 1}


def test_a_document_that_changed_in_the_source(world: AuditWorld) -> None:
    world.source("UPDATE docs SET doc = ? WHERE k = 5", order(5, buyer="Eve", more=' channel="shop"'))
    world.source("UPDATE docs SET doc = '<order' WHERE k = 9")
    world.source("UPDATE docs SET doc = ? WHERE k = 4", order(4))
    found = reconcile_job(world.job(), ALL)
    assert ("value", "5", "orders", "buyer", "id = 5") in told(found)
    outcomes = {each.source_key: (each.expected, each.found) for each in found.differences if each.kind == "outcome"}
    assert outcomes == {"9": ("truncated", "loaded"), "4": ("rows", "truncated")}


def test_what_a_retry_loaded_is_compared_too(world: AuditWorld) -> None:
    world.source("UPDATE docs SET doc = ? WHERE k = 4", order(4, lines=2))
    retry_job(world.job(), read_plan(world.job()))
    assert told(reconcile_job(world.job(), ALL)) == []
    world.target("DELETE FROM line WHERE id = 4 AND number = 1")
    assert told(reconcile_job(world.job(), ALL)) == [("missing_row", "4", "line", "", "id = 4, number = 1")]


def test_a_sample_is_spread_over_the_source(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {number: order(number) for number in range(1, 41)})
    world.run()
    found = reconcile_job(world.job(), ReconcileOptions(sample=10))
    assert (found.documents, found.recomputed, told(found)) == (40, 10, [])
    world.target("UPDATE orders SET buyer = 'Eve'")
    found = reconcile_job(world.job(), ReconcileOptions(sample=10, limit=3))
    assert (found.counts, len(found.differences)) == ({"value": 10}, 3)
    assert [each.source_key for each in reconcile_job(world.job(), ReconcileOptions(sample=10)).differences] == [
        str(number) for number in range(1, 41, 4)
    ]
    assert reconcile_job(world.job(), ReconcileOptions(sample=0)).recomputed <= 1


def test_ranges_that_are_not_published_are_only_counted(tmp_path: Path) -> None:
    from columnar.jobs.options import RunOptions

    world = AuditWorld(tmp_path)
    with pytest.raises(JobError, match="never ran"):
        reconcile_job(world.job(), ALL)
    world.run(RunOptions(limit=4))
    found = reconcile_job(world.job(), ALL)
    assert (found.documents, found.exit_code) == (4, ExitCode.CLEAN)


@pytest.mark.parametrize("target", [{"url": "parquet:tables"}, {"url": "duckdb:target.duckdb", "create": True}])
def test_tables_without_keys_are_compared_row_by_row(tmp_path: Path, target: dict[str, Any]) -> None:
    world = AuditWorld(tmp_path)
    contract = (tmp_path / "contract.yaml").read_text(encoding="utf-8")
    (tmp_path / "contract.yaml").write_text(contract.replace("    key: [id, number]\n", ""), encoding="utf-8")
    world.run(target=target)
    assert told(reconcile_job(world.job(target=target), ALL)) == []
    if "create" not in target:
        return
    world.target("UPDATE line SET price = 99 WHERE id = 6 AND number = 2")
    assert told(reconcile_job(world.job(), ALL)) == [
        ("extra_row", "", "line", "", "id = 6, number = 2, price = 99.00"),
        ("missing_row", "6", "line", "", "id = 6, number = 2, price = 2.50"),
    ]


def test_values_as_the_target_stores_them_are_the_same(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.target("CREATE TABLE line (id BIGINT, number BIGINT, price DECIMAL(12,4), PRIMARY KEY (id, number))")
    contract = (tmp_path / "contract.yaml").read_text(encoding="utf-8")
    without = contract.partition("    target: {foreign_keys")[0]
    (tmp_path / "contract.yaml").write_text(without, encoding="utf-8")
    world.run()
    assert told(reconcile_job(world.job(), ALL)) == []


def test_threads_and_memory_make_no_difference(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {number: order(number, lines=number % 4) for number in range(1, 23)})
    world.run()
    world.target("UPDATE line SET price = 99 WHERE number = 2")
    world.target("DELETE FROM line WHERE id = 7")
    world.source("DELETE FROM docs WHERE k = 14")
    one, several = (reconcile_job(world.job(), ReconcileOptions(sample=None, workers=each)) for each in (1, 5))
    assert several.as_dict() == one.as_dict()
    assert (one.recomputed, one.counts["gone_document"], one.counts["missing_row"]) == (21, 1, 3)


def test_a_document_that_is_too_large_for_a_tree_is_told(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 2: order(2, more=f' note="{"x" * 7_000_000}"')})
    world.run()
    found = reconcile_job(world.job(), ReconcileOptions(sample=None, memory=little_memory()))
    assert (found.recomputed, found.differences) == (1, [])
    assert found.notes == ["1 document did not fit into --memory as a tree: only their keys are compared"]
