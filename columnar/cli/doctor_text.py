"""An examination as text."""

from __future__ import annotations

from collections import Counter

from columnar.cli.columns import aligned
from columnar.examining.doctor import Examination
from columnar.examining.finding import State


def doctor_text(found: Examination) -> str:
    """What `columnar doctor` prints: one line a finding, what to do under it, and how many of each."""
    rows = [(each.state.value, each.area, each.text) for each in found.findings]
    lines = []
    for line, each in zip(aligned(rows), found.findings, strict=True):
        lines.append(line)
        lines += [f"        -> {each.hint}"] if each.hint else []
    counts = Counter(each.state for each in found.findings)
    return "\n".join([*lines, "", ", ".join(f"{counts[state]} {state.value}" for state in State)])
