"""A run's receipt and proof as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.bookkeeping.prove import Proof
from columnar.bookkeeping.receipt import Receipt
from columnar.cli.columns import aligned, block, number, seconds
from columnar.counted import counted, plural
from columnar.looking.report import equation, rates, unread_told
from columnar.running.run import Run
from columnar.sizes import show_size

_TOP_DRIFT = 5
# In the order a document goes through them.
_STAGES = ("read", "shred", "convert", "arrange", "decide", "bisect", "audit", "publish", "stage")


def run_text(run: Run, next_commands: Sequence[str]) -> str:
    """What `columnar run` prints."""
    return "\n".join([_headline(run), "", *run_blocks(run, next_commands)]).rstrip()


def run_blocks(run: Run, next_commands: Sequence[str]) -> list[str]:
    """All but the headline: what became of the documents, the proof, what to type next."""
    lines: list[str] = []
    if run.chunks:
        lines += block("documents", outcome_lines(run.receipt, f"in {counted(run.chunks, 'chunk')}"))
        lines += block("rows loaded", _counts(run.receipt.rows))
        lines += block("values changed", change_lines(run.receipt.changes))
        lines += block("shredded by", way_lines(run.receipt))
        lines += block("time", _time(run))
    lines += block("memory", [f"  {show_size(run.peak_memory)} at the peak, of {show_size(run.memory)} allowed"])
    lines += block("proof", _proof(run.proof))
    lines += block("drift", _drift(run.proof))
    return lines + block("next", [f"  {command}" for command in next_commands])


def _headline(run: Run) -> str:
    status = "complete" if run.status == "complete" else "complete, with documents in quarantine"
    text = f"job {run.name}, run {run.id}: {status}"
    if run.generation > 1:
        text += f" (generation {run.generation})"
    if run.reloaded:
        text += f"\n{counted(run.reloaded, 'purged document')} {plural(run.reloaded, 'was', 'were')} read again first"
    if not run.chunks:
        rest = run.proof.pending + run.proof.uncovered
        text += f"\nnothing {'else ' if run.reloaded else ''}was left to do"
        if not equation(run.proof).source:
            text += ": the source holds no documents; see `source` in the job"
        elif rest:
            text += f" in this selection; {counted(rest, 'document')} {plural(rest, 'lies', 'lie')} outside of it"
    told = unread_told(run.proof.drift, keyed=run.rule.used, quarantined=bool(run.proof.quarantined))
    return f"{text}\n{told}" if told else text


def outcome_lines(receipt: Receipt, where: str) -> list[str]:
    """Documents by outcome, each with its causes."""
    rows = [("read", number(receipt.documents), f"{where}, {show_size(receipt.bytes)} of XML")]
    rows += [("loaded", number(receipt.loaded), ""), ("empty", number(receipt.empty), "")]
    rows += [("duplicate", number(receipt.duplicate), _causes(_by_rule(receipt.duplicates)))]
    rows += [("quarantined", number(receipt.quarantined), _causes(receipt.reasons))]
    if receipt.replaced:
        rows.append(("replaced", number(receipt.replaced), "loaded before, until others took their place"))
    return aligned(rows, right={1})


def way_lines(receipt: Receipt) -> list[str]:
    """Documents by the shredder that read them; where it was lxml, with why."""
    rows = []
    for way, whys in receipt.whys().items():
        rows.append((way, number(sum(whys.values())), _causes({why: count for why, count in whys.items() if why})))
    return aligned(rows, right={1})


def _by_rule(counts: Mapping[str, int]) -> dict[str, int]:
    """A duplicate's class, place and rule as a phrase."""
    named = {}
    for name, count in counts.items():
        kind, place, rule = (*name.split(" "), "", "", "")[:3]
        where = {"chunk": "in this chunk", "run": "in this run", "target": "in the target"}.get(place, place)
        named[f"{kind} {where} by {rule}"] = count
    return named


def _causes(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number(count)} {name}" for name, count in ordered)


def _counts(counts: Mapping[str, int]) -> list[str]:
    return aligned([(name, number(count)) for name, count in counts.items()], right={1})


def change_lines(changes: Mapping[str, int]) -> list[str]:
    """Values changed by rule, most frequent first, each with the column that has most of them."""
    rules: dict[str, list[tuple[int, str]]] = {}
    for name, count in changes.items():
        column, _, rule = name.rpartition(" ")
        rules.setdefault(rule, []).append((-count, column))
    totals = sorted((sum(count for count, _ in found), rule) for rule, found in rules.items())
    rows = []
    for total, rule in totals:
        most, column = min(rules[rule])
        others = len(rules[rule]) - 1
        where = f"in {column}" + (f" ({number(-most)}) and {counted(others, 'other')}" if others else "")
        rows.append((rule, number(-total), where))
    return aligned(rows, right={1})


def _time(run: Run) -> list[str]:
    documents, size = rates(run)
    lines = [f"  {seconds(run.seconds)}: {documents:,.1f} documents/s, {show_size(size)}/s"]
    spent = run.receipt.seconds
    stages = [*(name for name in _STAGES if name in spent), *(name for name in spent if name not in _STAGES)]
    notes = {"shred": f"in {run.workers} threads together" if run.workers > 1 else ""}
    return lines + aligned([(name, seconds(spent[name]), notes.get(name, "")) for name in stages], right={1}, indent=4)


def _proof(proof: Proof) -> list[str]:
    known = equation(proof)
    terms = {"loaded": known.loaded, "empty": known.empty, "duplicate": known.duplicate}
    terms |= {"quarantined": known.quarantined, "not yet read": known.not_read}
    text = f"  documents: {number(known.source)} in the source = "
    text += " + ".join(f"{number(count)} {name}" for name, count in terms.items())
    if known.drift:
        text += f" + {number(known.drift)} came since" if known.drift > 0 else f" - {number(-known.drift)} gone since"
    width = max((len(number(each.found)) for each in proof.tables), default=0)
    rows = [
        (
            each.table,
            f"{number(each.found):>{width}} {plural(each.found, 'row', 'rows')} = {number(each.before)} before"
            f" + {number(each.accounted)} loaded",
        )
        for each in proof.tables
    ]
    verdict = "the books balance" if known.holds and proof.holds else "the books do not balance"
    return [f"  {verdict}", text, *aligned(rows)]


def _drift(proof: Proof) -> list[str]:
    lines = [
        f"  chunk {each.chunk}: {counted(each.read, 'document')} when it was read, "
        + (f"{number(each.now)} in the source now" if each.now != each.read else "as many now, but not the same ones")
        for each in proof.drift[:_TOP_DRIFT]
    ]
    if len(proof.drift) > _TOP_DRIFT:
        lines.append(f"  and {counted(len(proof.drift) - _TOP_DRIFT, 'further chunk')}: --json lists them all")
    return lines
