"""`columnar doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson


def doctor(
    job: Annotated[
        Path | None, typer.Argument(metavar="[JOB]", help="A job's file, to be examined as well.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Examine this machine and, if named, a job: versions, memory, disk, files, source, key, target.

    Each line is ok, warn or fail, and says what to do. Exit code 3: something fails. Nothing is changed.

    \b
    columnar doctor
    columnar doctor job.yaml
    """
    from columnar.cli.doctor_text import doctor_text
    from columnar.cli.output import print_json, print_text
    from columnar.examining.doctor import doctor as examine

    found = examine(job)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(doctor_text(found))
    raise typer.Exit(found.exit_code)
