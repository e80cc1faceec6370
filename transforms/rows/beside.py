"""The rows that stand beside a table's rows in its SQL: those around them, and those of joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
import pyarrow as pa

from transforms.contract.plan import ContractPlan
from transforms.rows.chunk import Chunk
from transforms.rows.parent import parent_positions
from transforms.rows.pick import ordered_rows
from transforms.rows.program import JoinProgram, TableProgram
from transforms.sql.sandbox import Sandbox
from transforms.sql.scope import Name


def columns_beside(
    plan: ContractPlan, program: TableProgram, rows: pa.Table, parents: pa.Array | None, chunk: Chunk, sandbox: Sandbox
) -> dict[str, pa.ChunkedArray]:
    """The columns of other rows that the SQL of a table uses, under their flat names, one value a row of `rows`.

    rows: the table's, each with its parent row still there. parents: where that stands among the parent's rows.
    NULL where a join finds no row.
    """
    found: dict[str, pa.ChunkedArray] = {}
    for relation, positions, source in _sources(plan, program, rows, parents, chunk, sandbox):
        taken = source.select(list(program.beside[relation])).take(positions)
        found |= {Name(name, relation).flat: taken.column(name) for name in taken.column_names}
    return found


def _sources(
    plan: ContractPlan, program: TableProgram, rows: pa.Table, parents: pa.Array | None, chunk: Chunk, sandbox: Sandbox
) -> Iterator[tuple[str, pa.Array, pa.Table]]:
    """Each relation that is used, where its row stands for each of ours, and its table."""
    positions = parents
    around = rows
    left = sum(title in program.beside for title in program.ancestors)
    for title, name in program.ancestors.items():
        if not left:
            break
        if around is not rows:
            positions = parent_positions(around, chunk.done[name]).take(positions)
        around = chunk.done[name]
        if title in program.beside:
            left -= 1
            yield title, positions, around
    for join in program.joins:
        if join.plan.name in program.beside:
            yield (
                join.plan.name,
                joined_positions(plan, program, join, rows, chunk, sandbox),
                chunk.converted[join.table],
            )


def joined_positions(
    plan: ContractPlan, program: TableProgram, join: JoinProgram, rows: pa.Table, chunk: Chunk, sandbox: Sandbox
) -> pa.Array:
    """Where the one row of a join stands in the joined table for each row of `rows`; null where there is none."""
    theirs = chunk.converted[join.table]
    if join.plan.on:
        keys = [their for their, _ in join.plan.on]
        ours = [our for _, our in join.plan.on]
        candidates = _keys(theirs, ["_document", *keys])
        wanted = _keys(rows, ["_document", *ours])
    elif (chain := _chain(plan, join.table, program.plan.name)) is not None:
        candidates = _keys(theirs, ["_document"]).with_columns(_row_above(theirs, chain, chunk.converted))
        wanted = _keys(rows, ["_document", "_row"])
    else:
        candidates, wanted = _keys(theirs, ["_document"]), _keys(rows, ["_document"])
    candidates = candidates.with_columns(position=pl.int_range(pl.len(), dtype=pl.Int64))
    if join.where is not None or join.order is not None:
        label = f"{program.plan.name}.{join.plan.name}"
        candidates = candidates[ordered_rows(theirs, join.where, join.order, sandbox, table=label)]
    names = wanted.columns
    best = candidates.rename(dict(zip(candidates.columns, [*names, "position"], strict=True))).unique(
        names, keep="first", maintain_order=True
    )
    found = wanted.lazy().join(best.lazy(), on=names, how="left", maintain_order="left").select("position")
    return found.collect().to_series().to_arrow()


def _keys(table: pa.Table, names: list[str]) -> pl.DataFrame:
    """The columns that decide which rows belong together, integers of one size."""
    columns = {f"key{at}": pl.Series(table.column(name)) for at, name in enumerate(names)}
    whole = [name for name, values in columns.items() if values.dtype.is_integer()]
    return pl.DataFrame(columns).with_columns(pl.col(whole).cast(pl.Int64))


def _chain(plan: ContractPlan, table: str, above: str) -> list[str] | None:
    """The tables from a table's parent up to `above`; None where it is no descendant."""
    names = []
    parent = plan.table(table).parent
    while parent is not None:
        names.append(parent)
        if parent == above:
            return names
        parent = plan.table(parent).parent
    return None


def _row_above(rows: pa.Table, chain: list[str], converted: Mapping[str, pa.Table]) -> pl.Series:
    """For each row, the `_row` of the row that its chain of parents leads to; null where it leads to none."""
    positions: pa.Array | None = None
    below = rows
    for name in chain:
        step = parent_positions(below, converted[name])
        positions = step if positions is None else step.take(positions)
        below = converted[name]
    return pl.Series("key1", below.column("_row").take(positions)).cast(pl.Int64)
