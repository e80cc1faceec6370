"""What is run in a process of its own: a purge that kills itself, as kill -9 would, at a given step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from tests.columnar.audit_world import AuditWorld
from tests.columnar.forked import kill_myself


def purged_run(tell: Callable[[str], None], folder: Path, step: str) -> None:
    def on_step(name: str) -> None:
        tell(name)
        if name == step:
            kill_myself()

    world = AuditWorld.__new__(AuditWorld)
    world.folder = folder
    purge_job(world.job(), PurgeOptions(chunks=(2,), on_step=on_step))
