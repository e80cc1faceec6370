"""Inheriting keys and dropping rows, against plain Python row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Distinct, TablePlan, TypeKind
from transforms.convert.result import CHANGES_SCHEMA, REJECTED_SCHEMA, Converted
from transforms.convert.types import column_field, table_schema
from transforms.errors import ContractError
from transforms.path.model import NameTest, Parents, RowPath, Terminal, TerminalKind, ValuePath
from transforms.rows.check import check_selection
from transforms.rows.select import select_rows
from transforms.shred.result import ROW_FIELDS
from transforms.sql.sandbox import Sandbox

Row = dict[str, Any]
PATH = ValuePath("@a", Parents(0), (), Terminal(TerminalKind.ATTRIBUTE, NameTest("a")))
ROWS = RowPath("/a", ())
INT = ColumnType(TypeKind.INT)
TEXT = ColumnType(TypeKind.STRING)


def _column(name: str, kind: ColumnType = TEXT, *, nullable: bool = True) -> ColumnPlan:
    return ColumnPlan(name, PATH, kind, nullable=nullable)


ID = _column("id", INT, nullable=False)
K = _column("k", INT)
APP = TablePlan("app", ROWS, None, (), (ID, _column("note")), key=("id",))
CONTACT = TablePlan("contact", ROWS, "app", (ID,), (K, _column("role"), _column("city")), key=("id", "k"))
PHONE = TablePlan("phone", ROWS, "contact", (ID, K), (_column("number"),))


def _plan(*tables: TablePlan) -> ContractPlan:
    return ContractPlan(NameTest("a"), tables)


def _table(plan: TablePlan, rows: Sequence[Row]) -> pa.Table:
    """A converted table: ROW_FIELDS and own columns."""
    schema = pa.schema([*ROW_FIELDS, *(column_field(column) for column in plan.columns)])
    full = [{"_position": 1, "_line": 1, **row} for row in rows]
    return pa.Table.from_pylist(full, schema=schema)


def _converted(tables: dict[TablePlan, Sequence[Row]]) -> Converted:
    changes = pa.Table.from_pylist([{"table": "app", "column": "note", "rule": "trimmed", "values": 2}], CHANGES_SCHEMA)
    extracts = {plan.name: _table(plan, rows) for plan, rows in tables.items()}
    return Converted(extracts, REJECTED_SCHEMA.empty_table(), changes)


def _counts(result: Converted) -> dict[tuple[str, str], int]:
    assert result.changes.schema == CHANGES_SCHEMA
    first, *rows = result.changes.to_pylist()
    assert first["rule"] == "trimmed"
    assert all(row["column"] == "" for row in rows)
    return {(row["table"], row["rule"]): row["values"] for row in rows}


def _where(row: Row) -> bool:
    return row["k"] is not None and row["role"] is not None and row["role"] in {"PR", "AU"}


def _oracle(plan: ContractPlan, tables: dict[str, list[Row]], where: bool, order: bool) -> tuple[Any, Any]:
    """The rules of select_rows for app > contact > phone, one row at a time."""
    counts: dict[tuple[str, str], int] = {}
    kept: dict[str, list[Row]] = {}
    for table in plan.tables:
        rows = []
        for row in tables[table.name]:
            if table.parent:
                parents = [
                    p for p in kept[table.parent] if (p["_document"], p["_row"]) == (row["_document"], row["_parent"])
                ]
                if not parents:
                    rule = "no_parent" if row["_parent"] is None else "parent_dropped"
                    counts[table.name, rule] = counts.get((table.name, rule), 0) + 1
                    continue
                row = {**row, **{column.name: parents[0][column.name] for column in table.inherited}}
            if where and table.name == "contact" and not _where(row):
                counts["contact", "where"] = counts.get(("contact", "where"), 0) + 1
                continue
            rows.append(row)
        if table.distinct:
            best = sorted(rows, key=lambda r: (r["role"] != "PR", -r["_position"], r["_row"])) if order else rows
            chosen: dict[Any, int] = {}
            for row in best:
                chosen.setdefault((row["_document"], row["k"]), row["_row"])
            unique = [r for r in rows if r["k"] is None or chosen[r["_document"], r["k"]] == r["_row"]]
            if len(unique) < len(rows):
                counts[table.name, "distinct"] = len(rows) - len(unique)
            rows = unique
        if table.keep_if_any:
            any_known = [r for r in rows if any(r[name] is not None for name in table.keep_if_any)]
            if len(any_known) < len(rows):
                counts[table.name, "keep_if_any"] = len(rows) - len(any_known)
            rows = any_known
        kept[table.name] = rows
    return kept, counts


PARENT = st.sampled_from([0, 0, 0, 0, 1, 1, None])
APP_ROW = st.fixed_dictionaries({"id": st.integers(1, 9)})
CONTACT_ROW = st.fixed_dictionaries(
    {
        "_parent": PARENT,
        "_position": st.integers(1, 2),
        "k": st.sampled_from([1, 1, 2, None]),
        "role": st.sampled_from(["PR", "AU", "X", None]),
        "city": st.sampled_from(["a", None]),
    }
)
PHONE_ROW = st.fixed_dictionaries({"_parent": PARENT, "number": st.sampled_from(["1", None])})


@st.composite
def _documents(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Three documents' rows, with gaps in `_row` where conversion rejected some."""
    tables: dict[str, list[Row]] = {}
    for name, kind in (("app", APP_ROW), ("contact", CONTACT_ROW), ("phone", PHONE_ROW)):
        tables[name] = []
        for document in range(3):
            for number, row in enumerate(draw(st.lists(kind, min_size=1, max_size=5))):
                if draw(st.integers(0, 9)):
                    tables[name].append({"_document": document, "_row": number, "_parent": None, **row})
    return tables


@settings(max_examples=100, deadline=None)
@given(_documents(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_selection_equals_the_rules_row_by_row(
    rows: dict[str, list[Row]], where: bool, distinct: bool, order: bool, keep: bool
) -> None:
    contact = replace(
        CONTACT,
        where="k IS NOT NULL AND role IN ('PR', 'AU')" if where else "",
        distinct=Distinct(("k",), "role IS NOT DISTINCT FROM 'PR' DESC, _position DESC" if order else "")
        if distinct
        else None,
        keep_if_any=("city", "role") if keep else (),
    )
    plan = _plan(APP, contact, replace(PHONE, keep_if_any=("number",) if keep else ()))
    check_selection(plan)
    converted = _converted({table: rows[table.name] for table in plan.tables})
    result = select_rows(plan, converted)
    kept, counts = _oracle(plan, rows, where, order)
    assert _counts(result) == counts
    for table in plan.tables:
        selected = result.tables[table.name]
        assert selected.schema == pa.schema([*ROW_FIELDS, *table_schema(table)])
        full = [{"_position": 1, "_line": 1, **row} for row in kept[table.name]]
        assert selected.to_pylist() == pa.Table.from_pylist(full, schema=selected.schema).to_pylist()
    assert result.rejected is converted.rejected


def test_grandchildren_of_a_dropped_row_are_dropped_and_keys_go_down() -> None:
    contact = replace(CONTACT, where="role = 'PR'")
    converted = _converted(
        {
            APP: [{"_document": 4, "_row": 0, "id": 17}],
            contact: [
                {"_document": 4, "_row": 0, "_parent": 0, "k": 1, "role": "PR"},
                {"_document": 4, "_row": 1, "_parent": 0, "k": 2, "role": None},
                {"_document": 4, "_row": 2, "_parent": None, "k": 3, "role": "PR"},
            ],
            PHONE: [
                {"_document": 4, "_row": 0, "_parent": 0, "number": "11"},
                {"_document": 4, "_row": 1, "_parent": 1, "number": "12"},
                {"_document": 4, "_row": 2, "_parent": 2, "number": "13"},
            ],
        }
    )
    result = select_rows(_plan(APP, contact, PHONE), converted)
    assert [(r["id"], r["k"], r["number"]) for r in result.tables["phone"].to_pylist()] == [(17, 1, "11")]
    assert _counts(result) == {
        ("contact", "no_parent"): 1,
        ("contact", "where"): 1,
        ("phone", "parent_dropped"): 2,
    }


def test_columns_named_like_our_own_do_no_harm() -> None:
    columns = tuple(_column(name, INT) for name in ("position", "Position_", "identity", "rows"))
    table = TablePlan("t", ROWS, None, (), columns, where="rows > 0", distinct=Distinct(("position",), "identity"))
    values = [(1, 0, 5, 1), (1, 0, 4, 1), (2, 0, 9, 1), (3, 0, 0, 0)]
    names = [column.name for column in columns]
    rows = [{"_document": 0, "_row": n, **dict(zip(names, row, strict=True))} for n, row in enumerate(values)]
    check_selection(_plan(table))
    result = select_rows(_plan(table), _converted({table: rows}))
    assert result.tables["t"].column("_row").to_pylist() == [1, 2]


def test_a_table_that_keeps_everything_is_not_copied() -> None:
    converted = _converted({APP: [{"_document": 0, "_row": 0, "id": 1, "note": "x"}]})
    result = select_rows(_plan(APP), converted)
    before, after = converted.tables["app"].column("note").chunk(0), result.tables["app"].column("note").chunk(0)
    assert after.buffers()[2].address == before.buffers()[2].address
    assert _counts(result) == {}


def test_a_comment_ends_with_its_expression() -> None:
    table = replace(APP, where="note = 'x' -- only these", distinct=Distinct(("note",), "id DESC -- the newest"))
    rows = [{"_document": 0, "_row": n, "id": n, "note": note} for n, note in enumerate("xyx")]
    check_selection(_plan(table))
    result = select_rows(_plan(table), _converted({table: rows}))
    assert result.tables["app"].column("id").to_pylist() == [2]


def test_a_value_that_does_not_convert_refuses_its_document() -> None:
    table = replace(APP, where="CAST(note AS INTEGER) > 1")
    check_selection(_plan(table))
    converted = _converted({table: [{"_document": 0, "_row": 0, "id": 1, "note": "abc"}]})
    with Sandbox(threads=1) as sandbox:
        result = select_rows(_plan(table), converted, sandbox=sandbox)
    assert result.rejected.to_pylist() == [
        {
            "document": 0,
            "reason": "sql_error",
            "line": 1,
            "detail": "app.where: Conversion Error: Could not convert string 'abc' to INT32 when casting from source "
            "column note",
        }
    ]


def test_every_problem_of_a_plan_is_reported_with_its_key() -> None:
    contact = replace(CONTACT, where="rolle = 'PR'", distinct=Distinct(("k",), "random()"))
    with pytest.raises(ContractError) as caught:
        check_selection(_plan(replace(APP, where="id"), contact, PHONE))
    assert [(p.key, p.nearest) for p in caught.value.problems] == [
        ("tables.app.where", ""),
        ("tables.contact.where", "role"),
        ("tables.contact.distinct.order", ""),
    ]
    check_selection(_plan(APP, replace(CONTACT, where="id > 1 AND _parent = 0"), PHONE))
