"""Lookup entries and formats against the values of the samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from transforms.contract.formats import TIMED
from transforms.contract.plan import Lookup, Reaction
from transforms.contract.source import Path
from transforms.convert.read import read
from transforms.convert.reading import ReadAs
from transforms.lint.finding import Finding
from transforms.lint.sample_rules.sampled import Sampled, listed, sampled_columns
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject


def lookups_met(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Values that a lookup does not have, and entries that no value meets."""
    met: dict[str, set[str]] = {}
    for column in sampled_columns(subject, statistics):
        lookup = column.plan.lookup
        if lookup is None:
            continue
        names = {_compared(name, lookup): name for name, _ in lookup.entries}
        found = {text: names.get(_compared(text, lookup)) for text in column.found.texts}
        met.setdefault(lookup.name, set()).update(name for name in found.values() if name is not None)
        unknown = sorted(
            (text for text, name in found.items() if name is None), key=lambda text: (-column.found.texts[text], text)
        )
        if unknown and not lookup.has_else and column.plan.on_unknown is not Reaction.KEEP:
            values = sum(column.found.texts[text] for text in unknown)
            message = f"lookup {lookup.name!r} does not have {listed(unknown)}: {values:,} values in all"
            message = message.replace(": 1 values in all", "")
            if "on_unknown" in column.stated.said:
                yield subject.finding(
                    "unknown_by_rule", (*column.path, "on_unknown"), message, "add those that mean something"
                )
            else:
                yield subject.finding(
                    "unknown_values", (*column.path, "lookup"), message, "add them, or say on_unknown"
                )
    for name, known in met.items():
        _, entries = subject.entries(name)
        folded = {entry.lower() for entry in known}
        unmet = [entry for entry in entries if entry and entry not in known and entry.lower() not in folded]
        if known and unmet:
            message = f"no sample has {listed(unmet)}"
            yield subject.finding("entry_unmet", ("lookups", name), message, "fine, if other documents have them")


def formats_used(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Formats that read nothing which those before them do not read."""
    shared: dict[str, set[str]] = {}
    for column in sampled_columns(subject, statistics):
        plan = column.plan
        if plan.type.kind not in TIMED or not plan.formats or plan.lookup or not column.found.texts:
            continue
        used = _used(column)
        if "formats" in column.stated.said:
            yield from _unused(subject, (*column.path, "formats"), plan.formats, used)
        else:
            shared.setdefault(plan.type.kind.value, set()).update(used)
    for kind, used in shared.items():
        yield from _unused(
            subject, ("defaults", "formats", kind), getattr(subject.contract.defaults.formats, kind), used
        )


def _used(column: Sampled) -> set[str]:
    """The formats that are the first to read some text."""
    left = pa.array(list(column.found.texts), pa.string())
    used = set()
    for layout in column.plan.formats:
        values = read(left, ReadAs(column.plan.type, (layout,))).values
        if values.null_count < len(left):
            used.add(layout)
        left = left.filter(values.is_null())
    return used


def _unused(subject: Subject, place: Path, formats: Sequence[str], used: set[str]) -> Iterator[Finding]:
    if not used:
        return
    for index, layout in enumerate(formats):
        if layout not in used:
            message = f"no sample needs the format {layout!r}"
            yield subject.finding("format_unused", (*place, index), message, "fine, if other documents do")


def _compared(text: str, lookup: Lookup) -> str:
    return text.lower() if lookup.ignore_case else text
