"""`python -m tests.mssql_conformance URL [WORD …]`: all checks, or those whose name holds one of the words; exit code 1
where one fails, 2 where there is no server."""

from __future__ import annotations

import os
import sys

from rich.console import Console

from loaders.database.address import parse_address
from loaders.errors import LoaderError
from tests.mssql_conformance import faults, jobs, reading, writing
from tests.mssql_conformance.checking import Check, Result, run_checks, show
from tests.mssql_conformance.server import Server

_USAGE = "python -m tests.mssql_conformance mssql://user:password@host:port/database [WORD …]"


def all_checks(server: Server) -> list[tuple[str, Check]]:
    """In the order in which they are run."""
    return [check for module in (reading, writing, faults, jobs) for check in module.checks(server)]


def main(arguments: list[str]) -> int:
    """Run them and print the table."""
    console = Console(width=None if sys.stdout.isatty() else 160)
    url = arguments[0] if arguments else os.environ.get("COLUMNAR_MSSQL_URL", "")
    if not url.startswith("mssql://"):
        console.print(_USAGE, markup=False)
        return 2
    try:
        server = Server(parse_address(url), url)
        version = server.texts("CAST(@@VERSION AS nvarchar(300))", "")[0] or ""
        server.make()
    except LoaderError as error:
        console.print(f"{error.message}\n{error.hint}", markup=False, soft_wrap=True)
        return 2
    console.print(version.partition("\n")[0], markup=False)
    wanted = [
        check for check in all_checks(server) if not arguments[1:] or any(word in check[0] for word in arguments[1:])
    ]
    results: list[Result] = []
    try:
        for result in run_checks(server, wanted):
            results.append(result)
            console.print(f"{result.outcome:8} {result.name}", markup=False, highlight=False)
    finally:
        server.drop()
    show([each for each in results if each.outcome != "passed"] or results, console)
    counts = {outcome: sum(each.outcome == outcome for each in results) for outcome in ("passed", "FAILED", "skipped")}
    console.print(", ".join(f"{count} {outcome}" for outcome, count in counts.items()), markup=False)
    return 1 if counts["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
