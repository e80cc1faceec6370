"""What is run in a process of its own, and kills itself, as kill -9 would, at a given step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from columnar.jobs.options import RunOptions
from columnar.running.retry_selection import RetryOptions
from tests.columnar.forked import kill_myself
from tests.columnar.world import World


def killed_run(tell: Callable[[str], None], folder: Path, step: int, rows: int, what: str = "run") -> None:
    """Run the world's job in chunks of so many rows, or try its quarantine again (`retry`). Step 0: to the end."""
    taken = 0
    lock = threading.Lock()

    def on_step(name: str) -> None:
        nonlocal taken
        with lock:
            taken += 1
            tell(name)
            if taken == step:
                kill_myself()

    world = World.__new__(World)
    world.folder = folder
    if what == "retry":
        world.retry(RetryOptions(on_step=on_step, workers=2), chunk={"rows": rows})
    else:
        world.run(RunOptions(on_step=on_step, workers=2), chunk={"rows": rows})
