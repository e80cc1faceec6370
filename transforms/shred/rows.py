"""Which elements are the rows of each extract."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.path.model import Axis, RowPath, Step
from transforms.shred.steps import Advance, Element, Elements, compile_first_step, compile_step


class RowPaths:
    """The row paths of all tables, compiled together: a beginning that several share is walked once per document."""

    def __init__(self, paths: Sequence[RowPath]) -> None:
        self._advances: list[tuple[int, Advance]] = []  # from which of the results so far, and how; 0 is the document
        self._results: list[int] = []
        known: dict[tuple[Step, ...], int] = {(): 0}
        for path in paths:
            for length in range(1, len(path.steps) + 1):
                beginning = path.steps[:length]
                if beginning not in known:
                    self._advances.append((known[beginning[:-1]], _compile_last(beginning)))
                    known[beginning] = len(self._advances)
            self._results.append(known[path.steps])

    def select(self, root: Element) -> list[Elements]:
        """The rows of each path in document order; lists may be shared and must not be changed."""
        found: list[Elements] = [[]]
        for origin, advance in self._advances:
            found.append(advance(found[origin], root))
        return [found[index] for index in self._results]


def _compile_last(steps: tuple[Step, ...]) -> Advance:
    if len(steps) > 1:
        return compile_step(steps[-1], nested=any(step.axis is Axis.DESCENDANT for step in steps[:-1]))
    from_document = compile_first_step(steps[0])
    return lambda _, root: from_document(root)
