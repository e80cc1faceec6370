"""What a run would do, as HTML."""

from __future__ import annotations

from columnar.counted import counted
from columnar.notebook.counts_html import number
from columnar.notebook.markup import Markup, badge, beside, element, joined, lines, report, section, table
from columnar.running.plan_run import RunPlan, document_text, shredder_text
from columnar.sizes import show_size


def plan_html(plan: RunPlan) -> str:
    """What `columnar plan` prints."""
    return report(
        joined([f"plan of job {plan.name} ", _verdict(plan)]),
        section("problems", lines(plan.problems)),
        beside(_source(plan), _work(plan), _target(plan), _means(plan)),
        section("notes", lines((*plan.source.notes, *plan.notes))),
    )


def _verdict(plan: RunPlan) -> Markup:
    if plan.problems:
        return badge("a run would refuse to begin", "bad")
    documents = plan.work.documents_pending + plan.work.documents_fresh
    return badge(f"a run would read {counted(documents, 'document')}" if documents else "nothing is left to do", "good")


def _source(plan: RunPlan) -> Markup:
    source = plan.source
    key = ", ".join(part.name for part in source.key)
    size = f", {show_size(source.document_bytes)} each on average" if source.documents else ""
    rows = [("where", source.identity), ("key", key), ("documents", number(source.documents) + size)]
    rows += [("NULL keys", f"{number(source.null_keys)}, for quarantine")] if source.null_keys else []
    return section("source", table(rows))


def _work(plan: RunPlan) -> Markup:
    work = plan.work
    rows = [
        ("published", number(work.documents_published), number(work.chunks_published)),
        ("cut, not published", number(work.documents_pending), number(work.chunks_pending)),
        ("to be cut", number(work.documents_fresh), number(work.chunks_fresh)),
    ]
    rows += [("outside of this selection", number(work.documents_later), "")] if work.documents_later else []
    return section("work", table(rows, heads=("", "documents", "chunks"), numbers={1, 2}))


def _target(plan: RunPlan) -> Markup:
    where = plan.target + ("" if plan.target_exists else ", which would be made")
    rows = [
        (each.table, number(each.columns), number(each.rows) if each.exists else "would be made")
        for each in plan.tables
    ]
    heads = ("table", "columns", "rows")
    return section("target", element("p", where), table(rows, heads=heads, numbers={1, 2}))


def _means(plan: RunPlan) -> Markup:
    rows = [
        ("contract", f"{plan.contract[:12]}, generation {plan.generation}"),
        ("memory", show_size(plan.memory)),
        ("largest document", document_text(plan)),
        ("workers", number(plan.workers)),
        ("shredder", shredder_text(plan)),
        ("duplicates", plan.duplicates),
    ]
    return section("means", table(rows))
