"""`python -m tests.mssql_conformance URL [WORD …]`: all checks, or those whose name holds one of the words; exit code 1
where one fails, 2 where there is no server, 4 where it was interrupted."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from loaders.database.address import parse_address
from loaders.errors import LoaderError
from loaders.mssql.connect import TURBODBC
from tests.mssql_conformance import faults, grants, jobs, reading, runs, writing
from tests.mssql_conformance.checking import Check, Result, run_checks, show
from tests.mssql_conformance.server import VARIABLE, Server

_USAGE = "python -m tests.mssql_conformance mssql://user:password@host:port/database [WORD …]"


def all_checks(server: Server) -> list[tuple[str, Check]]:
    """In the order in which they are run."""
    return [check for module in (reading, writing, faults, jobs, runs, grants) for check in module.checks(server)]


def main(arguments: list[str]) -> int:
    """Run them, and print what came out: each at once, and what did not pass once more at the end."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    url = arguments[0] if arguments else os.environ.get(VARIABLE, "")
    if not url.startswith(("mssql://", "sqlserver://")):
        console.print(_USAGE, markup=False)
        return 2
    os.environ[VARIABLE] = url  # as jobs name it, whose files stay without the password
    try:
        server = Server(parse_address(url), url)
        version = server.texts("CAST(@@VERSION AS nvarchar(300))", "")[0] or ""
        swept = server.make()
    except LoaderError as error:
        console.print(f"{error.message}\n{error.hint}", markup=False, soft_wrap=True)
        return 2
    _introduce(console, server, version, swept)
    words = arguments[1:] or os.environ.get("COLUMNAR_MSSQL_CHECKS", "").split()
    wanted = [check for check in all_checks(server) if not words or any(word in check[0] for word in words)]
    results: list[Result] = []
    try:
        for result in run_checks(server, wanted):
            results.append(result)
            told = f": {result.detail}" if result.detail else ""
            console.print(f"{result.outcome:8} {result.name}{told}", markup=False, highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        console.print(f"interrupted after {len(results)} of {len(wanted)} checks", markup=False)
    finally:
        _drop(console, server)
    show([each for each in results if each.outcome != "passed"] or results, console)
    counts = {outcome: sum(each.outcome == outcome for each in results) for outcome in ("passed", "FAILED", "skipped")}
    console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()), markup=False)
    return 1 if counts["FAILED"] else 4 if len(results) < len(wanted) else 0


def _introduce(console: Console, server: Server, version: str, swept: list[str]) -> None:
    console.print(version.partition("\n")[0], markup=False)
    console.print(
        f"in the schemas {server.schema} and {server.staging}, read by {', '.join(server.readers)}", markup=False
    )
    if TURBODBC not in server.readers:
        console.print("turbodbc is not installed (`make odbc`): what it reads is not tried", markup=False)
    if swept:
        console.print(f"dropped what runs left that were killed: {', '.join(swept)}", markup=False)


def _drop(console: Console, server: Server) -> None:
    """What cannot be dropped is dropped by the next run; it hides no result."""
    try:
        server.drop()
    except LoaderError as error:
        console.print(f"{server.schema} could not be dropped: {error.message}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
