"""One line of an examination."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How good a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it (empty where nothing)."""

    area: str
    state: State
    text: str
    hint: str = ""


def ok(area: str, text: str) -> Finding:
    """All is well."""
    return Finding(area, State.OK, text)


def warn(area: str, text: str, hint: str) -> Finding:
    """A run works, but not as well as it could."""
    return Finding(area, State.WARN, text, hint)


def fail(area: str, text: str, hint: str) -> Finding:
    """A run would not work."""
    return Finding(area, State.FAIL, text, hint)
