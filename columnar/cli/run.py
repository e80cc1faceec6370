"""`columnar run`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import (
    AsJson,
    JobFile,
    Limit,
    Memory,
    Moved,
    NewGeneration,
    Shredder,
    WhereKey,
    Workers,
    Workspace,
)


def run(
    job: JobFile,
    limit: Limit = None,
    where_key: WhereKey = None,
    memory: Memory = None,
    workers: Workers = None,
    shredder: Shredder = None,
    max_quarantine: Annotated[
        int | None,
        typer.Option("--max-quarantine", min=0, metavar="N", help="Stop before more than N documents are quarantined."),
    ] = None,
    new_generation: NewGeneration = False,
    moved: Moved = False,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Load what is not loaded yet, and prove it.

    Continues where the last run stopped, however that ended. Prints a receipt, the proof that nothing was lost or
    loaded twice, and what to type next. Exit code 1: finished, with documents in quarantine.

    \b
    columnar run job.yaml
    columnar run job.yaml --limit 100
    columnar run job.yaml --where-key 2024-01-01..2024-01-31 --memory 512MB
    """
    from dataclasses import replace

    from columnar.api import run as run_job
    from columnar.cli.output import print_json, print_text
    from columnar.cli.progress import shown_progress, tell_wait
    from columnar.cli.run_text import run_text
    from columnar.cli.selection import job_of, options_of
    from columnar.looking.report import next_commands, run_as_dict

    spec = job_of(job, workspace)
    options = options_of(
        spec,
        limit=limit,
        where_key=where_key,
        memory=memory,
        workers=workers,
        shredder=shredder,
        max_quarantine=max_quarantine,
        new_generation=new_generation,
        moved=moved,
    )
    with shown_progress() as observe:
        done = run_job(spec, replace(options, on_progress=observe, on_wait=tell_wait))
    if as_json:
        print_json(run_as_dict(done, spec, str(job)))
    else:
        print_text(run_text(done, next_commands(done, spec, str(job))))
    raise typer.Exit(done.exit_code)
