"""Random paths over random documents, against lxml's XPath engine."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from shred_plans import column, plan, shred, table, values

from tests.differential.shredders import make

pytestmark = pytest.mark.usefixtures("both_shredders")


NAMES = st.sampled_from("abc")
LITERALS = st.sampled_from(["x", "y", "", "xy"])
ATTRIBUTES = st.dictionaries(st.sampled_from("kn"), LITERALS, max_size=2)
NOTHING = st.sampled_from(["", "", "", "x", "y", "<!--c-->", "<?p i?>", "x<!--c-->y", "<![CDATA[x]]>"])


def _element(name: str, attributes: dict[str, str], before: str, children: list[str], after: str) -> str:
    shown = "".join(f" {key}='{value}'" for key, value in attributes.items())
    return f"<{name}{shown}>{before}{''.join(children)}</{name}>{after}"


ELEMENTS = st.recursive(
    st.builds(_element, NAMES, ATTRIBUTES, NOTHING, st.just([]), NOTHING),
    lambda inner: st.builds(_element, NAMES, ATTRIBUTES, NOTHING, st.lists(inner, max_size=4), NOTHING),
    max_leaves=14,
)
DOCUMENTS = st.builds(
    lambda attributes, children: _element("r", attributes, "", children, ""), ATTRIBUTES, st.lists(ELEMENTS, max_size=4)
)

OPERANDS = st.sampled_from(["@k", "@n", "a", "b", "*"])
COMPARISONS = st.builds(
    lambda operand, sign, literal: f"{operand}{sign}'{literal}'",
    OPERANDS | st.just("."),
    st.sampled_from(["=", "!="]),
    LITERALS,
)
CONDITIONS = st.recursive(
    OPERANDS | COMPARISONS,
    lambda inner: (
        st.builds("not({})".format, inner)
        | st.builds("({} or {})".format, inner, inner)
        | st.builds("{} and {}".format, inner, inner)
    ),
    max_leaves=4,
)
PREDICATES = st.sampled_from(["1", "2", "last()"]) | CONDITIONS
STEPS = st.builds(
    lambda name, predicates: name + "".join(f"[{predicate}]" for predicate in predicates),
    NAMES | st.just("*"),
    st.lists(PREDICATES, max_size=2),
)


def _joined(slashes: list[str], steps: list[str]) -> str:
    return "".join(slash + step for slash, step in zip(slashes, steps, strict=False))


SLASHES = st.lists(st.sampled_from(["/", "/", "//"]), min_size=3, max_size=3)
ROWS = st.builds(
    lambda slashes, steps: _joined(slashes, steps), SLASHES, st.lists(STEPS, min_size=1, max_size=3)
) | st.builds(lambda slashes, steps: "/r" + _joined(slashes, steps), SLASHES, st.lists(STEPS, max_size=2))
STARTS = st.sampled_from([".", ".", "..", "../..", "ancestor::a[1]", "ancestor::*[1]", "/r", "//a"])
ENDS = st.sampled_from(["", "/@k", "/@n", "/."])
PATHS = st.builds(
    lambda start, slashes, steps, end: start + _joined(slashes, steps) + end,
    STARTS,
    SLASHES,
    st.lists(STEPS, max_size=3),
    ENDS,
)


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else node.xpath("string()")


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, ROWS, st.lists(PATHS, min_size=1, max_size=4))
def test_paths_mean_what_xpath_says(document: str, rows: str, paths: list[str]) -> None:
    columns = [column(f"c{index}", path, many="list") for index, path in enumerate(paths)]
    firsts = [column(f"f{index}", path) for index, path in enumerate(paths)]
    shredded = shred([document, document], (table("t", rows, *columns, *firsts),))
    assert shredded.refused.num_rows == 0
    root = etree.fromstring(document)
    expected, several = [], 0
    for row in root.xpath(rows):
        cells: dict[str, Any] = {}
        for index, path in enumerate(paths):
            nodes = [node for node in row.xpath(path) if isinstance(node, str | etree._Element)]
            # above the root there is nothing; XPath has the document there, and finds the root below it
            nodes = [] if _leaves_the_document(row, path) else nodes
            cells[f"c{index}"] = [_text(node) for node in nodes] or None
            cells[f"f{index}"] = _text(nodes[0]) if nodes else None
            several += len(nodes) > 1
        expected.append(cells)
    found = [{name: row[name] for name in sorted(row)} for row in values(shredded, "t")]
    assert found == [{name: row[name] for name in sorted(row)} for row in expected] * 2
    assert sum(shredded.several.column("cells").to_pylist()) == 2 * several


def _leaves_the_document(row: Any, path: str) -> bool:
    return path.split("//", maxsplit=1)[0].split("/").count("..") > len(list(row.iterancestors()))


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.sampled_from(["//a", "//*", "/r/*", "//b/c"]), st.sampled_from(["a", ".", "..", "*/b", ".//c"]))
def test_own_text_and_xml(document: str, rows: str, path: str) -> None:
    columns = (
        column(
            "text", f"{path}/text()".replace("./text()", "text()") if path == "." else f"{path}/text()", many="list"
        ),
        column("xml", f"{path}/xml()" if path != "." else "xml()", many="list"),
    )
    root = etree.fromstring(document)
    expected = []
    for row in root.xpath(rows):
        nodes = row.xpath(path)
        nodes = [node for node in nodes if isinstance(node.tag, str)]
        own = ["".join(node.xpath("text()")) for node in nodes]
        whole = [etree.tostring(node, encoding="unicode", with_tail=False) for node in nodes]
        expected.append({"text": own or None, "xml": whole or None})
    assert values(shred([document], (table("t", rows, *columns),)), "t") == expected


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.sampled_from(["x", "y", "xy", ""]))
def test_own_text_in_predicates(document: str, literal: str) -> None:
    paths = {
        "=": f"//*[text()='{literal}']",
        "!=": f"//*[text()!='{literal}']",
        "": "//*[text()]",
        "not": "//*[not(text())]",
    }
    tables = tuple(table(name or "any", path, column("xml", "xml()")) for name, path in paths.items())
    shredded = shred([document], tables)
    own = [
        ("".join(node.xpath("text()")), etree.tostring(node, encoding="unicode", with_tail=False))
        for node in etree.fromstring(document).iter("*")
    ]
    tests = {
        "=": lambda t: t == literal,
        "!=": lambda t: t != literal,
        "any": lambda t: t != "",
        "not": lambda t: t == "",
    }
    for name, holds in tests.items():
        assert [row["xml"] for row in values(shredded, name)] == [xml for text, xml in own if holds(text)]


def test_threads_give_the_same_results() -> None:
    documents = [f"<r v='{n}'>" + "<a k='1'><b>x</b><b>y</b></a>" * (n % 50) + "</r>" * (n % 7 > 0) for n in range(400)]
    tables = (
        table("r", "/r", column("v", "@v")),
        table("a", "/r/a", column("k", "@k"), column("b", "b[.='y']"), column("all", ".//b", many="join"), parent="r"),
    )
    shredder = make(plan(*tables))
    batches = [pa.array(documents[start : start + 50]) for start in range(0, 400, 50)]
    expected = [shredder.shred(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            for found, alone in zip(pool.map(shredder.shred, batches), expected, strict=True):
                assert found.refused.equals(alone.refused)
                assert found.several.equals(alone.several)
                assert all(found.extracts[name].equals(alone.extracts[name]) for name in ("r", "a"))
    assert {reason for batch in expected for reason in batch.refused.column("reason").to_pylist()} == {"truncated"}


FOREST = (
    "<r><a k='1' n='1'><a n='2'/><b n='3'><a k='1' n='4'/><a n='5'/></b>"
    "<a k='1' n='6'><a n='7'/><a k='2' n='8'/></a></a>"
    "<b n='9'><a n='10'/><b n='11'><a k='1' n='12'/></b><a k='2' n='13'/></b><a n='14'/></r>"
)


@pytest.mark.parametrize("below", ["//a", "//*", "//b//a", "//b/a", "//a//*", "//a/a", "//*//*"])
@pytest.mark.parametrize(
    "predicates", ["", "[1]", "[2]", "[last()]", "[@k][1]", "[1][@k]", "[@k][last()]", "[not(@k)][2]"]
)
def test_positions_and_order_below_elements_inside_each_other(below: str, predicates: str) -> None:
    path = below + predicates
    tables = (
        table("rows", path, column("n", "@n")),
        table("more", f"{path}/*", column("n", "@n")),
        table("cells", "/r/*", column("n", f".{path}/@n", many="list"), column("more", f".{path}/*/@n", many="list")),
    )
    shredded = shred([FOREST], tables)
    root = etree.fromstring(FOREST)
    assert [row["n"] for row in values(shredded, "rows")] == [node.get("n") for node in root.xpath(path)]
    assert [row["n"] for row in values(shredded, "more")] == [node.get("n") for node in root.xpath(f"{path}/*")]
    for row, element in zip(values(shredded, "cells"), root, strict=True):
        assert row["n"] == (element.xpath(f".{path}/@n") or None)
        assert row["more"] == (element.xpath(f".{path}/*/@n") or None)
