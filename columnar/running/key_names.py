"""Whether the source has the key columns that a contract reads as `$name`."""

from __future__ import annotations

from collections.abc import Iterator

from columnar.errors import JobError
from loaders.names import nearest
from loaders.source import Source
from transforms.contract.plan import ColumnPlan, ContractPlan, TablePlan
from transforms.path.model import TerminalKind, ValuePath, XPath

_WHOLE = "key"  # `$key`: all of it


def key_name_problems(plan: ContractPlan, source: Source) -> list[str]:
    """A sentence for each column whose `$name` is no key column of the source."""
    known = [part.name for part in source.key]
    problems = []
    for table in plan.tables:
        for column in table.columns:
            for name in _names(table, column):
                if name not in known and name != _WHOLE:
                    message = f"{table.name}.{column.name} reads ${name}, which is no key column of the source"
                    slot = "$slot is for tables with slots; " if name == "slot" else ""
                    problems.append(f"{message}; {slot}{nearest(name, known, 'key column')}")
    return problems


def check_key_names(plan: ContractPlan, source: Source) -> None:
    """JobError with all of them."""
    problems = key_name_problems(plan, source)
    if problems:
        raise JobError("\n".join(problems), hint="$key is the whole key; $name is its column of that name")


def _names(table: TablePlan, column: ColumnPlan) -> Iterator[str]:
    """What the paths of a column read of the key, the name of each once."""
    paths: list[ValuePath | XPath | None] = [column.path]
    paths += [path for slot in table.slots for name, path in slot.paths if name == column.name]
    yield from dict.fromkeys(
        path.terminal.text or _WHOLE
        for path in paths
        if isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.KEY
    )
