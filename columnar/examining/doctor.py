"""Whether this machine, and a job on it, are fit for a run; every finding says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from columnar.errors import TOLD, ExitCode
from columnar.examining.examine_databases import examine_databases
from columnar.examining.examine_job import examine_job
from columnar.examining.examine_machine import examine_machine
from columnar.examining.finding import Finding, State
from columnar.json_value import json_object

__all__ = ["Examination", "Finding", "State", "doctor"]


@dataclass(frozen=True, slots=True)
class Examination:
    """What `columnar doctor` found."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> ExitCode:
        """ENVIRONMENT where anything fails; warnings are no failures."""
        failed = any(each.state is State.FAIL for each in self.findings)
        return ExitCode.ENVIRONMENT if failed else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self, exit_code=self.exit_code)


def doctor(job_file: Path | None = None) -> Examination:
    """Examine the machine and, where a file is given, the job in it. Nothing is changed, and nothing raised that a run
    would tell its user: it becomes a finding."""
    parts: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
        ("machine", examine_machine),
        ("databases", examine_databases),
    ]
    if job_file is not None:
        parts.append(("job", lambda: examine_job(job_file)))
    return Examination(tuple(finding for area, part in parts for finding in _guarded(area, part)))


def _guarded(area: str, part: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from part()
    except TOLD as error:
        yield Finding(area, State.FAIL, error.message, error.hint)
