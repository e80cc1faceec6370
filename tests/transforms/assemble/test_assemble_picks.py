"""Which element a pick takes, case by case."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from assemble_plans import assembled, column, pick, plan, shredded, table, values

from transforms.assemble import assemble
from transforms.assemble.numbers import numbers
from transforms.contract.plan import TablePlan


def ids(document: str, **options: Any) -> list[str | None]:
    """The `@id` of the `c` that each `r` of a document picks."""
    chosen = pick("p", options.pop("rows", "/d/r/c"), **options)
    rows = table("t", "/d/r", column("id", "@id", "p"), picks=(chosen,))
    return [row["id"] for row in values(assembled([document], rows), "t")]


@pytest.mark.parametrize(
    ("inner", "options", "expected"),
    [
        ("<c id='1'/><c id='2'/>", {}, "1"),
        ("<c id='1'/><c id='2'/>", {"take": "last"}, "2"),
        ("", {}, None),
        ("<x><c id='1'/></x>", {}, None),
        ("<c id=' '/><c id='&#9;'/><c id='3'/>", {"require": ["@id"]}, "3"),
        ("<c id='1' a='x'/><c id='2' a='x' b='y'/>", {"require": ["@a", "@b"]}, "2"),
        ("<c id='1' a=' '/><c id='2' b='y'/><c id='3' a='x'/>", {"require_any": ["@a", "@b"]}, "2"),
        ("<c id='1' a=''/>", {"require_any": ["@a", "@b"]}, None),
        ("<c id='1' r='B'/><c id='2' r=' A '/>", {"prefer": {"@r": ["A", "B"]}}, "2"),
        ("<c id='1' r='a'/><c id='2' r='B'/>", {"prefer": {"@r": ["A", "B"]}}, "2"),
        ("<c id='1' r='B'/><c id='2' r='a'/>", {"prefer": {"@r": ["A", "B"]}, "ignore_case": True}, "2"),
        # what is not listed, and what is not there, come after what is, in the order of the document
        ("<c id='1'/><c id='2' r='Z'/><c id='3' r='B'/>", {"prefer": {"@r": ["A", "B"]}}, "3"),
        ("<c id='1'/><c id='2' r='Z'/>", {"prefer": {"@r": ["A", "B"]}}, "1"),
        ("<c id='1'/><c id='2' r='Z'/>", {"prefer": {"@r": ["A", "B"]}, "take": "last"}, "2"),
        # `last` turns the order of the document around, not that of the preference
        ("<c id='1' r='A'/><c id='2' r='A'/><c id='3' r='B'/>", {"prefer": {"@r": ["A", "B"]}, "take": "last"}, "2"),
        ("<c id='1' r='B'/><c id='2' r=' '/>", {"prefer": {"@r": ["", "A"]}}, "1"),  # blank is never listed
        # preferences decide in their order
        (
            "<c id='1' r='B' s='1'/><c id='2' r='A' s='2'/><c id='3' r='A' s='1'/>",
            {"prefer": {"@r": ["A"], "@s": ["1"]}},
            "3",
        ),
        ("<c id='1' r='B' s='1'/><c id='2' r='A' s='2'/>", {"prefer": {"@s": ["1"], "@r": ["A"]}}, "1"),
    ],
)
def test_one_row(inner: str, options: dict[str, Any], expected: str | None) -> None:
    assert ids(f"<d><r>{inner}</r></d>", **options) == [expected]


@pytest.mark.parametrize(
    ("ours", "theirs", "ignore_case", "equal"),
    [
        ("A", " A\n", False, True),
        ("A", "a", False, False),
        ("A", "a", True, True),
        ("ΑΣ", "ας", True, False),  # character by character, as lookups compare: a final sigma is another letter
        ("ß", "SS", True, False),
        (" ", " ", False, False),
        ("", "", True, False),
        ("\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}", False, True),  # no XML white space
    ],
)
def test_match_compares_texts(ours: str, theirs: str, ignore_case: bool, equal: bool) -> None:
    document = f"<d><r k='{ours}'/><c k='{theirs}' id='1'/></d>"
    options = {"match": {"@k": "@k"}, "ignore_case": ignore_case}
    assert ids(document, rows="//c", everywhere=True, **options) == ["1" if equal else None]


def test_a_reference_is_looked_up_in_its_own_document_only() -> None:
    chosen = pick("p", "/d/c", everywhere=True, match={"@id": "@ref"})
    rows = table("t", "/d/r", column("ref", "@ref"), column("name", "@name", "p"), picks=(chosen,))
    documents = [
        "<d><c id='1' name='one'/><r ref='2'/><r ref='1'/><r/></d>",
        "<d><r ref='1'/><c id='2' name='two'/><c id='2' name='again'/><r ref=' 2'/><r ref='2'/></d>",
    ]
    named = [(row["ref"], row["name"]) for row in values(assembled(documents, rows), "t")]
    assert named == [("2", None), ("1", "one"), (None, None), ("1", None), (" 2", "two"), ("2", "two")]


def test_everywhere_without_match_is_the_same_for_all_rows_of_a_document() -> None:
    document = "<d><r/><c id='1'/><r><c id='2'/></r></d>"
    assert ids(document, rows="//c", everywhere=True, take="last") == ["2", "2"]


def test_a_pick_from_a_pick_starts_at_the_chosen_element() -> None:
    people = pick("person", "/d/r/c", prefer={"@role": ["PR"]})
    home = pick("home", "/d/r/c/a", of="person", prefer={"@type": ["CURR"]}, take="last")
    city = pick("city", "//city", of="home", everywhere=True, match={"@code": "@city"})
    columns = [column("id", "@id", "person"), column("street", "@street", "home"), column("city", "@name", "city")]
    rows = table("t", "/d/r", *columns, picks=(people, home, city))
    document = (
        "<d><r><c id='1'><a street='no' type='CURR'/></c>"
        "<c id='2' role='PR'><a street='old'/><a street='here' type='CURR' city='x'/><a street='later'/></c></r>"
        "<r><c id='3'/></r><r/><city code='x' name='Xanten'/></d>"
    )
    assert values(assembled([document], rows), "t") == [
        {"id": "2", "street": "here", "city": "Xanten"},
        {"id": "3", "street": None, "city": None},
        {"id": None, "street": None, "city": None},
    ]


def test_filled_decides_for_every_column() -> None:
    chosen = pick("p", "/d/r/c", prefer={"@role": ["PR"]}, filled=True)
    columns = [column(name, f"@{name}", "p") for name in "abc"]
    rows = table("t", "/d/r", *columns, column("n", "n/@v", "p", many="list"), picks=(chosen,))
    document = (
        "<d><r><c a='1' b='2' c=' '/>"
        "<c role='PR' a=' ' b='3' c=''><n v=' '/><n/></c><c a='4'><n/><n v='5'/></c></r></d>"
    )
    # `a` is the first that is not blank, in the order of preference; `c` has none: the best candidate's text
    assert values(assembled([document], rows), "t") == [{"a": "1", "b": "3", "c": "", "n": ["5"]}]


def test_lists_are_taken_whole() -> None:
    chosen = pick("p", "/d/r/c", take="last")
    rows = table("t", "/d/r", column("n", "n/@v", "p", many="list"), picks=(chosen,))
    document = "<d><r><c/><c><n v='1'/><n v=''/></c></r><r><c><n v='1'/></c><c/></r><r/></d>"
    assert [row["n"] for row in values(assembled([document], rows), "t")] == [["1", ""], None, None]


def test_what_only_decides_is_gone() -> None:
    chosen = pick("p", "/d/r/c", require=["@a"], prefer={"@b": ["1"]}, match={"@c": "@c"})
    rows = table("t", "/d/r", column("z", "@z", "p"), column("a", "@a"), picks=(chosen,))
    extract = assembled(["<d><r/></d>"], rows).extracts["t"]
    assert extract.column_names == ["_document", "_row", "_parent", "_position", "_line", "z", "a"]
    assert [extract.schema.field(name).type for name in "za"] == [pa.string()] * 2


@pytest.mark.parametrize("documents", [[], ["<wrong"], ["<d/>", "<wrong"]])
def test_no_rows(documents: list[str]) -> None:
    rows = table("t", "/d/r", column("a", "@a", "p"), picks=(pick("p", "/d/r/c", filled=True),))
    result = assembled(documents, rows)
    assert result.extracts["t"].num_rows == 0
    assert result.extracts["t"].column_names[-1] == "a"


def test_tables_without_picks_and_slots_are_the_same_objects() -> None:
    plain: TablePlan = table("plain", "/d/r", column("a", "@a"))
    picked = table("picked", "/d/r", column("a", "@a", "p"), picks=(pick("p", "/d/r/c"),))
    contract = plan(plain, picked)
    extracts = shredded(["<d><r a='1'/></d>"], contract)
    result = assemble(contract, extracts)
    assert result.extracts["plain"] is extracts["plain"]
    assert list(result.extracts) == ["plain", "picked"]
    assert result.changes.num_rows == 0


def test_numbers_keep_the_order_where_they_outgrow_64_bits() -> None:
    import polars as pl

    big = 2**40
    found = numbers(pl.Series([0, 3, None]), pl.Series([3, 0, 5]))
    for _ in range(4):
        found = found.then(pl.Series([big, 0, 1]), pl.Series([0, big, 1]))
    assert found.bound <= 2**62
    assert found.theirs.arg_sort().to_list() == [1, 0, 2]
    assert found.ours[0] == found.theirs[1]
    assert found.ours[1] == found.theirs[0]
    assert found.ours[2] is None
