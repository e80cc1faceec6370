"""The rows of documents in every table of the target, and the order in which they go: children first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.errors import IntegrityError, JobError
from columnar.lineage.found import keys_of_documents
from columnar.lineage.links import document_links
from columnar.running.run import Session
from loaders.sink import Removal


def removals_of(session: Session, root_keys: Sequence[str]) -> list[Removal]:
    """What deletes the rows of the documents with these keys. Rows of tables with `on_conflict: skip` stay: other
    documents left theirs out because of them."""
    if not root_keys:
        return []
    links = document_links(session.plan, session.rule)
    keys = keys_of_documents(session.sink, links, session.plan, session.rule, root_keys)
    found = [Removal(name, wanted) for name, wanted in keys.items() if len(wanted) and not links[name].shared]
    return found[::-1]


def check_rows(session: Session, removals: Sequence[Removal], expected: Mapping[str, int]) -> dict[str, int]:
    """The rows that are there to be deleted, by table, which must be as many as the books say.

    JobError where rows cannot be found at all; IntegrityError where there are more or fewer.
    """
    links = document_links(session.plan, session.rule)
    shared = {name for name, link in links.items() if link.shared}
    found = {each.table: _count(session, each) for each in removals}
    unknown = [name for name, count in expected.items() if count and name not in found and name not in shared]
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


def _count(session: Session, removal: Removal) -> int:
    column = removal.keys.column_names[0]
    return sum(len(batch) for batch in session.sink.select(removal.table, [column], removal.keys))
