"""Run as a process of its own: runs the world's job and kills itself, as kill -9 would, at a given step.

    python -m tests.columnar.killed_run FOLDER STEP CHUNK_ROWS [retry]

`retry`: tries its quarantine again instead. STEP 0 runs to the end. Prints each step, so that whoever waits for one can
see it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from columnar.jobs.options import RunOptions
from columnar.running.retry_selection import RetryOptions
from tests.columnar.world import World


def main(folder: str, step: int, rows: int, what: str = "run") -> None:
    taken = 0
    lock = threading.Lock()

    def on_step(name: str) -> None:
        nonlocal taken
        with lock:
            taken += 1
            print(taken, name, flush=True)
            if taken == step:
                os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    world = World.__new__(World)
    world.folder = Path(folder)
    if what == "retry":
        world.retry(RetryOptions(on_step=on_step, workers=2), chunk={"rows": rows})
    else:
        world.run(RunOptions(on_step=on_step, workers=2), chunk={"rows": rows})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
