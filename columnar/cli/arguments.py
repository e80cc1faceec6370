"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

JobFile: TypeAlias = Annotated[
    Path, typer.Argument(metavar="JOB", help="The job's file, YAML or JSON.", show_default=False)
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on stdout and nothing else there.")
]
Limit: TypeAlias = Annotated[
    int | None,
    typer.Option("--limit", min=1, metavar="N", help="Only the first N documents of the selection, in source order."),
]
WhereKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--where-key",
        metavar="A..B",
        help="Only documents with keys from A to B, both included; A.. and ..B are open. A date is midnight to a"
        " timestamp: name its last moment, or the next day.",
    ),
]
Memory: TypeAlias = Annotated[
    str | None, typer.Option("--memory", metavar="SIZE", help="Memory budget of the process, like 512MB or 2GiB.")
]
Workers: TypeAlias = Annotated[
    int | None, typer.Option("--workers", min=1, max=256, metavar="N", help="Threads that shred.")
]
Shredder: TypeAlias = Annotated[
    Literal["auto", "native", "lxml"] | None,
    typer.Option("--shredder", help="What reads the XML, instead of the job's. auto: native where it is there."),
]
NewGeneration: TypeAlias = Annotated[
    bool,
    typer.Option("--new-generation", help="Read the whole source again, also by a changed contract."),
]
Moved: TypeAlias = Annotated[
    bool, typer.Option("--moved", help="The job's source is another one now, and holds the same documents.")
]
Workspace: TypeAlias = Annotated[
    Path | None, typer.Option("--workspace", metavar="DIR", help="Folder for staged keys, spilling and audit files.")
]
