"""Retries of documents in quarantine as HTML."""

from __future__ import annotations

from columnar.counted import counted
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import badge, beside, joined, report, section, table
from columnar.notebook.run_html import run_parts, run_title
from columnar.running.retry import Retry, RetryPlan

_MOST = 20


def retry_html(retry: Retry) -> str:
    """What `columnar quarantine retry` prints, but for the commands to type next."""
    rows = [
        ("asked for", number(retry.wanted)),
        ("changed since first read", number(retry.changed)),
        ("no longer in the source", number(len(retry.gone))),
        ("NULL source keys", number(retry.null_keys)),
        ("contract as it is now", "accepted from here on" if retry.contract_accepted else "the same"),
    ]
    return report(run_title(retry.run, "retry"), section("retry", table(rows, numbers={1})), run_parts(retry.run))


def retry_plan_html(plan: RetryPlan) -> str:
    """What `columnar quarantine retry --dry-run` prints."""
    reasons = [(reason, number(count)) for reason, count in plan.by_reason.items()]
    gone = set(plan.gone)
    keys = [(key, "no longer in the source" if key in gone else "") for key in plan.keys[:_MOST]]
    notes = [("NULL source keys", number(plan.null_keys))] if plan.null_keys else []
    notes += [("contract", "not the one of the job so far")] if plan.contract_changed else []
    verdict = badge(f"a retry would read {counted(plan.documents, 'document')} again", "good")
    return report(
        joined([f"job {plan.name} ", verdict]),
        beside(
            section("reasons", table(reasons, numbers={1})),
            section("source keys", table(keys), rest(len(plan.keys), _MOST)),
            section("notes", table(notes)),
        ),
    )
