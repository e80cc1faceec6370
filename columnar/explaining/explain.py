"""From one row of the target back to its document, and through the reference shredder to the texts of its values."""

from __future__ import annotations

from typing import Any

from columnar.checking.check_values import value_json, value_text
from columnar.errors import JobError
from columnar.explaining.audited import audited_source_key
from columnar.explaining.explained import ExplainedRow, ExplainedValue
from columnar.explaining.find_row import FoundRow, find_row
from columnar.explaining.remade import RemadeDocument, remake
from columnar.explaining.values import explain_value
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.lineage.content import content_of
from columnar.lineage.found import findable, root_key_of
from columnar.lineage.links import document_links
from columnar.lineage.origin import Origin, origin_of
from columnar.looking.fitting import fitting
from columnar.looking.look import look_at_session
from columnar.running.run import Session
from loaders.names import nearest
from transforms.contract.plan import ContractPlan
from transforms.shred.refusal import RefusedError

_NO_WAY = (
    "the job's duplicates name columns that lead there, or `audit: {stages: [loaded]}` keeps what leads from rows to"
    " documents"
)


def explain_row(job: Job, table: str, key: str, column: str | None = None) -> ExplainedRow:
    """Where a row of the target comes from, and each of its values. Nothing is changed.

    table: as the contract or the target calls it. key: its key's values, with commas between them, or `column=value`.
    column: only that one; None: all. The document is read again, from the source or from the raw audit files, and
    shredded by the reference shredder. JobError where there is no such row, or nothing leads from it to a document.
    """
    plan = read_plan(job)
    with look_at_session(job, plan, RunOptions()) as session:
        with fitting(session.sink, session.plan):
            found = find_row(session.sink, session.plan, table, key)
        names = [each.name for each in found.table.columns]
        if column is not None and column not in names:
            raise JobError(f"{found.table.name} has no column {column}", hint=nearest(column, names, "column"))
        origin = _origin(session, found)
        return _explain(session, found, origin, plan, [column] if column is not None else names)


def _origin(session: Session, found: FoundRow) -> Origin:
    """The document of a row: by its key, or else by the audit files."""
    links = document_links(session.plan, session.rule)
    job, name = session.job_id, found.table.name
    known = name in findable(links, session.plan) and not links[name].shared
    if known:
        text = root_key_of(session.sink, links, session.plan, session.rule, name, found.row)
        origin = origin_of(session.sink, job, {"root_key": text}) if text is not None else None
        if origin is not None:
            return origin
    audited = audited_source_key(session.audit, found)
    if audited is not None:
        origin = origin_of(session.sink, job, {"source_key": audited.source_key, "chunk": audited.chunk})
        if origin is not None:
            return origin
    if known:
        raise JobError(f"no document of job {job!r} brought this row: it was there before, or somebody else's")
    raise JobError(f"nothing leads from rows of {found.table.name} to their documents", hint=_NO_WAY)


def _explain(session: Session, found: FoundRow, origin: Origin, stated: ContractPlan, names: list[str]) -> ExplainedRow:
    content = content_of(origin, session.job, session.plan, session.source, session.audit)
    remade: RemadeDocument | None = None
    notes = [f"{found.alike:,} rows have this key; the first is explained"] if found.alike > 1 else []
    if content is not None:
        try:
            remade = remake(session.plan, content)
        except RefusedError as refused:
            notes.append(f"the document is refused now: {refused.reason}, {refused.detail}")
    place = remade.place_of(found) if remade is not None else None
    if remade is not None and place is None:
        notes.append("the document does not give such a row any more")
    values = tuple(
        _unknown(name, found)
        if remade is None or place is None
        else explain_value(remade, place, name, found.value(name))
        for name in names
    )
    row = remade.node(place) if remade is not None and place is not None else None
    key = {name: value_json(found.value(name)) for name in found.table.key or names[:1]}
    return ExplainedRow(
        table=found.table.name,
        key=key,
        source_key=origin.source_key,
        generation=origin.generation,
        chunk=origin.chunk,
        document=origin.document,
        run=origin.run,
        contract=origin.contract,
        contract_changed=origin.contract != stated.sha256,
        content="gone" if content is None else content.where,
        path=row.path if row is not None else "",
        line=row.line if row is not None else 0,
        values=values,
        notes=tuple(notes),
    )


def _unknown(column: str, found: FoundRow) -> ExplainedValue:
    value: Any = found.value(column)
    return ExplainedValue(column, value_json(value), value_text(value), "unknown")
