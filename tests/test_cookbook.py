"""The cookbook's recipes: a second program that shares no code with this one reads the same from each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.oracle.against import differences, run_program
from tests.pages import REPOSITORY
from transforms.contract import read_contract
from transforms.convert.result import Converted

sys.path.insert(0, str(REPOSITORY / "docs"))  # the generator of the page is a script beside it

import generate_cookbook
from generate_cookbook import Recipe, recipes

RECIPES = list(recipes(Path(generate_cookbook.TEMPLATE).read_text(encoding="utf-8")))
KEY = generate_cookbook.KEY


def rows(made: Converted, document: int) -> dict[str, list[dict[str, object]]]:
    """What stands in the tables of one document, whichever it is."""
    return {
        name: [{**row, "_document": None} for row in table.to_pylist() if row["_document"] == document]
        for name, table in made.tables.items()
    }


def counts(made: Converted) -> dict[tuple[str, str, str], int]:
    return {(row["table"], row["column"], row["rule"]): row["values"] for row in made.changes.to_pylist()}


def test_the_page_is_up_to_date() -> None:
    assert generate_cookbook.PAGE.read_text(encoding="utf-8") == generate_cookbook.page(), "run `make docs`"


def test_there_is_a_recipe_for_what_is_common() -> None:
    assert len(RECIPES) >= 40
    assert len({recipe.title for recipe in RECIPES}) == len(RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_second_program_reads_the_same(recipe: Recipe) -> None:
    assert differences(recipe.contract, [recipe.document], {"key": [KEY]}) == []


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_other_documents_change_nothing(recipe: Recipe) -> None:
    """Between others, one without anything in it and one that is refused, each copy gives what it gives alone."""
    root = read_contract(recipe.contract, name=recipe.title).root
    empty = f'<r:{root.local} xmlns:r="{root.uri}"/>' if root.uri else f"<{root.local}/>"
    batch = [recipe.document, empty, recipe.document, "<cut", recipe.document]
    keys = [KEY, "2", KEY, "3", KEY]
    alone, refused = run_program(recipe.contract, [recipe.document], {"key": [KEY]})
    nothing, missing = run_program(recipe.contract, [empty], {"key": ["2"]})
    together, refused_together = run_program(recipe.contract, batch, {"key": keys})
    assert not refused
    assert refused_together == {3: "broken", **({1: missing[0]} if missing else {})}
    assert all(rows(together, copy) == rows(alone, 0) for copy in (0, 2, 4))
    assert rows(together, 1) == rows(nothing, 0)
    once, empties = counts(alone), counts(nothing)
    assert counts(together) == {
        key: 3 * once.get(key, 0) + empties.get(key, 0) for key in sorted(once.keys() | empties.keys())
    }
    assert differences(recipe.contract, batch, {"key": keys}) == []
