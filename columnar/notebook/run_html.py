"""A run as HTML."""

from __future__ import annotations

from columnar.cli.columns import seconds
from columnar.counted import counted
from columnar.looking.report import rates, unread_told
from columnar.notebook.counts_html import all_of, drift_told, proof_told
from columnar.notebook.markup import Markup, badge, beside, element, joined, lines, report, section, table
from columnar.running.run import Run
from columnar.sizes import show_size


def run_html(run: Run) -> str:
    """What `columnar run` prints, but for the commands to type next."""
    return report(run_title(run, "run"), run_parts(run))


def run_title(run: Run, what: str) -> Markup:
    """Which run it is, and how it ended. what: run or retry."""
    generation = f", generation {run.generation}" if run.generation > 1 else ""
    status = badge(run.status, "good" if run.status == "complete" else "warning")
    return joined([f"job {run.name}, {what} {run.id}{generation} ", status])


def run_parts(run: Run) -> Markup:
    """All but the title: what became of the documents, the time it took, the proof."""
    told = unread_told(run.proof.drift, keyed=run.rule.used, quarantined=bool(run.proof.quarantined))
    parts = [lines([told] if told else [])]
    if run.chunks:
        parts.append(beside(all_of(run.receipt, f"in {counted(run.chunks, 'chunk')}"), _time(run)))
    else:
        parts.append(element("p", "nothing was left to do"))
    parts.append(beside(proof_told(run.proof), drift_told(run.proof.drift)))
    return joined(parts)


def _time(run: Run) -> Markup:
    documents, size = rates(run)
    speed = f"{seconds(run.seconds)}: {documents:,.1f} documents/s, {show_size(size)}/s"
    memory = f"{show_size(run.peak_memory)} of memory at the peak, of {show_size(run.memory)} allowed"
    stages = [(stage, seconds(spent)) for stage, spent in run.receipt.seconds.items()]
    return section("time", lines([speed, memory]), table(stages, numbers={1}))
