"""`columnar schema`."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from columnar.cli.arguments import AsJson


class SchemaOf(Enum):
    """The files that have a schema."""

    CONTRACT = "contract"
    JOB = "job"


def schema(
    of: Annotated[SchemaOf, typer.Argument(metavar="contract|job", help="Which file's schema.", show_default=False)],
    as_json: AsJson = False,  # noqa: ARG001 - a schema is JSON either way
) -> None:
    """Print the JSON Schema of contracts or jobs, for editors that complete and check them.

    Name it in the file's first line: `# yaml-language-server: $schema=contract.schema.json`

    \b
    columnar schema contract > contract.schema.json
    columnar schema job > job.schema.json
    """
    from columnar.cli.output import print_json

    if of is SchemaOf.CONTRACT:
        from transforms.contract import contract_schema

        print_json(contract_schema())
    else:
        from columnar.jobs.job_schema import job_schema

        print_json(job_schema())
