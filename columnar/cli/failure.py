"""Every end that is not a result: one message, one hint, one exit code, and never a stack trace."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

import typer

from columnar.cli.output import print_json, print_note
from columnar.errors import TOLD, ExitCode, InterruptedRunError, exit_code
from columnar.looking.advice import hint_of

_AGAIN = "the same command continues where this one stopped"


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, as text and as JSON tell it. problems: each single one, where there are several."""

    code: str
    message: str
    hint: str
    exit_code: int
    problems: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        found: dict[str, object] = {"code": self.code, "message": self.message, "hint": self.hint}
        found["exit_code"] = self.exit_code
        return found | ({"problems": list(self.problems)} if self.problems else {})


def failure_of(error: BaseException) -> Failure:
    """What to tell about an error; the stack of one that nobody expected goes to a file."""
    if isinstance(error, KeyboardInterrupt):
        return Failure(InterruptedRunError.code, "stopped on request", _AGAIN, ExitCode.INTERRUPTED)
    if isinstance(error, TOLD):
        problems = tuple(str(problem) for problem in getattr(error, "problems", ()))
        return Failure(error.code, error.message, error.hint or hint_of(error), exit_code(error), problems)
    if isinstance(error, typer.TyperException):
        return _usage(error)
    if isinstance(error, OSError):
        return _system(error)
    return _unexpected(error)


def tell(failure: Failure, *, as_json: bool) -> int:
    """Print a failure and return its exit code."""
    print_note(f"error: {failure.message}")
    if failure.hint:
        print_note(f"hint: {failure.hint}")
    if as_json:
        print_json(failure.as_dict())
    return failure.exit_code


def _usage(error: typer.TyperException) -> Failure:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    message = message.replace("Value error, ", "")  # the validator's own, which tells nobody anything
    context = getattr(error, "ctx", None)
    hint = f"try: {context.command_path} --help" if context is not None else "try: columnar --help"
    return Failure("command_line", message, hint, ExitCode.USAGE)


def _system(error: OSError) -> Failure:
    """A full disk, a missing right: known well enough to need no report, but worth its stack."""
    where = f"{error.filename}: " if error.filename else ""
    file = _write_trace(error)
    hint = f"the details are in {file}; " if file else ""
    message = f"{where}{error.strerror or error}"
    return Failure(
        "system", message, hint + "what was published stays, the same command continues", ExitCode.ENVIRONMENT
    )


def _unexpected(error: BaseException) -> Failure:
    kind = type(error).__name__
    message = (
        f"something unexpected happened: {kind}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
    )
    file = _write_trace(error)
    where = f"the details are in {file}; " if file else ""
    hint = f"{where}please report it together with them; what was published stays, the same command continues"
    return Failure("unexpected", message.rstrip(": "), hint, ExitCode.ENVIRONMENT)


def _write_trace(error: BaseException) -> Path | None:
    """The whole story, in the folder for temporary files; None where even that cannot be written."""
    from columnar import __version__

    lines = [f"columnar {__version__}, Python {platform.python_version()}, {platform.platform()}"]
    lines += ["command: " + " ".join(sys.argv), "", *traceback.format_exception(error)]
    path = Path(tempfile.gettempdir()) / f"columnar-error-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.txt"
    try:
        path.write_text("\n".join(lines), encoding="utf-8")
    except OSError:
        return None
    return path
