"""Glob patterns over paths that are only names: the members of an archive."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable


def path_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a path matches, as in a folder on a system that tells upper from lower case: `*`, `?` and `[...]` within
    one part of the path, `**` for any number of parts. `.` and empty parts do not count, so `./a.xml` matches `*.xml`.

    >>> matches = path_matcher("2024/**/*.xml")
    >>> matches("2024/a.xml"), matches("./2024/05/a.xml"), matches("2023/a.xml")
    (True, True, False)
    """
    wanted: list[Callable[[str], object] | None] = []  # None for `**`
    for part in _parts(pattern):
        if part != "**":
            wanted.append(re.compile(fnmatch.translate(part)).match)
        elif not wanted or wanted[-1] is not None:
            wanted.append(None)
    return lambda path: _matches(_parts(path), wanted)


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    return [part for part in parts if part and part != "."] if "" in parts or "." in parts else parts


def _matches(parts: list[str], wanted: list[Callable[[str], object] | None]) -> bool:
    """Each `**` takes as few parts as it can, and one more whenever what follows it does not fit: no pattern needs more
    than parts times wanted steps."""
    at = want = 0
    again: tuple[int, int] | None = None  # where to go on once the last `**` takes one part more
    while at < len(parts):
        test = wanted[want] if want < len(wanted) else _nothing
        if test is None:
            want += 1
            again = (at + 1, want)
        elif test(parts[at]):
            at, want = at + 1, want + 1
        elif again is not None:
            at, want = again
            again = (at + 1, want)
        else:
            return False
    return all(test is None for test in wanted[want:])


def _nothing(_: str) -> bool:
    return False
