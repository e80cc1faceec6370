"""`columnar dedupe analyze` and `columnar dedupe explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from columnar.cli.arguments import AsJson, Memory, Workers

commands = typer.Typer(
    name="dedupe",
    help="Look for duplicates without a target: analyse them into a DuckDB file, and have one explained.",
    rich_markup_mode=None,
)


@commands.command("analyze")
def analyze(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A job, a job's audit folder, or Parquet files: one, a folder, a pattern.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="The DuckDB file to make; replaced where it is there.")
    ] = Path("duplicates.duckdb"),
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="COLUMN", help="What makes two the same; once for each column. A job says it."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="COLUMN", help="A column that is no content, such as a time of delivery."),
    ] = None,
    keep: Annotated[Literal["first", "last"], typer.Option("--keep", help="Which one of a cluster wins.")] = "first",
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="COLUMN", help="The first or last by this column, instead of the source's order."),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="COLUMN", help="A date or timestamp to count duplicates by day.")
    ] = None,
    origin: Annotated[
        str | None,
        typer.Option("--origin", metavar="COLUMN", help="Where an entry is from, instead of its file or source."),
    ] = None,
    similar: Annotated[
        list[str] | None,
        typer.Option("--similar", metavar="COLUMN", help="Look for near duplicates by this column too."),
    ] = None,
    measure: Annotated[
        Literal["jaro_winkler", "levenshtein"], typer.Option("--measure", help="How similarity is measured.")
    ] = "jaro_winkler",
    threshold: Annotated[
        float, typer.Option("--threshold", metavar="X", help="How similar near duplicates are; 1 is equal.")
    ] = 0.92,
    block: Annotated[
        list[str] | None,
        typer.Option("--block", metavar="COLUMN", help="Compare only what is alike in this column."),
    ] = None,
    memory: Memory = None,
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Find duplicates and conflicts, and put them into a DuckDB file with views. No target is needed or touched.

    \b
    columnar dedupe analyze job.yaml --out duplicates.duckdb
    columnar dedupe analyze audit/loans --key application.application_id
    columnar dedupe analyze landing/ --key branch --key id --ignore received_at
    columnar dedupe analyze people.parquet --key id --similar last_name --similar city
    """
    from columnar.cli.dedupe_text import analysis_text
    from columnar.cli.output import print_json, print_text
    from columnar.dedupe.analyze import analyze as analyzed
    from columnar.dedupe.options import AnalyzeOptions
    from columnar.program import as_command, program
    from columnar.sizes import parse_size

    options = AnalyzeOptions(
        key=tuple(key or ()),
        ignore=tuple(ignore or ()),
        keep=keep,
        by=tuple(by or ()),
        day=day,
        origin=origin,
        similar=tuple(similar or ()),
        measure=measure,
        threshold=threshold,
        block=tuple(block or ()),
        memory=parse_size(memory) if memory is not None else None,
        workers=workers,
    )
    found = analyzed(source, out, options)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(analysis_text(found, as_command(*program(), "dedupe", "explain", str(out), "KEY")))


@commands.command("explain")
def explain(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The DuckDB file that analyze made, or a job that ran.", show_default=False
        ),
    ],
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="A key as the views show it, its parts with commas between them, or a source key.",
            show_default=False,
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Explain one key: who wins, by which rule, who loses, and where they differ.

    \b
    columnar dedupe explain duplicates.duckdb 4711
    columnar dedupe explain job.yaml 4711
    """
    from columnar.cli.dedupe_text import explanation_text
    from columnar.cli.output import print_json, print_text
    from columnar.dedupe.explain import explain as explained

    found = explained(file, key)
    if as_json:
        print_json(found.as_dict())
    else:
        print_text(explanation_text(found))
