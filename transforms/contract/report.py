"""Problems by their place in the contract's text."""

from __future__ import annotations

import re

from transforms.contract.problems import Problems
from transforms.contract.source import Path, Source
from transforms.errors import PathError

# The path parser's hint about a misspelt prefix.
_SUGGESTED = re.compile(r"did you mean '([^']*)'\?")


class Report:
    """Adds problems at keys, values and single characters of one source."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems

    @property
    def count(self) -> int:
        """How many problems there are so far."""
        return self.problems.count

    def value(self, path: Path, message: str, *, expected: str = "", nearest: str = "") -> None:
        """A problem of the value at `path`, or of what should hold one."""
        at = self.source.value_position(path)
        self.problems.add(message, key=path, at=at, expected=expected, nearest=nearest)

    def key(self, path: Path, message: str, *, expected: str = "", nearest: str = "") -> None:
        """A problem of the key at `path`."""
        at = self.source.key_position(path)
        self.problems.add(message, key=path, at=at, expected=expected, nearest=nearest)

    def character(self, path: Path, offset: int, message: str, *, expected: str = "", nearest: str = "") -> None:
        """A problem of character number `offset`, from 0, of the text at `path`."""
        at = self.source.character_position(path, offset)
        self.problems.add(message, key=path, at=at, expected=expected, nearest=nearest)

    def path_error(self, path: Path, error: PathError) -> None:
        """What the path parser said of the text at `path`."""
        near = _SUGGESTED.fullmatch(error.hint)
        hint = "" if near else error.hint
        expected = f"{error.expected} ({hint})" if error.expected and hint else error.expected or hint
        self.character(path, error.offset, error.message, expected=expected, nearest=near.group(1) if near else "")
