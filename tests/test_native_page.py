"""docs/native.md names every reason for which lxml reads a document, and its query runs."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from tests.columnar.world import World, document
from tests.pages import REPOSITORY, blocks
from transforms.shred import ShredderKind
from transforms.shred.result import WHYS

PAGE = (REPOSITORY / "docs" / "native.md").read_text(encoding="utf-8")


def _first_cells(heading: str) -> list[str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    return [code for cell in cells for code in re.findall(r"`(\w+)`", cell)]


def test_every_reason_is_told() -> None:
    assert _first_cells("When lxml reads a document all the same") == list(WHYS)


def test_every_reason_that_the_kernel_has_is_known() -> None:
    given = {"by_choice", "no_kernel", "xpath"}
    for source in (REPOSITORY / "transforms" / "kernel").glob("*.cpp"):
        given |= set(re.findall(r'(?:Decline\{|push_back\(\{ordinal, )"(\w+)"\}', source.read_text(encoding="utf-8")))
    encoder = (REPOSITORY / "transforms" / "shred" / "native" / "encode.py").read_text(encoding="utf-8")
    given |= set(re.findall(r'UnsupportedPlanError\("(\w+)"\)', encoder))
    assert given == set(WHYS)


def test_every_choice_is_told() -> None:
    assert _first_cells("Which one serves") == [str(kind) for kind in ShredderKind]


def test_the_query_counts_what_a_run_counts(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.insert(*[(key, document(key)) for key in range(5)])
    run = world.run(chunk={"rows": 3}, shredder="lxml")
    (query,) = [block.text for block in blocks(PAGE) if block.language == "sql"]
    with duckdb.connect(tmp_path / "target.duckdb", read_only=True) as target:
        rows = target.sql(query).fetchall()
    assert sorted(rows) == [(1, "lxml by_choice", 3), (2, "lxml by_choice", 2)]
    assert run.receipt.ways == {"lxml by_choice": 5}
