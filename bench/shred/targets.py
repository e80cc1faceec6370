"""What the native shredder should reach, and whether it did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.shred.contestants import NATIVE, NATIVE_2, NATIVE_WORKERS, PARSE, XML2ARROW, XPATH
from bench.shred.figures import Figures
from bench.shred.limits import STRUCTURAL


@dataclass(frozen=True)
class Target:
    """One target in one case. found: None where something was not timed."""

    title: str
    case: str
    wanted: float
    found: float | None

    @property
    def verdict(self) -> str:
        """Met, or by how much it was missed."""
        if self.found is None:
            return "not measured"
        return "met" if self.found >= self.wanted else f"missed by {1 - self.found / self.wanted:.0%}"


def targets(figures: Figures) -> Iterator[Target]:
    """Those that hold for a case."""

    def target(title: str, wanted: float, peer: str, *, of: str = NATIVE) -> Target:
        return Target(title, figures.case, wanted, figures.times(of, peer))

    if figures.loans:
        yield target("times lxml XPath, on loan documents", 35, XPATH)
    if XML2ARROW in figures.seconds:  # where its mapping can say anything
        yield target("times xml2arrow", 8, XML2ARROW)
    if not figures.repeated:  # else the scan's rate is none that new documents could be scanned at
        yield target("of the structural scan", 0.25, STRUCTURAL)
    yield target("times lxml parse alone", 1, PARSE)
    yield target("two threads of a batch, times one", 1.9, NATIVE, of=NATIVE_2)
    yield target("two workers, times one", 1.9, NATIVE, of=NATIVE_WORKERS)
