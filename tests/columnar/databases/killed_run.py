"""Run as a process of its own: runs a job and kills itself, as kill -9 would, when it first takes a step.

    python -m tests.columnar.databases.killed_run JOB STEP

Prints each step, so that whoever waits for one can see it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import run_job


def main(file: str, last: str) -> None:
    def on_step(name: str) -> None:
        print(name, flush=True)
        if name == last:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    job = read_job(Path(file))
    run_job(job, read_plan(job), RunOptions(on_step=on_step, workers=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
