"""The text part of conversion: white space, null words and cleaning steps."""

from __future__ import annotations

from typing import Any

import pytest
from convert_factory import FLOAT, INT8, INT32, STRING, convert_column, decimal, rules, values
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract.plan import CleanStep, ColumnType, Reaction
from transforms.convert.clean import pattern_problem


def cleaned(text: str | None, *steps: CleanStep, **options: Any) -> str | None:
    found: str | None = values([text], STRING, clean=steps, **options)[0]
    return found


@pytest.mark.parametrize(
    ("step", "text", "expected"),
    [
        (CleanStep("digits"), "(012) 345-6٣", "0123456"),
        (CleanStep("digits"), "none", ""),
        (CleanStep("digits"), None, None),
        (CleanStep("upper"), "aß é", "ASS É"),
        (CleanStep("lower"), "AÉ", "aé"),
        (CleanStep("collapse"), " a \t\n b\u00a0 ", "a b\u00a0"),
        (CleanStep("trim"), " a  b\r\n", "a  b"),
        (CleanStep("replace", pattern=r"(\d+)-(\d+)", replacement=r"\2/\1"), "1-2, 3-4", "2/1, 4/3"),
        (CleanStep("replace", pattern="^0+", replacement=""), "0010", "10"),
    ],
)
def test_a_step(step: CleanStep, text: str | None, expected: str | None) -> None:
    converted = convert_column([text], STRING, clean=(step,))
    assert converted.tables["t"]["c"].to_pylist() == [expected]
    assert rules(converted) == ({f"clean_{step.name}": 1} if text != expected else {})


@pytest.mark.parametrize("step", ["digits", "upper", "lower", "collapse", "trim", "number"])
def test_a_step_that_changes_nothing_is_not_counted(step: str) -> None:
    text = {"upper": "ABC", "lower": "abc", "collapse": "a b", "trim": "a  b"}.get(step, "123")
    converted = convert_column([text, None, text], STRING, clean=(CleanStep(step),))
    assert converted.tables["t"]["c"].to_pylist() == [text, None, text]
    assert rules(converted) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,234.50", "1234.50"),
        ("-5", "-5"),
        ("(5)", "-5"),
        ("($1,000.5)", "-1000.5"),
        ("- 5", "-5"),
        ("-$.5", "-0.5"),
        ("USD -5.25", "-5.25"),
        ("+7", "7"),
        ("5 %", "5"),
        ("about 12,345,678 or so.", "12345678"),
        ("No. 7", "7"),
        ("\u22125", "-5"),
        ("007", "007"),
        ("5-", "-5"),
        ("1,234.50-", "-1234.50"),
        ("5\u2212", "-5"),
        ("$.5-", "-0.5"),
        ("1,234.50- EUR", "-1234.50"),
        ("5- \u20ac ", "-5"),
        # None, several, or a guess: left as it is.
        ("none", "none"),
        ("5 of 6", "5 of 6"),
        ("1.2.3", "1.2.3"),
        ("1,23", "1,23"),
        ("1,2345", "1,2345"),
        ("12-34", "12-34"),
        ("INV-5", "INV-5"),
        ("-5-", "-5-"),
        ("(5)-", "(5)-"),
        ("5-A", "5-A"),
        ("5 - call", "5 - call"),
        ("5.-", "5.-"),
        ("5+", "5+"),
        ("No.5", "No.5"),
        ("--5", "--5"),
        ("(-5)", "(-5)"),
        (",5", ",5"),
        ("$,5", "$,5"),
        ("5,", "5,"),
        ("5, or so", "5, or so"),
        ("(5,)", "(5,)"),
        ("1,234.", "1234"),
        ("about 1.50.", "1.50"),
        ("1e5", "1e5"),
        ("٣", "٣"),
    ],
)
def test_the_one_number_in_a_text(text: str, expected: str) -> None:
    assert cleaned(text, CleanStep("number")) == expected


@pytest.mark.parametrize(
    ("text", "decimal_", "group", "expected"),
    [
        ("1.234,50 EUR", ",", ".", "1234.50"),
        ("1 234,50", ",", " ", "1234.50"),
        ("1'234.50", ".", "'", "1234.50"),
        ("1234.5", ".", "", "1234.5"),
        ("1,234", ".", "", "1,234"),
        ("1234,5", ",", ".", "1234.5"),
        (".5", ",", ".", ".5"),
        ("-.5", ",", ".", "-.5"),
        ("$.500", ",", ".", "$.500"),
        (".5", ",", " ", ".5"),
        ("1,234.", ",", ".", "1,234."),
        ("1,234.", ",", " ", "1,234."),
        ("(1,234.)", ",", ".", "(1,234.)"),
        ("Fr. 1,5", ",", ".", "1.5"),
        ("EUR 1 234,5 ", ",", " ", "1234.5"),
    ],
)
def test_the_number_of_a_locale(text: str, decimal_: str, group: str, expected: str) -> None:
    assert cleaned(text, CleanStep("number", decimal=decimal_, group=group)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("-5", "5"), ("(5)", "5"), ("5-", "5"), ("$-1,234.5", "1234.5"), ("+7", "7"), ("INV-5", "INV-5"), (None, None)],
)
def test_a_sign_can_be_dropped(text: str | None, expected: str | None) -> None:
    assert cleaned(text, CleanStep("number", drop_sign=True)) == expected


@settings(max_examples=100, deadline=None)
@given(amount=st.decimals(-(10**9), 10**9, places=2), german=st.booleans(), brackets=st.booleans())
def test_written_amounts_are_read_back(amount: Any, german: bool, brackets: bool) -> None:
    text = f"{abs(amount):,.2f}" if amount < 0 and brackets else f"{amount:,.2f}"
    text = f"({text})" if amount < 0 and brackets else text
    step = CleanStep("number")
    if german:
        text = text.translate(str.maketrans(".,", ",."))
        step = CleanStep("number", decimal=",", group=".")
    assert values([f"€ {text}"], decimal(12, 2), clean=(step,)) == [amount]


def test_a_number_without_one_is_invalid_as_a_number() -> None:
    assert convert_column(["5 of 6"], INT8, clean=(CleanStep("number"),)).rejected["reason"].to_pylist() == [
        "invalid_value"
    ]


@pytest.mark.parametrize("type_", [decimal(12, 4), FLOAT])
@pytest.mark.parametrize("group", [".", " "])
def test_what_the_locale_does_not_read_is_not_read_by_another(type_: ColumnType, group: str) -> None:
    step = CleanStep("number", decimal=",", group=group)
    texts = ["12.5", "1234.50", "-.5", "+1.", "12,5", "7", None, "x"]
    converted = convert_column(texts, type_, clean=(step,), on_invalid=Reaction.NULL)
    assert [value and float(value) for value in converted.tables["t"]["c"].to_pylist()] == [
        *([None] * 4), 12.5, 7.0, None, None,
    ]  # fmt: skip
    assert rules(converted) == {"clean_number": 1, "nulled_invalid": 5}
    (refused,) = convert_column(["12.5"], type_, clean=(step,)).rejected.to_pylist()
    assert (refused["reason"], refused["detail"].partition(" does")[0]) == ("invalid_value", "t.c: '12.5'")


def test_a_sign_that_could_not_be_dropped_is_not_read() -> None:
    step = CleanStep("number", drop_sign=True)
    assert values(["-1e5", "-INF", "1e5", "-5", "INF"], FLOAT, clean=(step,)) == [None, None, 1e5, 5.0, float("inf")]


def test_a_text_column_keeps_what_the_locale_does_not_read() -> None:
    step = CleanStep("number", decimal=",", group=".")
    assert cleaned("12.5", step) == "12.5"
    later = (step, CleanStep("replace", pattern="[.]", replacement=""))  # the contract's own way to go on
    assert values(["12.5"], INT32, clean=later) == [125]


def test_steps_run_in_their_order() -> None:
    steps = (CleanStep("replace", pattern="o", replacement="0"), CleanStep("digits"))
    assert cleaned("1o2", *steps) == "102"
    assert cleaned("1o2", *reversed(steps)) == "12"


def test_white_space_is_that_of_xml() -> None:
    texts = [" \t\r\n", "", "\u00a0", " a ", None]
    kept = convert_column(texts, STRING)
    assert kept.tables["t"]["c"].to_pylist() == [None, None, "\u00a0", " a ", None]
    assert rules(kept) == {"blank_as_null": 1}
    trimmed = convert_column(texts, STRING, trim=True, blank_as_null=False)
    assert trimmed.tables["t"]["c"].to_pylist() == ["", "", "\u00a0", "a", None]
    assert rules(trimmed) == {"trimmed": 2}


def test_space_around_a_number_is_no_change() -> None:
    converted = convert_column([" 5 "], INT8)
    assert converted.tables["t"]["c"].to_pylist() == [5]
    assert rules(converted) == {}


def test_null_words_are_compared_trimmed_and_without_case() -> None:
    texts = ["null", " NULL ", "None", "nullable", "x"]
    converted = convert_column(texts, STRING, null_words=("NULL", "none"), on_missing=Reaction.DEFAULT, default="-")
    assert converted.tables["t"]["c"].to_pylist() == ["-", "-", "-", "nullable", "x"]
    assert rules(converted) == {"null_word": 3, "defaulted_missing": 3}


def test_a_pattern_that_cannot_be_is_named() -> None:
    assert pattern_problem(CleanStep("replace", pattern="(", replacement="")) is not None
    assert pattern_problem(CleanStep("replace", pattern="a", replacement=r"\1")) is not None
    assert pattern_problem(CleanStep("replace", pattern="(a)", replacement=r"\1")) is None
