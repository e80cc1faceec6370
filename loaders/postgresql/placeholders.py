"""`?` for bound values, as all dialects here write them, to PostgreSQL's own `$1`, `$2` …"""

from __future__ import annotations

import re

# Where a question mark is no placeholder: texts (with backslashes behind E), quoted names, comments, dollar quotes.
_TOKEN = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/"""
    r""" | \$((?:[A-Za-z_]\w*)?)\$.*?\$\1\$ | \w+ | (\?)""",
    re.DOTALL | re.VERBOSE,
)


def numbered(sql: str) -> str:
    """The statement with `$1` for its first `?`, and so on."""
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        if found[2] is None:
            return found[0]
        count += 1
        return f"${count}"

    return _TOKEN.sub(number, sql)
