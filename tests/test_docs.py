"""The pages for users say what is so: their commands run, their links lead somewhere, their tables are complete."""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from contextlib import chdir
from dataclasses import fields
from pathlib import Path

import duckdb
import pytest
import typer
from ruamel.yaml import YAML
from typer.core import TyperGroup

import columnar
from columnar.bookkeeping.ledger import BOOKS, OUTCOMES
from columnar.cli.app import app
from columnar.jobs.job import SourceSpec, TargetSpec
from tests.pages import PAGES, REPOSITORY, anchors, blocks, call, fits, links, prose, walk
from transforms.convert.rules import Reason
from transforms.shred.result import REASONS

# Reasons that neither the shredder nor the converter gives, but the run.
RUN_REASONS = (
    "null_key", "several_keys", "duplicate_source_key", "rejected_by_target", "conflict", "repeated_row", "purged",
)  # fmt: skip


def page(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder after everything that the quick start says was done in it, and what was otherwise than told."""
    folder = tmp_path_factory.mktemp("quickstart")
    return folder, walk(page("docs/quickstart.md"), folder)


@pytest.fixture
def beginning(tmp_path: Path) -> Path:
    """A folder with the files of the quick start and its source, before the first run."""
    for block in blocks(page("docs/quickstart.md")):
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    with chdir(tmp_path):
        call("python make_orders.py")
    return tmp_path


def test_the_quick_start_does_what_it_says(walked: tuple[Path, list[str]]) -> None:
    assert not walked[1], "\n".join(walked[1])


def test_the_library_page_does_what_it_says(beginning: Path) -> None:
    """In a process of its own, since its memory budget is for the whole process."""
    text = "\n".join(block.text for block in blocks(page("docs/library.md")) if block.language == "pycon")
    assert doctest.DocTestParser().get_examples(text)
    (beginning / "library.txt").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", "-o", "NORMALIZE_WHITESPACE", "library.txt"],
        cwd=beginning,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout + done.stderr


def test_the_readme_does_what_it_says(beginning: Path) -> None:
    parts = blocks(page("README.md"))
    for block in parts:
        if block.file:
            (beginning / block.file).write_text(block.text, encoding="utf-8")
    lines = [
        line.partition("#")[0].strip() for block in parts if block.language == "sh" for line in block.text.split("\n")
    ]
    called = [line for line in lines if line.startswith("columnar ")]
    assert len(called) == 5
    with chdir(beginning):
        for line in called:
            printed, code = call(line)
            assert code in (0, 1), f"{line}: {code}\n{printed}"
    with duckdb.connect(beginning / "tables.duckdb", read_only=True) as target:
        assert target.sql("FROM orders ORDER BY ALL").fetchall() == [(7, "Ada"), (8, "Bob")]


def test_the_variants_of_the_readme_are_a_source_and_a_target() -> None:
    text = page("README.md")
    variants = next(block.text for block in blocks(text) if block.text.startswith("{url"))
    sources = [SourceSpec.model_validate(YAML(typ="safe").load(line)) for line in variants.splitlines()]
    assert [source.url.partition(":")[0] for source in sources] == ["duckdb", "parquet", "folder", "postgresql"]
    target = re.search(r"and `target` `(\{.*?\})`", text)
    assert target
    assert TargetSpec.model_validate(YAML(typ="safe").load(target[1])).url == "parquet:tables"


def test_the_demonstration_prints_what_the_readme_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [".venv/bin/columnar"])  # as make calls it
    shown = next(block.text for block in blocks(page("README.md")) if block.language == "text")
    with chdir(tmp_path):
        printed, code = call("columnar demo --documents 60")
    assert code == 0
    assert _first_words(shown) <= _first_words(printed) | {"..."}


def _first_words(text: str) -> set[str]:
    return {re.sub(r"[\d,]+", "0", line.split()[0]) for line in text.splitlines() if line.strip()}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in links(path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link}: there is no such file"
        assert target.is_relative_to(REPOSITORY), f"{link} leads out of the repository"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: there is no such heading"


def test_every_page_is_in_the_index() -> None:
    known = {Path(link).name for link in links(page("docs/index.md"))}
    pages = {path.name for path in PAGES if path.parent.name == "docs"}
    # contract.in.md and its like are what pages are generated from
    assert {name for name in pages if not name.endswith(".in.md")} - {"index.md"} <= known


def _options() -> dict[tuple[str, ...], set[str]]:
    """Every command and group, with its options."""
    found: dict[tuple[str, ...], set[str]] = {}

    def visit(command: object, words: tuple[str, ...]) -> None:
        found[words] = {option for each in command.params for option in each.opts} | {"--help", "-h"}  # type: ignore[attr-defined]
        for name, inner in command.commands.items() if isinstance(command, TyperGroup) else ():
            visit(inner, (*words, name))

    visit(typer.main.get_command(app), ())
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_command_and_option_exists(path: Path) -> None:
    text, known = path.read_text(encoding="utf-8"), _options()
    spans = re.findall(r"`([^`\n]+)`", prose(text))
    lines = [line for block in blocks(text) if block.language in ("sh", "console") for line in block.text.splitlines()]
    for code in (*spans, *lines):
        match = re.match(r"(?:\$ )?columnar\b((?: [a-z]+\b(?![.:/]))*)(.*)", code.partition(" #")[0])
        if not match:
            continue
        words = tuple(match[1].split())
        while words and words not in known and words[:-1] in known and words[:-1] != ():
            words = words[:-1]  # an argument in lower case
        assert words in known, f"{code}: there is no such command"
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", match[2]):
            assert option in known[words], f"{code}: there is no such option"
    everything = set().union(*known.values())
    for option in (code.split()[0].partition("=")[0] for code in spans if code.startswith("--")):
        assert option in everything, f"{option}: no command has it"


def test_the_guarantees_name_every_table_and_column() -> None:
    text = page("docs/guarantees.md")
    for spec in BOOKS:
        section = text.partition(f"### {spec.name}\n")[2].partition("\n#")[0]
        documented = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|\n]+) \|", section, re.MULTILINE)))
        assert documented[0:1], f"{spec.name} has no section"
        assert sorted(documented) == sorted(spec.schema.names), spec.name


def test_the_guarantees_name_every_reason_and_outcome() -> None:
    text = page("docs/guarantees.md")
    listed = re.findall(r"^\| `(\w+)` \|", text.partition("## Reasons for quarantine\n")[2], re.MULTILINE)
    assert sorted(listed) == sorted([*REASONS, *(reason.value for reason in Reason), *RUN_REASONS])
    outcomes = re.findall(r"^\| `(\w+)` \|", text.partition("## Outcomes\n")[2].partition("\n## ")[0], re.MULTILINE)
    assert sorted(outcomes) == sorted(OUTCOMES)


def test_the_queries_of_the_guarantees_run(walked: tuple[Path, list[str]]) -> None:
    queries = [block.text for block in blocks(page("docs/guarantees.md")) if block.language == "sql"]
    assert len(queries) == 9
    with duckdb.connect(walked[0] / "tables.duckdb", read_only=True) as target:
        answers = [target.sql(query).fetchall() for query in queries]
    outcomes, one, different, changed, behind, throughput, proofs, unbalanced, pending = answers
    assert sorted(outcomes) == sorted(
        [("loaded", None, None, 2), ("duplicate", None, "same_content", 1), ("quarantined", "truncated", None, 1)]
    )
    assert [row[1:5] for row in one] == [("quarantined", "truncated", 1, 36)]
    assert changed == [("item.price nulled_invalid", 1)]
    assert sorted(row[0] for row in behind) == [7, 8]
    assert throughput[0][1:3] == (4, 314)
    assert [row[1:] for row in proofs] == [("quarantine", "4", "2", 0)] * 2
    assert different == unbalanced == pending == []


def test_a_page_that_lies_is_found(tmp_path: Path) -> None:
    told = "```python\n# p.py\nprint('a  1')\nprint('b')\n```\n\n```console\n$ python p.py\n{}\n```\n"
    assert walk(told.format("a 1\nb"), tmp_path) == []
    assert walk(told.format("...\nb"), tmp_path) == []
    for lie in ("a 2\nb", "a 1", "b", "a 1\nb\n(exit code 1)"):
        assert len(walk(told.format(lie), tmp_path)) == 1
    assert fits("x\ny\n", ["...", "y"])
    assert not fits("x\ny\n", ["...", "x"])


def test_the_library_page_names_every_attribute_and_option() -> None:
    text = page("docs/library.md")
    table = text.partition("| attribute | |\n")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`[^|\n]+) \|", table, re.MULTILINE)))
    assert sorted(named) == sorted([*(each.name for each in fields(columnar.Run)), "exit_code"])
    missing = {each.name for each in fields(columnar.RunOptions) if f"`{each.name}`" not in text}
    assert not missing
    assert not [name for name in columnar.__all__ if not re.search(rf"\b{name}\b", text)]
