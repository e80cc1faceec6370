"""A first look at SQL in a contract; DuckDB itself checks it where rows are selected."""

from __future__ import annotations

import re

from transforms.contract.nodes import Scalar
from transforms.contract.report import Report
from transforms.contract.source import Path

CONDITION = "a condition such as: role = 'PR'"
ORDER = "an order such as: role = 'PR' DESC, _position DESC"
EXPRESSION = "an expression such as: upper(name)"
SELECT = "one SELECT (it may begin with WITH or FROM) or UNPIVOT, and no semicolon"

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_FIRST_WORDS = frozenset({"select", "with", "from", "unpivot", "values"})


def check_sql(text: str, path: Path, expected: str, report: Report) -> None:
    """Report what makes the SQL at `path` no single expression; expected: what should be there, by an example."""
    if _swallows_lines(text, path, report):
        return
    fault, offset = sql_fault(text)
    if fault:
        report.character(path, offset, fault, expected=expected)


def check_select(text: str, path: Path, report: Report) -> None:
    """Report what makes the SQL at `path` no single SELECT."""
    if _swallows_lines(text, path, report):
        return
    fault, offset = sql_fault(text)
    bare = _bare(text)
    if ";" in bare:
        fault = "the SQL holds a semicolon"
    word = re.search(r"[^\s(]+", bare)
    if not fault and word and word.group().casefold() not in _FIRST_WORDS:
        fault, offset = f"the SQL begins with {text[word.start() : word.end()][:40]!r}", word.start()
    if fault:
        report.character(path, offset, fault, expected=SELECT)


def _swallows_lines(text: str, path: Path, report: Report) -> bool:
    """Report a comment whose end YAML took away: it makes one line of several, and the comment swallows the rest."""
    written = report.source.values.get(path)
    folded = isinstance(written, Scalar) and written.style != "|" and not written.raw
    comment = next((found for found in _QUOTED.finditer(text) if found.group().startswith("--")), None)
    if not folded or comment is None:
        return False
    message = "YAML makes one line of this text, and what follows the comment `--` becomes part of it"
    report.value(path, message, expected="`|` before the SQL, which keeps its lines, or a comment /* like this */")
    return True


def sql_fault(text: str) -> tuple[str, int]:
    """What makes `text` no single expression, and at which character; ('', 0) where nothing is plainly wrong."""
    bare = _bare(text)
    if not bare.strip():
        return "the SQL is empty", 0
    if ";" in bare:
        return "the SQL is more than one expression: it holds a semicolon", bare.index(";")
    return "", 0


def _bare(text: str) -> str:
    """The text with quoted parts blotted out, and without comments; every character keeps its place."""
    return _QUOTED.sub(lambda match: ("q" if match.group()[0] in "'\"" else " ") * len(match.group()), text)
