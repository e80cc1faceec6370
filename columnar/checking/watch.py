"""Doing something again whenever files change: by looking at them now and then, whatever the editor or the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeAlias

from columnar.checking.trial import is_job
from columnar.errors import TOLD
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job
from columnar.jobs.url import scheme_of, with_environment

# Seconds between two looks: an editor's save is seen as if at once, and a look is a few system calls.
INTERVAL = 0.25
# Looks at files that do not come to rest, or are missing, before they are taken as they are: two seconds.
_PATIENCE = 8

# Time of the last change (ns), size, inode; None: not there. The inode tells a file that an editor put in its place,
# even one with the same time and size.
Signature: TypeAlias = tuple[int, int, int] | None


def watch(
    files: Callable[[], Iterable[Path]],
    act: Callable[[Sequence[Path]], Iterable[Path]],
    *,
    wait: Callable[[], None],
) -> NoReturn:
    """Act, and act again after every change of a file, until `act` or `wait` raises.

    files: which to look at, asked before every act, so that a change in the middle of it is not missed. act: is called
    with the files that changed (none the first time), and returns further ones that it found. wait: sleeps for an
    interval.
    """
    changed: Sequence[Path] = ()
    while True:
        known = signatures(files())
        more = act(changed)
        known |= signatures(path for path in more if path not in known)
        changed = wait_for_change(known, wait)


def wait_for_change(known: Mapping[Path, Signature], wait: Callable[[], None]) -> tuple[Path, ...]:
    """The files that are not what they were, as soon as two looks find them alike.

    A file that is half written, or missing while an editor replaces it, gets two seconds to become whole again.
    """
    last, looks = known, 0
    while True:
        wait()
        now = signatures(known)
        changed = tuple(path for path in known if now[path] != known[path])
        at_rest = now == last and all(now[path] for path in changed)
        looks = looks + 1 if changed else 0
        if changed and (at_rest or looks >= _PATIENCE):
            return changed
        last = now


def signatures(paths: Iterable[Path]) -> dict[Path, Signature]:
    """What tells each file from what it was before; taken one by one, as `paths` names them."""
    return {path: signature(path) for path in paths}


def signature(path: Path) -> Signature:
    """See Signature; None also for what cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watched_files(file: Path, documents: Sequence[Path]) -> Iterator[Path]:
    """The files that a check reads: its own, the documents, a job's contracts and the file its source is in.

    Each is named before it is read here, so that its signature is older than what it is taken to say. What is wrong
    with one, the check itself tells.
    """
    yield file
    yield from documents
    try:
        job = read_job(file) if is_job(file) else None
    except (*TOLD, OSError):
        return
    if job is None:
        return
    yield from (job.path(each.file) for each in job.contracts)
    if not documents:
        yield from _source_files(job)


def sampled_files(file: Path, names: Iterable[str]) -> list[Path]:
    """The files of the documents that a job's source lent, where it is a folder; they are known only after a check."""
    try:
        job = read_job(file) if is_job(file) else None
        if job is None or scheme_of(job.source.url) != "folder":
            return []
        return [_source_path(job) / name for name in names]
    except (*TOLD, OSError):
        return []


def _source_files(job: Job) -> Iterator[Path]:
    """The source as a file, with the journal in which DuckDB keeps what it has not yet moved there."""
    try:
        path = _source_path(job)
    except TOLD:
        return
    if scheme_of(job.source.url) == "duckdb":
        yield from (path, path.with_name(f"{path.name}.wal"))
    elif path.is_file():
        yield path


def _source_path(job: Job) -> Path:
    return job.path(with_environment(job.source.url).partition(":")[2])
