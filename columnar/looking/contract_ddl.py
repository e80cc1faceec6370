"""The statements that make a contract's tables, without any database."""

from __future__ import annotations

from pathlib import Path

from columnar.errors import JobError
from columnar.jobs.job_file import read_contract_file
from columnar.running.target_specs import target_specs, with_home_schema
from loaders.dialects import DIALECTS
from loaders.errors import TargetMismatchError
from loaders.named_sink import as_named
from loaders.names import nearest


def contract_ddl(contract: str | Path, *, dialect: str = "duckdb", schema: str | None = None) -> tuple[str, ...]:
    """The CREATE statements of a contract file, in the order in which its tables load; without semicolons.

    dialect: of which database. schema: of the tables whose contract does not name one; default the database's own.
    Raises ContractError for a wrong contract, JobError for a file that cannot be read or an unknown dialect, and
    TargetMismatchError where that database cannot make such tables.
    """
    known = DIALECTS.get(dialect)
    if known is None:
        raise JobError(f"there is no dialect {dialect}", hint=nearest(dialect, list(DIALECTS), "dialect"))
    home = schema or known.schema
    specs = as_named(target_specs(with_home_schema(read_contract_file(Path(contract)), home)))
    problems = known.problems(specs, home)
    if problems:
        raise TargetMismatchError(problems)
    return tuple(known.statements(specs, home))
