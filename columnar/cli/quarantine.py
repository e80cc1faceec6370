"""`columnar quarantine list` and `columnar quarantine show`; `retry` has a file of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile
from columnar.cli.quarantine_retry import retry_quarantined

commands = typer.Typer(
    name="quarantine",
    help="Look at the documents that did not load, and why; try them again.",
    rich_markup_mode=None,
)
commands.command("retry")(retry_quarantined)


@commands.command("list")
def list_quarantine(
    job: JobFile,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="R", help="Only documents with this reason.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="At most N documents.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the documents in quarantine: source key, reason, line and column, detail.

    \b
    columnar quarantine list job.yaml
    columnar quarantine list job.yaml --reason wrong_root --limit 5
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.quarantine_text import list_text
    from columnar.cli.selection import job_of
    from columnar.looking.quarantine import list_quarantine as found_in
    from columnar.program import as_command, program

    found = found_in(job_of(job), reason=reason, limit=limit)
    if as_json:
        print_json(found.as_dict())
        return
    key = next((each.source_key for each in found.documents if each.source_key is not None), None)
    following = [as_command(*program(), "quarantine", "show", str(job), "KEY" if key is None else key)]
    if key is not None:  # documents without one cannot be tried again
        only = ["--reason", reason] if reason is not None else []
        following.append(as_command(*program(), "quarantine", "retry", str(job), *only))
    print_text(list_text(found, following))


@commands.command("show")
def show_quarantined(
    job: JobFile,
    source_key: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE_KEY",
            help="As `list` prints it; parts of a composite key with commas between them.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show one document of the quarantine: its reason, and its lines around the place, read again from the source.

    \b
    columnar quarantine show job.yaml 4711
    """
    from columnar.cli.output import print_json, print_text
    from columnar.cli.quarantine_text import shown_text
    from columnar.cli.selection import job_of
    from columnar.looking.quarantine import show_quarantined as shown

    found = shown(job_of(job), source_key)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(shown_text(found))
