"""`columnar coverage`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Memory, Workspace


def coverage(
    job: JobFile,
    sample: Annotated[
        int, typer.Option("--sample", min=1, metavar="N", help="Documents that are measured, evenly spread.")
    ] = 500,
    everything: Annotated[bool, typer.Option("--all", help="Measure every document.")] = False,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="ID", help="Only documents that this run published; `last`: the last run."),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="ID", help="Compare with this survey, instead of the last one before."),
    ] = None,
    no_keep: Annotated[bool, typer.Option("--no-keep", help="Do not store this survey for the next one.")] = False,
    memory: Memory = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Tell which attributes and texts of the documents no path reads, which paths find nothing, and what is new since
    the last time: paths in the documents, and values that lookups are asked for.

    \b
    columnar coverage job.yaml
    columnar coverage job.yaml --run last --sample 5000
    columnar coverage job.yaml --all --json
    """
    from columnar.cli.coverage_text import coverage_text
    from columnar.cli.output import print_json, print_text
    from columnar.cli.selection import job_of
    from columnar.sizes import parse_size
    from columnar.surveying.coverage import CoverageOptions, survey_job

    options = CoverageOptions(
        sample=None if everything else sample,
        run=run,
        against=against,
        keep=not no_keep,
        memory=parse_size(memory) if memory is not None else None,
    )
    report = survey_job(job_of(job, workspace), options)
    if as_json:
        print_json(report.as_dict())
    else:
        print_text(coverage_text(report))
