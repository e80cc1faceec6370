"""Collecting everything that is wrong with a contract, each with its place, before anything is raised."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from transforms.errors import ContractError, Problem

# Shows what goes with each problem on the command line.
HINT = "docs/contract.md lists every key with its values; `columnar schema` prints the JSON Schema for editors"

# difflib's ratio: two letters of three the same, in order.
ALIKE = 0.67


class Problems:
    """The problems of one file, in the order they were found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Problem, None] = {}

    def add(
        self,
        message: str,
        *,
        key: tuple[str | int, ...] = (),
        at: tuple[int, int] = (0, 0),
        expected: str = "",
        nearest: str = "",
    ) -> None:
        """One more; `key` is the path of keys and list indexes, `at` the line and column from 1."""
        problem = Problem(message, self.file, at[0], at[1], dotted(key), expected, nearest)
        self._found[problem] = None

    @property
    def count(self) -> int:
        """How many there are so far."""
        return len(self._found)

    def raise_any(self, *, hint: str = HINT) -> None:
        """ContractError with all of them in the order of the file; nothing where there is none."""
        if self._found:
            raise ContractError(sorted(self._found, key=lambda problem: (problem.line, problem.column)), hint=hint)


def dotted(path: tuple[str | int, ...]) -> str:
    """`tables.contact.key[0]`: how a place in a contract is written in messages."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def nearest(name: str, names: Iterable[str], *, alike: float = ALIKE) -> str:
    """The most similar of `names`, whatever their case; '' where none is at least `alike`, from 0 to 1."""
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=alike)
    return folded[close[0]] if close else ""
