"""What a reader of one type makes of texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ColumnType
from transforms.convert.masks import any_true, mask_of
from transforms.convert.rules import ChangeRule, Reason

Name = TypeVar("Name")

Problems = dict[Reason, pa.Array]  # where, as masks; at most one reason a value
Changes = dict[ChangeRule, pa.Array]


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How texts are read: the type, its formats, and whether what is too long is cut and what is inexact rounded."""

    type: ColumnType
    formats: tuple[str, ...] = ()
    truncate: bool = False
    round_half_up: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """Typed values, NULL where the text was NULL or has a problem; only problems and changes that occur are listed."""

    values: pa.Array
    problems: Problems = field(default_factory=dict)
    changes: Changes = field(default_factory=dict)

    def take(self, indices: pa.Array) -> Reading:
        """The reading of the texts at those indices; a NULL index is a NULL text."""
        return Reading(
            self.values.take(indices),
            occurring({reason: mask_of(mask.take(indices)) for reason, mask in self.problems.items()}),
            occurring({rule: mask_of(mask.take(indices)) for rule, mask in self.changes.items()}),
        )

    def or_else(self, other: Reading) -> Reading:
        """This reading where it says anything, the other one elsewhere; a text must be NULL in one of the two."""
        return Reading(
            pc.coalesce(self.values, other.values),
            _either(self.problems, other.problems),
            _either(self.changes, other.changes),
        )


def occurring(masks: dict[Name, pa.Array]) -> dict[Name, pa.Array]:
    """Only the masks that are true somewhere."""
    return {name: mask for name, mask in masks.items() if any_true(mask)}


def _either(one: dict[Name, pa.Array], other: dict[Name, pa.Array]) -> dict[Name, pa.Array]:
    merged = dict(one)
    for name, mask in other.items():
        merged[name] = pc.or_(merged[name], mask) if name in merged else mask
    return merged
