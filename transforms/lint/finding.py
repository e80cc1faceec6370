"""One thing that a contract's reviewer would want told."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.lint.codes import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a contract that works and is probably not meant.

    code: stable, one of CODES. severity: the code's. message: what is so. advice: what to do. line, column: 1-based, 0
    where not known. key: dotted, as in the messages of wrong contracts.
    """

    code: str
    severity: Severity
    message: str
    advice: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    key: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        parts = [f"{where}: " if where else "", f"{self.key}: " if self.key else "", self.message]
        parts += [f"; {self.advice}"] if self.advice else []
        return "".join(parts) + f" [{self.code}]"

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "key": self.key,
            "message": self.message,
            "advice": self.advice,
        }
