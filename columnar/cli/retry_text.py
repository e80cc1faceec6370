"""Retries of documents in quarantine as text."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.cli.columns import aligned, block, number
from columnar.cli.run_text import run_blocks
from columnar.counted import counted, plural
from columnar.looking.report import unread_told
from columnar.printable import printable
from columnar.running.retry import Retry, RetryPlan

# Source keys in one line.
_TOP_KEYS = 10


def retry_text(retry: Retry, next_commands: Sequence[str]) -> str:
    """What `columnar quarantine retry` prints."""
    return "\n".join([*_headline(retry), "", *_notes(retry), *run_blocks(retry.run, next_commands)]).rstrip()


def plan_text(plan: RetryPlan, next_command: str) -> str:
    """What it prints with `--dry-run`. next_command: the same without it."""
    lines = [f"job {plan.name}: a retry would read {counted(plan.documents, 'document')} in quarantine again", ""]
    lines += block("reasons", aligned([(reason, number(n)) for reason, n in plan.by_reason.items()], right={1}))
    lines += block("source keys", [f"  {_some(plan.keys)}"] if plan.keys else [])
    notes = _left(plan.gone, plan.null_keys)
    if plan.contract_changed:
        notes.append("the job would go on with the contract as it is now")
    lines += block("notes", [f"  {note}" for note in notes])
    if plan.documents:
        lines += block("next", [f"  {next_command}"])
    return "\n".join(lines).rstrip()


def _headline(retry: Retry) -> list[str]:
    run = retry.run
    status = "complete" if run.status == "complete" else "complete, with documents in quarantine"
    lines = [f"job {run.name}, retry {run.id}: {status}"]
    if run.generation > 1:
        lines[0] += f" (generation {run.generation})"
    if not retry.wanted:
        lines.append("no document was there to be tried again")
    else:
        tried = sum(run.receipt.retried.values())
        were = plural(tried, "was", "were")
        again = f", {number(run.receipt.quarantined)} back in quarantine" if run.receipt.quarantined else ""
        lines.append(f"{counted(tried, 'document')} of the quarantine {were} tried again{again}")
    told = unread_told(run.proof.drift, keyed=run.rule.used, quarantined=bool(run.proof.quarantined))
    return [*lines, *([told] if told else [])]


def _notes(retry: Retry) -> list[str]:
    notes = _left(retry.gone, retry.null_keys)
    if retry.changed:
        have = plural(retry.changed, "has", "have")
        notes.append(f"{counted(retry.changed, 'document')} {have} changed in the source since first read")
    if retry.contract_accepted:
        notes.append("the job goes on with the contract as it is now; what was loaded before stays as it is")
    return block("notes", [f"  {note}" for note in notes])


def _left(gone: Sequence[str], null_keys: int) -> list[str]:
    """What cannot be tried, and why."""
    notes = []
    if gone:
        stay = plural(len(gone), "stays", "stay")
        notes.append(f"{counted(len(gone), 'source key')} no longer in the source {stay} in quarantine: {_some(gone)}")
    if null_keys:
        stay = plural(null_keys, "stays", "stay")
        notes.append(
            f"{counted(null_keys, 'document')} with a NULL source key {stay} in quarantine: no key leads to them"
        )
    return notes


def _some(keys: Sequence[str]) -> str:
    text = " ".join(printable(key).replace("\n", "\\n") for key in keys[:_TOP_KEYS])
    rest = len(keys) - _TOP_KEYS
    return f"{text} and {number(rest)} more: --json lists them all" if rest > 0 else text
