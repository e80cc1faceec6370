"""Which documents and rows are refused, and the first value of each document that says why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan
from transforms.convert.describe import describe
from transforms.convert.masks import any_true, mask_from
from transforms.convert.result import REJECTED_SCHEMA
from transforms.convert.rules import Reason
from transforms.convert.runs import Run, Segment
from transforms.convert.settle import Rejection, Settled

_REASONS = tuple(Reason)


@dataclass(frozen=True, slots=True)
class Refusals:
    """rejected: REJECTED_SCHEMA. documents: per table, which rows belong to rejected documents; rows: which rows are
    refused themselves. A table that is in neither keeps all its rows."""

    rejected: pa.Table
    documents: dict[int, pa.Array]
    rows: dict[int, pa.Array]

    def without(self, table: int, rows: pa.Table) -> pa.Table:
        """The rows of a table that are not refused. table: its place in the plan."""
        masks = [masks[table] for masks in (self.documents, self.rows) if table in masks]
        if not masks:
            return rows
        return rows.filter(pc.invert(masks[0] if len(masks) == 1 else pc.or_(*masks)))


def refusals(plan: ContractPlan, extracts: Mapping[str, pa.Table], outcomes: list[tuple[Run, Settled]]) -> Refusals:
    """Gather what the outcomes refuse.

    extracts: `_document` and `_line` of each row of the tables that the outcomes are of; only tables that are in it
    get masks.
    """
    places: list[pl.DataFrame] = []
    rows: dict[int, list[pa.Array]] = {}
    for at, (run, settled) in enumerate(outcomes):
        for rejection in settled.rejections:
            for segment in run.segments:
                found = pc.indices_nonzero(rejection.mask.slice(segment.start, segment.length))
                if not len(found):
                    continue
                if rejection.document:
                    places.append(_places(plan, extracts, at, segment, rejection, found))
                else:
                    rows.setdefault(segment.table, []).append(segment.rows(found))
    row_masks = {table: _mask(len(extracts[plan.tables[table].name]), found) for table, found in rows.items()}
    if not places:
        return Refusals(REJECTED_SCHEMA.empty_table(), {}, row_masks)
    first = (
        pl.concat(places)
        .sort("document", "table", "row", "column", "position")
        .unique(subset="document", keep="first", maintain_order=True)
    )
    return Refusals(_rejected(plan, outcomes, first), _of_documents(plan, extracts, first["document"]), row_masks)


def _places(
    plan: ContractPlan,
    extracts: Mapping[str, pa.Table],
    outcome: int,
    segment: Segment,
    rejection: Rejection,
    found: pa.Array,
) -> pl.DataFrame:
    """One line per refused value of a segment."""
    extract = extracts[plan.tables[segment.table].name]
    rows = segment.rows(found)
    return pl.DataFrame(
        {
            "document": pl.Series(pc.take(extract.column("_document"), rows)),
            "line": pl.Series(pc.take(extract.column("_line"), rows)),
            "row": pl.Series(rows),
            "position": pl.Series(pc.add(pc.cast(found, pa.int64()), segment.start)),
        }
    ).with_columns(
        pl.lit(segment.table).alias("table"),
        pl.lit(segment.column).alias("column"),
        pl.lit(outcome).alias("outcome"),
        pl.lit(_REASONS.index(rejection.reason)).alias("reason"),
    )


def _mask(length: int, found: list[pa.Array]) -> pa.Array:
    flags = pl.repeat(False, length, dtype=pl.Boolean, eager=True)
    for rows in found:
        flags = flags.scatter(pl.Series(rows), True)
    return mask_from(flags)


def _rejected(plan: ContractPlan, outcomes: list[tuple[Run, Settled]], first: pl.DataFrame) -> pa.Table:
    """The table of rejected documents; only here, once a document, a sentence is made."""
    details = []
    for line in first.iter_rows(named=True):
        table = plan.tables[line["table"]]
        column = table.columns[line["column"]]
        text = outcomes[line["outcome"]][0].shown(line["position"])
        in_key = column.name in table.key
        details.append(describe(table.name, column, _REASONS[line["reason"]], text, in_key=in_key))
    reasons = [str(_REASONS[reason]) for reason in first["reason"]]
    columns = [first["document"].to_list(), reasons, first["line"].to_list(), details]
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, REJECTED_SCHEMA, strict=True)],
        schema=REJECTED_SCHEMA,
    )


def _of_documents(plan: ContractPlan, extracts: Mapping[str, pa.Table], documents: pl.Series) -> dict[int, pa.Array]:
    rejected = documents.to_arrow()
    masks = {}
    for at, table in enumerate(plan.tables):
        if table.name not in extracts:
            continue
        mask = pc.is_in(extracts[table.name].column("_document"), value_set=rejected).combine_chunks()
        if any_true(mask):
            masks[at] = mask
    return masks
