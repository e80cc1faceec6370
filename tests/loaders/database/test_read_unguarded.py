"""That nothing is read through turbodbc but behind the truncation guard: seen from the sources themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from loaders.database import turbodbc_connection

ROOT = Path(turbodbc_connection.__file__).parents[2]
# What fetches: rows behind the guard, and one row of nothing but integers.
FETCHING = {("_fetched", "fetcharrowbatches"), ("_integers", "fetcharrowbatches")}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("columnar", "loaders", "transforms"):
        for file in (ROOT / package).rglob("*.py"):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_one_module_imports_turbodbc() -> None:
    using = {
        name for name, tree in modules() if any(each.split(".")[0].startswith("turbodbc") for each in imported(tree))
    }
    assert using == {"loaders/database/turbodbc_connection.py"}


def test_it_fetches_behind_the_guard_only() -> None:
    tree = ast.parse(Path(turbodbc_connection.__file__).read_text(encoding="utf-8"))
    fetching = {
        (function.name, node.attr)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr.startswith("fetch") and isinstance(node.value, ast.Name)
        if node.value.id == "cursor"
    }
    assert fetching == FETCHING
    source = ast.unparse(next(each for each in ast.walk(tree) if getattr(each, "name", "") == "_fetched"))
    assert "self._guard.select(" in source
    assert "self._guard.checked(" in source
