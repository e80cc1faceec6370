"""Tables made by SQL, and documents whose values make SQL fail."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows_factory import (
    FLOAT,
    INT,
    INT16,
    MONEY,
    TEXT,
    Row,
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

from transforms.contract.plan import ColumnType, ContractPlan, Distinct, Join, Preference, Reaction, Take, TypeKind
from transforms.convert.result import Converted
from transforms.convert.types import table_schema
from transforms.errors import ContractError
from transforms.rows.check import check_selection
from transforms.rows.select import select_rows
from transforms.shred.result import ROW_FIELDS
from transforms.sql.sandbox import Sandbox, SqlError

ID = read("id", INT, nullable=False)
APP = table("app", ID, read("tu", INT), read("ex", INT), made("total", "tu + ex", INT), key=("id",), load=False)
ITEM = table("item", read("name"), read("price", MONEY), read("weight", FLOAT), parent="app", inherited=(ID,))
SCORE = sql_table(
    "score", "UNPIVOT (SELECT _document, id, tu, ex, total FROM app) ON tu, ex, total INTO NAME kind VALUE score",
    filled("id", INT), filled("kind"), filled("score", INT16), key=("id", "kind"),
)  # fmt: skip


def _rows(*scores: tuple[int | None, int | None]) -> dict[str, list[Row]]:
    return {"app": [{"_document": d, "id": 10 + d, "tu": tu, "ex": ex} for d, (tu, ex) in enumerate(scores)]}


def test_rows_are_numbered_in_the_order_of_their_values() -> None:
    contract = plan(APP, ITEM, SCORE)
    check_selection(contract)
    result = select_rows(contract, converted(contract, _rows((5, 3), (None, 4), (None, None))))
    found = values(result, "score", "_document", "_row", "_parent", "_position", "_line", "id", "kind", "score")
    assert found == [
        (0, 0, None, 1, 0, 10, "ex", 3),
        (0, 1, None, 2, 0, 10, "total", 8),
        (0, 2, None, 3, 0, 10, "tu", 5),
        (1, 0, None, 1, 0, 11, "ex", 4),
    ]
    assert result.tables["score"].schema == pa.schema([*ROW_FIELDS, *table_schema(SCORE)])


def test_sql_tables_read_those_before_them_and_keep_lines() -> None:
    best = sql_table(
        "best", "SELECT _document, max(score) AS SCORE, max(_line) AS _line FROM Score GROUP BY 1", filled("score", INT)
    )
    lines = sql_table("lines", "SELECT name, _line, _document, id FROM item", filled("id", INT), filled("name"))
    contract = plan(APP, ITEM, SCORE, best, lines)
    check_selection(contract)
    rows = {**_rows((5, 3)), "item": [{"_document": 0, "_parent": 0, "name": name, "_line": 40} for name in "ba"]}
    result = select_rows(contract, converted(contract, rows))
    assert values(result, "best", "score", "_line") == [(8, 0)]
    assert values(result, "lines", "id", "name", "_line", "_row") == [(10, "a", 40, 0), (10, "b", 40, 1)]


def test_the_rules_of_columns_hold_in_sql_tables() -> None:
    names = sql_table(
        "names", "SELECT _document, name, name AS same FROM item",
        filled("name", TEXT, trim=True, nullable=False, on_missing=Reaction.REJECT_ROW),
        filled("same", ColumnType(TypeKind.STRING, length=2), on_too_long=Reaction.TRUNCATE),
    )  # fmt: skip
    contract = plan(APP, ITEM, names)
    items = [{"_document": 0, "_parent": 0, "name": name} for name in (" x ", "long", " ")]
    result = select_rows(contract, converted(contract, {**_rows((1, 1)), "item": items}))
    assert values(result, "names", "_row", "name", "same") == [(1, "x", " x"), (2, "long", "lo")]
    assert changes(result)["names", "", "row_rejected"] == 1
    refusing = sql_table("names", "SELECT _document, name AS n FROM item", filled("n", INT))
    contract = plan(APP, ITEM, refusing)
    result = select_rows(contract, converted(contract, {**_rows((1, 1)), "item": items[1:2]}))
    assert rejected(result) == {0: ("invalid_value", 0, "names.n: 'long' does not fit int64")}


@pytest.mark.parametrize(
    ("sql", "columns", "message"),
    [
        ("SELECT _document, id FROM app", (filled("id", INT), filled("x")), "does not return the column 'x'"),
        ("SELECT _document, id, tu FROM app", (filled("id", INT),), "returns 'tu', which is no column"),
        ("SELECT _document, [id] AS id FROM app", (filled("id", INT),), "yields BIGINT[]"),
        ("SELECT _document, {'a': id} AS id FROM app", (filled("id", INT),), "yields STRUCT"),
        ("SELECT _document, id, id FROM app", (filled("id", INT),), "id"),
        ("SELECT _document, id FROM later", (filled("id", INT),), "no table 'later'"),
        ("SELECT _document, id FROM t", (filled("id", INT),), "no table 't'"),
        ("SELECT 1 AS id", (filled("id", INT),), "does not return _document"),
    ],
)
def test_what_is_wrong_is_told_before_any_document_is_read(sql: str, columns: Any, message: str) -> None:
    later = sql_table("later", "SELECT _document, id FROM app", filled("id", INT))
    with pytest.raises(ContractError) as caught:
        check_selection(plan(APP, ITEM, sql_table("t", sql, *columns), later))
    assert message in str(caught.value)


def test_documents_whose_values_make_sql_fail_are_refused_alone() -> None:
    sums = sql_table(
        "sums", "SELECT _document, sum(CAST(name AS INTEGER))::INT AS n FROM item GROUP BY 1", filled("n", INT)
    )
    contract = plan(APP, ITEM, sums)
    names = ["1", "x", "2", "3", "y", "4", "5"]
    rows = _rows(*[(1, 1)] * 7)
    rows["item"] = [{"_document": d, "_parent": 0, "name": name} for d, name in enumerate(names)]
    result = select_rows(contract, converted(contract, rows))
    said = "sums.sql: Conversion Error: Could not convert string '{}' to INT32 when casting from source column name"
    assert rejected(result) == {1: ("sql_error", 0, said.format("x")), 4: ("sql_error", 0, said.format("y"))}
    assert values(result, "sums", "_document", "n") == [(0, 1), (2, 2), (3, 3), (5, 4), (6, 5)]
    assert values(result, "app", "_document") == [0, 2, 3, 5, 6]


def test_each_place_where_sql_can_fail_refuses_its_document() -> None:
    cast = "CAST(name AS INTEGER)"
    good, bad = {"_document": 0, "_parent": 0, "name": "1"}, {"_document": 1, "_parent": 0, "name": "x", "_line": 77}
    rows = {**_rows((1, 1), (1, 1), (1, 1)), "item": [good, bad, {**good, "_document": 2}]}
    item = {"parent": "app", "inherited": (ID,)}
    plans = {
        "item.n": plan(APP, table("item", read("name"), made("n", cast, INT), **item)),
        "item.where": plan(APP, table("item", read("name"), where=f"{cast} > 0", **item)),
        "item.distinct.order": plan(APP, table("item", read("name"), distinct=Distinct(("name",), cast), **item)),
        "app.j.where": plan(
            table("app", ID, made("x", "j.name"), joins=(Join("j", "item", where=f"{cast} > 0"),)),
            table("item", read("name"), parent="app"),
        ),
    }
    for place, contract in plans.items():
        result = select_rows(contract, converted(contract, rows))
        (document,) = result.rejected.to_pylist()
        assert (document["document"], document["reason"]) == (1, "sql_error")
        assert document["detail"].startswith(f"{place}: Conversion Error: Could not convert string 'x'")
        assert document["line"] in (77, 0)
        assert values(result, "app", "_document") == [0, 2]


def test_sql_that_no_document_is_to_blame_for_fails_as_a_whole() -> None:
    many = sql_table(
        "many", "SELECT _document, count(*) AS n FROM item, range(10000000000) GROUP BY _document", filled("n", INT)
    )
    contract = plan(APP, ITEM, many)
    rows = _rows(*[(1, 1)] * 40)
    rows["item"] = [{"_document": d, "_parent": 0, "name": "a"} for d in range(40)]
    with (
        Sandbox(seconds=0.1, threads=1) as sandbox,
        pytest.raises(SqlError, match=r"many\.sql: the query takes longer"),
    ):
        select_rows(contract, converted(contract, rows), sandbox=sandbox)


def test_a_row_without_a_document_is_an_error() -> None:
    lost = sql_table(
        "lost",
        "SELECT i._document, a.id FROM app a LEFT JOIN item i ON i._document = a._document",
        filled("id", INT),
    )
    contract = plan(APP, ITEM, lost)
    with pytest.raises(SqlError, match="_document is NULL"):
        select_rows(contract, converted(contract, _rows((1, 1))))


# What may not make a difference: other documents, their order, the number of threads.

COLUMNS = {
    "x": ("amount * 2 + n", MONEY),
    "y": ("CASE WHEN x > 3 THEN name || '-' || x ELSE upper(name) END", TEXT),
    "z": ("CAST(name AS INTEGER)", INT),
    "p": ("app.label || coalesce(best.name, '-') || _position", TEXT),
}
SELECTS = [
    "SELECT _document, count(*) AS a, sum(x)::VARCHAR AS b FROM item GROUP BY _document",
    "SELECT _document, n AS a, string_agg(name, ',' ORDER BY amount DESC, name) AS b FROM item GROUP BY 1, 2",
    "SELECT _document, row_number() OVER (PARTITION BY _document ORDER BY amount, _row) AS a, name AS b FROM item",
    "SELECT _document, rank() OVER (PARTITION BY _document, n ORDER BY amount) AS a, y AS b FROM item",
    "SELECT _document, a::INT AS a, b FROM (UNPIVOT (SELECT _document, n, amount::INT AS amount FROM item) "
     "ON n, amount INTO NAME b VALUE a)",
    "SELECT i._document, i.n AS a, a.label AS b FROM item i JOIN app a ON a._document = i._document",
    "SELECT DISTINCT _document, n AS a, name AS b FROM item",
    "SELECT _document, (SELECT max(n) FROM item i WHERE i._document = a._document) AS a, label AS b FROM app a",
    "SELECT _document, n AS a, lag(name) OVER (PARTITION BY _document ORDER BY name DESC, _row) AS b FROM item "
     "QUALIFY row_number() OVER (PARTITION BY _document ORDER BY n, _row) < 3",
    "SELECT _document, median(n)::INT AS a, first(name ORDER BY n, name) AS b FROM item GROUP BY ALL",
    "SELECT _document, CAST(name AS INTEGER) AS a, name AS b FROM item",
    "SELECT _document, s AS a, name AS b FROM item, range(n) AS r(s)",
    "SELECT _document, n AS a, name AS b FROM item EXCEPT ALL SELECT _document, 1, name FROM item",
]  # fmt: skip

ITEM_ROW = st.fixed_dictionaries(
    {
        "n": st.integers(0, 3) | st.none(),
        "amount": st.sampled_from([Decimal("1.00"), Decimal("1.50"), Decimal("2.00"), None]),
        "name": st.sampled_from(["1", "2", "a", "b", "", None]),
    }
)


@st.composite
def _contracts(draw: st.DrawFn) -> ContractPlan:
    chosen = draw(st.sampled_from([("x", "y"), ("x", "y", "z"), ("x", "y", "p"), ("x", "y", "z", "p")]))
    lenient = draw(st.sampled_from([Reaction.NULL, Reaction.REJECT_ROW, Reaction.REJECT_DOCUMENT]))
    own = [made(name, *COLUMNS[name], on_invalid=lenient) for name in chosen]
    distinct = Distinct(
        ("n",), draw(st.sampled_from(["", "amount DESC NULLS LAST"])), prefer=(Preference("name", ("b", "1")),),
        take=draw(st.sampled_from(list(Take))),
    )  # fmt: skip
    app = table("app", ID, read("state"), made("label", "state || id"), key=("id",))
    item = table(
        "item", read("n", INT), read("amount", MONEY), read("name"), *own,
        parent="app", inherited=(ID,), joins=(Join("best", "item", take=Take.LAST, where="n > 0"),),
        where=draw(st.sampled_from(["", "n > 0", "CAST(name AS INTEGER) > 1"])),
        distinct=draw(st.sampled_from([None, distinct])),
    )  # fmt: skip
    numbers = draw(st.lists(st.integers(0, len(SELECTS) - 1), max_size=3, unique=True))
    made_tables = [
        sql_table(f"made{at}", SELECTS[at], filled("a", INT, on_invalid=lenient), filled("b")) for at in numbers
    ]
    return plan(app, item, *made_tables)


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"app": [], "item": []}
    for document in range(draw(st.integers(1, 4))):
        rows["app"].append({"_document": document, "id": document % 2, "state": draw(st.sampled_from(["s", None]))})
        for item in draw(st.lists(ITEM_ROW, max_size=4)):
            rows["item"].append({"_document": document, "_parent": 0, **item})
    return rows


def _seen(contract: ContractPlan, rows: Mapping[str, list[Row]], sandbox: Sandbox) -> dict[int, Any]:
    """What becomes of each document, by its number: rows of every table, or the rejection."""
    result: Converted = select_rows(contract, converted(contract, rows), sandbox=sandbox)
    refused = rejected(result)
    seen: dict[int, Any] = {}
    for row in rows["app"]:
        document = row["_document"]
        seen[document] = refused.get(document) or {
            name: [
                {key: value for key, value in each.items() if key != "_document"}
                for each in found.to_pylist()
                if each["_document"] == document
            ]
            for name, found in result.tables.items()
        }
    return seen


@settings(max_examples=60, deadline=None)
@given(_contracts(), _documents(), st.randoms())
def test_a_document_becomes_the_same_whatever_is_beside_it(
    one_thread: Sandbox, two_threads: Sandbox, contract: ContractPlan, rows: dict[str, list[Row]], random: Any
) -> None:
    check_selection(contract)
    together = _seen(contract, rows, one_thread)
    assert _seen(contract, rows, two_threads) == together
    documents = [row["_document"] for row in rows["app"]]
    places = dict(zip(documents, random.sample(documents, len(documents)), strict=True))
    moved = {
        name: sorted(({**row, "_document": places[row["_document"]]} for row in each), key=lambda row: row["_document"])
        for name, each in rows.items()
    }
    assert {document: _seen(contract, moved, two_threads)[places[document]] for document in documents} == together
    for document in documents:
        alone = {name: [row for row in each if row["_document"] == document] for name, each in rows.items()}
        assert _seen(contract, alone, one_thread) == {document: together[document]}


@pytest.fixture(scope="module")
def one_thread() -> Any:
    with Sandbox(threads=1) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def two_threads() -> Any:
    with Sandbox(threads=2) as sandbox:
        yield sandbox


def test_results_keep_the_order_of_many_rows_on_several_threads(two_threads: Sandbox) -> None:
    contract = plan(table("t", read("n", INT), made("m", "n + 1", INT)))
    count = 500_000
    numbers = pa.array(range(count), pa.int64())
    extract = converted(contract, {}).tables["t"].schema
    zeros = numbers.cast(pa.int32())
    rows = pa.table([numbers, zeros, pa.nulls(count, pa.int32()), zeros, zeros, numbers], schema=extract)
    given_rows = converted(contract, {})
    result = select_rows(contract, Converted({"t": rows}, given_rows.rejected, given_rows.changes), sandbox=two_threads)
    assert result.tables["t"].column("m").combine_chunks().equals(pa.array(range(1, count + 1), pa.int64()))
