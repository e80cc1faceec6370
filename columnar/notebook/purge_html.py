"""What a purge would do, or did, as HTML."""

from __future__ import annotations

from columnar.counted import counted, plural
from columnar.notebook.counts_html import number, proof_told
from columnar.notebook.markup import Markup, badge, beside, joined, lines, report, section, table
from columnar.purging.purge import KEPT, Purge, PurgePlan


def purge_plan_html(plan: PurgePlan) -> str:
    """What `columnar purge` prints without `--yes`."""
    return report(
        joined([_title(plan), badge(f"would purge {counted(plan.total, 'document')}", "warning")]),
        _what(plan),
        lines(["nothing was changed"]),
    )


def purge_html(done: Purge) -> str:
    """What `columnar purge --yes` prints, but for the command to type next."""
    return report(
        joined([_title(done.plan), badge(f"purged {counted(done.plan.total, 'document')}", "good")]),
        lines([f"run {done.run}, chunk {done.chunk}"]),
        _what(done.plan),
        proof_told(done.proof),
    )


def _title(plan: PurgePlan) -> str:
    return f"job {plan.name}, generation {plan.generation} "


def _what(plan: PurgePlan) -> Markup:
    documents = [(name, number(count)) for name, count in plan.documents.items()]
    rows = [(name, number(count)) for name, count in plan.rows.items()]
    kept = [(KEPT.get(why, why), number(count)) for why, count in plan.kept.items()]
    lose = plural(plan.left_behind, "loses its", "lose their")
    told = f"{counted(plan.left_behind, 'duplicate')} elsewhere {lose} winner until it is read again"
    return joined(
        [
            beside(
                section("documents", table(documents, numbers={1})),
                section("rows", table(rows, numbers={1})),
                section("stay", table(kept, numbers={1})),
            ),
            lines([told] if plan.left_behind else []),
        ]
    )
