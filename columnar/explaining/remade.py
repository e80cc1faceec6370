"""One document, made into rows again by the reference shredder, with its nodes at hand."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from columnar.explaining.find_row import FoundRow
from columnar.lineage.content import Content
from columnar.running.identity import made_columns
from transforms.assemble import assemble
from transforms.contract.plan import ContractPlan, TablePlan
from transforms.duplicates import canonical_keys
from transforms.explain.nodes import DocumentNodes, Node
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.refusal import RefusedError
from transforms.tables import tables_of


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row stands: its table of the plan, and its place among the rows that the document gives."""

    table: TablePlan
    at: int


@dataclass(frozen=True)
class RemadeDocument:
    """extracts: text as it was read, of each extract. assembled: with picks and slots, by table. tables: typed."""

    plan: ContractPlan
    content: Content
    nodes: DocumentNodes
    extracts: dict[str, pa.Table]
    assembled: dict[str, pa.Table]
    tables: dict[str, pa.Table]

    def place_of(self, found: FoundRow) -> RowPlace | None:
        """The row that a row of the target was: by its key or, where it has none or the database makes a part of it, by
        all its values."""
        made = made_columns(self.plan).get(found.table.name, {})
        names = list(found.table.key) if not set(found.table.key) & set(made) else []
        for name in found.table.tables:
            rows = self.tables[name]
            on = names or [each for each in found.row.column_names if each in rows.column_names and each not in made]
            at = _same(found.row.select(on), rows.select(on))
            if at is not None:
                return RowPlace(self.plan.table(name), at)
        return None

    def row_number(self, place: RowPlace) -> int:
        """The row's `_row`."""
        return int(self.tables[place.table.name]["_row"][place.at].as_py())

    def element_number(self, place: RowPlace) -> int:
        """The number of the row's element among those of its extract."""
        return self.row_number(place) // max(1, len(place.table.slots))

    def node(self, place: RowPlace) -> Node | None:
        """The row's element; None where the table is made by SQL."""
        return None if place.table.rows is None else self.nodes.row(place.table.name, self.element_number(place))

    def parent(self, place: RowPlace) -> RowPlace | None:
        """The row above."""
        if place.table.parent is None:
            return None
        parent = self.plan.table(place.table.parent)
        number = self.tables[place.table.name]["_parent"][place.at].as_py()
        numbers = self.tables[parent.name]["_row"].to_pylist()
        return RowPlace(parent, numbers.index(number)) if number in numbers else None

    def text(self, place: RowPlace, column: str) -> str | list[str] | None:
        """The text of a cell as conversion gets it."""
        rows = self.assembled[place.table.name]
        at = rows["_row"].to_pylist().index(self.row_number(place))
        cell: str | list[str] | None = rows[column][at].as_py()
        return cell


def remake(plan: ContractPlan, content: Content) -> RemadeDocument:
    """Shred and convert a document once more. RefusedError where it cannot be loaded now."""
    data = pa.array([content.data], pa.large_binary())
    documents = data.view(pa.large_string()) if content.text else data
    keys = {name: pa.array([text], pa.string()) for name, text in content.keys.items()}
    shredded = LxmlShredder(plan).shred(documents, keys)
    for row in shredded.refused.to_pylist():
        raise RefusedError(row["reason"], row["detail"], line=row["line"])
    made = tables_of(plan, shredded.extracts)
    for row in made.rejected.to_pylist():
        raise RefusedError(row["reason"], row["detail"], line=row["line"])
    nodes = DocumentNodes(plan, content.data, content.keys, text=content.text)
    assembled = assemble(plan, shredded.extracts).extracts
    return RemadeDocument(plan, content, nodes, dict(shredded.extracts), assembled, made.tables)


def _same(row: pa.Table, rows: pa.Table) -> int | None:
    """The place of the first of some rows that has the values of a row of the target, in the contract's types."""
    try:
        typed = row.cast(pa.schema([field.with_nullable(True) for field in rows.schema]))
        wanted, there = (canonical_keys(each, each.column_names) for each in (typed, rows))
    except (pa.ArrowInvalid, TypeError):
        return None
    if not wanted[0].is_valid:  # a NULL among the values
        frame = pl.DataFrame(rows).with_row_index("at")
        found = frame.join(pl.DataFrame(typed), on=rows.column_names, how="semi", nulls_equal=True)
        return int(found["at"][0]) if found.height else None
    places = [at for at, text in enumerate(there.to_pylist()) if text == wanted[0].as_py()]
    return places[0] if places else None
