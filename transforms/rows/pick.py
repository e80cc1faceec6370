"""`where`, `order` and `distinct`: which rows of one table, as positions in it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from transforms.rows.failing import Part, evaluate
from transforms.sql.expression import Expression
from transforms.sql.sandbox import Sandbox


def ordered_rows(
    rows: pa.Table, where: Expression | None, order: Expression | None, sandbox: Sandbox, *, table: str
) -> pl.Series:
    """The positions of the rows for which `where` is true, in the order of `order`, else as they stand.

    rows: with the columns that the two use, `_document` and `_line`. order: one that ends with `_row`. table: what it
    is called where the two fail on a value.
    """
    position = _free_name("position", rows.column_names)
    numbered = rows.append_column(position, pl.int_range(rows.num_rows, eager=True).to_arrow())
    sql = f'SELECT "{position}" FROM rows'
    parts = []
    used = {position: None}
    if where:
        sql += f" WHERE (\n{where.sql}\n)"
        parts.append(Part(f"{table}.where", where.sql, where.columns))
        used |= dict.fromkeys(where.columns)
    if order:
        sql += f" ORDER BY {order.sql}"
        parts.append(Part(f"{table}.distinct.order", "", ()))
        used |= dict.fromkeys(order.columns)
    picked = pl.Series(evaluate(sql, numbered, list(used), parts, sandbox).column(0))
    return picked if order else picked.sort()


def distinct_rows(rows: pa.Table, on: Sequence[str], picked: pl.Series | None) -> pl.Series:
    """The first of the `picked` positions for each document and value of the columns `on`, ascending.

    picked: positions in order of preference; None: all rows as they stand. Rows with a NULL in `on` are all kept.
    """
    position = _free_name("position", rows.column_names)
    frame = pl.DataFrame(rows.select(list(dict.fromkeys(["_document", *on])))).with_row_index(position)
    frame = frame if picked is None else frame[picked]
    unknown = pl.any_horizontal(pl.col(name).is_null() for name in on)
    first = pl.struct("_document", *on).is_first_distinct()
    return frame.filter(unknown | first).get_column(position).cast(pl.Int64).sort()


def _free_name(name: str, taken: Sequence[str]) -> str:
    """A name that no column has, whatever its case: SQL does not tell them apart."""
    used = {other.lower() for other in taken}
    while name in used:
        name += "_"
    return name
