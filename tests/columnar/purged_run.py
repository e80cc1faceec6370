"""Run as a process of its own: purges a chunk of the audit world and kills itself, as kill -9 would, at a given step.

python -m tests.columnar.purged_run FOLDER STEP
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from tests.columnar.audit_world import AuditWorld


def main(folder: str, step: str) -> None:
    def on_step(name: str) -> None:
        if name == step:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

    world = AuditWorld.__new__(AuditWorld)
    world.folder = Path(folder)
    purge_job(world.job(), PurgeOptions(chunks=(2,), on_step=on_step))


if __name__ == "__main__":
    main(*sys.argv[1:])
