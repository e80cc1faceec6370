"""`columnar explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, JobFile, Workspace


def explain(
    job: JobFile,
    table: Annotated[
        str,
        typer.Argument(metavar="TABLE", help="As the contract or the target calls it.", show_default=False),
    ],
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="The values of the table's key, with commas between them; or column=value, with commas too.",
            show_default=False,
        ),
    ],
    column: Annotated[str | None, typer.Argument(metavar="[COLUMN]", help="Only this one.", show_default=False)] = None,
    workspace: Workspace = None,
    as_json: AsJson = False,
) -> None:
    """Tell where a row of the target comes from: its document, and of each value the line, the path, the text, and what
    was done with it.

    The document is read again from the source or, where that has another one now, from the raw audit files.

    \b
    columnar explain job.yaml orders 4711
    columnar explain job.yaml line 4711,2 price
    columnar explain job.yaml note id=4711,kind=a
    """
    from columnar.cli.explain_text import explain_text
    from columnar.cli.output import print_json, print_text
    from columnar.cli.selection import job_of
    from columnar.explaining.explain import explain_row

    found = explain_row(job_of(job, workspace), table, key, column)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(explain_text(found))
