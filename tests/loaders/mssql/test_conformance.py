"""The checks for a real server, as far as they can be tried without one."""

from __future__ import annotations

import re
import subprocess
import sys

import pyarrow as pa
import pytest

from loaders.database.address import parse_address
from loaders.database.select import integers
from loaders.errors import DataError, TransientError, UsageError
from loaders.mssql.connect import connect_to_write
from tests.loaders.mssql.test_connecting import address
from tests.mssql_conformance.__main__ import all_checks
from tests.mssql_conformance.checking import raises, run_checks
from tests.mssql_conformance.cutting import Cut, CuttingConnection
from tests.mssql_conformance.grants import granted
from tests.mssql_conformance.server import Server, Skipped, is_of
from tests.mssql_conformance.writing import VALUES
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
SERVER = Server(parse_address("mssql://sa:secret@127.0.0.1:1/db"), "mssql://sa:secret@127.0.0.1:1/db")


def test_every_check_has_a_name_of_its_own() -> None:
    names = [name for name, _ in all_checks(SERVER)]
    numbered = [name for name in names if names.count(name) > 1 and "holds a value or refuses it" not in name]
    assert len(names) > 60
    assert not numbered


def test_values_of_every_type_are_of_their_types() -> None:
    for kind, values in VALUES.values():
        assert pa.array(values, kind).to_pylist() == values
        assert values[0] is None


def test_outcomes_are_told_apart() -> None:
    def skips(server: Server) -> None:
        raise Skipped("not here")

    def fails(server: Server) -> None:
        raise UsageError("no table")

    def breaks(server: Server) -> None:
        raise KeyError("x")

    checks = [("passes", lambda server: None), ("skips", skips), ("fails", fails), ("breaks", breaks)]
    results = list(run_checks(SERVER, checks))
    assert [each.outcome for each in results] == ["passed", "skipped", "FAILED", "FAILED"]
    assert "of the check?" in results[3].detail


def test_an_error_of_another_kind_is_no_success() -> None:
    def usage() -> None:
        raise UsageError("no table")

    assert raises(UsageError, usage, "table").message == "no table"
    with pytest.raises(AssertionError, match="UsageError instead of DataError"):
        raises(DataError, usage)
    with pytest.raises(AssertionError, match="no DataError was raised"):
        raises(DataError, lambda: None)


@pytest.mark.parametrize("before", [True, False])
def test_a_cut_comes_at_its_call(before: bool) -> None:
    with TdsProcess() as server:
        cut = Cut(2, before=before, armed=True)
        connection = CuttingConnection(connect_to_write(address(server.port)), cut)
        connection.run("first")
        with pytest.raises(TransientError, match="cut at call 2"):
            connection.run("second")
        with pytest.raises(TransientError, match="the connection is closed"):
            connection.table(integers([("a", "1")], ""))
        connection.rollback()
        connection.close()
        sent = [sql for sql, _ in server.statements]
    assert cut.reached
    assert ("second" in sent) is not before


def test_an_interruption_comes_through_and_a_panic_does_not() -> None:
    class PanicException(BaseException):
        pass

    def interrupted(server: Server) -> None:
        raise KeyboardInterrupt

    def panics(server: Server) -> None:
        raise PanicException("of a driver")

    checks = run_checks(SERVER, [("panics", panics), ("is interrupted", interrupted), ("never", panics)])
    assert next(checks).outcome == "FAILED"
    with pytest.raises(KeyboardInterrupt):
        next(checks)


@pytest.mark.parametrize("use", ["the source", "the target", "replace, last, purge", "create: true"])
def test_what_is_granted_is_what_the_page_says(use: str) -> None:
    names = {"loader": "[l]", "SCHEMA::loans": "SCHEMA::[t]", "columnar": "[s]", "dbo.incoming": "[i].[x]"}
    statements = granted(use, names)
    assert statements
    assert all(re.fullmatch(r"(GRANT|CREATE SCHEMA) .*\[l\]", each) for each in statements)
    assert not re.search(r"loans|columnar|incoming|\bGO\b", " ".join(statements))


def test_only_the_names_of_a_run_are_its_own() -> None:
    run = SERVER.schema
    assert all(is_of(run, name) for name in (run, SERVER.staging, SERVER.another_schema()))
    assert not any(is_of(run, name) for name in (run + "0", "columnar_test_", "dbo", "x" + run))


def test_without_a_server_it_says_so() -> None:
    command = [sys.executable, "-m", "tests.mssql_conformance"]
    done = subprocess.run([*command, "postgresql://x"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "mssql://user:password@host" in done.stdout
