"""`columnar check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson, Shredder


def check(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="CONTRACT|JOB", help="A contract, or a job whose source lends documents.", show_default=False
        ),
    ],
    documents: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DOCUMENT]...", help="XML files to try a contract on.", show_default=False),
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, max=1000, metavar="N", help="Documents out of the job's source.")
    ] = 5,
    rows: Annotated[int, typer.Option("--rows", min=1, metavar="N", help="Rows of each table to show.")] = 5,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever one of the files changes, until Ctrl-C.")
    ] = False,
    shredder: Shredder = None,
    as_json: AsJson = False,
) -> None:
    """Try a contract on some documents: each table beside the source lines, and what no path reads.

    Exit code 1: a document would go to quarantine. 5: what a document gives depends on the others. Loads nothing.

    \b
    columnar check contract.yaml one.xml two.xml
    columnar check job.yaml --sample 20
    columnar check contract.yaml one.xml --watch
    """
    from columnar.checking.check import check as try_contract
    from columnar.checking.check import check_text, exit_code
    from columnar.checking.trial import trial_of
    from columnar.cli.output import print_json, print_text, width

    if watch:
        from columnar.cli.check_watch import WatchedCheck

        raise typer.Exit(WatchedCheck(file, documents or [], sample, rows, as_json, shredder).run())
    trial = trial_of(file, documents or [], sample)
    kind = shredder or trial.shredder
    report = try_contract(trial.plan, trial.documents, rows=rows, keys=trial.keys, shredder=kind)
    if as_json:
        print_json(report.as_dict())
    else:
        print_text(check_text(report, width=width()).rstrip())
    raise typer.Exit(exit_code(report))
