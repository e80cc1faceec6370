"""What is run in a process of its own, and kills itself, as kill -9 would, when it first takes a step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import run_job
from tests.columnar.forked import kill_myself


def killed_run(tell: Callable[[str], None], file: Path, last: str) -> None:
    """Run a job; `last` '': to its end."""
    lock = threading.Lock()

    def on_step(name: str) -> None:
        with lock:
            tell(name)
            if name == last:
                kill_myself()

    job = read_job(file)
    run_job(job, read_plan(job), RunOptions(on_step=on_step, workers=2))
