"""The rows of documents in every table of the target, and the order in which they go: children first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from columnar.errors import IntegrityError, JobError
from columnar.lineage.links import DocumentLink, document_links, keys_in_table
from columnar.running.run import Session
from loaders.sink import Removal
from transforms.contract.plan import ContractPlan


def removals_of(session: Session, root_keys: Sequence[str]) -> list[Removal]:
    """What deletes the rows of the documents with these keys. Rows of tables with `on_conflict: skip` stay: other
    documents left theirs out because of them."""
    found: list[Removal] = []
    keys: dict[str, pa.Table] = {}
    links = document_links(session.plan, session.rule)
    for name, link in links.items() if root_keys else ():
        wanted = _keys(session, link, root_keys, keys)
        if wanted is not None:
            keys[name] = wanted
            if not link.shared and len(wanted):
                found.insert(0, Removal(name, wanted))
    return found


def _keys(
    session: Session, link: DocumentLink, root_keys: Sequence[str], known: Mapping[str, pa.Table]
) -> pa.Table | None:
    """By what the rows of a table are found: the documents' key, or the key of the rows above; None: by nothing."""
    if link.leads:
        return keys_in_table(root_keys, link, session.rule)
    above = _above(link, session.plan)
    if above is None or above[0] not in known:
        return None
    parent, columns = above
    batches = list(session.sink.select(parent, list(columns), known[parent]))
    return pa.Table.from_batches(batches) if batches else pa.table({})


def _above(link: DocumentLink, plan: ContractPlan) -> tuple[str, tuple[str, ...]] | None:
    """The table above and the columns that its rows handed down."""
    found = set()
    for name in link.table.tables:
        table = plan.table(name)
        if table.parent is None or not table.inherited or not plan.table(table.parent).load:
            return None
        columns = tuple(column.name for column in table.inherited if column.load)
        found.add((plan.table(table.parent).target_name, columns))
    return found.pop() if len(found) == 1 else None


def check_rows(session: Session, removals: Sequence[Removal], expected: Mapping[str, int]) -> dict[str, int]:
    """The rows that are there to be deleted, by table, which must be as many as the books say.

    JobError where rows cannot be found at all; IntegrityError where there are more or fewer.
    """
    links = document_links(session.plan, session.rule)
    found = {each.table: _count(session, each) for each in removals}
    unknown = [name for name, count in expected.items() if count and name not in found and not _shared(links, name)]
    if unknown:
        raise JobError(
            f"nothing leads from rows of {unknown[0]} to their documents, so they cannot be purged",
            hint="the job's duplicates name columns that lead there: make the table a child of theirs",
        )
    problems = [
        f"{name}: the books say {expected.get(name, 0):,} rows, the target has {count:,} under their keys"
        for name, count in found.items()
        if count != expected.get(name, 0)
    ]
    if problems:
        raise IntegrityError(problems, hint="nothing was purged; `columnar reconcile --all` names each difference")
    return {name: count for name, count in found.items() if count}


def _shared(links: Mapping[str, DocumentLink], name: str) -> bool:
    return name in links and links[name].shared


def _count(session: Session, removal: Removal) -> int:
    column = removal.keys.column_names[0]
    return sum(len(batch) for batch in session.sink.select(removal.table, [column], removal.keys))
