"""A run's receipt and proof as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.cli.columns import aligned, block, number, seconds
from columnar.prove import Proof
from columnar.receipt import Receipt
from columnar.report import equation, rates
from columnar.run import Run
from columnar.sizes import show_size

_TOP_CHANGES = 12
_TOP_DRIFT = 5
# In the order a document goes through them.
_STAGES = ("read", "shred", "convert", "arrange", "decide", "bisect", "publish", "stage")


def run_text(run: Run, next_commands: Sequence[str]) -> str:
    """What `columnar run` prints."""
    lines = [_headline(run), ""]
    if run.chunks:
        lines += block("documents", outcome_lines(run.receipt, f"in {number(run.chunks)} chunk{'s' * (run.chunks != 1)}"))
        lines += block("rows loaded", _counts(run.receipt.rows))
        lines += block("values changed", change_lines(run.receipt.changes))
        lines += block("time", _time(run))
    lines += block("memory", [f"  {show_size(run.peak_memory)} at the peak, of {show_size(run.memory)} allowed"])
    lines += block("proof", _proof(run.proof))
    lines += block("drift", _drift(run.proof))
    lines += block("next", [f"  {command}" for command in next_commands])
    return "\n".join(lines).rstrip()


def _headline(run: Run) -> str:
    status = "complete" if run.status == "complete" else "complete, with documents in quarantine"
    text = f"job {run.name}, run {run.id}: {status}"
    if run.generation > 1:
        text += f" (generation {run.generation})"
    if run.chunks:
        return text
    rest = run.proof.pending + run.proof.uncovered
    return text + "\nnothing was left to do" + (f" in this selection; {number(rest)} documents lie outside of it" if rest else "")


def outcome_lines(receipt: Receipt, where: str) -> list[str]:
    """Documents by outcome, each with its causes."""
    rows = [("read", number(receipt.documents), f"{where}, {show_size(receipt.bytes)} of XML")]
    rows += [("loaded", number(receipt.loaded), ""), ("empty", number(receipt.empty), "")]
    rows += [("duplicate", number(receipt.duplicate), _causes(receipt.duplicates))]
    rows += [("quarantined", number(receipt.quarantined), _causes(receipt.reasons))]
    return aligned(rows, right={1})


def _causes(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number(count)} {' '.join(name.split())}" for name, count in ordered)


def _counts(counts: Mapping[str, int]) -> list[str]:
    return aligned([(name, number(count)) for name, count in counts.items()], right={1})


def change_lines(changes: Mapping[str, int]) -> list[str]:
    """The rules that changed most values, and how many further ones there are."""
    ordered = sorted(changes.items(), key=lambda item: (-item[1], item[0]))
    rows = [(*name.rpartition(" ")[::2], number(count)) for name, count in ordered[:_TOP_CHANGES]]
    lines = aligned(rows, right={2})
    rest = ordered[_TOP_CHANGES:]
    if rest:
        total = number(sum(count for _, count in rest))
        lines.append(f"  and {total} more values by {number(len(rest))} further rules: --json lists them all")
    return lines


def _time(run: Run) -> list[str]:
    documents, size = rates(run)
    lines = [f"  {seconds(run.seconds)}: {documents:,.1f} documents/s, {show_size(size)}/s"]
    spent = run.receipt.seconds
    stages = [*(name for name in _STAGES if name in spent), *(name for name in spent if name not in _STAGES)]
    notes = {"shred": f"in {run.workers} threads together" if run.workers > 1 else ""}
    return lines + aligned([(name, seconds(spent[name]), notes.get(name, "")) for name in stages], right={1}, indent=4)


def _proof(proof: Proof) -> list[str]:
    known = equation(proof)
    text = (
        f"  documents: {number(known.source)} in the source = {number(known.loaded)} loaded + {number(known.empty)} empty"
        f" + {number(known.duplicate)} duplicate + {number(known.quarantined)} quarantined + {number(known.not_read)} not yet read"
    )
    if known.drift:
        text += f" {'+' if known.drift > 0 else '-'} {number(abs(known.drift))} {'came' if known.drift > 0 else 'gone'} since"
    rows = [
        (f"{each.table}:", number(each.found), "rows =", number(each.before), "before +", number(each.accounted), "loaded")
        for each in proof.tables
    ]
    verdict = "the books balance" if known.holds and proof.holds else "the books do not balance"
    return [f"  {verdict}", text, *aligned(rows, right={1, 3, 5})]


def _drift(proof: Proof) -> list[str]:
    lines = [
        f"  chunk {each.chunk}: {number(each.read)} documents when it was read, {number(each.now)} in the source now"
        for each in proof.drift[:_TOP_DRIFT]
    ]
    if len(proof.drift) > _TOP_DRIFT:
        lines.append(f"  and {number(len(proof.drift) - _TOP_DRIFT)} further chunks: --json lists them all")
    return lines
