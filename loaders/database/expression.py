"""Whether a text that a contract brings is one SQL expression, so that it stays inside its statement."""

from __future__ import annotations

_QUOTES = "'\"`"


def expression_problem(sql: str) -> str:
    """Why a text may be more than an expression; '' where it is one, right or wrong: the database says which.

    Read without knowing the dialect, so what dialects read differently (backslashes in quotes, dollar quotes) is
    refused.
    """
    depth, quoted = 0, ""
    for at, character in enumerate(sql):
        if quoted:
            if character == "\\":
                return "it has a backslash inside quotes"
            quoted = "" if character == quoted else quoted
        elif character in _QUOTES:
            quoted = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
            if depth < 0:
                return "it closes a bracket that it did not open"
        elif found := _forbidden(sql, at):
            return f"it has {found}"
    if quoted or depth:
        return "it leaves a quote or a bracket open"
    return ""


def _forbidden(sql: str, at: int) -> str:
    if sql[at] in ";#\0":
        return repr(sql[at])
    if sql[at : at + 2] in ("--", "/*", "$$"):
        return repr(sql[at : at + 2])
    if sql[at] == "$" and sql[at + 1 : at + 2].isalpha():
        return "'$'"
    return ""
