"""Errors of sources and sinks. What the run does about one is decided by its type, never by its text."""

from __future__ import annotations

from collections.abc import Sequence

# What to do about the one fault that every machine has some day.
DISK_FULL = "the disk is full: free some space and run the same command again"


class LoaderError(Exception):
    """Base: a database, a file or the machine did not do what was asked. Stops the run (exit code 3)."""

    code = "loader"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), dict(self.__dict__))


def _restore(kind: type[LoaderError], state: dict[str, object]) -> LoaderError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error


class UsageError(LoaderError):
    """The job asks for something that is not there or makes no sense: a table, a column, a URL (exit code 2)."""

    code = "usage"


class UnavailableError(LoaderError):
    """The database or file cannot be used now: missing, locked, full, forbidden, broken."""

    code = "unavailable"


class TransientError(LoaderError):
    """May pass by itself: a lost connection, a deadlock. Retried with a bound."""

    code = "transient"


class MemoryLimitError(LoaderError):
    """The engine's memory limit was reached; fewer rows at a time may succeed."""

    code = "engine_memory"


class DataError(LoaderError):
    """The target refuses a value or a row (a key, a type, a check). Bisected to the documents that cause it."""

    code = "data"


class AlreadyPublishedError(LoaderError):
    """The unique key of a publication exists already: somebody else published it; nothing of ours is visible."""

    code = "already_published"


def addition_hint(statements: Sequence[str]) -> str:
    """What to do about tables that lack nothing but columns. statements: what adds them."""
    return "add what is missing, or load into another target:\n" + ";\n".join(statements) + ";"


class TargetMismatchError(LoaderError):
    """Target tables that cannot take the rows; `problems` lists every mismatch of every table (exit code 2)."""

    code = "target_mismatch"

    def __init__(self, problems: list[str], *, hint: str = "") -> None:
        super().__init__("the target does not fit:\n" + "\n".join(f"  {problem}" for problem in problems), hint=hint)
        self.problems = tuple(problems)
