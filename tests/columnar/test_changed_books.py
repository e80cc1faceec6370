"""Books that somebody changed until they cannot be read: told in a sentence, never by a stack trace."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from columnar.api import status
from columnar.audit.export import export_job
from columnar.audit.verify import verify_audit
from columnar.errors import BooksError, exit_code
from columnar.explaining.explain import explain_row
from columnar.jobs.job import Job
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import plan_purge
from loaders.errors import TargetMismatchError
from tests.columnar.audit_world import AuditWorld


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> AuditWorld:
    world = AuditWorld(tmp_path_factory.mktemp("changed"))
    world.run()
    return world


CASES: dict[tuple[str, str, str], list[Callable[[Job], object]]] = {
    ("columnar_ledger", "receipt", "nonsense"): [verify_audit, status],
    ("columnar_ledger", "receipt", '{"never": 1}'): [verify_audit],
    ("columnar_ledger", "rows", "[1]"): [verify_audit, status],
    ("columnar_ledger", "rows", '{"line": "many"}'): [verify_audit],
    ("columnar_document", "rows", "{"): [verify_audit, partial(plan_purge, options=PurgeOptions(chunks=(1,)))],
    ("columnar_run", "proof", ""): [status],
}


@pytest.mark.parametrize(("table", "column", "text"), CASES)
def test_what_cannot_be_read_is_named(world: AuditWorld, table: str, column: str, text: str) -> None:
    world.target("CREATE OR REPLACE TABLE saved AS FROM " + table)
    world.target(f"UPDATE {table} SET {column} = ?", text)
    try:
        for look in CASES[table, column, text]:
            with pytest.raises(BooksError, match=column) as raised:
                look(world.job())
            assert exit_code(raised.value) == 5
            assert "changed the target" in raised.value.hint
    finally:
        world.target(f"DELETE FROM {table}")
        world.target(f"INSERT INTO {table} FROM saved")


def test_a_table_that_lost_a_column_is_no_mystery(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.target("ALTER TABLE line DROP COLUMN price")
    for look in (partial(export_job, folder=tmp_path / "out"), partial(explain_row, table="line", key="1,1")):
        with pytest.raises(TargetMismatchError, match="table line has no column price"):
            look(world.job())
