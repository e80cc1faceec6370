"""`columnar demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, Memory, Shredder


def demo(
    documents: Annotated[
        int, typer.Option("--documents", min=1, metavar="N", help="Loan applications to invent.")
    ] = 1000,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where everything goes.")] = Path(".demo"),
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Another seed, other documents.")] = 1,
    memory: Memory = None,
    shredder: Shredder = None,
    as_json: AsJson = False,
) -> None:
    """Invent loan applications, load them, and hold the result against what was invented.

    The documents have the sizes and habits of real ones, broken ones and duplicates among them: so some end in
    quarantine, as they should. A second time nothing is left to do. Exit code 5: the result is not what was invented.

    \b
    columnar demo
    columnar demo --documents 10000 --memory 512MB
    """
    from dataclasses import replace

    from columnar.cli.demo_text import demo_text
    from columnar.cli.output import print_json, print_text
    from columnar.cli.progress import shown_progress
    from columnar.demo.demonstrate import DemoOptions, demonstrate
    from columnar.sizes import parse_size

    budget = parse_size(memory) if memory is not None else None
    options = DemoOptions(documents=documents, folder=folder, seed=seed, memory=budget, shredder=shredder)
    with shown_progress() as observe:
        done = demonstrate(replace(options, on_progress=observe))
    if as_json:
        print_json(done.as_dict())
    else:
        print_text(demo_text(done))
    raise typer.Exit(done.exit_code)
