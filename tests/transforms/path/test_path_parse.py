"""Parsing paths: what they become, and what is said about those that are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import PathError
from transforms.path.model import (
    ANY,
    AllOf,
    Ancestor,
    AnyOf,
    AtLast,
    AtPosition,
    Axis,
    Compare,
    Exists,
    FromRoot,
    NameTest,
    Not,
    Operand,
    OperandKind,
    Parents,
    Step,
    Terminal,
    TerminalKind,
    ValuePath,
)
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.path.xpath import parse_xpath

NAMESPACES = {"ln": "urn:loan", "other": "urn:other"}
STRING = Terminal(TerminalKind.STRING)
ROLE = Operand(OperandKind.ATTRIBUTE, NameTest("role"))


def child(name: str, *predicates: object, uri: str | None = None) -> Step:
    return Step(Axis.CHILD, NameTest(name, uri), predicates)  # type: ignore[arg-type]


def below(name: str) -> Step:
    return Step(Axis.DESCENDANT, NameTest(name))


def attribute(name: str, uri: str | None = None) -> Terminal:
    return Terminal(TerminalKind.ATTRIBUTE, NameTest(name, uri))


@pytest.mark.parametrize(
    ("text", "start", "steps", "terminal"),
    [
        ("@ID", Parents(0), (), attribute("ID")),
        ("a/b/@c", Parents(0), (child("a"), child("b")), attribute("c")),
        (".", Parents(0), (), STRING),
        ("./a/.", Parents(0), (child("a"),), STRING),
        ("..", Parents(1), (), STRING),
        ("../../@x", Parents(2), (), attribute("x")),
        ("..//b", Parents(1), (below("b"),), STRING),
        ("a//b/text()", Parents(0), (child("a"), below("b")), Terminal(TerminalKind.TEXT)),
        ("ancestor::a[1]/xml()", Ancestor(NameTest("a")), (), Terminal(TerminalKind.XML)),
        ("ancestor::ln:a[1]", Ancestor(NameTest("a", "urn:loan")), (), STRING),
        ("/a/@b", FromRoot(), (child("a"),), attribute("b")),
        ("//a", FromRoot(), (below("a"),), STRING),
        ("'a b'", Parents(0), (), Terminal(TerminalKind.CONSTANT, text="a b")),
        ('""', Parents(0), (), Terminal(TerminalKind.CONSTANT, text="")),
        ("$key", Parents(0), (), Terminal(TerminalKind.KEY, text="key")),
        ("position()", Parents(0), (), Terminal(TerminalKind.POSITION)),
        ("*/ln:*/@ln:x", Parents(0), (child(ANY, uri=ANY), child(ANY, uri="urn:loan")), attribute("x", "urn:loan")),
        ("text/@last", Parents(0), (child("text"),), attribute("last")),
        (" a / b [ 2 ] / @c ", Parents(0), (child("a"), child("b", AtPosition(2))), attribute("c")),
        ("größe/@naïve-1.0", Parents(0), (child("größe"),), attribute("naïve-1.0")),
    ],
)
def test_value_paths(text: str, start: object, steps: tuple[Step, ...], terminal: Terminal) -> None:
    assert parse_value_path(text, NAMESPACES) == ValuePath(text, start, steps, terminal)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "predicates"),
    [
        ("[last()]", (AtLast(),)),
        ("[@role]", (Exists(ROLE),)),
        ("[@role='PR']", (Compare(ROLE, True, "PR"),)),
        ('[@role != "it\'s"]', (Compare(ROLE, False, "it's"),)),
        ("[text()]", (Exists(Operand(OperandKind.TEXT)),)),
        ("[.='x']", (Compare(Operand(OperandKind.SELF), True, "x"),)),
        ("[ln:b]", (Exists(Operand(OperandKind.CHILD, NameTest("b", "urn:loan"))),)),
        ("[@role][1]", (Exists(ROLE), AtPosition(1))),
        ("[not(@role)]", (Not(Exists(ROLE)),)),
        ("[(@role)]", (Exists(ROLE),)),
        (
            "[@role or @role and @role]",
            (AnyOf((Exists(ROLE), AllOf((Exists(ROLE), Exists(ROLE))))),),
        ),
        (
            "[(@role or @role) and @role]",
            (AllOf((AnyOf((Exists(ROLE), Exists(ROLE))), Exists(ROLE))),),
        ),
        (
            "[and='x' and or]",
            (
                AllOf(
                    (
                        Compare(Operand(OperandKind.CHILD, NameTest("and")), True, "x"),
                        Exists(Operand(OperandKind.CHILD, NameTest("or"))),
                    )
                ),
            ),
        ),
        ("[not]", (Exists(Operand(OperandKind.CHILD, NameTest("not"))),)),
    ],
)
def test_predicates(text: str, predicates: tuple[object, ...]) -> None:
    assert parse_value_path("a" + text, NAMESPACES).steps == (child("a", *predicates),)


def test_default_namespace_is_for_elements_only() -> None:
    path = parse_value_path("a[@b and c]/@d", {"": "urn:default"})
    (step,) = path.steps
    assert step.test == NameTest("a", "urn:default")
    assert step.predicates == (
        AllOf(
            (
                Exists(Operand(OperandKind.ATTRIBUTE, NameTest("b"))),
                Exists(Operand(OperandKind.CHILD, NameTest("c", "urn:default"))),
            )
        ),
    )
    assert path.terminal == attribute("d")
    assert parse_value_path("*", {"": "urn:default"}).steps == (child(ANY, uri=ANY),)


def test_row_paths() -> None:
    assert parse_row_path("/a//b[@c]", {}).steps == (
        child("a"),
        Step(Axis.DESCENDANT, NameTest("b"), (Exists(Operand(OperandKind.ATTRIBUTE, NameTest("c"))),)),
    )
    assert parse_row_path(" //a", {}).steps == (below("a"),)


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("", 0, "written `.`"),
        ("   ", 3, "written `.`"),
        ("/", 1, ""),
        ("a/", 2, ""),
        ("a b", 2, ""),
        ("a/@b/c", 4, "end of its path"),
        ("@*", 1, "xpath:"),
        ("//@x", 2, "//*/"),
        ("a//text()", 3, "//*/"),
        ("/text()", 0, ""),
        ("lm:a", 0, "did you mean 'ln'"),
        ("a/zz:b", 2, "declared are: ln, other"),
        ("@zz:b", 1, "declared are: ln, other"),
        ("*:a", 1, ""),
        ("following-sibling::a", 0, "xpath:"),
        ("a/ancestor::b[1]", 2, "xpath:"),
        ("ancestor::a/@b", 11, "ancestor::name[1]"),
        ("ancestor::a[2]/@b", 11, "ancestor::name[1]"),
        ("concat(a, b)", 0, "xpath:"),
        ("a/position()", 2, "nothing else"),
        ("a | b", 2, "xpath:"),
        ("a + 1", 2, "xpath:"),
        ("a/../b", 2, "xpath:"),
        ("a/text()[1]", 8, "behind an element's name"),
        ("position(1)", 9, ""),
        ("'abc", 0, ""),
        ("'a' b", 4, ""),
        ("$", 1, ""),
        ("$ 1", 2, ""),
        ("a[", 2, ""),
        ("a[]", 2, ""),
        ("a[@b", 4, ""),
        ("a[0]", 2, ""),
        ("a[2147483648]", 2, ""),
        ("a[1.5]", 3, ""),
        ("a[-1]", 2, ""),
        ("a[1 and @b]", 4, ""),
        ("a[@b and 1]", 10, "[@name='text'][1]"),
        ("a[last()-1]", 8, ""),
        ("a[last() and @b]", 9, ""),
        ("a[@b and last()]", 9, "[last()]"),
        ("a[position()=1]", 2, "[1]"),
        ("a[@b=1]", 5, "quotes"),
        ("a[@b=c]", 5, "quotes"),
        ("a[@b<'1']", 4, "xpath:"),
        ("a['x'=@b]", 2, "[@name='text']"),
        ("a[b/c]", 3, "xpath:"),
        ("a[b[1]]", 3, "xpath:"),
        ("a[../b]", 2, "xpath:"),
        ("a[.]", 2, ""),
        ("a[starts-with(b,'x')]", 2, "xpath:"),
        ("a[not @b]", 6, ""),
        ("a[@b='x' or]", 11, ""),
        ("a[(@b]", 5, ""),
        ("1a", 0, ""),
        ("a:b:c", 0, ""),
        ("-a", 0, ""),
        ("[1]", 0, ""),
        ("ä:b", 0, ""),
        ("ln:", 3, ""),
        ("ln: a", 3, ""),
    ],
)
def test_wrong_value_paths(text: str, offset: int, hint: str) -> None:
    with pytest.raises(PathError) as raised:
        parse_value_path(text, NAMESPACES)
    assert (raised.value.offset, raised.value.code) == (offset, "path")
    assert hint in raised.value.hint
    assert repr(text) in str(raised.value)


@pytest.mark.parametrize(
    ("text", "offset", "hint"),
    [
        ("a/b", 0, "write /a/b"),
        ("./a", 0, "write /a"),
        ("", 0, ""),
        ("/", 1, ""),
        ("/a/", 3, ""),
        ("/a/@b", 3, "columns"),
        ("/a/text()", 3, "columns"),
        ("/a/..", 3, "columns"),
        ("/a | /b", 3, "xpath:"),
        ("/a[0]", 3, ""),
        ("/descendant::a", 1, "xpath:"),
    ],
)
def test_wrong_row_paths(text: str, offset: int, hint: str) -> None:
    with pytest.raises(PathError) as raised:
        parse_row_path(text, NAMESPACES)
    assert raised.value.offset == offset
    assert hint in raised.value.hint


def test_nesting_ends_in_an_error_not_in_a_crash() -> None:
    parse_value_path(f"a[{'(' * 60}@b{')' * 60}]", {})
    with pytest.raises(PathError, match="parentheses"):
        parse_value_path(f"a[{'not(' * 100_000}", {})


def test_paths_end() -> None:
    assert len(parse_row_path("/a" * 256, {}).steps) == len(parse_value_path("/a" * 256, {}).steps) == 256
    for parse in (parse_row_path, parse_value_path):
        with pytest.raises(PathError, match="too many steps"):
            parse("/a" * 100_000, {})


@settings(max_examples=300)
@given(st.lists(st.sampled_from([*"ab:/.@[]()'=!*$ 12", "text()", "last()", "not(", " or ", "ln:", '"'])).map("".join))
def test_any_text_is_a_path_or_a_path_error(text: str) -> None:
    for parse in (parse_value_path, parse_row_path):
        try:
            path = parse(text, NAMESPACES)
            place, source = 0, path.source
        except PathError as error:
            place, source = error.offset, text
        assert 0 <= place <= len(text)
        assert source == text


def test_xpath_is_checked() -> None:
    path = parse_xpath("count(ln:a)", {"": "urn:default", **NAMESPACES})
    assert path.source == "count(ln:a)"
    assert path.namespaces == (("ln", "urn:loan"), ("other", "urn:other"))
    for wrong in ("count(", "zz:a", "nosuch()", "$key", "a[", "\0"):
        with pytest.raises(PathError, match="XPath"):
            parse_xpath(wrong, NAMESPACES)
