"""Which columns of a table say what document its rows belong to.

The document table holds the key by which each loaded document was compared (`root_key`). A table leads to its documents
where it has those columns: because it is the table that was compared, because it is below it and gained its key, or
because its own SQL or paths give it columns of the same names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from columnar.lineage.key_values import read_back
from columnar.running.decide import DuplicateRule
from loaders.errors import UnavailableError
from transforms.contract.plan import Conflict, ContractPlan, TablePlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.convert.types import column_field
from transforms.duplicates import canonical_keys


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """How one table of the target leads to documents.

    columns: those that hold the document's key, in the order of the compared table's; () where there are none. root:
    the table that is compared. shared: rows belong to no single document, since others left theirs out (`on_conflict:
    skip`, or a policy for rows in the job).
    """

    table: TargetTable
    root: str = ""
    columns: tuple[str, ...] = ()
    shared: bool = False

    @property
    def leads(self) -> bool:
        """Whether rows lead to their document."""
        return bool(self.columns)

    def types(self) -> pa.Schema:
        """The columns in the contract's types, in which keys are compared."""
        fields = {column.name: column_field(column).with_nullable(True) for column in self.table.columns}
        return pa.schema([fields[name] for name in self.columns])

    def root_keys(self, rows: pa.Table, rule: DuplicateRule) -> pa.Array:
        """The document's key of each row, as the document table holds it."""
        try:
            typed = rows.select(list(self.columns)).cast(self.types())
        except pa.ArrowInvalid as error:
            raise UnavailableError(f"{self.table.name}: its key columns are not of the contract's types") from error
        return rule.whole(self.root, canonical_keys(typed, self.columns)).to_arrow().cast(pa.string())


def document_links(plan: ContractPlan, rule: DuplicateRule) -> dict[str, DocumentLink]:
    """How each table of the target leads to documents, in load order."""
    return {table.name: _link(table, plan, rule) for table in target_tables(plan)}


def _link(target: TargetTable, plan: ContractPlan, rule: DuplicateRule) -> DocumentLink:
    shared = target.on_conflict is Conflict.SKIP or dict(rule.rows).get(target.name) in ("skip", "last")
    found = {_compared(plan.table(name), plan, rule) for name in target.tables}
    if len(found) != 1 or (only := found.pop()) is None:
        return DocumentLink(target, shared=shared)
    root, on = only
    names = {column.name for column in target.columns}
    return DocumentLink(target, root, on if set(on) <= names else (), shared=shared)


def _compared(table: TablePlan, plan: ContractPlan, rule: DuplicateRule) -> tuple[str, tuple[str, ...]] | None:
    """The compared table of a table's contract, and its columns."""
    for root, on in rule.keys:
        if any(each.target_name == root and each.scope == table.scope for each in plan.tables if each.load):
            return root, on
    return None


def keys_in_table(root_keys: Iterable[str], link: DocumentLink, rule: DuplicateRule) -> pa.Table:
    """Keys of the document table as the columns of a table, in the contract's types, by which a target finds rows.
    Those of other compared tables are left out."""
    rows = [values for text in root_keys if (values := _parts(text, link, rule)) is not None]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(link.columns)
    schema = link.types()
    return pa.table(
        [read_back(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema
    )


def _parts(text: str, link: DocumentLink, rule: DuplicateRule) -> list[str] | None:
    values: list[str] = json.loads(text)
    if not rule.others:
        return values
    return values[1:] if values[0] == link.root else None  # the compared table's name stands before its key
