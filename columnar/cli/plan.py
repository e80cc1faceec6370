"""`columnar plan`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Limit, Memory, Moved, NewGeneration, Shredder, WhereKey, Workers


def plan(
    job: JobFile,
    limit: Limit = None,
    where_key: WhereKey = None,
    memory: Memory = None,
    workers: Workers = None,
    shredder: Shredder = None,
    new_generation: NewGeneration = False,
    moved: Moved = False,
    ddl: Annotated[bool, typer.Option("--ddl", help="Print the statements that make the target's tables.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a run would do, and touch nothing.

    Source and key, chunks done and to do, target tables and what does not fit, memory and workers. Exit code 2: a run
    would refuse to begin, and why.

    \b
    columnar plan job.yaml
    columnar plan job.yaml --ddl
    columnar plan job.yaml --where-key 17..99 --json
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.plan_text import plan_text
    from columnar.cli.selection import job_of, options_of
    from columnar.running.plan_run import plan_run

    spec = job_of(job)
    options = options_of(
        spec,
        limit=limit,
        where_key=where_key,
        memory=memory,
        workers=workers,
        shredder=shredder,
        new_generation=new_generation,
        moved=moved,
    )
    planned = plan_run(spec, options)
    if as_json:
        print_json(planned.as_dict())
    else:
        print_text(plan_text(planned, ddl=ddl))
    raise typer.Exit(planned.exit_code)
