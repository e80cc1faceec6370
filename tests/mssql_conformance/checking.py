"""Checks: functions that raise where a server does otherwise; and the table of what they found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from loaders.errors import LoaderError
from tests.mssql_conformance.server import Server, Skipped

Check = Callable[[Server], None]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one check: `passed`, `FAILED` or `skipped`, and why."""

    name: str
    outcome: str
    seconds: float
    detail: str = ""


def run_checks(server: Server, checks: Sequence[tuple[str, Check]]) -> Iterator[Result]:
    """Each check on its own: one that fails says so, and the next one begins."""
    for name, check in checks:
        started = time.monotonic()
        outcome, detail = "passed", ""
        try:
            check(server)
        except Skipped as reason:
            outcome, detail = "skipped", str(reason)
        except (AssertionError, LoaderError) as error:
            outcome, detail = "FAILED", f"{type(error).__name__}: {error}"
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a fault of the check itself, or a panic of a driver
            outcome, detail = "FAILED", f"{type(error).__name__} (of the check?): {error}"
        yield Result(name, outcome, time.monotonic() - started, detail)


def show(results: Sequence[Result], console: Console) -> None:
    """The table."""
    table = Table(title="SQL Server", title_justify="left")
    for heading in ("check", "outcome", "seconds", "detail"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "seconds" else "left")
    for each in results:
        table.add_row(each.name, each.outcome, f"{each.seconds:.1f}", each.detail)
    console.print(table)


def equal(found: object, expected: object, what: str = "") -> None:
    """Like assert, with both sides cut to what can be read."""
    assert found == expected, f"{what}: found {_short(found)}, expected {_short(expected)}"


def raises(kind: type[LoaderError], action: Callable[[], object], *words: str) -> LoaderError:
    """The error of exactly that kind that an action raises; its message holds these words."""
    told: LoaderError | None = None
    try:
        action()
    except LoaderError as error:
        told = error
    assert told is not None, f"no {kind.__name__} was raised"
    assert type(told) is kind, f"{type(told).__name__} instead of {kind.__name__}: {told.message}"
    for word in words:
        assert word.lower() in told.message.lower(), f"{word!r} is not in: {told.message}"
    return told


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text):,} characters)"
