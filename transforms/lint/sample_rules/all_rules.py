"""The rules about samples, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transforms.lint.finding import Finding
from transforms.lint.sample_rules.met import formats_used, lookups_met
from transforms.lint.sample_rules.paths import nothing_found, slot_empty, unmatched_paths
from transforms.lint.sample_rules.values import all_rows_dropped, one_value, picks_tied, quarantined, values_lost
from transforms.lint.sample_rules.widths import near_limit, too_narrow, vague_type
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject

SAMPLE_RULES: tuple[Callable[[Subject, Statistics], Iterator[Finding]], ...] = (
    quarantined,
    nothing_found,
    unmatched_paths,
    slot_empty,
    all_rows_dropped,
    one_value,
    values_lost,
    picks_tied,
    too_narrow,
    near_limit,
    vague_type,
    lookups_met,
    formats_used,
)
