"""By what the rows of documents are found in every table: the document's key or, where a table does not have that, the
key of the rows above, which their children gained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from columnar.lineage.links import DocumentLink, keys_in_table
from columnar.running.decide import DuplicateRule
from loaders.sink import Sink
from transforms.contract.plan import ContractPlan


def above(link: DocumentLink, plan: ContractPlan) -> tuple[str, tuple[str, ...]] | None:
    """The table of the target above a table, and the columns that its rows handed down; None where there is none, or
    not one only."""
    found = set()
    for name in link.table.tables:
        table = plan.table(name)
        if table.parent is None or not table.inherited or not plan.table(table.parent).load:
            return None
        columns = tuple(column.name for column in table.inherited if column.load)
        found.add((plan.table(table.parent).target_name, columns))
    return found.pop() if len(found) == 1 else None


def findable(links: Mapping[str, DocumentLink], plan: ContractPlan) -> set[str]:
    """The tables whose rows are found by their documents. links: in load order, as `document_links` has them."""
    found: set[str] = set()
    for name, link in links.items():
        parent = above(link, plan)
        if link.leads or (parent is not None and parent[0] in found):
            found.add(name)
    return found


def keys_of_documents(
    sink: Sink,
    links: Mapping[str, DocumentLink],
    plan: ContractPlan,
    rule: DuplicateRule,
    root_keys: Sequence[str],
) -> dict[str, pa.Table]:
    """By what the target finds the rows of the documents with these keys, in every table of `findable`."""
    keys: dict[str, pa.Table] = {}
    for name in (each for each in links if each in findable(links, plan)):
        link, parent = links[name], above(links[name], plan)
        if link.leads:
            keys[name] = keys_in_table(root_keys, link, rule)
        elif parent is not None:
            table, columns = parent
            known = keys[table]
            batches = list(sink.select(table, list(columns), known)) if len(known) else []
            keys[name] = pa.Table.from_batches(batches) if batches else _nothing(columns)
    return keys


def _nothing(columns: Iterable[str]) -> pa.Table:
    return pa.table({name: pa.nulls(0) for name in columns})


def root_key_of(
    sink: Sink,
    links: Mapping[str, DocumentLink],
    plan: ContractPlan,
    rule: DuplicateRule,
    table: str,
    row: pa.Table,
) -> str | None:
    """The key of the document that a row of a table belongs to; None where nothing leads there. row: one, with the
    columns of the contract."""
    link, parent = links[table], above(links[table], plan)
    if link.leads:
        key: str | None = link.root_keys(row, rule)[0].as_py()
        return key
    if parent is None:
        return None
    name, columns = parent
    wanted = [column.name for column in links[name].table.columns]
    for batch in sink.select(name, wanted, row.select(list(columns))):
        return root_key_of(sink, links, plan, rule, name, pa.Table.from_batches([batch]).slice(0, 1))
    return None
