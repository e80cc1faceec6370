"""Writes docs/cookbook.md: docs/cookbook.in.md, and behind each recipe what the program makes of it.

python docs/generate_cookbook.py            write the page
python docs/generate_cookbook.py --check    only say whether it is up to date
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]  # so that it runs from a clone that is not installed

from worked_example import changes_as_text, table_as_markdown  # noqa: E402

from transforms.contract import ContractPlan, read_contract  # noqa: E402
from transforms.convert.result import Converted  # noqa: E402
from transforms.rows.check import check_selection  # noqa: E402
from transforms.shred import LxmlShredder  # noqa: E402
from transforms.tables import tables_of  # noqa: E402

TEMPLATE = DOCS / "cookbook.in.md"
PAGE = DOCS / "cookbook.md"
NOTICE = "<!-- Written by docs/generate_cookbook.py from docs/cookbook.in.md: edit that. -->\n\n"
KEY = "1"  # of the source row that a recipe's document stands in

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_RECIPE = re.compile(
    r"^### (?P<title>.+?)\n.*?```xml\n(?P<document>.*?)```\n\n```yaml\n(?P<contract>.*?)```\n", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Recipe:
    """One recipe of the page. end: where its contract ends there."""

    title: str
    document: str
    contract: str
    end: int


def recipes(page: str) -> Iterator[Recipe]:
    """The recipes of the template, in its order."""
    for found in _RECIPE.finditer(page):
        yield Recipe(found["title"], found["document"].rstrip("\n"), found["contract"], found.end())


def cook(recipe: Recipe) -> tuple[ContractPlan, Converted]:
    """The plan of a recipe, and its tables."""
    plan = read_contract(recipe.contract, name=recipe.title)
    check_selection(plan)
    key = pa.array([KEY])
    shredded = LxmlShredder(plan).shred(pa.array([recipe.document]), {"key": key})
    made = tables_of(plan, shredded.extracts)
    if shredded.refused.num_rows or made.rejected.num_rows:
        raise SystemExit(f"{recipe.title}: {shredded.refused.to_pylist()} {made.rejected.to_pylist()}")
    return plan, made


def result(recipe: Recipe) -> str:
    """What becomes of a recipe's document, as Markdown."""
    plan, made = cook(recipe)
    parts = []
    for table in plan.tables:
        if table.load:
            hidden = [column.name for column in table.columns if not column.load]
            shown = made.tables[table.name].drop_columns(
                [name for name in hidden if name in made.tables[table.name].column_names]
            )
            parts.append(f"`{table.target_name}`:\n\n{table_as_markdown(shown)}")
    counted = changes_as_text(made.changes)
    return "\n\n".join(parts) + (f"\n\nCounted: {counted}." if counted else "") + "\n"


def page() -> str:
    """The whole page."""
    template = TEMPLATE.read_text(encoding="utf-8")
    text, done = "", 0
    for recipe in recipes(template):
        text += template[done : recipe.end] + "\n" + result(recipe)
        done = recipe.end
    text += template[done:]
    return NOTICE + text.replace("{contents}", _contents(template))


def _contents(template: str) -> str:
    lines = []
    for line in template.splitlines():
        if line.startswith(("## ", "### ")):
            marks, _, title = line.partition(" ")
            anchor = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            lines.append(f"{'  ' * (len(marks) - 2)}- [{title}](#{anchor})")
    return "\n".join(lines)


def main() -> int:
    """The exit code."""
    text = page()
    if "--check" in sys.argv[1:]:
        stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
        print(f"{PAGE} is not up to date" if stale else "up to date")
        return int(stale)
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
