"""What runs that were killed wrote of chunks that they never published.

Such a file stays, but under a name that no reader of the stage takes for one: its chunk was, or will be, written anew
by another run.
"""

from __future__ import annotations

import os
import platform

import psutil

from columnar.audit.folder import DRAFT, UNPUBLISHED, AuditFolder, chunk_files, chunk_of
from columnar.audit.raw import RECORDED
from columnar.bookkeeping.state import JobState


def set_aside(folder: AuditFolder, state: JobState) -> int:
    """Rename the files of unpublished chunks in the folders of runs that did not come to their end; how many."""
    published = {(each.run, each.chunk) for each in state.published().values()}
    count = 0
    for run, path in folder.runs().items():
        markers = list(path.glob(".running-*"))
        if not markers or any(_goes_on(marker.name) for marker in markers):
            continue
        for file in chunk_files(path):
            if (run, chunk_of(file)) not in published:
                file.rename(file.with_name(file.name + UNPUBLISHED))
                count += 1
        # Half a file, and documents that the source still has, of a chunk that was not even decided.
        for rest in (*path.glob(f"**/*{DRAFT}"), *path.glob(f"stage=raw/*{RECORDED}")):
            rest.unlink()
        for marker in markers:
            marker.unlink()
    return count


def _goes_on(marker: str) -> bool:
    """Whether another process left this mark and is alive, as far as can be told: on another machine it may be."""
    host, _, process = marker.removeprefix(".running-").rpartition("-")
    return host != platform.node() or (int(process) != os.getpid() and psutil.pid_exists(int(process)))
