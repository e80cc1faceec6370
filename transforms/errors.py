"""Errors of this package. Each carries a stable `code`, its context, and a `hint`: what to do next."""

from __future__ import annotations

from dataclasses import dataclass


class TransformError(Exception):
    """Base of the errors a user can cause through a contract or a document."""

    code = "transform"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), dict(self.__dict__))


def _restore(kind: type[TransformError], state: dict[str, object]) -> TransformError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a contract, where it stands, and what was expected there."""

    message: str
    file: str = ""
    line: int = 0  # 1-based; 0: not known
    column: int = 0  # 1-based; 0: not known
    key: str = ""  # dotted: tables.contact.columns.ssn.type
    expected: str = ""
    nearest: str = ""  # the nearest valid name

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        text = f"{where}: " if where else ""
        text += f"{self.key}: " if self.key else ""
        text += self.message
        text += f"; expected {self.expected}" if self.expected else ""
        text += f"; did you mean {self.nearest!r}?" if self.nearest else ""
        return text


class ContractError(TransformError):
    """A contract that cannot be used; `problems` holds every one found, not just the first."""

    code = "contract"

    def __init__(self, problems: list[Problem], *, hint: str = "") -> None:
        super().__init__("\n".join(str(problem) for problem in problems), hint=hint)
        self.problems = tuple(problems)


class PathError(TransformError):
    """A path that does not follow the grammar of docs/paths.md; `offset` is the 0-based character it fails at."""

    code = "path"

    def __init__(self, message: str, *, offset: int = 0, expected: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.offset = offset
        self.expected = expected
