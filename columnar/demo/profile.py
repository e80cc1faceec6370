"""What generated loan documents look like: sizes, habits, and how many of each special kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from math import log
from typing import Any

# Special kinds are dealt out per block of so many documents: every block holds exactly the stated number of each.
BLOCK = 1000


class Kind(Enum):
    """What is special about a document; each value names the field of `Profile` that says how many."""

    ORDINARY = "ordinary"
    REPEATED_CONTACT = "repeated_contact"  # the first contact a second time, under the same id
    IMPOSSIBLE_DATE = "impossible_date"  # 2023-02-30, 13/45/2024
    LONG_SECOND = "long_second"  # 10:15:60 and beyond
    DAY_FIRST = "day_first"  # 25/12/2023
    OTHER_ENCODING = "other_encoding"  # declares utf-16 or ISO-8859-1 and is text
    TRUNCATED = "truncated"
    NOT_WELL_FORMED = "not_well_formed"
    UNDECLARED_PREFIX = "undeclared_prefix"
    WRONG_ROOT = "wrong_root"
    EMPTY = "empty"  # '', blanks, or nothing but a byte order mark
    NULL = "null"
    DOCTYPE = "doctype"
    EXACT_DUPLICATE = "exact_duplicate"  # an earlier document once more, byte for byte, under another source key
    CONFLICTING_DUPLICATE = "conflicting_duplicate"  # an earlier document's application id, other content


# The reason with which a shredder refuses each broken kind.
REFUSALS: dict[Kind, str] = {
    Kind.TRUNCATED: "truncated",
    Kind.NOT_WELL_FORMED: "not_well_formed",
    Kind.UNDECLARED_PREFIX: "namespace",
    Kind.WRONG_ROOT: "wrong_root",
    Kind.EMPTY: "empty",
    Kind.NULL: "empty",
    Kind.DOCTYPE: "doctype",
}
DUPLICATES = frozenset({Kind.EXACT_DUPLICATE, Kind.CONFLICTING_DUPLICATE})

# Quantile -> bytes, as measured on 194 real documents. Between two points sizes grow geometrically, which also gives
# their mean (230 KB); straight lines would give 254 KB.
MEASURED_SIZES = ((0.0, 6_700), (0.25, 16_000), (0.5, 117_000), (0.75, 410_000), (0.95, 623_000), (1.0, 2_000_000))
SMALL_SIZES = ((0.0, 4_000), (0.5, 5_000), (1.0, 6_200))


@dataclass(frozen=True, slots=True)
class Profile:
    """The habits of the documents. Shares are of 1; special kinds are counted per 1,000 documents (32 by default)."""

    sizes: tuple[tuple[float, int], ...] = MEASURED_SIZES
    bom: float = 0.84
    namespaces: float = 0.04
    second_contact: float = 0.4  # where the document is not one of the smallest
    blank_contact_key: float = 0.03  # one more contact, without an id
    reference: float = 0.05  # one more contact, in a role that no loan system wants, with an address

    repeated_contact: int = 5
    impossible_date: int = 4
    long_second: int = 2
    day_first: int = 3
    other_encoding: int = 3
    truncated: int = 2
    not_well_formed: int = 2
    undeclared_prefix: int = 1
    wrong_root: int = 1
    empty: int = 1
    null: int = 1
    doctype: int = 1
    exact_duplicate: int = 3
    conflicting_duplicate: int = 3

    def __post_init__(self) -> None:
        counts = self.specials.values()
        if min(counts) < 0 or sum(counts) > BLOCK:
            raise ValueError(f"special documents per {BLOCK} must be 0 or more and {BLOCK} at most together")
        quantiles = [quantile for quantile, _ in self.sizes]
        sizes = [size for _, size in self.sizes]
        if len(sizes) < 2 or (quantiles[0], quantiles[-1]) != (0.0, 1.0) or quantiles != sorted(set(quantiles)):
            raise ValueError("sizes must name increasing quantiles from 0.0 to 1.0")
        if sizes[0] < 1 or sizes != sorted(sizes):
            raise ValueError("sizes must be positive and must not decrease")
        shares = (self.bom, self.namespaces, self.second_contact, self.blank_contact_key, self.reference)
        if not all(0 <= share <= 1 for share in shares):
            raise ValueError("shares must lie between 0 and 1")

    @property
    def specials(self) -> dict[Kind, int]:
        """How many of each special kind there are in 1,000 documents."""
        return {kind: getattr(self, kind.value) for kind in Kind if kind is not Kind.ORDINARY}

    @property
    def mean_bytes(self) -> float:
        """The mean size of documents: the integral of `size` from 0 to 1."""
        total = 0.0
        for (low, small), (high, large) in pairwise(self.sizes):
            total += (high - low) * ((large - small) / log(large / small) if large > small else small)
        return total

    @classmethod
    def small(cls) -> Profile:
        """Documents of about 5 KB, otherwise alike: what a benchmark of many tiny documents needs."""
        return cls(sizes=SMALL_SIZES)

    @classmethod
    def only_ordinary(cls) -> Profile:
        """No special kinds at all: every document loads, and no two share an application."""
        none: dict[str, Any] = {kind.value: 0 for kind in Kind if kind is not Kind.ORDINARY}  # field names, for mypy
        return cls(**none)

    def size(self, quantile: float) -> int:
        """The bytes of the document at this quantile (0 to 1)."""
        for (low, small), (high, large) in pairwise(self.sizes):
            if quantile <= high:
                return int(small * (large / small) ** ((quantile - low) / (high - low)))
        return self.sizes[-1][1]


# What real documents were measured to be; the default everywhere.
MEASURED = Profile()
