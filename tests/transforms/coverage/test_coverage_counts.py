"""Counting by hand: small documents, small contracts, every number known."""

from __future__ import annotations

import json

import pytest

from transforms.contract import read_contract
from transforms.coverage import Coverage, Share, UnreadPath, measure


def cover(
    columns: dict[str, object], *documents: str, rows: str = "/r/row", root: str = "r", **more: object
) -> Coverage:
    tables = {"t": {"rows": rows, "columns": {name: _column(path) for name, path in columns.items()}}}
    plan = read_contract(json.dumps({"version": 1, "root": root, "tables": tables, **more}), name="contract.yaml")
    return measure(plan, [(document.encode(), True) for document in documents])


def _column(path: object) -> object:
    return {"path": path} if isinstance(path, str) else path


def unread(coverage: Coverage) -> dict[str, int]:
    return {each.path: each.unread for each in coverage.unread}


def test_attributes_texts_and_bytes() -> None:
    coverage = cover({"a": "@a", "n": "n/text()"}, '<r><row a="12" b="345" c=""><n>é</n><m>xy</m> </row></r>')
    assert coverage.documents == 1
    assert coverage.attributes == Share(1, 3)
    assert coverage.texts == Share(1, 2)  # the blank between the elements is none
    assert coverage.bytes == Share(2 + 2, 2 + 3 + 0 + 2 + 2)  # é is two bytes
    assert coverage.unread == (
        UnreadPath("/r/row/@b", unread=1, filled=1, occurrences=1, documents=1, bytes=3, example="345"),
        UnreadPath("/r/row/m/text()", unread=1, filled=1, occurrences=1, documents=1, bytes=2, example="xy"),
        UnreadPath("/r/row/@c", unread=1, filled=0, occurrences=1, documents=1, bytes=0, example=""),
    )
    assert coverage.paths == 5
    assert coverage.unmatched == ()


def test_shares() -> None:
    assert Share(1, 4).fraction == 0.25
    assert Share(0, 0).fraction == 1.0


def test_places_are_counted_over_documents_and_partly_read() -> None:
    documents = ['<r><row k="PR" v="1"/><row k="X" v="2"/></r>', '<r><row k="X" v=" "/></r>', "<r/>"]
    coverage = cover({"k": "@k"}, *documents, rows="/r/row[@k='PR']")
    assert coverage.documents == 3
    assert unread(coverage) == {"/r/row/@v": 3}  # the predicate reads every @k
    assert coverage.unread[0] == UnreadPath("/r/row/@v", 3, 2, 3, 2, 3, "1")
    coverage = cover({"v": "@v"}, *documents, rows="/r/row[@k='PR']")
    assert coverage.unread == (UnreadPath("/r/row/@v", 2, 1, 3, 2, 2, "2"),)


@pytest.mark.parametrize(
    ("path", "left"),
    [
        (".", ["@k", "b/@k"]),
        ("xml()", []),
        ("text()", ["@k", "b/@k", "b/text()"]),
        ("b", ["@k", "b/@k", "text()"]),
        ("b/xml()", ["@k", "text()"]),
        ("b[@k]", ["@k", "text()"]),
        ("b[1]/@k", ["@k", "b/text()", "text()"]),
        ("'b'", ["@k", "b/@k", "b/text()", "text()"]),
        ("position()", ["@k", "b/@k", "b/text()", "text()"]),
        ("$key", ["@k", "b/@k", "b/text()", "text()"]),
        ("../row/@k", ["b/@k", "b/text()", "text()"]),
        ("ancestor::r[1]/row/@k", ["b/@k", "b/text()", "text()"]),
        ("/r/row/@k", ["b/@k", "b/text()", "text()"]),
        ("//b/@k", ["@k", "b/text()", "text()"]),
        ("self[b='x']", ["@k", "b/@k", "b/text()", "text()"]),
        ("../row[b='x']/@none", ["@k", "b/@k", "text()"]),
        ("../row[b]/@none", ["@k", "b/@k", "b/text()", "text()"]),
        ("../row[.='x']/@none", ["@k", "b/@k"]),
        ("../row[text()='x' or not(@k='z')]/@none", ["b/@k", "b/text()"]),
    ],
)
def test_what_a_path_reads(path: str, left: list[str]) -> None:
    coverage = cover({"c": path}, '<r><row k="1">one<b k="2">two</b></row></r>')
    assert sorted(each.removeprefix("/r/row/") for each in unread(coverage)) == left


@pytest.mark.parametrize(
    ("xpath", "left"),
    [
        ("@k", ["b/@k", "b/text()", "text()"]),
        ("b/@k | b", ["@k", "text()"]),
        ("text()", ["@k", "b/@k", "b/text()"]),
        ("b/text()", ["@k", "b/@k", "text()"]),
        ("text()[2]", ["@k", "b/@k", "b/text()"]),  # the tail of <b> is its parent's text
        ("comment()", ["@k", "b/@k", "b/text()", "text()"]),
        ("namespace::*", ["@k", "b/@k", "b/text()", "text()"]),
    ],
)
def test_what_an_xpath_reads(xpath: str, left: list[str]) -> None:
    coverage = cover({"c": {"xpath": xpath}}, '<r><row k="1">one<b k="2">two</b>three<!--c--></row></r>')
    assert sorted(each.removeprefix("/r/row/") for each in unread(coverage)) == left
    assert coverage.computed == ()
    assert coverage.unmatched == ()


def test_an_xpath_that_computes_is_named() -> None:
    coverage = cover({"c": {"xpath": "concat(@k, 'x')"}, "d": {"xpath": "none"}}, '<r><row k="1"/></r>')
    assert coverage.computed == ("t.c",)
    assert unread(coverage) == {"/r/row/@k": 1}
    assert [each.column for each in coverage.unmatched] == ["d"]


def test_recursion_is_one_place() -> None:
    document = '<r><op k="1"><x><op k="2" z="a"><x><op k="3"/></x></op></x></op><x z="b"/></r>'
    coverage = cover({"k": "@k"}, document, rows="/r/op")
    assert unread(coverage) == {"/r//op/@k": 2, "/r//op/@z": 1, "/r/x/@z": 1}
    assert coverage.unread[0].occurrences == 3


def test_names_are_written_with_the_prefixes_of_the_contract() -> None:
    document = (
        '<r xmlns="urn:one" xmlns:b="urn:two" xmlns:p="urn:three">'
        '<b:row b:k="1" xml:lang="en"><p:q p:z="2"/><n xmlns="">t</n><f xmlns="urn:four">u</f></b:row></r>'
    )
    namespaces = {"": "urn:one", "two": "urn:two"}
    coverage = cover({"c": "position()"}, document, rows="/r/two:row", namespaces=namespaces)
    assert set(unread(coverage)) == {
        "/r/two:row/@two:k",
        "/r/two:row/@xml:lang",
        "/r/two:row/p:q/@p:z",  # the document's own prefix
        "/r/two:row/{}n/text()",  # in no namespace, which a bare name would not mean
        "/r/two:row/{urn:four}f/text()",
    }


def test_a_prefix_that_the_contract_uses_otherwise_is_not_taken() -> None:
    coverage = cover({"c": "@k"}, '<r xmlns:two="urn:three" two:k="1"/>', rows="/r", namespaces={"two": "urn:two"})
    assert set(unread(coverage)) == {"/r/@{urn:three}k"}


def test_other_prefixes_for_the_same_namespace_are_the_same_place() -> None:
    documents = [f'<r xmlns:{prefix}="urn:x"><{prefix}:a>1</{prefix}:a></r>' for prefix in ("p", "q")]
    assert unread(cover({"c": "@k"}, *documents, rows="/r")) == {"/r/p:a/text()": 2}


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("Data/application/@ID", "/r/row/Data/app/@id"),
        ("data/app/@i_d", "/r/row/Data/app/@id"),
        ("app/@id", "/r/row/Data/app/@id"),
        ("Data/more/app/@id", "/r/row/Data/app/@id"),
        ("../Data/app/@id", "/r/row/Data/app/@id"),
        ("other/@id", ""),
        ("Data/app/@name", ""),
        ("Data/app/id", "/r/row/Data/app/@id"),
        ("Data/app/Note", "/r/row/Data/app/note/text()"),
        ("ancestor::x[1]/@q", ""),
    ],
)
def test_a_path_that_finds_nothing_is_told_what_there_is(path: str, nearest: str) -> None:
    coverage = cover({"c": path}, '<r><row><Data><app id="1"><note>n</note></app></Data></row></r>')
    assert [(each.table, each.column, each.path, each.nearest) for each in coverage.unmatched] == [
        ("t", "c", path, nearest)
    ]


def test_a_table_without_rows_is_named_once() -> None:
    coverage = cover({"a": "@a", "b": "/r/@b"}, '<r b="1"/>')
    assert [(each.table, each.column, each.path) for each in coverage.unmatched] == [("t", "", "/r/row")]
    assert unread(coverage) == {"/r/@b": 1}  # no row, so nothing reads it


def test_documents_that_are_refused_are_left_out() -> None:
    documents = ["", "<r><row", "<other/>", '<!DOCTYPE r><r a="1"/>', '\ufeff<r><row a="1"/></r>']
    coverage = cover({"a": "@a"}, *documents)
    assert (coverage.documents, coverage.document_bytes, coverage.attributes) == (1, 19, Share(1, 1))


def test_nothing_to_measure_says_nothing_of_paths() -> None:
    coverage = cover({"a": "@a"}, "<other/>")
    assert (coverage.documents, coverage.unmatched, coverage.unread) == (0, (), ())


def test_examples_are_short_and_harmless() -> None:
    coverage = cover({"c": "position()"}, f'<r><row a="&#10; " b="x{"y" * 90}"/><row a="\x9b2J&#10;"/></r>')
    assert {each.path: each.example for each in coverage.unread} == {
        "/r/row/@a": "\\x9b2J",
        "/r/row/@b": "x" + "y" * 58 + "…",
    }


def test_deep_documents() -> None:
    document = "<r>" + "".join(f"<e{level}>" for level in range(250)) + "x"
    document += "".join(f"</e{level}>" for level in reversed(range(250))) + "</r>"
    assert list(unread(cover({"c": "@k"}, document, rows="/r")).values()) == [1]
