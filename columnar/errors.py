"""Errors of the application, and the exit code of every error."""

from __future__ import annotations

from enum import IntEnum

from loaders.errors import LoaderError, TargetMismatchError, UsageError
from transforms.errors import TransformError


class ExitCode(IntEnum):
    """What a command's end means to the program that called it."""

    CLEAN = 0  # everything asked for is loaded
    QUARANTINE = 1  # finished; some documents are in quarantine
    USAGE = 2  # the contract, the job or the command line is wrong
    ENVIRONMENT = 3  # a database, a file or the machine
    INTERRUPTED = 4  # stopped before the end; the same command continues
    INTEGRITY = 5  # what is in the target is not what the ledger says


class ColumnarError(Exception):
    """Base: `code` is stable, `hint` says what to do next."""

    code = "columnar"
    exit_code = ExitCode.ENVIRONMENT

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), dict(self.__dict__))


def _restore(kind: type[ColumnarError], state: dict[str, object]) -> ColumnarError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error


class JobError(ColumnarError):
    """A job file or option that cannot be used."""

    code = "job"
    exit_code = ExitCode.USAGE


class ContractChangedError(JobError):
    """The contract is not the one this job's documents were loaded with so far."""

    code = "contract_changed"


class SourceChangedError(JobError):
    """The source is not the one that this job of the target has read so far."""

    code = "source_changed"


class MemoryBudgetError(ColumnarError):
    """The memory budget cannot hold even the smallest run."""

    code = "memory"
    exit_code = ExitCode.USAGE


class InterruptedRunError(ColumnarError):
    """Stopped on request before the end; what was published stays, the same command continues."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


class QuarantineLimitError(ColumnarError):
    """More documents in quarantine than --max-quarantine allows: the run stops before it publishes them."""

    code = "max_quarantine"
    exit_code = ExitCode.INTERRUPTED


class DuplicateError(ColumnarError):
    """A duplicate, where the job says that there must be none: the run stops before it publishes the chunk."""

    code = "duplicate"
    exit_code = ExitCode.INTERRUPTED


class IntegrityError(ColumnarError):
    """What was counted does not add up; `problems` lists every difference."""

    code = "integrity"
    exit_code = ExitCode.INTEGRITY

    def __init__(self, problems: list[str], *, hint: str = "") -> None:
        super().__init__("the books do not balance:\n" + "\n".join(f"  {each}" for each in problems), hint=hint)
        self.problems = tuple(problems)


class BooksError(ColumnarError):
    """What stands in the books of the target is not what this program writes there."""

    code = "books"
    exit_code = ExitCode.INTEGRITY

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="something else, or a later version of this program, changed the target")


# The errors that are told to the user in a sentence, never with a stack trace.
TOLD = (ColumnarError, LoaderError, TransformError)


def exit_code(error: BaseException) -> ExitCode:
    """The exit code for an error."""
    if isinstance(error, ColumnarError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if isinstance(error, TransformError | UsageError | TargetMismatchError):
        return ExitCode.USAGE
    return ExitCode.ENVIRONMENT
