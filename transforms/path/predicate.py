"""What stands in the square brackets behind a step."""

from __future__ import annotations

from transforms.path.cursor import USE_XPATH, Cursor
from transforms.path.model import (
    AllOf,
    AnyOf,
    AtLast,
    AtPosition,
    Compare,
    Condition,
    Exists,
    Not,
    Operand,
    OperandKind,
    Predicate,
)

EXPECTED = "a position, `last()`, `@name`, `name`, `text()`, `.`, `not(…)` or `(…)`"
MOST_POSITION = 2**31 - 1  # more children than this no document has; both shredders count in 32 bits
MOST_NESTED = 64  # parentheses inside each other: nobody writes more, and the recursion must end somewhere


def read_predicates(cursor: Cursor) -> tuple[Predicate, ...]:
    """All the `[…]` that follow each other from here on."""
    predicates: list[Predicate] = []
    while cursor.take("["):
        predicates.append(_predicate(cursor))
        cursor.require("]", "`]`, `and` or `or`" if isinstance(predicates[-1], Condition) else "`]`")
    return tuple(predicates)


def _predicate(cursor: Cursor) -> Predicate:
    cursor.skip_blanks()
    offset = cursor.at
    position = cursor.take_integer()
    if position is not None:
        if not 1 <= position <= MOST_POSITION:
            cursor.fail("no node is at this position", offset=offset, expected="1 for the first, 2 for the second, …")
        return AtPosition(position)
    if cursor.take_call("last"):
        return AtLast()
    return _any_of(cursor, 0)


def _any_of(cursor: Cursor, nested: int) -> Condition:
    found = [_all_of(cursor, nested)]
    while cursor.peek_word() == "or":
        cursor.take("or")
        found.append(_all_of(cursor, nested))
    return found[0] if len(found) == 1 else AnyOf(tuple(found))


def _all_of(cursor: Cursor, nested: int) -> Condition:
    found = [_single(cursor, nested)]
    while cursor.peek_word() == "and":
        cursor.take("and")
        found.append(_single(cursor, nested))
    return found[0] if len(found) == 1 else AllOf(tuple(found))


def _single(cursor: Cursor, nested: int) -> Condition:
    if nested >= MOST_NESTED:
        cursor.fail("too many parentheses inside each other", expected=f"at most {MOST_NESTED}")
    negated = cursor.peek_call() == "not"
    if negated:
        cursor.take("not")
    if cursor.take("("):
        inner = _any_of(cursor, nested + 1)
        cursor.require(")", "`)`, `and` or `or`")
        return Not(inner) if negated else inner
    return _comparison(cursor)


def _comparison(cursor: Cursor) -> Condition:
    cursor.skip_blanks()
    offset = cursor.at
    operand = _operand(cursor)
    if cursor.take("!="):
        return Compare(operand, equal=False, literal=_literal(cursor))
    if cursor.take("="):
        return Compare(operand, equal=True, literal=_literal(cursor))
    if cursor.sees("<") or cursor.sees(">"):
        cursor.fail("only `=` and `!=` compare", expected="`=` or `!=`", hint=USE_XPATH)
    if cursor.sees("/") or cursor.sees("["):
        cursor.fail("a predicate looks only at its own element", expected="`]`, `=` or `!=`", hint=USE_XPATH)
    if operand.kind is OperandKind.SELF:
        cursor.fail("`.` alone is always true", offset=offset, expected="`.='text'` or `.!='text'`")
    return Exists(operand)


def _literal(cursor: Cursor) -> str:
    literal = cursor.take_literal()
    if literal is None:
        hint = "comparison is of text: put quotes around it"
        cursor.fail_here("is not quoted text", expected="text in quotes", hint=hint)
    return literal


def _operand(cursor: Cursor) -> Operand:
    if cursor.take("@"):
        return Operand(OperandKind.ATTRIBUTE, cursor.take_attribute_test())
    if cursor.sees(".."):
        cursor.fail("a predicate looks only at its own element", expected=EXPECTED, hint=USE_XPATH)
    if cursor.take("."):
        return Operand(OperandKind.SELF)
    if cursor.take_call("text"):
        return Operand(OperandKind.TEXT)
    call = cursor.peek_call()
    if call == "position":
        cursor.fail("a position is written as a bare number", expected=EXPECTED, hint="write [1], [2], … or [last()]")
    if call == "last":
        cursor.fail(
            "`last()` must be alone in its brackets", expected=EXPECTED, hint="write [last()][…] or [...][last()]"
        )
    if call or cursor.peek_axis():
        cursor.fail(f"`{call or cursor.peek_axis()}` is not known here", expected=EXPECTED, hint=USE_XPATH)
    if cursor.sees("'") or cursor.sees('"'):
        cursor.fail("the text stands on the right", expected=EXPECTED, hint="write [@name='text']")
    if cursor.take_integer() is not None:
        cursor.fail("a position must be alone in its brackets", expected=EXPECTED, hint="write [@name='text'][1]")
    return Operand(OperandKind.CHILD, cursor.take_element_test(EXPECTED))
