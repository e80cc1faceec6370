"""The texts that lookups were asked for, known ones and others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from transforms.contract.plan import ContractPlan
from transforms.convert.cell import cell_rule
from transforms.convert.runs import is_read
from transforms.convert.text import prepare

Values = tuple[Counter[str], Counter[str]]  # of the lookup's entries; of others


def lookup_values(plan: ContractPlan, assembled: Mapping[str, pa.Table]) -> dict[str, Values]:
    """For each `table.column` with a lookup: the texts that it was asked for, after cleaning, and how often.

    assembled: of `transforms.assemble`.
    """
    found: dict[str, Values] = {}
    for table in plan.tables:
        rows = assembled.get(table.name)
        if rows is None or table.rows is None:
            continue
        for column in table.columns:
            if column.lookup is None or not is_read(table, column):
                continue
            cells = rows[column.name]
            texts = _flat(cells)
            prepared = prepare(texts, cell_rule(column))
            if prepared.codes is None:
                continue
            frame = pl.DataFrame({"text": pl.Series(prepared.texts), "code": pl.Series(prepared.codes)})
            frame = frame.drop_nulls("text")
            known = frame.filter(pl.col("code").is_not_null())["text"]
            others = frame.filter(pl.col("code").is_null())["text"]
            found[f"{table.name}.{column.name}"] = _counts(known), _counts(others)
    return found


def _flat(cells: pa.ChunkedArray) -> pa.Array:
    """The texts of a column, lists taken apart."""
    array = cells.combine_chunks()
    return array.flatten().cast(pa.string()) if pa.types.is_list(array.type) else array.cast(pa.string())


def _counts(texts: pl.Series) -> Counter[str]:
    counted = texts.value_counts(name="count")
    return Counter(dict(counted.rows()))
