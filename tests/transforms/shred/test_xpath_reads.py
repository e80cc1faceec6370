"""`xpath:` columns that the kernel reads: which they are, and that they say what lxml says."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.differential import agree
from tests.differential.shredders import make_native, why_not_native
from tests.transforms.shred.shred_plans import ANY_ROOT, plan
from transforms.contract.plan import ColumnPlan, ColumnType, Many, TablePlan, TypeKind
from transforms.path.parse import parse_row_path
from transforms.path.xpath import parse_xpath
from transforms.shred.native.xpath_reads import reads_of

_NAMESPACES = {"p": "urn:p", "": "urn:default"}

READ = (
    "a",
    "a/b",
    "p:a/*/@k",
    "a[@k='x'][2]/b[last()]",
    "a[b != 'x' or not(. = 'y')]",
    "a|b",
    "a/b | a/c | p:a",
    "a | a/b",
    "a | p:a",
    "self::a/b/c",
    "self::p:a/b | self::*[not( self::p:a )]/b",
    "self::a/b/@k",
    "(a)[1]/@k",
    "( a | b[not(@k = 'x')] ) [1] / @p:k",
    "(a[2]/c)[ 1 ]/@k",
    "local-name()",
    "local-name( .. )",
    "local-name(ancestor-or-self::*[last() - 1])",
    "normalize-space()",
    "substring(self::*[starts-with(., '#') and substring(., 5, 1) = '#'], 2, 3)",
    "concat('(', string(.), ')', \"a/b|c\")",
    "string-length(.) + 1 - 2.5",
    "not(. = 'x') and true()",
)
NOT_READ = (
    "..",
    "../a",
    "/a",
    "//a",
    "a//b",
    ".//a",
    "*/@*",
    "text()",
    "a/text()",
    "a[text()]",
    "a[text() = 'x']/b",
    "a | *",
    "a | p:a/../a",
    "a/b | a/*",
    "@a | @b",
    "a | @a",
    "a[1] | a[2]",
    "self::a | self::b",
    "self::*/a",
    "self::node()/a",
    "self::text()/a",
    "ancestor::a[1]/@k",
    "(a | b)[2]/@k",
    "(a | b)[last()]/@k",
    "(a | *)[1]/@k",
    "(a[b])[1]/@k",
    "(a[last()])[1]/@k",
    "(a)[1]/b",
    "(a)[1]/@*",
    "(a | b)/@k",
    "local-name(*)",
    "local-name(ancestor-or-self::*[last() - 2])",
    "name()",
    "namespace-uri()",
    "count(*)",
    "string-length(.) * 2",
    "string(a)",
    "string(@a)",
    "string(..)",
    "starts-with(., local-name())",
    "lang('en')",
    "id(.)",
    "a[contains(., 'x')]",
    "a['|' = 'x'] | b",
    ".5 + 1",
    "self::comment()",
    "namespace::*",
)
DOCUMENTS = (
    "<r><a k='1'><b>x</b><c>one</c></a><a k='x'>y<b k='2'>z</b></a><b k=''/><b/></r>",
    "<a>#AAI#<b>text</b> here<a><b><c k='1'>deep</c></b></a></a>",
    "<r xmlns:p='urn:p'><p:a k='p'><b k='1'>one</b><b>two</b></p:a><a><b>3</b></a><b p:k='7'>x</b><c/></r>",
    "<p:a xmlns:p='urn:p'><b><b>1</b></b><p:a><b>2</b></p:a></p:a>",
    "<a xmlns='urn:default'><b>1</b><a xmlns=''><b k='0'>none</b></a></a>",
    "<r><a><b k='x'/><b p:k='y' xmlns:p='urn:p'/></a><a/><a><b/></a>  <b> 1 \n 2 </b></r>",
    "<é/>",
)


@pytest.mark.parametrize("text", READ)
def test_what_is_read_is_as_lxml_reads_it(text: str) -> None:
    if why_not_native():
        pytest.skip(why_not_native())
    documents = pa.array(DOCUMENTS)
    for many in Many:
        for rows in ("//*", "/*", "/*/*", "//p:a", "//b[@k]", "//*[c]/b[last()]"):
            column = ColumnPlan(
                "c", parse_xpath(text, _NAMESPACES), ColumnType(TypeKind.STRING), many=many, separator=";"
            )
            more = ColumnPlan("n", parse_xpath("local-name()", {}), ColumnType(TypeKind.STRING))
            tables = (
                TablePlan("t", parse_row_path(rows, {"p": "urn:p"}), None, (), (column, more)),
                TablePlan("u", parse_row_path("//*/*", {}), "t", (), (more, column)),
            )
            agree(plan(*tables, root=ANY_ROOT), documents)


@pytest.mark.parametrize("text", READ)
def test_it_is_the_kernel_that_reads_it(text: str) -> None:
    assert reads_of(parse_xpath(text, _NAMESPACES), Many.FIRST) is not None
    if why_not_native():
        pytest.skip(why_not_native())
    column = ColumnPlan("c", parse_xpath(text, _NAMESPACES), ColumnType(TypeKind.STRING))
    shredder = make_native(plan(TablePlan("t", parse_row_path("//*", {}), None, (), (column,))))
    ways = shredder.shred(pa.array(DOCUMENTS)).ways
    assert ways.to_pylist() == [{"way": "native", "why": "", "documents": len(DOCUMENTS)}]


@pytest.mark.parametrize("text", NOT_READ)
def test_what_may_mean_something_else_is_left_to_lxml(text: str) -> None:
    assert reads_of(parse_xpath(text, _NAMESPACES), Many.FIRST) is None


@pytest.mark.parametrize("many", [Many.LIST, Many.JOIN])
def test_of_the_first_alone_there_is_no_list(many: Many) -> None:
    assert reads_of(parse_xpath("(a | b)[1]/@k", {}), many) is None


def test_only_documents_with_rows_for_an_xpath_are_read_by_both() -> None:
    if why_not_native():
        pytest.skip(why_not_native())
    column = ColumnPlan("c", parse_xpath("count(*)", {}), ColumnType(TypeKind.STRING))
    made = plan(TablePlan("t", parse_row_path("/r/a", {}), None, (), (column,)))
    documents = pa.array(["<r><a/></r>", "<r/>", "<r", "<r><b/><a><b/></a></r>", None])
    agree(made, documents)
    assert make_native(made).shred(documents).ways.to_pylist() == [
        {"way": "native", "why": "", "documents": 3},
        {"way": "native", "why": "xpath", "documents": 2},
    ]
