"""Extracts of the same elements are read as one, and are the same as if each was read alone."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from tests.differential.shredders import make
from transforms.contract import read_contract
from transforms.contract.extracts import extracts_of
from transforms.shred.sharing import Shared

pytestmark = pytest.mark.usefixtures("both_shredders")

CONTRACT = """
version: 1
root: a
tables:
  top: {rows: /a, columns: {k: "@k", first: b/@n, all: {path: b/@n, many: join, separator: ","}}, key: [k]}
  one: {rows: /a/b, parent: top, columns: {n: "@n", t: text(), x: {xpath: "count(c)"}}}
  two: {rows: /a/b, parent: top, columns: {t: "@n", own: ., n: {path: c, many: list}, p: position()}}
  loose: {rows: /a/b, columns: {n: "@n", c: {path: c, many: last}}}
  below: {rows: /a/b/c, parent: two, columns: {c: .}}
  picked:
    rows: /a/b
    parent: top
    picks: {c: c}
    columns: {n: "@n", c: {path: ., of: c}}
"""
DOCUMENTS = ["<a k='1'><b n='1'>x<c>1</c><c>2</c></b><b n='2'/></a>", "<a k='2'/>", "<a k='3'><b>y<c/></b></a>", "<x/>"]


def test_every_extract_is_as_if_it_was_read_alone() -> None:
    plan = read_contract(CONTRACT, name="c")
    together = make(plan).shred(pa.array(DOCUMENTS))
    assert list(together.extracts) == [extract.name for extract in extracts_of(plan)]
    several: list[dict[str, object]] = []
    for table in plan.tables:
        parents = [other for other in plan.tables if other.name in ("top", "two") and other.name != table.name]
        wanted = [*parents, table] if table.parent else [table]
        alone = make(replace(plan, tables=tuple(wanted))).shred(pa.array(DOCUMENTS))
        for name in (table.name, f"{table.name}.c"):
            if name in together.extracts:
                assert together.extracts[name].equals(alone.extracts[name]), name
        several += [row for row in alone.several.to_pylist() if row["table"].split(".")[0] == table.name]
    assert sorted(map(str, together.several.to_pylist())) == sorted(map(str, several))


@pytest.mark.usefixtures("only_reference")
def test_extracts_of_the_same_elements_are_one() -> None:
    shared = Shared.of(extracts_of(read_contract(CONTRACT, name="c")))
    assert [extract.name for extract in shared.read] == ["top", "one", "loose", "below"]
    assert [extract.parent for extract in shared.read] == [None, "top", None, "one"]
    (one,) = [extract for extract in shared.read if extract.name == "one"]
    assert len({(column.path, column.many) for column in one.columns}) == len(one.columns)
