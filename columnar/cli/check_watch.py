"""`columnar check --watch`: the check again and again, until it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from columnar.checking.check import check, check_text, exit_code
from columnar.checking.trial import trial_of
from columnar.checking.watch import INTERVAL, sampled_files, watch, watched_files
from columnar.cli.failure import failure_of, tell
from columnar.cli.output import clear_screen, print_json, print_note, print_text, width
from columnar.cli.signals import STOP
from columnar.errors import JobError

_NAMED = 3  # changed files in a heading; a switch of branches changes many


@dataclass
class WatchedCheck:
    """A check with its options, and the exit code of the last one that came to its end (None: none did)."""

    file: Path
    documents: Sequence[Path]
    sample: int
    rows: int
    as_json: bool
    shredder: str | None = None
    last: int | None = None

    def run(self) -> int:
        """Check until Ctrl-C, and return the last exit code. JobError: the command line itself is wrong.

        KeyboardInterrupt where not even the first check came to its end.
        """
        try:
            watch(lambda: watched_files(self.file, self.documents), self._round, wait=pause)
        except KeyboardInterrupt:
            if self.last is None:
                raise
            return self.last

    def _round(self, changed: Sequence[Path]) -> Iterable[Path]:
        """One check. Returns the files of documents that the source lent."""
        names: list[str] = []
        try:
            trial = trial_of(self.file, self.documents, self.sample)
            names = [] if self.documents else [name for name, _ in trial.documents]
            kind = self.shredder or trial.shredder
            report = check(trial.plan, trial.documents, rows=self.rows, keys=trial.keys, shredder=kind)
        except Exception as error:
            if STOP.received:  # an engine may hide it behind an error of its own
                raise KeyboardInterrupt from None
            if self.last is None and isinstance(error, JobError):
                raise  # no document, no such file: watching would not mend it
            listened = self._heading(changed)
            failure = failure_of(error)
            self.last = tell(failure, as_json=False)
            if self.as_json:
                listened = print_json(failure.as_dict(), one_line=True)
        else:
            self.last = exit_code(report)
            listened = self._heading(changed)
            if self.as_json:
                listened = print_json({**report.as_dict(), "exit_code": self.last}, one_line=True)
            else:
                listened = print_text(check_text(report, width=width()).rstrip()) and listened
        if not listened:  # `| head` has gone, and nobody would see the next one
            raise typer.Exit(self.last)
        print_note(f"exit code {self.last}; watching, Ctrl-C ends")
        return sampled_files(self.file, names)

    def _heading(self, changed: Sequence[Path]) -> bool:
        """What sets this output apart from the one before: a terminal shows only the newest."""
        if self.as_json:
            return True
        clear_screen()
        return print_text(f"--- {time.strftime('%H:%M:%S')} {_what(changed)} ---\n")


def _what(changed: Sequence[Path]) -> str:
    if not changed:
        return "first check"
    names = ", ".join(path.name for path in changed[:_NAMED])
    more = len(changed) - _NAMED
    return f"{names} and {more} more changed" if more > 0 else f"{names} changed"


def pause() -> None:
    """Until the next look."""
    time.sleep(INTERVAL)
