"""`columnar reconcile`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Memory, Workers


def reconcile(
    job: JobFile,
    sample: Annotated[
        int,
        typer.Option("--sample", min=0, metavar="N", help="Documents whose values are made anew, evenly spread."),
    ] = 1000,
    everything: Annotated[bool, typer.Option("--all", help="Make the values of every document anew.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="At most N differences are listed; all are counted.")
    ] = 100,
    memory: Memory = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Compare the source with the target as both are now, without trusting the runs that loaded it.

    Counts and keys of every published range; rows and values of a sample, or of everything, made anew by the reference
    shredder. Exit code 5 where anything is different.

    \b
    columnar reconcile job.yaml
    columnar reconcile job.yaml --sample 10000
    columnar reconcile job.yaml --all --json
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.reconcile_text import reconcile_text
    from columnar.cli.selection import job_of
    from columnar.reconciling.options import ReconcileOptions
    from columnar.reconciling.reconcile import reconcile_job
    from columnar.sizes import parse_size

    options = ReconcileOptions(
        sample=None if everything else sample,
        limit=limit,
        memory=parse_size(memory) if memory is not None else None,
        workers=workers,
    )
    found = reconcile_job(job_of(job), options)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(reconcile_text(found))
    raise typer.Exit(found.exit_code)
