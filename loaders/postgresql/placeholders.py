"""`?` for bound values, as all dialects here write them, to PostgreSQL's own `$1`, `$2` …"""

from __future__ import annotations

import re

# Where a question mark is no placeholder: texts (with backslashes behind E), quoted names, comments, dollar quotes.
_TOKEN = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/"""
    r""" | \$((?:[A-Za-z_]\w*)?)\$.*?\$\1\$ | \w+ | (\?)""",
    re.DOTALL | re.VERBOSE,
)
_SETTING = "columnar.value_{}"


def numbered(sql: str) -> str:
    """The statement with `$1` for its first `?`, and so on."""
    return _replaced(sql, "${}")


def from_settings(sql: str) -> str:
    """The statement with settings of the session, as `set_settings` makes them, in place of its `?`, all of them text.

    A statement with bound values cannot be copied out, and a copy is the fast way.
    """
    return _replaced(sql, "current_setting('" + _SETTING + "')")


def set_settings(count: int) -> str:
    """The statement, with as many `?`, that sets them."""
    return "SELECT " + ", ".join(f"set_config('{_SETTING.format(at)}', ?, false)" for at in range(1, count + 1))


def _replaced(sql: str, placeholder: str) -> str:
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[2] is None:
            return found[0]
        count += 1
        return placeholder.format(count)

    return _TOKEN.sub(number, sql)
