"""Fails when a test was skipped for a reason that is not on the list of allowed ones, or when nothing ran.

python check_skips.py JUNIT_XML ALLOWED
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from lxml import etree


def main(report: str, allowed: str) -> int:
    """The exit code."""
    patterns = [line for line in Path(allowed).read_text().splitlines() if line and not line.startswith("#")]
    cases = etree.parse(report).findall(".//testcase")
    skipped = [(case, skip) for case in cases for skip in case.findall("skipped")]
    bad = [
        f"{case.get('classname')}.{case.get('name')}: {skip.get('message')}"
        for case, skip in skipped
        if not any(re.search(pattern, skip.get("message") or "") for pattern in patterns)
    ]
    print(
        "\n".join(["skipped without leave:", *bad]) if bad else f"{len(cases)} tests, {len(skipped)} skipped with leave"
    )
    return 1 if bad or not cases else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
