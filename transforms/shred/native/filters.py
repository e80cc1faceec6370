"""The predicates of a step, flat: leaves that are tested at an element, and programs that join them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from transforms.path.model import (
    AllOf,
    AnyOf,
    AtLast,
    AtPosition,
    Compare,
    Condition,
    Exists,
    Not,
    Operand,
    OperandKind,
    Predicate,
)

MOST_LEAVES = 64  # the kernel keeps what it knows of them in one word


@dataclass(frozen=True, slots=True)
class Leaf:
    """`@a`, `@a='x'`, `a!='x'`, …: literal None asks only whether there is such a node."""

    operand: Operand
    literal: str | None = None
    equal: bool = True


# What a predicate is: a position from 1; 0 for the last; or a program in postfix: a leaf's number, or an operator.
PUSH, NOT, AND, OR = 0, 1, 2, 3
Operation = tuple[int, int]  # PUSH with a leaf, NOT with 0, AND and OR with how many they join


@dataclass
class FlatFilter:
    """All predicates of a step, in their order."""

    leaves: list[Leaf] = field(default_factory=list)
    predicates: list[int | list[Operation]] = field(default_factory=list)

    @classmethod
    def of(cls, predicates: Sequence[Predicate]) -> FlatFilter:
        """Flatten the predicates of one step."""
        flat = cls()
        for predicate in predicates:
            if isinstance(predicate, AtPosition):
                flat.predicates.append(predicate.position)
            elif isinstance(predicate, AtLast):
                flat.predicates.append(0)
            else:
                program: list[Operation] = []
                flat._join(predicate, program)
                flat.predicates.append(program)
        return flat

    def _join(self, condition: Condition, program: list[Operation]) -> None:
        if isinstance(condition, AllOf | AnyOf):
            for part in condition.of:
                self._join(part, program)
            program.append((AND if isinstance(condition, AllOf) else OR, len(condition.of)))
        elif isinstance(condition, Not):
            self._join(condition.of, program)
            program.append((NOT, 0))
        else:
            leaf = _leaf(condition)
            if leaf not in self.leaves:
                self.leaves.append(leaf)
            program.append((PUSH, self.leaves.index(leaf)))


def _leaf(condition: Exists | Compare) -> Leaf:
    if isinstance(condition, Exists):
        return Leaf(condition.operand)
    return Leaf(condition.operand, condition.literal, condition.equal)


def is_late(predicates: Sequence[Predicate]) -> bool:
    """Whether it takes more than an element's start tag to know that the element is meant."""
    flat = FlatFilter.of(predicates)
    return 0 in flat.predicates or any(leaf.operand.kind is not OperandKind.ATTRIBUTE for leaf in flat.leaves)
