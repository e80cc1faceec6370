"""docs/audit.md does what it says."""

from __future__ import annotations

from pathlib import Path

from tests.pages import REPOSITORY, walk


def test_the_audit_page_does_what_it_says(tmp_path: Path) -> None:
    problems = walk((REPOSITORY / "docs" / "audit.md").read_text(encoding="utf-8"), tmp_path)
    assert not problems, "\n".join(problems)
