"""What was measured of one case: rates, ratios, memory."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.measure import median_ratio


@dataclass(frozen=True)
class Figures:
    """One case's. loans, repeated: as of the case. bytes, seconds: of each contestant; seconds a round. memory: growth,
    input and output bytes of each contestant. skipped: contestant -> why it did not take part."""

    case: str
    loans: bool
    repeated: bool
    documents: int
    refused: int
    columns: int
    bytes: Mapping[str, int]
    seconds: Mapping[str, list[float]]
    memory: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def rate(self, name: str) -> float:
        """MB/s, the median."""
        return self.bytes[name] / statistics.median(self.seconds[name]) / 1e6

    def times(self, one: str, other: str) -> float | None:
        """How many times the other's rate, the median of the rounds' ratios; None where one of them was not timed."""
        if one not in self.seconds or other not in self.seconds:
            return None
        return median_ratio(self.seconds[other], self.seconds[one]) * self.bytes[one] / self.bytes[other]
