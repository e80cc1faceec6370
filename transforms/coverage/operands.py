"""What the predicates of a step look at."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.path.model import AllOf, AnyOf, AtLast, AtPosition, Compare, Not, Operand, Predicate, Step


def operands(step: Step) -> tuple[tuple[Operand, bool], ...]:
    """The operands of all predicates of a step, each once, and whether its value is compared with a text."""
    return tuple(dict.fromkeys(found for predicate in step.predicates for found in _of(predicate)))


def _of(predicate: Predicate) -> Iterator[tuple[Operand, bool]]:
    if isinstance(predicate, AtPosition | AtLast):
        return
    if isinstance(predicate, AllOf | AnyOf):
        for part in predicate.of:
            yield from _of(part)
    elif isinstance(predicate, Compare):
        yield predicate.operand, True
    elif isinstance(predicate, Not):
        yield from _of(predicate.of)
    else:
        yield predicate.operand, False
