"""What is done about a problem, what is counted, and what a rejected document is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from convert_factory import (
    BOOL,
    DATE,
    INT8,
    INT16,
    STRING,
    changes,
    column,
    convert_column,
    decimal,
    extract,
    plan,
    rules,
    string,
    table,
)

from transforms.contract.plan import ColumnType, Lookup, Many, Reaction
from transforms.convert import convert
from transforms.convert.rules import ChangeRule, Reason, defaulted, nulled, rejected
from transforms.errors import ContractError

CODES = Lookup("codes", (("a", "1"), ("b", None), ("big", "300")))

# One text for each reason, the policy that decides about it, and the options that make it a problem.
PROBLEMS: dict[Reason, tuple[str | None, str, ColumnType, dict[str, Any]]] = {
    Reason.MISSING: (None, "on_missing", INT8, {}),
    Reason.INVALID: ("x", "on_invalid", INT8, {}),
    Reason.OUT_OF_RANGE: ("128", "on_invalid", INT8, {}),
    Reason.INEXACT: ("1.5", "on_inexact", INT8, {}),
    Reason.UNKNOWN: ("zz", "on_unknown", INT8, {"lookup": CODES}),
    Reason.TOO_LONG: ("four", "on_too_long", string(3), {}),
}


@pytest.mark.parametrize("reason", PROBLEMS)
@pytest.mark.parametrize("reaction", [Reaction.NULL, Reaction.DEFAULT, Reaction.REJECT_ROW, Reaction.REJECT_DOCUMENT])
def test_every_reaction_to_every_reason(reason: Reason, reaction: Reaction) -> None:
    text, policy, type_, options = PROBLEMS[reason]
    converted = convert_column([text], type_, default="7", **{policy: reaction}, **options)
    found = converted.tables["t"]["c"].to_pylist()
    default = "7" if type_ == string(3) else 7
    if reaction is Reaction.NULL:
        assert found == [None]
        assert rules(converted) == ({} if reason is Reason.MISSING else {nulled(reason): 1})
    elif reaction is Reaction.DEFAULT:
        assert found == [default]
        assert rules(converted) == {defaulted(reason): 1}
    elif reaction is Reaction.REJECT_ROW:
        assert found == []
        assert changes(converted) == {("t", "c", rejected(reason)): 1, ("t", "", ChangeRule.ROW_REJECTED): 1}
    else:
        assert found == []
        assert rules(converted) == {}
    reasons = [reason] if reaction is Reaction.REJECT_DOCUMENT else []
    assert converted.rejected["reason"].to_pylist() == reasons


@pytest.mark.parametrize(
    ("text", "type_", "options", "detail"),
    [
        (None, INT8, {"nullable": False}, "t.c: no value"),
        ("  ", INT8, {"nullable": False}, "t.c: '  ' is no value"),
        ("b", INT8, {"nullable": False, "lookup": CODES}, "t.c: 'b' is no value"),
        ("x", INT8, {}, "t.c: 'x' does not fit int8"),
        ("x", BOOL, {}, "t.c: 'x' does not fit bool"),
        ("31/31/2020", DATE, {"formats": ("%m/%d/%Y",)}, "t.c: '31/31/2020' does not fit date (formats %m/%d/%Y)"),
        ("128", INT8, {}, "t.c: '128' is out of the range of int8"),
        ("1.005", decimal(12, 2), {}, "t.c: '1.005' has more digits than decimal(12,2) keeps"),
        ("zz", INT8, {"lookup": CODES}, "t.c: 'zz' is not in lookup codes"),
        ("four", string(3), {}, "t.c: 'four' is too long for string(3)"),
        ("a\n\x85\u200bé", INT8, {}, "t.c: 'a\\n\\x85\\u200bé' does not fit int8"),
        ("y" * 81, INT8, {}, f"t.c: '{'y' * 79}…' does not fit int8"),
        ("y" * 80, INT8, {}, f"t.c: '{'y' * 80}' does not fit int8"),
    ],
)
def test_what_a_rejected_document_is_told(
    text: str | None, type_: ColumnType, options: dict[str, Any], detail: str
) -> None:
    line = convert_column(
        ["1", text] if type_ is not DATE else ["01/01/2020", text], type_, **options
    ).rejected.to_pylist()[-1]
    assert line["detail"] == detail
    assert line["document"] == 1
    assert line["line"] == 11


def test_the_first_value_at_fault_speaks_for_its_document() -> None:
    """By table, then row, then column, whatever group a column is converted in."""
    contract = plan(table("a", column("x", INT8), column("y", DATE), column("z", INT8)), table("b", column("x", INT8)))
    extracts = {
        "a": extract(
            {"x": ["1", "1", "bad", "1"], "y": [None, "bad", None, None], "z": ["1", "bad", "1", "1"]}, [0, 0, 0, 1]
        ),
        "b": extract({"x": ["bad", "bad", "5"]}, [0, 1, 2]),
    }
    converted = convert(contract, extracts)
    assert [(line["document"], line["detail"], line["line"]) for line in converted.rejected.to_pylist()] == [
        (0, "a.y: 'bad' does not fit date", 11),
        (1, "b.x: 'bad' does not fit int8", 11),
    ]
    assert converted.tables["a"].num_rows == 0
    assert converted.tables["b"]["_document"].to_pylist() == [2]


def test_only_documents_that_survive_are_counted() -> None:
    contract = plan(
        table("a", column("x", STRING, trim=True), column("y", INT8, on_invalid=Reaction.REJECT_ROW)),
        table("b", column("x", INT8)),
    )
    extracts = {
        "a": extract({"x": [" t ", " t ", " t "], "y": ["1", "bad", "bad"]}, [0, 0, 1]),
        "b": extract({"x": ["1", "bad"]}, [0, 1]),
    }
    converted = convert(contract, extracts)
    assert changes(converted) == {
        ("a", "x", "trimmed"): 2,
        ("a", "y", "rejected_invalid"): 1,
        ("a", "", "row_rejected"): 1,
    }
    assert converted.tables["a"]["x"].to_pylist() == ["t"]


def test_a_row_with_two_values_at_fault_is_dropped_once() -> None:
    refuse = {"on_invalid": Reaction.REJECT_ROW}
    contract = plan(table("a", column("x", INT8, **refuse), column("y", INT16, **refuse)))
    converted = convert(contract, {"a": extract({"x": ["bad", "1"], "y": ["bad", "2"]}, [0, 0])})
    assert changes(converted)["a", "", "row_rejected"] == 1
    assert converted.tables["a"]["y"].to_pylist() == [2]


def test_whatever_makes_a_value_null_a_column_without_nulls_treats_it_as_missing() -> None:
    options: dict[str, Any] = {
        "nullable": False,
        "on_invalid": Reaction.NULL,
        "lookup": CODES,
        "on_unknown": Reaction.KEEP,
    }
    with_default = convert_column(["x", "b", None], INT8, on_missing=Reaction.DEFAULT, default="9", **options)
    assert with_default.tables["t"]["c"].to_pylist() == [9, 9, 9]
    assert rules(with_default) == {"lookup": 1, "kept_unknown": 1, "nulled_invalid": 1, "defaulted_missing": 3}
    without = convert_column(["x", "b", None], INT8, on_missing=Reaction.NULL, **options)
    assert without.rejected["reason"].to_pylist() == ["missing_value"] * 3


def test_a_value_of_the_lookup_that_does_not_fit_is_a_problem_where_it_is_used() -> None:
    converted = convert_column(["a", "big"], INT8, lookup=CODES)
    assert converted.rejected.to_pylist()[0]["detail"] == "t.c: 'big' is out of the range of int8"
    assert converted.tables["t"]["c"].to_pylist() == [1]


def test_the_entry_of_the_empty_text_stands_for_no_value() -> None:
    flags = Lookup("flags", (("Y", "true"), ("", "false")))
    converted = convert_column(["Y", "", None, "  ", "y"], BOOL, lookup=flags, on_unknown=Reaction.NULL)
    assert converted.tables["t"]["c"].to_pylist() == [True, False, False, False, None]
    assert rules(converted) == {"blank_as_null": 1, "lookup": 4, "nulled_unknown": 1}


def test_case_is_ignored_only_if_asked() -> None:
    names = (("Ä", "1"), ("b", "2"), ("B", "3"))
    folded = convert_column(["ä", "B"], INT8, lookup=Lookup("l", names, ignore_case=True))
    assert folded.tables["t"]["c"].to_pylist() == [1, 2]
    exact = convert_column(["ä", "B"], INT8, lookup=Lookup("l", names), on_unknown=Reaction.NULL)
    assert exact.tables["t"]["c"].to_pylist() == [None, 3]


@pytest.mark.parametrize(("text", "told"), [(None, "no value"), ("  ", "'  ' is no value")])
def test_a_missing_key_is_told_how_to_leave_out_the_row_alone(text: str | None, told: str) -> None:
    keyed = replace(table("t", column("c", STRING, nullable=False)), key=("c",))
    (line,) = convert(plan(keyed), {"t": extract({"c": [text, "x"]}, [0, 0])}).rejected.to_pylist()
    assert line["detail"] == f"t.c: {told} for the key; on_missing: reject_row would leave out the row alone"
    left = replace(keyed, columns=(column("c", STRING, nullable=False, on_missing=Reaction.REJECT_ROW),))
    converted = convert(plan(left), {"t": extract({"c": [text, "x"]}, [0, 0])})
    assert converted.tables["t"]["c"].to_pylist() == ["x"]


def test_missing_lists_have_policies_of_their_own() -> None:
    options: dict[str, Any] = {"many": Many.LIST, "default": "7"}
    texts = [["1", None], None, []]
    plain = convert_column(texts, INT8, **options)
    assert plain.tables["t"]["c"].to_pylist() == [[1, None], None, []]
    filled = convert_column(texts, INT8, on_missing=Reaction.DEFAULT, **options)
    assert filled.tables["t"]["c"].to_pylist() == [[1, None], [7], []]
    assert rules(filled) == {"defaulted_missing": 1}
    dropped = convert_column(texts, INT8, on_missing=Reaction.REJECT_ROW, **options)
    assert dropped.tables["t"]["c"].to_pylist() == [[1, None], []]
    refused = convert_column(texts, INT8, nullable=False, many=Many.LIST)
    assert refused.rejected.to_pylist() == [
        {"document": 1, "reason": "missing_value", "line": 11, "detail": "t.c: no value"}
    ]


def test_an_element_at_fault_refuses_the_document_it_is_in() -> None:
    converted = convert_column([["1"], ["2", "bad"]], INT8, many=Many.LIST)
    assert converted.rejected["document"].to_pylist() == [1]
    assert converted.rejected["detail"].to_pylist() == ["t.c: 'bad' does not fit int8"]


def test_a_default_that_does_not_fit_is_an_error_of_the_contract() -> None:
    with pytest.raises(ContractError, match="'x'"):
        convert_column([None], INT8, default="x", on_missing=Reaction.DEFAULT)


def test_nothing_changed_nothing_copied() -> None:
    texts = extract({"c": ["some", "text", None]}, [0, 1, 2])
    typed = convert(plan(table("t", column("c", STRING))), {"t": texts}).tables["t"]
    assert typed["c"].equals(texts["c"])
    assert typed["c"].type == pa.string()


def test_every_reason_has_its_rules() -> None:
    for reason in Reason:
        assert defaulted(reason) in ChangeRule
        assert rejected(reason) in ChangeRule
        assert reason is Reason.MISSING or nulled(reason) in ChangeRule
