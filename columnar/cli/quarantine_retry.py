"""`columnar quarantine retry`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Memory, Shredder, Workers, Workspace

if TYPE_CHECKING:
    from columnar.jobs.job import Job
    from columnar.running.retry_selection import RetryOptions


def retry_quarantined(
    job: JobFile,
    reason: Annotated[
        list[str] | None, typer.Option("--reason", metavar="R", help="Only documents with this reason; repeatable.")
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="KEY", help="Only documents under this source key; repeatable."),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="ID", help="Only documents that this run put into quarantine.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="At most N source keys, in source order.")
    ] = None,
    changed_contract: Annotated[
        bool, typer.Option("--changed-contract", help="The contract has changed: go on with it from here on.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell which documents would be tried; touch nothing.")
    ] = False,
    memory: Memory = None,
    workers: Workers = None,
    shredder: Shredder = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Try the documents in quarantine again, by the contract and from the source as they are now.

    Reads only those documents, loads what can be loaded now, exactly once, and proves the books again. Exit code 1:
    finished, with documents still in quarantine.

    \b
    columnar quarantine retry job.yaml
    columnar quarantine retry job.yaml --reason unknown_value --changed-contract
    columnar quarantine retry job.yaml --key 4711 --key 4712 --dry-run
    """
    from columnar.cli.selection import job_of
    from columnar.running.retry_selection import RetryOptions
    from columnar.sizes import parse_size

    spec = job_of(job, workspace)
    options = RetryOptions(
        reasons=tuple(reason or ()),
        keys=tuple(key or ()),
        run=run,
        limit=limit,
        changed_contract=changed_contract,
        memory=parse_size(memory) if memory is not None else None,
        workers=workers,
        shredder=shredder,
    )
    if dry_run:
        _show(spec, options, str(job), as_json=as_json)
    else:
        _retry(spec, options, str(job), as_json=as_json)


def _show(job: Job, options: RetryOptions, file: str, *, as_json: bool) -> None:
    from columnar.api import plan_retry
    from columnar.cli.output import print_json, print_text
    from columnar.cli.retry_text import plan_text
    from columnar.program import as_command, program

    planned = plan_retry(job, options)
    words = [f"--reason={each}" for each in options.reasons] + [f"--key={each}" for each in options.keys]
    words += [f"--run={options.run}"] if options.run is not None else []
    words += [f"--limit={options.limit}"] if options.limit is not None else []
    words += ["--changed-contract"] if options.changed_contract else []
    words += [f"--shredder={options.shredder}"] if options.shredder is not None else []
    if as_json:
        print_json(planned.as_dict())
    else:
        print_text(plan_text(planned, as_command(*program(), "quarantine", "retry", file, *words)))


def _retry(job: Job, options: RetryOptions, file: str, *, as_json: bool) -> None:
    from dataclasses import replace

    from columnar.api import retry
    from columnar.cli.output import print_json, print_text
    from columnar.cli.progress import shown_progress, tell_wait
    from columnar.cli.retry_text import retry_text
    from columnar.looking.report import next_commands, retry_as_dict

    with shown_progress() as observe:
        done = retry(job, replace(options, on_progress=observe, on_wait=tell_wait))
    if as_json:
        print_json(retry_as_dict(done, job, file))
    else:
        print_text(retry_text(done, next_commands(done.run, job, file)))
    raise typer.Exit(done.exit_code)
