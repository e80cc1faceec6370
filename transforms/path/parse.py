"""From the text of a path to its model. docs/paths.md holds the grammar that this file follows."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.path.cursor import USE_XPATH, Cursor
from transforms.path.model import (
    Ancestor,
    AtPosition,
    Axis,
    FromRoot,
    Parents,
    RowPath,
    Start,
    Step,
    Terminal,
    TerminalKind,
    ValuePath,
)
from transforms.path.predicate import read_predicates

STEP = "an element's name, `*`, `@name`, `text()`, `xml()` or `.`"
ROW_STEP = "an element's name or `*`"
OWN_ELEMENT = Parents(0)
MOST_STEPS = 256  # the depth of a document by default


def parse_value_path(text: str, namespaces: Mapping[str, str]) -> ValuePath:
    """Read the path of a column.

    namespaces: prefix -> URI; "" is the default for element names without a prefix.
    Raises PathError.
    """
    cursor = Cursor(text, namespaces)
    if cursor.ended():
        cursor.fail("the path is empty", expected=STEP, hint="the row's own element is written `.`")
    whole = _whole(cursor)
    if whole is not None:
        _require_end(cursor, whole)
        return ValuePath(text, OWN_ELEMENT, (), whole)
    start, relative = _start(cursor)
    steps, terminal = _steps(cursor, relative=relative)
    if isinstance(start, FromRoot) and not steps:
        cursor.fail("the document itself holds no value", offset=0, expected="the root element's name after `/`")
    _require_end(cursor, terminal)
    return ValuePath(text, start, steps, terminal)


def parse_row_path(text: str, namespaces: Mapping[str, str]) -> RowPath:
    """Read the path that selects a table's rows: from the document, element steps only. Raises PathError."""
    cursor = Cursor(text, namespaces)
    if not cursor.sees("/"):
        hint = f"write /{text.strip().removeprefix('./')}" if text.strip() else ""
        cursor.fail("a row path begins at the document", expected="`/` or `//`", hint=hint)
    steps: list[Step] = []
    while (axis := _slash(cursor)) is not None:
        if cursor.sees("@") or cursor.sees(".") or cursor.peek_call() in ("text", "xml", "position"):
            hint = "select the element that is a row; values are read by the paths of the columns"
            cursor.fail("rows are elements", expected=ROW_STEP, hint=hint)
        steps.append(_step(cursor, axis, ROW_STEP))
        _require_room(cursor, steps)
    _require_end(cursor, None)
    return RowPath(text, tuple(steps))


def _whole(cursor: Cursor) -> Terminal | None:
    """A path that is not a way through elements: `'text'`, `$key`, `position()`."""
    literal = cursor.take_literal()
    if literal is not None:
        return Terminal(TerminalKind.CONSTANT, text=literal)
    if cursor.take("$"):
        return Terminal(TerminalKind.KEY, text=cursor.take_word("`$key`, or `$` and the name of a key column"))
    if cursor.take_call("position"):
        return Terminal(TerminalKind.POSITION)
    return None


def _start(cursor: Cursor) -> tuple[Start, bool]:
    """Where the path begins, and whether its first step stands there without a slash before it."""
    if cursor.sees("/"):
        return FromRoot(), False
    if cursor.take(".."):
        levels = 1
        while _take_parent(cursor):
            levels += 1
        return Parents(levels), False
    if cursor.take("."):
        return OWN_ELEMENT, False
    if cursor.peek_axis() == "ancestor":
        return _ancestor(cursor), False
    return OWN_ELEMENT, True


def _take_parent(cursor: Cursor) -> bool:
    before = cursor.at
    if cursor.take("/") and cursor.take(".."):
        return True
    cursor.at = before
    return False


def _ancestor(cursor: Cursor) -> Ancestor:
    cursor.take("ancestor")
    cursor.require("::")
    test = cursor.take_element_test("an element's name")
    offset = cursor.at
    if read_predicates(cursor) != (AtPosition(1),):
        hint = "write ancestor::name[1]/…; for anything else use `xpath:`"
        cursor.fail("only the nearest ancestor can be named", offset=offset, expected="`[1]`", hint=hint)
    return Ancestor(test)


def _steps(cursor: Cursor, *, relative: bool) -> tuple[tuple[Step, ...], Terminal]:
    steps: list[Step] = []
    axis = Axis.CHILD if relative else _slash(cursor)
    while axis is not None:
        offset = cursor.at
        terminal = _terminal(cursor)
        if terminal is not None:
            if axis is Axis.DESCENDANT:
                hint = "write //*/ for any element below"
                cursor.fail("`//` leads to elements", offset=offset, expected=ROW_STEP, hint=hint)
            return tuple(steps), terminal
        steps.append(_step(cursor, axis, STEP))
        _require_room(cursor, steps)
        axis = _slash(cursor)
    return tuple(steps), Terminal(TerminalKind.STRING)


def _slash(cursor: Cursor) -> Axis | None:
    if cursor.take("//"):
        return Axis.DESCENDANT
    return Axis.CHILD if cursor.take("/") else None


def _terminal(cursor: Cursor) -> Terminal | None:
    if cursor.take("@"):
        return Terminal(TerminalKind.ATTRIBUTE, cursor.take_attribute_test())
    if cursor.take_call("text"):
        return Terminal(TerminalKind.TEXT)
    if cursor.take_call("xml"):
        return Terminal(TerminalKind.XML)
    if cursor.sees("."):
        if cursor.sees(".."):
            cursor.fail("`..` stands only at the beginning", expected=STEP, hint=USE_XPATH)
        cursor.take(".")
        return Terminal(TerminalKind.STRING)
    return None


def _step(cursor: Cursor, axis: Axis, expected: str) -> Step:
    call = cursor.peek_call()
    if call == "position":
        cursor.fail("`position()` is a path of its own", expected=expected, hint="write position() and nothing else")
    if call:
        cursor.fail(f"`{call}(…)` is not in the path language", expected=expected, hint=USE_XPATH)
    written = cursor.peek_axis()
    if written == "ancestor":
        cursor.fail("`ancestor::` stands only at the beginning", expected=expected, hint=USE_XPATH)
    if written:
        cursor.fail(f"the axis `{written}::` is not in the path language", expected=expected, hint=USE_XPATH)
    return Step(axis, cursor.take_element_test(expected), read_predicates(cursor))


def _require_room(cursor: Cursor, steps: list[Step]) -> None:
    if len(steps) > MOST_STEPS:
        cursor.fail("the path has too many steps", expected=f"at most {MOST_STEPS}")


def _require_end(cursor: Cursor, terminal: Terminal | None) -> None:
    if cursor.ended():
        return
    what, hint = cursor.described(), ""
    if cursor.sees("["):
        hint = "a predicate stands behind an element's name: contact[@role='PR']/@id"
    elif cursor.sees("|") or cursor.sees("+") or cursor.sees("-") or cursor.sees("=") or cursor.sees("*"):
        hint = USE_XPATH
    elif terminal is not None and cursor.sees("/"):
        hint = "a value is the end of its path"
    cursor.fail(f"{what} cannot follow here", expected="the end of the path", hint=hint)
