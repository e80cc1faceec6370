"""`columnar export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile


def export(
    job: JobFile,
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Gets a folder with the job's name.", show_default=False)
    ],
    stage: Annotated[
        list[str] | None,
        typer.Option("--stage", metavar="S", help="duplicates, quarantine or loaded; repeatable. Without it all."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write audit files of what the target holds now: for jobs whose runs left none, or to be given away.

    The same files and manifests as those of runs, and a list of them with its checksum. The target is only read.

    \b
    columnar export job.yaml --to export
    columnar export job.yaml --to export --stage loaded
    """
    from columnar.audit.export import STAGES, export_job
    from columnar.cli.audit_text import export_text
    from columnar.cli.output import print_json, print_text
    from columnar.cli.selection import job_of
    from columnar.program import as_command, program

    done = export_job(job_of(job), to, stages=tuple(stage or STAGES))
    if as_json:
        print_json(done.as_dict())
    else:
        print_text(export_text(done, as_command(*program(), "audit", "verify", str(job), "--folder", str(to))))
