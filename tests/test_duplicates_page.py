"""docs/duplicates.md does what it says."""

from __future__ import annotations

import datetime
from pathlib import Path

import duckdb
import pytest

from columnar.dedupe.near import LARGEST_BLOCK
from columnar.dedupe.views import VIEWS
from tests.pages import REPOSITORY, blocks, walk

PAGE = (REPOSITORY / "docs" / "duplicates.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("duplicates")
    return folder, walk(PAGE, folder)


def test_its_commands_print_what_it_shows(walked: tuple[Path, list[str]]) -> None:
    assert not walked[1], "\n".join(walked[1])


def test_its_queries_run(walked: tuple[Path, list[str]]) -> None:
    with duckdb.connect(walked[0] / "duplicates.duckdb", read_only=True) as file:
        answers = [file.sql(block.text).fetchall() for block in blocks(PAGE) if block.language == "sql"]
    days, columns, contents, rows = answers
    assert days == [(datetime.date(2024, 3, 1), 2, 1, 0), (datetime.date(2024, 3, 2), 3, 1, 1), (None, 1, 0, 0)]
    assert columns == [("day", "2024-03-01", "2024-03-02", "3"), ("sum", "10.50", "99.00", "3")]
    assert contents == [(['["18"]', '["19"]'],)]
    assert [row[0] for row in rows] == ['["17"]'] * 2
    with duckdb.connect(walked[0] / "people.duckdb", read_only=True) as file:
        near = [file.sql(block.text).fetchall() for block in blocks(PAGE) if block.language == "sql people"]
    assert near == [
        [
            ("normalised", '["1"]', '["4"]', "Müller | Bonn", "MULLER | Bonn"),
            ("similar", '["3"]', '["5"]', "Schmidt | Bonn", "Schmitt | Bonn"),
        ]
    ]


def test_its_policies_do_what_it_says(walked: tuple[Path, list[str]]) -> None:
    queries = {block.language: block.text for block in blocks(PAGE) if block.language.startswith("sql ")}
    sums, outcomes = {}, {}
    for name in ("skip", "replace", "quarantine"):
        with duckdb.connect(walked[0] / f"{name}.duckdb", read_only=True) as target:
            sums[name] = [str(row[1]) for row in target.sql(queries["sql each"]).fetchall()]
            rows = target.sql("SELECT outcome, coalesce(reason, class) FROM columnar_document ORDER BY source_key")
            outcomes[name] = rows.fetchall()[:3]
            replaced = target.sql(queries["sql replaced"]).fetchall()
            assert replaced == (
                [("1", "3", "different_content", '{"payment": 1, "recipient": 1}')] if name == "replace" else []
            )
    assert sums == {"skip": ["10.50"], "replace": ["99.00"], "quarantine": ["10.50"]}
    copy = [("loaded", None), ("duplicate", "same_content")]
    assert outcomes == {
        "skip": [*copy, ("duplicate", "different_content")],
        "replace": [*copy, ("loaded", None)],
        "quarantine": [*copy, ("quarantined", "conflict")],
    }


def test_it_names_every_view() -> None:
    assert not [view.name for view in VIEWS if f"`{view.name}`" not in PAGE]
    assert f"{LARGEST_BLOCK:,}" in PAGE
