"""What `columnar purge` would do, or did, as text."""

from __future__ import annotations

from columnar.cli.columns import aligned, block, number
from columnar.counted import counted, plural
from columnar.purging.purge import KEPT, Purge, PurgePlan


def plan_text(plan: PurgePlan, following: str) -> str:
    """What would go, and how to do it."""
    lines = [f"job {plan.name}, generation {plan.generation}: would purge {counted(plan.total, 'document')}", ""]
    return "\n".join([*lines, *_what(plan), "nothing was changed", "", "next", f"  {following}"])


def purge_text(done: Purge, following: str) -> str:
    """What went, and how to load it anew."""
    plan, proof = done.plan, done.proof
    lines = [f"job {plan.name}, generation {plan.generation}: purged {counted(plan.total, 'document')}"]
    lines += [f"run {done.run}, chunk {done.chunk}", "", *_what(plan)]
    waiting = f"{counted(proof.quarantined, 'document')} {plural(proof.quarantined, 'is', 'are')} in quarantine now"
    lines += [f"{waiting}, and the books balance", "", "next", f"  {following}"]
    return "\n".join(lines)


def _what(plan: PurgePlan) -> list[str]:
    lines = block("documents", aligned([(name, number(count)) for name, count in plan.documents.items()], right={1}))
    lines += block("rows", aligned([(name, number(count)) for name, count in plan.rows.items()], right={1}))
    lines += block("stay", aligned([(number(count), KEPT[why]) for why, count in plan.kept.items()], right={0}))
    if plan.left_behind:
        lose = plural(plan.left_behind, "loses its", "lose their")
        lines += [f"{counted(plan.left_behind, 'duplicate')} elsewhere {lose} winner until it is read again", ""]
    return lines
