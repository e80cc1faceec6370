"""Rows, parents, positions, lines, several values, keys."""

from __future__ import annotations

import pyarrow as pa
import pytest
from shred_plans import column, plan, reasons, shred, table, values

from tests.differential.shredders import make
from transforms.path.model import NameTest
from transforms.shred.result import REFUSED_SCHEMA, ROW_FIELDS, SEVERAL_SCHEMA

pytestmark = pytest.mark.usefixtures("both_shredders")

OPERATORS = '<plan><op i="1"><x><op i="2"><op i="3"/></op></x><op i="4"/></op><op i="5"/></plan>'


def fixed(shredded: object, name: str) -> list[tuple[int, ...]]:
    extract = shredded.extracts[name]  # type: ignore[attr-defined]
    return list(zip(*(extract.column(field.name).to_pylist() for field in ROW_FIELDS[1:]), strict=True))


def test_rows_inside_rows() -> None:
    tables = (
        table("plan", "/plan"),
        table("op", "//op", column("i", "@i"), column("up", "ancestor::op[1]/@i"), parent="plan"),
        table("again", "//op", column("i", "@i"), column("n", "position()"), parent="op"),
    )
    shredded = shred([OPERATORS, OPERATORS], tables)
    assert (
        values(shredded, "op")
        == [
            {"i": "1", "up": None},
            {"i": "2", "up": "1"},
            {"i": "3", "up": "2"},
            {"i": "4", "up": "1"},
            {"i": "5", "up": None},
        ]
        * 2
    )
    assert fixed(shredded, "op") == [(row, 0, row + 1, 1) for row in range(5)] * 2
    # a row of the same element belongs to the nearest ancestor that is a row, and only without one to itself
    assert [(row[1], row[2]) for row in fixed(shredded, "again")] == [(0, 1), (0, 2), (1, 1), (0, 3), (4, 1)] * 2
    assert [row["n"] for row in values(shredded, "again")] == ["1", "2", "1", "3", "1"] * 2


def test_two_tables_over_the_same_rows_and_rows_without_a_parent() -> None:
    document = "<r><g><a/><a/></g><a/><h><g><a/></g></h></r>"
    tables = (table("g", "/r/g"), table("g2", "/r/g", parent="g"), table("a", "//a", parent="g"))
    shredded = shred([document], tables)
    assert fixed(shredded, "g2") == [(0, 0, 1, 1)]
    assert fixed(shredded, "a") == [(0, 0, 1, 1), (1, 0, 2, 1), (2, None, 1, 1), (3, None, 2, 1)]


def test_lines_are_those_on_which_the_start_tag_ends() -> None:
    document = "<r>\n<a/>\n\n<a\n  k='1'\n>\ntext</a><a/>\r\n<a/></r>"
    assert [row[3] for row in fixed(shred([document], (table("a", "/r/a"),)), "a")] == [2, 6, 7, 8]


@pytest.mark.parametrize("blanks", [0, 65_530, 65_532, 65_533, 65_534, 65_535, 65_536, 200_000])
def test_lines_are_right_where_libxml2_stops_counting(blanks: int) -> None:
    head = "<r>\n<!-- <a> -->" + "\n" * blanks
    tail = '<a q="a>b"/><?pi <a>?>\n<b><a>\n\n</a></b><![CDATA[<a>\n]]><a\n\nk=\'>"\'/>\n<a><c/></a></r>'
    shredded = shred([head + tail, "<r><a/></r>"], (table("a", "//a"), table("c", "//c")))
    assert [row[3] for row in fixed(shredded, "a")] == [blanks + line for line in (2, 3, 8, 9)] + [1]
    assert [row[3] for row in fixed(shredded, "c")] == [blanks + 9]


def test_several_values_are_counted_by_column() -> None:
    tables = (
        table(
            "r",
            "/r/x",
            column("first", "a"),
            column("last", "a/@k", many="last"),
            column("join", "a/text()", many="join", separator="+"),
            column("list", "a/@k", many="list"),
            column("root", "/r/x/a"),
            column("one", "b"),
        ),
    )
    document = '<r><x><a k="1">p</a><a>q</a><a k="3">r</a><b/></x><x><a>s</a></x></r>'
    shredded = shred([document], tables)
    assert values(shredded, "r") == [
        {"first": "p", "last": "3", "join": "p+q+r", "list": ["1", "3"], "root": "p", "one": ""},
        {"first": "s", "last": None, "join": "s", "list": None, "root": "p", "one": None},
    ]
    assert shredded.several.to_pylist() == [
        {"table": "r", "column": "first", "cells": 1},
        {"table": "r", "column": "join", "cells": 1},
        {"table": "r", "column": "last", "cells": 1},
        {"table": "r", "column": "root", "cells": 2},
    ]


def test_rows_that_share_values_of_which_some_do_not_count() -> None:
    # 3,000 rows, and rows inside rows that look at other values than those around them
    many = "<r>" + "".join(f"<a n='{at}'>{'<b/>' if at % 3 else ''}</a>" for at in range(3000)) + "</r>"
    inside = "<r><g><k>1</k><g><k>2</k><k x=''>3</k></g><k>4</k><g/><k x=''>5</k></g></r>"
    names = ("first", "last", "join", "list")
    rows = table("a", "/r/a", *(column(f"{name}", "../a[not(b)]/@n", name) for name in names[:2]))
    groups = table("g", "//g", *(column(name, "/r//k[not(@x)]", name, ",") for name in names))
    nearest = table("n", "//g", column("near", "ancestor::g[1]/k[@x]"), column("own", "k[last()]"))
    shredded = shred([many, inside, inside], (rows, groups, nearest))
    assert values(shredded, "a") == [{"first": "0", "last": "2997"}] * 3000
    assert values(shredded, "g") == [{"first": "1", "last": "4", "join": "1,2,4", "list": ["1", "2", "4"]}] * 6
    found = [{"near": None, "own": "5"}, {"near": "5", "own": "3"}, {"near": "5", "own": None}]
    assert values(shredded, "n") == found * 2
    counted = {(each["table"], each["column"]): each["cells"] for each in shredded.several.to_pylist()}
    assert counted == {
        ("a", "first"): 3000,
        ("a", "last"): 3000,
        ("g", "first"): 6,
        ("g", "last"): 6,
        ("g", "join"): 6,
    }


def test_a_refused_document_leaves_nothing_behind() -> None:
    tables = (
        table("x", "/r/x", column("k", "@k"), column("a", "a"), column("l", "a/@k", many="list"), column("v", "/r/@v")),
        table("y", "/r/x/y", column("b", "b", many="error"), parent="x"),
    )
    good = '<r v="1"><x k="1"><a k="2">3</a><a/><y><b>4</b></y></x></r>'
    bad = '<r v="2"><x k="5"><a>6</a><a/><y><b>7</b></y></x><x/><x>\n<y><b/><b/></y></x></r>'
    alone, among = shred([good, good], tables), shred([good, bad, bad, good], tables)
    for name in ("x", "y"):
        assert values(among, name) == values(alone, name)
        assert fixed(among, name) == fixed(alone, name)
        assert among.extracts[name].column("_document").to_pylist() == [0, 3]
    assert among.several.equals(alone.several)
    assert among.refused.to_pylist() == [
        {"document": document, "reason": "many_values", "line": 2, "column": 0, "detail": "y.b: 2 values for b"}
        for document in (1, 2)
    ]


def test_wrong_root() -> None:
    shredded = shred(["<a><b/></a>", "<c/>", '<a xmlns="urn:x"/>', "<a/>"], root=NameTest("a"))
    assert reasons(shredded) == ["wrong_root", "wrong_root"]
    assert shredded.refused.column("document").to_pylist() == [1, 2]
    assert "{urn:x}a" in shredded.refused.column("detail").to_pylist()[1]


def test_keys() -> None:
    tables = (
        table(
            "b", "/a/b", column("key", "$key"), column("n", "$n"), column("c", "'c'"), column("l", "$n", many="list")
        ),
    )
    documents = pa.array(["<a><b/><b/></a>", "<", "<a><b/></a>"])
    keys = {"key": pa.array(["10", "11", None]), "n": pa.chunked_array([["x"], ["y", "z"]])}
    shredder = make(plan(*tables))
    assert values(shredder.shred(documents, keys)) == [
        {"key": "10", "n": "x", "c": "c", "l": ["x"]},
        {"key": "10", "n": "x", "c": "c", "l": ["x"]},
        {"key": None, "n": "z", "c": "c", "l": ["z"]},
    ]
    with pytest.raises(ValueError, match=r"\$n"):
        shredder.shred(documents, {"key": keys["key"]})
    with pytest.raises(ValueError, match="1 values for 3 documents"):
        shredder.shred(documents, {**keys, "n": pa.array(["x"])})


def test_schemas() -> None:
    shredded = shred(["<a v='1'><b/></a>", "<"])
    assert shredded.extracts["b"].schema.equals(
        pa.schema([*ROW_FIELDS, *(pa.field(name, pa.string()) for name in ("k", "text", "v"))])
    )
    assert shredded.refused.schema.equals(REFUSED_SCHEMA)
    assert shredded.several.schema.equals(SEVERAL_SCHEMA)
    shredded.extracts["b"].validate(full=True)


def test_a_batch_is_its_documents_one_by_one() -> None:
    documents = [OPERATORS, "<r><op/></r>", "<", OPERATORS.replace("op", "x")]
    tables = (table("op", "//op", column("i", "@i"), column("all", "//op/@i", many="join", separator=" ")),)
    together = values(shred(documents, tables), "op")
    assert together == [row for document in documents for row in values(shred([document], tables), "op")]
