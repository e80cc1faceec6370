"""`columnar audit verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Workspace

commands = typer.Typer(
    name="audit", help="Check the Parquet files that runs leave for an auditor.", rich_markup_mode=None
)


@commands.command("verify")
def verify(
    job: JobFile,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Look at an export in this folder, not at the files of the runs."),
    ] = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Read every audit file again: is each one that was written, unchanged, and do they add up to the target's books?

    Names each file that is missing, truncated, tampered with, unreadable or too many, and each chunk that does not add
    up. Exit code 5 where there is one.

    \b
    columnar audit verify job.yaml
    columnar audit verify job.yaml --folder export
    """
    from columnar.audit.verify import verify_audit
    from columnar.cli.audit_text import verify_text
    from columnar.cli.output import print_json, print_text
    from columnar.cli.selection import job_of

    report = verify_audit(job_of(job, workspace), folder=folder)
    if as_json:
        print_json(report.as_dict())
    else:
        print_text(verify_text(report))
    raise typer.Exit(report.exit_code)
