"""Whole chunks against the oracle, and what may not make a difference: grouping, batches, chunks, slices."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from convert_factory import DATE, FLOAT, INT8, INT32, STRING, column, decimal, extract, plan, string, table
from convert_oracle import convert_slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract.plan import CleanStep, ColumnPlan, ContractPlan, Lookup, Many, Reaction
from transforms.convert import CHANGES_SCHEMA, REJECTED_SCHEMA, Converted, convert
from transforms.convert.types import column_field
from transforms.shred.result import ROW_FIELDS

TYPES = [
    (INT8, "7"),
    (INT32, "70000"),
    (decimal(5, 2), "1.25"),
    (string(4), "dflt"),
    (STRING, ""),
    (DATE, "2000-01-01"),
    (FLOAT, "0.5"),
]
LOOKUP = (("A", "1"), ("b", "2"), ("x", None), ("bad", "no number"), ("long", "300"))
TEXTS = [
    "",
    " ",
    "\t\n",
    "1",
    " 1 ",
    "-5",
    "5.0",
    "5.125",
    "300",
    "99999",
    "x",
    "X",
    "a",
    "A",
    "null",
    " NULL ",
    "2020-02-29",
    "2021-02-29",
]
TEXTS += ["long text", "abcdé", "A-1 2", "bad", "long", "1e400", "01/02/2020"]

refusing = [Reaction.NULL, Reaction.NULL, Reaction.DEFAULT, Reaction.REJECT_ROW, Reaction.REJECT_DOCUMENT]


@st.composite
def columns(draw: st.DrawFn, name: str) -> ColumnPlan:
    type_, default = draw(st.sampled_from(TYPES))
    entries = draw(st.none() | st.sampled_from([LOOKUP, (*LOOKUP, ("", "9")), (*LOOKUP, ("", None))]))
    steps = st.sampled_from(["digits", "upper", "lower", "collapse", "trim"]).map(CleanStep)
    replace = st.just(CleanStep("replace", pattern="([0-9])-", replacement=r"\1"))
    return column(
        name,
        type_,
        nullable=draw(st.booleans()),
        many=draw(st.sampled_from([Many.FIRST, Many.FIRST, Many.FIRST, Many.LIST])),
        trim=draw(st.booleans()),
        blank_as_null=draw(st.booleans()),
        null_words=draw(st.sampled_from([(), (), ("null",)])),
        clean=tuple(draw(st.lists(steps | replace, max_size=2, unique_by=lambda step: step.name))),
        lookup=entries and Lookup("codes", entries, ignore_case=draw(st.booleans())),
        formats=("%m/%d/%Y", "%Y-%m-%d") if type_ is DATE and draw(st.booleans()) else (),
        default=draw(st.sampled_from([default, None])) if type_ is not DATE else None,
        on_missing=draw(st.sampled_from(refusing)),
        on_invalid=draw(st.sampled_from(refusing)),
        on_unknown=draw(st.sampled_from([*refusing, Reaction.KEEP])),
        on_too_long=draw(st.sampled_from([*refusing, Reaction.TRUNCATE])),
        on_inexact=draw(st.sampled_from([*refusing, Reaction.ROUND_HALF_UP])),
    )


@st.composite
def chunks(draw: st.DrawFn) -> tuple[ContractPlan, dict[str, pa.Table]]:
    """Up to three tables whose columns often share a rule, and extracts of up to five documents."""
    pool = draw(st.lists(columns("pool"), min_size=1, max_size=3))
    tables = []
    extracts = {}
    for at in range(draw(st.integers(1, 3))):
        chosen = draw(st.lists(st.sampled_from(pool), min_size=0, max_size=3))
        own = [ColumnPlan(**{**fields(part), "name": f"c{place}"}) for place, part in enumerate(chosen)]
        name = f"t{at}"
        tables.append(table(name, *own))
        documents = sorted(draw(st.lists(st.integers(0, 4), max_size=6)))
        text = st.none() | st.sampled_from(TEXTS)
        cells = {
            part.name: [
                draw(st.none() | st.lists(text, max_size=3)) if part.many is Many.LIST else draw(text)
                for _ in documents
            ]
            for part in own
        }
        lists = frozenset(part.name for part in own if part.many is Many.LIST)
        extracts[name] = extract(cells, documents, lists=lists)
    return plan(*tables), extracts


def fields(part: ColumnPlan) -> dict[str, Any]:
    return {name: getattr(part, name) for name in part.__slots__}


def seen(converted: Converted) -> tuple[Any, ...]:
    """All that a chunk became, to compare."""
    return (
        {name: typed.to_pylist() for name, typed in converted.tables.items()},
        {name: typed.schema for name, typed in converted.tables.items()},
        converted.rejected.to_pylist(),
        converted.changes.to_pylist(),
    )


@settings(max_examples=300, deadline=None)
@given(chunk=chunks())
def test_a_chunk_is_what_the_oracle_says(chunk: tuple[ContractPlan, dict[str, pa.Table]]) -> None:
    contract, extracts = chunk
    converted = convert(contract, extracts)
    tables, rejected, counts = convert_slowly(contract, {name: rows.to_pylist() for name, rows in extracts.items()})
    assert [
        (line["document"], line["reason"], line["line"], line["detail"].split(":")[0])
        for line in converted.rejected.to_pylist()
    ] == rejected
    assert {name: typed.to_pylist() for name, typed in converted.tables.items()} == tables
    found = {(line["table"], line["column"], line["rule"]): line["values"] for line in converted.changes.to_pylist()}
    assert found == counts
    assert converted.rejected.schema == REJECTED_SCHEMA
    assert converted.changes.schema == CHANGES_SCHEMA
    for part in contract.tables:
        typed = converted.tables[part.name]
        assert typed.schema == pa.schema([*ROW_FIELDS, *(column_field(own) for own in part.columns)])
        typed.validate(full=True)
        for field in typed.schema:
            assert field.nullable or not typed[field.name].null_count


@settings(max_examples=60, deadline=None)
@given(chunk=chunks())
def test_grouping_makes_no_difference(chunk: tuple[ContractPlan, dict[str, pa.Table]]) -> None:
    """Tables one by one: what each becomes before documents rejected by the others are taken away."""
    contract, extracts = chunk
    together = convert(contract, extracts)
    alone = [convert(plan(part), {part.name: extracts[part.name]}) for part in contract.tables]
    rejected = set(together.rejected["document"].to_pylist())
    assert rejected == {document for part in alone for document in part.rejected["document"].to_pylist()}
    for part, own in zip(contract.tables, alone, strict=True):
        kept = [row for row in own.tables[part.name].to_pylist() if row["_document"] not in rejected]
        assert together.tables[part.name].to_pylist() == kept
    if not rejected:
        assert together.changes.to_pylist() == [line for part in alone for line in part.changes.to_pylist()]


@settings(max_examples=60, deadline=None)
@given(chunk=chunks())
def test_documents_alone_are_what_they_are_together(chunk: tuple[ContractPlan, dict[str, pa.Table]]) -> None:
    contract, extracts = chunk
    together = convert(contract, extracts)
    rows: dict[str, list[Any]] = {name: [] for name in extracts}
    rejected: list[Any] = []
    counts: dict[Any, int] = {}
    for document in range(5):
        mine = {
            name: pa.Table.from_pylist(
                [row for row in part.to_pylist() if row["_document"] == document], schema=part.schema
            )
            for name, part in extracts.items()
        }
        alone = convert(contract, mine)
        for name, part in alone.tables.items():
            rows[name] += part.to_pylist()
        rejected += alone.rejected.to_pylist()
        for line in alone.changes.to_pylist():
            key = (line["table"], line["column"], line["rule"])
            counts[key] = counts.get(key, 0) + line["values"]
    assert rows == {name: part.to_pylist() for name, part in together.tables.items()}
    assert rejected == together.rejected.to_pylist()
    found = {(line["table"], line["column"], line["rule"]): line["values"] for line in together.changes.to_pylist()}
    assert counts == found


@settings(max_examples=60, deadline=None)
@given(chunk=chunks(), cut=st.integers(0, 6), ahead=st.integers(0, 2))
def test_chunks_and_slices_make_no_difference(
    chunk: tuple[ContractPlan, dict[str, pa.Table]], cut: int, ahead: int
) -> None:
    contract, extracts = chunk
    pieces = {}
    for name, part in extracts.items():
        padded = pa.concat_tables([part.slice(0, ahead), part]).combine_chunks().slice(min(ahead, len(part)))
        pieces[name] = pa.concat_tables([padded.slice(0, cut), padded.slice(cut)])
    assert seen(convert(contract, pieces)) == seen(convert(contract, extracts))


@settings(max_examples=20, deadline=None)
@given(chunk=chunks())
def test_a_series_of_text_too_long_for_one_array_is_cut(chunk: tuple[ContractPlan, dict[str, pa.Table]]) -> None:
    from transforms.convert import runs

    contract, extracts = chunk
    whole = seen(convert(contract, extracts))
    before = runs._MOST_BYTES
    runs._MOST_BYTES = 1
    try:
        assert seen(convert(contract, extracts)) == whole
    finally:
        runs._MOST_BYTES = before


def test_other_kinds_of_text_are_taken_too() -> None:
    contract = plan(table("t", column("a", INT8), column("b", STRING)))
    texts = extract({"a": ["1", None], "b": ["x", "y "]}, [0, 1])
    for kind in (pa.large_string(), pa.string_view()):
        other = texts.set_column(5, "a", texts["a"].cast(kind)).set_column(6, "b", texts["b"].cast(kind))
        assert seen(convert(contract, {"t": other})) == seen(convert(contract, {"t": texts}))
    nothing = texts.set_column(5, "a", pa.chunked_array([pa.nulls(2)]))
    assert convert(contract, {"t": nothing}).tables["t"]["a"].to_pylist() == [None, None]


def test_no_tables_no_columns_no_rows() -> None:
    nothing = convert(plan(), {})
    assert nothing == Converted({}, REJECTED_SCHEMA.empty_table(), CHANGES_SCHEMA.empty_table())
    bare = convert(plan(table("t")), {"t": extract({}, [0, 0, 1])})
    assert bare.tables["t"].schema == pa.schema(ROW_FIELDS)
    assert bare.tables["t"].num_rows == 3


def test_a_table_without_chunks_stands_beside_one_that_rejects() -> None:
    parts = (column("a", INT8), column("b", STRING, many=Many.LIST, nullable=False))
    texts = extract({"a": ["1", "bad"], "b": [["x"], ["y"]]}, [0, 1], lists=frozenset(["b"]))
    empty = texts.schema.empty_table()
    converted = convert(plan(table("t", *parts), table("u", *parts)), {"t": texts, "u": empty})
    assert converted.rejected["document"].to_pylist() == [1]
    assert converted.tables["t"]["b"].to_pylist() == [["x"]]
    assert converted.tables["u"].schema == converted.tables["t"].schema
    assert converted.tables["u"].num_rows == 0
