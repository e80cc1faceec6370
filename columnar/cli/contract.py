"""`columnar contract ddl` and `columnar contract lint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, Shredder

commands = typer.Typer(name="contract", help="Work on a contract, without any database.", rich_markup_mode=None)


@commands.callback()
def contract() -> None:
    """Work on a contract, without any database."""


@commands.command("ddl")
def ddl(
    contract: Annotated[Path, typer.Argument(metavar="CONTRACT", help="The contract's file.", show_default=False)],
    dialect: Annotated[str, typer.Option("--dialect", metavar="NAME", help="Of which database.")] = "duckdb",
    schema: Annotated[
        str | None,
        typer.Option("--schema", metavar="NAME", help="The schema of tables whose contract names none."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the statements that make a contract's tables: schemas, sequences, tables, in the order in which they load.

    For a job's target, with what is missing there: `columnar plan JOB --ddl`.

    \b
    columnar contract ddl contract.yaml
    columnar contract ddl contract.yaml --dialect duckdb --schema loans
    """
    from columnar.cli.output import print_json, print_text
    from columnar.looking.contract_ddl import contract_ddl

    statements = contract_ddl(contract, dialect=dialect, schema=schema)
    if as_json:
        print_json({"dialect": dialect, "statements": list(statements)})
    else:
        print_text("\n\n".join(f"{statement};" for statement in statements))


@commands.command("lint")
def lint(
    file: Annotated[
        Path,
        typer.Argument(metavar="CONTRACT|JOB", help="A contract, or a job with its contracts.", show_default=False),
    ],
    documents: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DOCUMENT]...", help="XML files, or folders of them.", show_default=False),
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", min=0, max=1000, metavar="N", help="Documents out of the job's source; 0: none.")
    ] = 5,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODE", help="Leave out the findings with this code; may be repeated."),
    ] = None,
    shredder: Shredder = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit code 1 for hints, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what works in a contract and is probably not meant; with documents, also what only these can tell.

    Exit code 0: no warnings. 1: warnings. 2: the contract is wrong. Loads nothing.

    \b
    columnar contract lint contract.yaml
    columnar contract lint contract.yaml one.xml samples/
    columnar contract lint job.yaml --sample 50 --ignore restated --ignore same_rows
    """
    from columnar.checking.lint import lint as lint_contracts
    from columnar.checking.lint_report import lint_text
    from columnar.cli.output import print_json, print_text

    report = lint_contracts(file, documents or [], sample=sample, ignore=ignore or [], shredder=shredder)
    code = report.exit_code(strict=strict)
    if as_json:
        print_json({**report.as_dict(), "exit_code": int(code)})
    else:
        print_text(lint_text(report))
    raise typer.Exit(code)
