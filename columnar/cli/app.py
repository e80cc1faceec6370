"""The commands, and the one place where every error becomes a message and an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from columnar.cli import (
    audit,
    check,
    contract,
    coverage,
    dedupe,
    demo,
    doctor,
    explain,
    export,
    plan,
    purge,
    quarantine,
    reconcile,
    run,
    schema,
    status,
)


class Commands(TyperGroup):
    """Tells every error in one way, whichever command it comes from."""

    _as_json = False

    # Any: typer keeps the types of its contexts to itself.
    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse the part of the command line before the command."""
        self._as_json = "--json" in args
        try:
            return super().make_context(info_name, args, parent, **extra)
        except (typer.TyperException, KeyboardInterrupt) as error:
            raise self._told(error) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the rest of the line names."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, SystemExit):
            raise
        except BaseException as error:
            raise self._told(error) from error

    def _told(self, error: BaseException) -> typer.Exit:
        from columnar.cli.failure import failure_of, tell
        from columnar.cli.signals import STOP
        from columnar.errors import IntegrityError

        if STOP.received and not isinstance(error, IntegrityError):
            error = KeyboardInterrupt()  # whatever became of it on the way
        return typer.Exit(tell(failure_of(error), as_json=self._as_json))


app = typer.Typer(
    name="columnar",
    cls=Commands,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from columnar import __version__

        typer.echo(f"columnar {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def columnar(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has done the work
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Turn XML documents in databases into clean relational tables: vectorised, exactly once, provable.

    \b
    columnar demo                  invents 1,000 documents and loads them
    columnar plan job.yaml         shows what a run would do
    columnar run job.yaml          loads what is not loaded yet, and proves it
    columnar status job.yaml       shows how far the job is

    Exit codes: 0 clean, 1 finished with quarantine, 2 contract, job or command line, 3 environment or database,
    4 interrupted (the same command continues), 5 integrity.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command("run")(run.run)
app.command("plan")(plan.plan)
app.command("status")(status.status)
app.add_typer(quarantine.commands)
app.add_typer(audit.commands)
app.command("explain")(explain.explain)
app.command("export")(export.export)
app.command("coverage")(coverage.coverage)
app.command("purge")(purge.purge)
app.command("reconcile")(reconcile.reconcile)
app.add_typer(dedupe.commands)
app.command("check")(check.check)
app.add_typer(contract.commands)
app.command("schema")(schema.schema)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo.demo)


def command_names(group: TyperGroup, before: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Every command that a group offers, those of its groups included, as the words to type."""
    names: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        path = (*before, name)
        names += command_names(command, path) if isinstance(command, TyperGroup) else [path]
    return names
