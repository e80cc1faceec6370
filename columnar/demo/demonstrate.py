"""The demonstration: invented documents, a run over them, and its result held against what was invented."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from columnar import __version__
from columnar.bookkeeping.receipt import Progress
from columnar.demo.generate_source import generate_source
from columnar.errors import ExitCode, JobError
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.report import run_as_dict
from columnar.looking.status import JobStatus, job_status
from columnar.running.run import Run, run_job
from transforms.shred.choose import ShredderKind

_SOURCE, _TARGET, _WORKSPACE, _JOB, _MARK = "source.duckdb", "target.duckdb", ".columnar", "job.yaml", "demo.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """documents: how many. folder: made if missing. seed: another one, other documents. memory: the run's budget in
    bytes. shredder: which one serves. on_progress: called now and then."""

    documents: int = 1000
    folder: Path = Path(".demo")
    seed: int = 1
    memory: int | None = None
    shredder: ShredderKind | str | None = None
    on_progress: Callable[[Progress], None] = RunOptions().on_progress


@dataclass(frozen=True)
class Demonstration:
    """What the demonstration did. seconds_generating: None where the documents were there already. expected: what the
    run must have found. differences: what it found otherwise; empty as it should be."""

    job_file: Path
    documents: int
    seconds_generating: float | None
    run: Run
    expected: dict[str, int]
    differences: tuple[str, ...]

    @property
    def exit_code(self) -> ExitCode:
        """CLEAN where the run found exactly what was invented, broken documents included."""
        return ExitCode.INTEGRITY if self.differences else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        run = run_as_dict(self.run, read_job(self.job_file), str(self.job_file))
        return {
            "job_file": str(self.job_file),
            "documents": self.documents,
            "seconds_generating": self.seconds_generating,
            "expected": dict(self.expected),
            "differences": list(self.differences),
            "exit_code": int(self.exit_code),
            "run": run,
        }


def demonstrate(options: DemoOptions | None = None) -> Demonstration:
    """Invent documents where they are not there yet, and run the job over them.

    Documents of another number, seed or version are invented anew; what the folder holds of a former demonstration is
    then removed, and nothing else. Raises JobError where the folder holds something else, and the errors of a run.
    """
    options = options or DemoOptions()
    seconds = _prepare(options)
    job_file = options.folder / _JOB
    job = read_job(job_file)
    told = RunOptions(memory=options.memory, shredder=options.shredder, on_progress=options.on_progress)
    done = run_job(job, read_plan(job), told)
    expected = _expected(options)
    found = _found(job_status(job))
    different = tuple(
        f"{name}: {expected.get(name, 0):,} were invented, {found.get(name, 0):,} were found"
        for name in dict.fromkeys([*expected, *found])
        if expected.get(name, 0) != found.get(name, 0)
    )
    return Demonstration(job_file, options.documents, seconds, done, expected, different)


def _prepare(options: DemoOptions) -> float | None:
    """Bring the folder into the state that the options ask for; returns the seconds of generating."""
    from columnar.demo import CONTRACT_FILE, contract_text, job_text

    folder = options.folder
    made_of = {"documents": options.documents, "seed": options.seed, "version": __version__}
    texts = {CONTRACT_FILE: contract_text(), _JOB: job_text(_SOURCE, _TARGET)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / _MARK
        if not mark.exists() and any((folder / name).exists() for name in (_SOURCE, _TARGET, *texts)):
            raise JobError(f"{folder} holds files that no demonstration made", hint="name another folder with --folder")
        same_source = mark.exists() and mark.read_text(encoding="utf-8") == json.dumps(made_of)
        same_job = all(
            (folder / name).exists() and (folder / name).read_text(encoding="utf-8") == text
            for name, text in texts.items()
        )
        if not (same_source and same_job):
            _remove(folder, (_TARGET, f"{_TARGET}.wal", *texts))
            shutil.rmtree(folder / _WORKSPACE, ignore_errors=True)
        seconds = None if same_source else _generate(folder, options, made_of)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise JobError(f"{folder}: {error.strerror or error}", hint="name another folder with --folder") from error
    return seconds


def _generate(folder: Path, options: DemoOptions, made_of: dict[str, object]) -> float:
    """The source appears, and then its mark, only once all of it is written."""
    _remove(folder, (_MARK, _SOURCE, f"{_SOURCE}.wal", f"{_SOURCE}.part", f"{_SOURCE}.part.wal"))
    started = time.monotonic()
    documents = size = 0

    def on_batch(more: int, more_bytes: int) -> None:
        nonlocal documents, size
        documents, size = documents + more, size + more_bytes
        idle = Progress("generate", 0, 0, documents, options.documents, size, 0, 0, time.monotonic() - started, "")
        options.on_progress(idle)

    on_batch(0, 0)
    part = folder / f"{_SOURCE}.part"
    # Marked before there is anything to be taken for somebody else's after an interruption.
    (folder / _MARK).write_text("{}", encoding="utf-8")
    generate_source(part, documents=options.documents, seed=options.seed, on_batch=on_batch)
    part.rename(folder / _SOURCE)
    (folder / _MARK).write_text(json.dumps(made_of), encoding="utf-8")
    return time.monotonic() - started


def _remove(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (folder / name).unlink(missing_ok=True)


def _expected(options: DemoOptions) -> dict[str, int]:
    from columnar.demo import truth

    known = truth(options.documents, seed=options.seed)
    counts = {
        "documents": known.documents,
        "loaded": known.loaded,
        "duplicate": known.duplicates,
        "quarantined": known.quarantined,
    }
    counts |= {f"quarantined as {reason}": count for reason, count in known.refused.items()}
    return counts | {f"rows of {table}": count for table, count in known.rows.items()}


def _found(now: JobStatus) -> dict[str, int]:
    receipt = now.receipt
    counts = {
        "documents": receipt.documents,
        "loaded": receipt.loaded,
        "duplicate": receipt.duplicate,
        "quarantined": receipt.quarantined,
    }
    counts |= {f"quarantined as {reason}": count for reason, count in receipt.reasons.items()}
    return counts | {f"rows of {table}": count for table, count in receipt.rows.items()}
