"""Columns made by SQL: what they see, how results come to their type, and that the columns' own rules hold."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from rows_factory import (
    BINARY,
    BOOL,
    DATE,
    FLOAT,
    INT,
    INT16,
    INT32,
    MONEY,
    TEXT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    changes,
    converted,
    filled,
    made,
    plan,
    read,
    rejected,
    sql_table,
    table,
    values,
)

from transforms.contract.plan import (
    CleanStep,
    ColumnType,
    Distinct,
    Identity,
    Join,
    Lookup,
    Many,
    Preference,
    Reaction,
    Take,
    TypeKind,
)
from transforms.convert.types import loaded_schema, table_schema
from transforms.errors import ContractError
from transforms.rows.check import check_selection
from transforms.rows.select import select_rows

ID = read("id", INT, nullable=False)
NULL = Reaction.NULL


def _one(sql: str, kind: ColumnType, rows: list[dict[str, Any]], **options: Any) -> Any:
    """A table with one column made by SQL, over id, note, amount and day."""
    columns = (ID, read("note"), read("amount", MONEY), read("day", DATE), made("x", sql, kind, **options))
    contract = plan(table("t", *columns))
    check_selection(contract)
    return select_rows(contract, converted(contract, {"t": [{"_document": 0, "id": 1, **row} for row in rows]}))


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("id + 1", INT, 2),
        ("id + 1", INT16, 2),
        ("1", INT16, 1),
        ("sign(id)", INT32, 1),
        ("amount * 2", MONEY, Decimal("3.00")),
        ("amount", ColumnType(TypeKind.DECIMAL, precision=20, scale=4), Decimal("1.5000")),
        ("id", MONEY, Decimal("1.00")),
        ("amount / 2", MONEY, Decimal("0.75")),
        ("amount > 1", BOOL, True),
        ("'true'", BOOL, True),
        ("sqrt(4)", FLOAT, 2.0),
        ("id", FLOAT, 1.0),
        ("id", TEXT, "1"),
        ("amount", TEXT, "1.50"),
        ("day", TEXT, "2020-02-29"),
        ("day", DATE, date(2020, 2, 29)),
        ("day + 1", DATE, date(2020, 3, 1)),
        ("day + INTERVAL 1 HOUR", TIMESTAMP, datetime(2020, 2, 29, 1)),
        ("TIMESTAMP '2020-01-01 10:00:00.5'", TIMESTAMP, datetime(2020, 1, 1, 10, 0, 0, 500000)),
        ("TIMESTAMPTZ '2020-01-01 10:00:00+02'", TIMESTAMPTZ, datetime(2020, 1, 1, 8, tzinfo=UTC)),
        ("TIME '10:30:00'", TIME, time(10, 30)),
        ("'10:30'", TIME, time(10, 30)),
        ("'\\xAA'::BLOB", BINARY, b"\xaa"),
        ("md5(note)::UUID", UUID, "90015098-3cd2-4fb0-d696-3f7d28e17f72"),
        ("NULL", INT, None),
        ("nullif(note, 'abc')", TEXT, None),
        ("case note when 'abc' then 'A' end", TEXT, "A"),
        ("note[1] || split_part('p-q', '-', 2) -- a comment", TEXT, "aq"),
        ("9223372036854775807::HUGEINT", INT, 9223372036854775807),
    ],
)
def test_results_come_in_the_type_of_the_column(sql: str, kind: ColumnType, expected: Any) -> None:
    result = _one(sql, kind, [{"note": "abc", "amount": Decimal("1.5"), "day": date(2020, 2, 29)}])
    assert not rejected(result)
    assert values(result, "t", "x") == [expected]
    assert result.tables["t"].schema.field("x") == table_schema(table("t", made("x", "1", kind))).field("x")


def test_the_rules_of_the_column_apply_to_texts() -> None:
    rows = [{"note": note} for note in (" Y ", "n/a", "", None, "zz", "N")]
    lookup = Lookup("flag", (("N", "0"), ("Y", "1")))
    result = _one(
        "note", INT, rows, trim=True, null_words=("n/a",), lookup=lookup, on_unknown=NULL, default="9",
        on_missing=Reaction.DEFAULT,
    )  # fmt: skip
    assert values(result, "t", "x") == [1, 9, 9, 9, None, 0]
    assert changes(result) == {
        ("t", "x", "trimmed"): 1,
        ("t", "x", "null_word"): 1,
        ("t", "x", "lookup"): 2,
        ("t", "x", "defaulted_missing"): 3,
        ("t", "x", "nulled_unknown"): 1,
    }


def test_lookup_and_clean_look_at_the_texts_of_numbers_and_dates_too() -> None:
    rows = [{"note": "1"}, {"note": "2"}]
    named = Lookup("names", (("1", "one"),))
    assert values(_one("CAST(note AS INT)", TEXT, rows, lookup=named, on_unknown=NULL), "t", "x") == ["one", None]
    step = CleanStep("replace", pattern="1", replacement="7")
    assert values(_one("CAST(note AS BIGINT)", INT, rows, clean=(step,)), "t", "x") == [7, 2]
    times = [{"day": date(2020, 2, 29)}]
    later = CleanStep("replace", pattern="05", replacement="06")
    shifted = _one("day + INTERVAL '5.5' SECOND", TIMESTAMP, times, clean=(later,))
    assert values(shifted, "t", "x") == [datetime(2020, 2, 29, 0, 0, 6, 500000)]
    infinite = _one("CAST('-inf' AS DOUBLE)", FLOAT, times, clean=(CleanStep("upper"),))
    assert values(infinite, "t", "x") == [float("-inf")]


@pytest.mark.parametrize("kind", [INT, TEXT])
def test_blanks_null_words_and_trim_concern_texts_only(kind: ColumnType) -> None:
    rows = [{"note": "1"}, {"note": "2"}]
    result = _one("CAST(note AS BIGINT)", kind, rows, null_words=("2",), trim=True)
    assert values(result, "t", "x") == ([1, 2] if kind == INT else ["1", "2"])
    assert not changes(result)


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("encode('stra')", BINARY, b"stra"),
        ("CAST(TIMESTAMP '2026-01-01 05:06:07' AS TIMESTAMPTZ)", TIMESTAMPTZ, datetime(2026, 1, 1, 5, 6, 7, 0, UTC)),
        ("CAST('inf' AS DOUBLE) * 10", FLOAT, float("inf")),
        ("-CAST('inf' AS FLOAT)", FLOAT, float("-inf")),
    ],
)  # fmt: skip
def test_values_of_the_type_are_not_made_texts_for_null_words(sql: str, kind: ColumnType, expected: Any) -> None:
    result = _one(sql, kind, [{}], null_words=("none",))
    assert not rejected(result)
    assert values(result, "t", "x") == [expected]


@pytest.mark.parametrize("kind", ["DOUBLE", "FLOAT"])
def test_what_is_not_a_number_survives(kind: str) -> None:
    (value,) = values(_one(f"CAST('nan' AS {kind})", FLOAT, [{}], null_words=("none",)), "t", "x")
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("encode(note)", BINARY, "SQL that yields a text, such as to_base64(...) or hex(...), or no clean"),
        ("encode(note)", TEXT, "SQL that yields a text, such as to_base64(...) or hex(...), or no clean"),
        (
            "CAST(day AS TIMESTAMPTZ)",
            TIMESTAMPTZ,
            "SQL that yields a text, such as strftime(..., '%Y-%m-%d %H:%M:%S'), or no clean",
        ),
    ],
)
def test_cleaning_of_what_has_no_text_is_refused(sql: str, kind: ColumnType, expected: str) -> None:
    columns = (ID, read("note"), read("day", DATE), made("x", sql, kind, clean=(CleanStep("upper"),)))
    rows = table("t", *columns)
    made_by_sql = sql_table(
        "s", f"SELECT _document, {sql} AS x FROM t", filled("x", kind, lookup=Lookup("names", (("1", "2"),)))
    )
    with pytest.raises(ContractError) as caught:
        check_selection(plan(rows, made_by_sql))
    first, second = caught.value.problems
    assert first.key == "tables.t.columns.x.clean"
    assert first.expected == expected
    assert second.key == "tables.s.columns.x.lookup"
    assert second.message.startswith("lookup works on a text, and the SQL yields ")


def test_formats_read_texts_and_not_dates() -> None:
    rows = [{"note": "03/04/2020", "day": date(2021, 1, 2)}]
    formats = ("%m/%d/%Y",)
    assert values(_one("note", DATE, rows, formats=formats), "t", "x") == [date(2020, 3, 4)]
    assert values(_one("day", DATE, rows, formats=formats), "t", "x") == [date(2021, 1, 2)]
    assert values(_one("day", TIMESTAMP, rows, formats=("%m/%d/%Y",), on_invalid=NULL), "t", "x") == [
        datetime(2021, 1, 2)
    ]


@pytest.mark.parametrize("kind", [DATE, TIMESTAMP])
def test_what_the_contract_says_is_read_by_the_formats(kind: ColumnType) -> None:
    options: dict[str, Any] = {"formats": ("%m/%d/%Y",), "default": "12/31/1999", "on_missing": Reaction.DEFAULT}
    last = date(1999, 12, 31) if kind == DATE else datetime(1999, 12, 31)
    assert values(_one("day", kind, [{"day": None}], **options), "t", "x") == [last]
    lookup = Lookup("moved", (("2021-01-02", "01/03/2021"),))
    rows = [{"day": date(2021, 1, 2)}, {"day": date(2021, 1, 4)}]
    moved = values(_one("day", kind, rows, lookup=lookup, on_unknown=Reaction.KEEP, **options), "t", "x")
    assert [f"{value:%d}" for value in moved] == ["03", "04"]


@pytest.mark.parametrize(
    ("sql", "kind", "expected"),
    [
        ("coalesce(small, 0) * 12", INT16, 1200),
        ("small * 12 * amount", MONEY, Decimal("1800.00")),
        ("years[1] * 200", INT32, 20000),
        ("small * wide", ColumnType(TypeKind.DECIMAL, precision=38, scale=4), Decimal("250.0000")),
        ("CASE WHEN small * 12 > 1000 THEN 'many' END", TEXT, "many"),
    ],
)
def test_whole_numbers_do_not_overflow_in_the_bits_of_their_column(sql: str, kind: ColumnType, expected: Any) -> None:
    columns = (
        read("small", ColumnType(TypeKind.INT, bits=8)),
        read("years", ColumnType(TypeKind.INT, bits=8), many=Many.LIST),
        read("amount", MONEY),
        read("wide", ColumnType(TypeKind.DECIMAL, precision=20, scale=4)),
        made("x", sql, kind),
    )
    rows = table("t", *columns, where="small * 12 = 1200", distinct=Distinct(("small",), order="small * 2"))
    below = table(
        "u", read("id", INT), made("y", "j.small * 3", INT16), joins=(Join("j", "t", where="small * 12 > 9"),)
    )
    total = sql_table("s", "SELECT _document, small * 12 AS x FROM t", filled("x", INT16))
    contract = plan(rows, below, total)
    check_selection(contract)
    row = {"_document": 0, "small": 100, "years": [100], "amount": Decimal("1.5"), "wide": Decimal("2.5")}
    result = select_rows(contract, converted(contract, {"t": [row], "u": [{"_document": 0, "id": 1}]}))
    assert not rejected(result)
    assert values(result, "t", "x") == [expected]
    assert values(result, "s", "x") == [1200]
    assert values(result, "u", "y") == [300]


def test_numbers_of_one_rule_and_of_different_types() -> None:
    columns = (
        read("amount", MONEY),
        made("x", "amount", MONEY),
        made("y", "amount * 1.5", MONEY),
        made("z", "7", MONEY),
        made("w", "amount * 1.005", MONEY, on_inexact=Reaction.NULL),
    )
    contract = plan(table("t", *columns))
    rows = [{"_document": 0, "amount": Decimal("1.50")}, {"_document": 1, "amount": Decimal("9999999999.99")}]
    result = select_rows(contract, converted(contract, {"t": rows}))
    assert values(result, "t", "x", "y", "z", "w") == [(Decimal("1.50"), Decimal("2.25"), Decimal("7.00"), None)]
    assert rejected(result) == {1: ("out_of_range", 10, "t.y: '14999999999.985' is out of the range of decimal(12,2)")}


def test_policies_of_results() -> None:
    rows: list[dict[str, Any]] = [{"note": "1"}, {"note": "x"}, {"note": None}]
    row = _one("note", INT, rows, on_invalid=Reaction.REJECT_ROW, nullable=False, on_missing=Reaction.REJECT_ROW)
    assert values(row, "t", "x") == [1]
    assert changes(row)["t", "", "row_rejected"] == 2
    document = _one("note", INT, rows)
    assert rejected(document) == {0: ("invalid_value", 11, "t.x: 'x' does not fit int64")}
    missing = _one("nullif(id, 1)", INT, rows[:1], nullable=False)
    assert rejected(missing) == {0: ("missing_value", 10, "t.x: no value")}
    long = _one("note || 'abc'", ColumnType(TypeKind.STRING, length=2), rows[:1], on_too_long=Reaction.TRUNCATE)
    assert values(long, "t", "x") == ["1a"]
    rounded = _one("1.005", MONEY, rows[:1], on_inexact=Reaction.ROUND_HALF_UP)
    assert values(rounded, "t", "x") == [Decimal("1.01")]
    far = _one("DATE '20000-01-01'", DATE, rows[:1], on_invalid=NULL)
    assert values(far, "t", "x") == [None]
    assert changes(far) == {("t", "x", "nulled_out_of_range"): 1}
    never = _one("'infinity'::TIMESTAMP", TIMESTAMP, rows[:1])
    assert rejected(never)[0][0] == "out_of_range"
    wide = _one("id + 70000", INT16, rows[:1], on_invalid=NULL)
    assert changes(wide) == {("t", "x", "nulled_out_of_range"): 1}
    midnight = _one("TIME '24:00:00'", TIME, rows[:1], on_invalid=NULL)
    assert values(midnight, "t", "x") == [None]


def test_columns_see_those_before_them_after_their_rules() -> None:
    columns = (
        ID,
        made("a", "'  7 '", TEXT, trim=True),
        made("b", "a || '!'", TEXT),
        made("c", "CAST(A AS INT) + length(b)", INT),
        made("d", "id", INT),
    )
    contract = plan(table("t", *columns))
    check_selection(contract)
    result = select_rows(contract, converted(contract, {"t": [{"_document": 0, "id": 5}]}))
    assert values(result, "t", "a", "b", "c", "d") == [("7", "7!", 9, 5)]


def test_a_row_rejected_by_one_column_is_not_seen_by_the_next() -> None:
    first = made("a", "note", INT, on_invalid=Reaction.REJECT_ROW)
    contract = plan(table("t", read("note"), first, made("b", "CASE WHEN a IS NULL THEN CAST(note AS INT) END", INT)))
    result = select_rows(contract, converted(contract, {"t": [{"_document": 0, "note": note} for note in ("1", "x")]}))
    assert not rejected(result)
    assert values(result, "t", "a") == [1]


def test_where_order_and_the_rest_see_made_columns_and_load_is_decided_later() -> None:
    contract = plan(
        table("t", ID, made("half", "id / 2", FLOAT, load=False), where="half > 1", keep_if_any=("half",)),
    )
    result = select_rows(contract, converted(contract, {"t": [{"_document": 0, "id": n} for n in (1, 2, 3)]}))
    assert values(result, "t", "id", "half") == [(3, 1.5)]
    assert loaded_schema(contract.tables[0]) == pa.schema([pa.field("id", pa.int64(), nullable=False)])


APP = table("app", ID, read("state"), made("label", "state || id"), key=("id",))
CONTACT = table(
    "contact", read("k", INT), read("name"), made("said", "app.label || '/' || APP.state || app._row"),
    parent="app", inherited=(ID,), key=("id", "k"),
)  # fmt: skip
PHONE = table(
    "phone", read("number"), made("of", "contact.name || contact.id || app.label || contact.said || number"),
    parent="contact", inherited=(ID, read("k", INT)),
)  # fmt: skip


def test_rows_around_a_row_are_seen_with_all_their_columns() -> None:
    contract = plan(APP, CONTACT, PHONE)
    check_selection(contract)
    rows = {
        "app": [{"_document": 0, "id": 7, "state": "A"}, {"_document": 1, "id": 8, "state": "B"}],
        "contact": [
            {"_document": 0, "_parent": 0, "k": 1, "name": "x"},
            {"_document": 1, "_parent": 0, "k": 1, "name": "y"},
            {"_document": 1, "_parent": 0, "k": 2, "name": None},
        ],
        "phone": [
            {"_document": 1, "_parent": 1, "number": "1"},
            {"_document": 1, "_parent": 0, "number": "2"},
        ],
    }
    result = select_rows(contract, converted(contract, rows))
    assert values(result, "contact", "said") == ["A7/A0", "B8/B0", "B8/B0"]
    assert values(result, "phone", "of") == [None, "y8B8B8/B02"]


def test_a_column_may_be_called_like_the_table_around_it() -> None:
    child = table("note", read("app"), made("x", 'app || app.state || "app"'), parent="app", inherited=(ID,))
    contract = plan(APP, child)
    rows = {"app": [{"_document": 0, "id": 1, "state": "S"}], "note": [{"_document": 0, "_parent": 0, "app": "n"}]}
    assert values(select_rows(contract, converted(contract, rows)), "note", "x") == ["nSn"]


ROWS = {
    "app": [{"_document": d, "id": d, "state": "s"} for d in (0, 1)],
    "contact": [
        {"_document": 0, "_parent": 0, "k": 1, "name": "a"},
        {"_document": 0, "_parent": 0, "k": 2, "name": "b"},
        {"_document": 0, "_parent": None, "k": 3, "name": "c"},
        {"_document": 1, "_parent": 0, "k": 9, "name": None},
    ],
    "phone": [
        {"_document": 0, "_parent": 1, "number": "1"},
        {"_document": 0, "_parent": 0, "number": "2"},
        {"_document": 0, "_parent": 2, "number": "3"},
    ],
}


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (Join("j", "contact"), [("a", 0), (None, 0)]),
        (Join("j", "contact", take=Take.LAST), [("b", 1), (None, 0)]),
        (Join("j", "contact", where="k > 1 -- two"), [("b", 1), (None, 0)]),
        (Join("j", "contact", where="k > 9"), [(None, None), (None, None)]),
        (Join("j", "contact", prefer=(Preference("name", ("b",)),)), [("b", 1), (None, 0)]),
        (Join("j", "contact", prefer=(Preference("k", ("9", "2")),), take=Take.LAST), [("b", 1), (None, 0)]),
        (Join("j", "contact", prefer=(Preference("name", ("x",)),), take=Take.LAST), [("b", 1), (None, 0)]),
        (Join("j", "contact", on=(("k", "id"),)), [(None, None), (None, None)]),
    ],
)
def test_joins_take_one_row(join: Join, expected: list[Any]) -> None:
    app = table("app", ID, read("state"), made("x", "j.name"), made("y", "j._row", INT), key=("id",), joins=(join,))
    contract = plan(app, CONTACT_BARE, PHONE_BARE)
    check_selection(contract)
    result = select_rows(contract, converted(contract, ROWS))
    assert values(result, "app", "x", "y") == expected


CONTACT_BARE = table("contact", read("k", INT), read("name"), parent="app", inherited=(ID,), key=("id", "k"))
PHONE_BARE = table("phone", read("number"), parent="contact", inherited=(ID, read("k", INT)))


def test_joins_down_two_levels_by_columns_and_to_the_whole_document() -> None:
    app = table(
        "app", ID, read("state"), made("x", "p.number || coalesce(q.name, '-')"), key=("id",),
        joins=(Join("p", "phone", prefer=(Preference("number", ("3", "2")),)), Join("q", "contact", on=(("k", "id"),))),
    )  # fmt: skip
    phone = table(
        "phone", read("number"), made("s", "any_app.state || any_app.id", TEXT), parent="contact",
        inherited=(ID, read("k", INT)), joins=(Join("any_app", "app"), Join("c", "contact", on=(("k", "k"),))),
    )  # fmt: skip
    contract = plan(app, CONTACT_BARE, phone)
    check_selection(contract)
    rows = {**ROWS, "app": [{"_document": 0, "id": 2, "state": "s"}, {"_document": 1, "id": 9, "state": "t"}]}
    result = select_rows(contract, converted(contract, rows))
    # the contact of phone 3 has no parent, so that the phone is not below the app
    assert values(result, "app", "x") == ["2b", None]
    assert values(result, "phone", "s") == ["s2", "s2"]


def test_joins_see_rows_that_selection_drops() -> None:
    app = table("app", ID, read("state"), made("x", "j.name"), key=("id",), joins=(Join("j", "contact"),))
    contract = plan(app, table("contact", read("k", INT), read("name"), parent="app", inherited=(ID,), where="false"))
    result = select_rows(contract, converted(contract, ROWS))
    assert values(result, "app", "x") == ["a", None]
    assert result.tables["contact"].num_rows == 0


def test_what_is_wrong_is_told_with_its_key() -> None:
    columns = (
        read("note"),
        made("a", "b || note"),
        made("b", "nota"),
        made("c", "app.idd"),
        made("d", "[id]"),
        made("e", "c"),
        made("f", "sum(id)", INT),
        made("g", "k", INT),
        read("k", INT, identity=Identity.DATABASE),
    )
    joins = (Join("app", "contact"), Join("j", "nothing"), Join("m", "contact", on=(("kk", "id"), ("name", "id"))))
    wrong = table(
        "t", *columns, parent="app", inherited=(ID,), joins=(*joins, Join("w", "contact", where="nam = 1")),
        distinct=None, where="note",
    )  # fmt: skip
    with pytest.raises(ContractError) as caught:
        check_selection(plan(APP, CONTACT_BARE, wrong))
    told = {problem.key: str(problem).partition(": ")[2] for problem in caught.value.problems}
    assert told == {
        "tables.t.joins.app": "'app' is the name of a table around this one, too; expected another name",
        "tables.t.joins.j.table": "there is no table 'nothing' with rows; expected a table with rows",
        "tables.t.columns.a.sql": "'b' cannot be used here: it is made by SQL, and stands after this one",
        "tables.t.columns.b.sql": "there is no column 'nota'; did you mean 'note'?",
        "tables.t.columns.c.sql": "there is no column 'idd' in app; did you mean 'app.id'?",
        "tables.t.columns.d.sql": "this yields BIGINT[]; expected one value: a text, a number, a date or the like",
        "tables.t.columns.f.sql": "the function sum is refused: it is an aggregate, and an expression sees one row at "
        "a time",
        "tables.t.columns.g.sql": "'k' cannot be used here: the database makes its value when the row is loaded",
        "tables.t.joins.m.on.kk": "the joined table has no column 'kk' that is read from documents; expected one "
        "of its columns",
        "tables.t.joins.m.on.name": "'name' and 'id' are of different types: string and int64; expected two columns of "
        "one type",
        "tables.t.joins.w.where": "there is no column 'nam'; did you mean 'name'?",
        "tables.t.where": "this yields VARCHAR; expected BOOLEAN: a comparison, IS NULL, IN, AND, OR, NOT",
    }


@pytest.mark.parametrize("document", ["<R/>", '<R><a d="x"/></R>'])
@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        ("time", "TIME"),
        ("binary", "BLOB"),
        ("timestamptz", "TIMESTAMP WITH TIME ZONE"),
        ("decimal(5,2)", "DECIMAL(9,3)"),
    ],
)
def test_a_chunk_without_rows_is_a_table_without_rows(document: str, kind: str, sql: str) -> None:
    from transforms.contract import read_contract
    from transforms.shred import LxmlShredder
    from transforms.tables import tables_of

    column = f'{{sql: "CAST(c AS {sql})", type: "{kind}", on_missing: reject_row}}'
    contract = f'{{version: 1, root: R, tables: {{t: {{rows: /R/a, columns: {{c: "@d", x: {column}}}}}}}}}'
    plan = read_contract(contract, name="c")
    made = tables_of(plan, LxmlShredder(plan).shred(pa.array([document])).extracts)
    assert made.tables["t"].num_rows == (1 if (kind, document[2:3]) == ("binary", ">") else 0)
    assert made.rejected.num_rows == (0 if document == "<R/>" or kind == "binary" else 1)
