"""`columnar purge`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Memory, Workspace


def purge(
    job: JobFile,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="All documents that this run published.")
    ] = None,
    chunk: Annotated[
        list[int] | None, typer.Option("--chunk", metavar="N", help="All documents of this range; repeatable.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="KEY", help="Documents under this source key; repeatable.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without, only tell what would be done.")] = False,
    memory: Memory = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Delete the rows of documents from the target, children first, so that the next run loads them anew.

    The documents go into quarantine, with the reason `purged`, and `columnar run` reads them again by itself. Without
    --yes nothing is changed.

    \b
    columnar purge job.yaml --key 4711 --key 4712
    columnar purge job.yaml --chunk 3 --yes
    columnar purge job.yaml --run 20261128T030447-2f18d3 --yes
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.progress import tell_wait
    from columnar.cli.purge_text import plan_text, purge_text
    from columnar.cli.selection import job_of
    from columnar.program import as_command, program
    from columnar.purging.options import PurgeOptions
    from columnar.purging.purge import plan_purge, purge_job
    from columnar.sizes import parse_size

    spec = job_of(job, workspace)
    options = PurgeOptions(
        run=run,
        chunks=tuple(chunk or ()),
        keys=tuple(key or ()),
        memory=parse_size(memory) if memory is not None else None,
        on_wait=tell_wait,
    )
    if yes:
        done = purge_job(spec, options)
        if as_json:
            print_json(done.as_dict())
        else:
            print_text(purge_text(done, as_command(*program(), "run", str(job))))
        return
    planned = plan_purge(spec, options)
    if as_json:
        print_json(planned.as_dict())
        return
    words = [f"--run={run}"] if run is not None else []
    words += [f"--chunk={each}" for each in options.chunks] + [f"--key={each}" for each in options.keys]
    print_text(plan_text(planned, as_command(*program(), "purge", str(job), *words, "--yes")))
