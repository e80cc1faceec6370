"""Plans with picks and slots, in the fewest words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from transforms.assemble import Assembled, assemble
from transforms.contract.plan import (
    ColumnPlan,
    ColumnType,
    ContractPlan,
    Many,
    Pick,
    Preference,
    Slot,
    TablePlan,
    Take,
    TypeKind,
)
from transforms.path.model import ANY, NameTest
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.shred import LxmlShredder

ROOT = NameTest(ANY, ANY)


def column(name: str, path: str, of: str | None = None, many: str = "first", **options: Any) -> ColumnPlan:
    parsed = parse_value_path(path, {})
    return ColumnPlan(name, parsed, ColumnType(TypeKind.STRING), of=of, many=Many(many), **options)


def pick(
    name: str,
    rows: str,
    *,
    match: Mapping[str, str] | None = None,
    require: Sequence[str] = (),
    require_any: Sequence[str] = (),
    prefer: Mapping[str, Sequence[str]] | None = None,
    take: str = "first",
    **options: Any,
) -> Pick:
    """A pick; `rows` is the candidates' path from the document."""
    path = lambda text: parse_value_path(text, {})  # noqa: E731
    return Pick(
        name,
        parse_row_path(rows, {}),
        match=tuple((path(theirs), path(ours)) for theirs, ours in (match or {}).items()),
        require=tuple(map(path, require)),
        require_any=tuple(map(path, require_any)),
        prefer=tuple(Preference(path(by), tuple(values)) for by, values in (prefer or {}).items()),
        take=Take(take),
        **options,
    )


def slots(paths: Mapping[str, Mapping[str, str]]) -> tuple[Slot, ...]:
    return tuple(
        Slot(name, tuple((to, parse_value_path(path, {})) for to, path in own.items())) for name, own in paths.items()
    )


def table(name: str, rows: str, *columns: ColumnPlan, parent: str | None = None, **options: Any) -> TablePlan:
    return TablePlan(name, parse_row_path(rows, {}), parent, (), columns, **options)


def plan(*tables: TablePlan) -> ContractPlan:
    return ContractPlan(ROOT, tables)


def shredded(documents: Sequence[str], contract: ContractPlan) -> dict[str, pa.Table]:
    return LxmlShredder(contract).shred(pa.array(documents, pa.string())).extracts


def assembled(documents: Sequence[str], *tables: TablePlan) -> Assembled:
    contract = plan(*tables)
    return assemble(contract, shredded(documents, contract))


def values(result: Assembled, name: str) -> list[dict[str, Any]]:
    """The rows of a table without the shredder's own columns."""
    rows = result.extracts[name]
    return rows.select([each for each in rows.column_names if not each.startswith("_")]).to_pylist()
