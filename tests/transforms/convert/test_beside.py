"""Extracts with cells that were read as their type already become what extracts of text become."""

from __future__ import annotations

import struct
from typing import Any

import pyarrow as pa
import pytest
from convert_factory import (
    BOOL,
    DATE,
    FLOAT,
    INT8,
    INT32,
    INT64,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    column,
    decimal,
    extract,
    plan,
    rules,
    table,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_model import read_simple, split

from transforms.assemble import assemble
from transforms.contract import read_contract
from transforms.contract.plan import CleanStep, ColumnPlan, ColumnType, ContractPlan, Reaction
from transforms.convert import Converted, convert
from transforms.convert.beside import as_pairs, beside_name
from transforms.convert.cell import cell_rule
from transforms.convert.settle import settle
from transforms.convert.simple import SimpleType, simple_type, typed_columns
from transforms.shred import LxmlShredder
from transforms.tables import tables_of

FORMATS = {
    DATE: ["%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%y", "%b %d %Y", "%Y-%m-%d %H:%M:%S"],
    TIME: ["%H:%M", "%I:%M %p", "%H:%M:%S.%f"],
    TIMESTAMP: ["%Y-%m-%d %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%m/%d/%Y %I:%M %p", "%Y-%m-%d"],
    TIMESTAMPTZ: ["%Y-%m-%dT%H:%M:%S%z", "%m/%d/%Y %H:%M %z"],
}
TYPES = [INT8, INT32, INT64, decimal(5, 2), decimal(38, 10), FLOAT, BOOL, *FORMATS]
DEFAULTS = {"int": "7", "decimal": "1.25", "float": "0.5", "bool": "t"}
NUMBERS = ["1", "-5", "007", "127", "128", "300", "+5", "5.0", "5.125", ".5", "5.", "1e3", "1e400", "999.99", "1000.00"]
NUMBERS += ["9" * 18, "9" * 19, "-0", "1,234.50", "$ 5", "12345678901234567890.123"]
WORDS = ["", " ", "\t\n", "null", " NULL ", "x", "é", "t", "No", "TRUE", " 1 ", "5 "]
MOMENTS = [
    "2020-02-29",
    "2021-02-29",
    "2020-02-29 ",
    "02/03/2020",
    "13/02/2020",
    "2/3/2020",
    "Feb 03 2020",
    "0000-01-01",
]
MOMENTS += ["10:20", "1:05 pm", "24:00", "10:20:30.5", "10:20:60", "10:20:30.1234567", "03.02.68", "3.2.69"]
MOMENTS += [
    *(f"{day}{mark}{clock}" for day in ("2020-02-29", "02/03/2020") for mark in "T " for clock in ("10:20", "9:05:07")),
    *("2020-02-29T10:20:30Z", "2020-02-29T10:20:30+01:00", "02/03/2020 10:20 -0500", "0001-01-01T00:00:00+10:00"),
    *("2020-02-29T10:20:30.25", "02/03/2020 1:05 PM", "2020-02-29t10:20:30.5"),
]
refusing = st.sampled_from([Reaction.NULL, Reaction.NULL, Reaction.REJECT_ROW, Reaction.REJECT_DOCUMENT])


@st.composite
def columns(draw: st.DrawFn, name: str) -> ColumnPlan:
    type_ = draw(st.sampled_from(TYPES))
    default = draw(st.sampled_from([DEFAULTS.get(type_.kind.value), None]))
    formats = draw(st.lists(st.sampled_from(FORMATS.get(type_, [""])), max_size=3, unique=True))
    steps = [(), (), (CleanStep("trim"),), (CleanStep("collapse"),)]
    steps += [(CleanStep("number"),)] if type_.kind.value in ("int", "decimal") else []
    return column(
        name,
        type_,
        nullable=draw(st.booleans()),
        trim=draw(st.booleans()),
        blank_as_null=draw(st.booleans()),
        null_words=draw(st.sampled_from([(), ("null",), ("5",)])),
        clean=draw(st.sampled_from(steps)),
        formats=tuple(formats) if type_ in FORMATS else (),
        default=default,
        on_missing=draw(refusing | st.just(Reaction.DEFAULT)),
        on_invalid=draw(refusing | st.just(Reaction.DEFAULT)),
        on_inexact=draw(refusing | st.just(Reaction.ROUND_HALF_UP)),
    )


@st.composite
def chunks(draw: st.DrawFn) -> tuple[ContractPlan, pa.Table]:
    """A table, and texts for it in one extract."""
    own = [draw(columns(f"c{at}")) for at in range(draw(st.integers(1, 3)))]
    documents = sorted(draw(st.lists(st.integers(0, 5), max_size=8)))
    pools = {part.name: MOMENTS if part.type in FORMATS else NUMBERS for part in own}
    cells = {
        name: [draw(st.none() | st.sampled_from(pool) | st.sampled_from(WORDS)) for _ in documents]
        for name, pool in pools.items()
    }
    return plan(table("t", *own)), extract(cells, documents)


def types_of(contract: ContractPlan) -> dict[str, SimpleType]:
    return {name: simple for (_, name), simple in typed_columns(contract).items()}


def seen(converted: Converted) -> tuple[Any, ...]:
    """All that a chunk became, floats to the last bit."""
    tables = {
        name: [[struct.pack("d", cell) if isinstance(cell, float) else cell for cell in row.values()] for row in rows]
        for name, rows in ((name, typed.to_pylist()) for name, typed in converted.tables.items())
    }
    schemas = {name: typed.schema for name, typed in converted.tables.items()}
    return tables, schemas, converted.rejected.to_pylist(), converted.changes.to_pylist()


@settings(max_examples=400, deadline=None)
@given(chunk=chunks(), cut=st.integers(0, 8))
def test_values_beside_texts_are_what_texts_alone_are(chunk: tuple[ContractPlan, pa.Table], cut: int) -> None:
    contract, texts = chunk
    expected = seen(convert(contract, {"t": texts}))
    types = types_of(contract)
    pairs = split(texts, types)
    assert seen(convert(contract, {"t": pairs})) == expected
    # some rows by a shredder that reads values, the others by one that does not
    kinds = {name: simple.arrow for name, simple in types.items()}
    both = pa.concat_tables([pairs.slice(0, cut), as_pairs(texts.slice(cut), kinds)])
    assert seen(convert(contract, {"t": both})) == expected


@pytest.mark.parametrize("type_", TYPES, ids=str)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_simple_form_is_read_without_a_word(type_: ColumnType, data: st.DataObject) -> None:
    """Whatever the policies: neither a problem nor a change, and the same value."""
    formats = data.draw(st.lists(st.sampled_from(FORMATS.get(type_, [""])), max_size=3, unique=True))
    own = column("c", type_, trim=True, nullable=False, formats=tuple(formats) if type_ in FORMATS else ())
    simple = simple_type(own)
    if simple is None:
        return
    pool = (
        st.sampled_from(MOMENTS if type_ in FORMATS else NUMBERS)
        | st.sampled_from(WORDS)
        | st.from_regex(r"[0-9T:./ +Z-]{1,20}", fullmatch=True)
    )
    texts = [text for text in data.draw(st.lists(pool, max_size=20)) if read_simple(text, simple) is not None]
    settled = settle(pa.array(texts, pa.string()), cell_rule(own))
    assert not settled.rejections
    assert not any(mask.true_count for mask in settled.changes.values())
    assert settled.values.equals(pa.array([read_simple(text, simple) for text in texts], simple.arrow))


def test_a_message_shows_the_text_beside() -> None:
    contract = plan(table("t", column("c", INT32)))
    texts = extract({"c": ["1", " x ", None]}, [0, 1, 2])
    converted = convert(contract, {"t": split(texts, types_of(contract))})
    assert converted.rejected["detail"].to_pylist() == ["t.c: ' x ' does not fit int32"]


def test_chunks_need_not_end_together() -> None:
    contract = plan(table("t", column("c", INT32, trim=True)))
    whole = split(extract({"c": ["1", " 2", None, "4 ", "5"]}, range(5)), types_of(contract))
    cut = {"c": (2, 3), beside_name("c"): (1, 4)}
    columns = [
        pa.chunked_array([values.slice(0, cut[name][0]).chunk(0), values.slice(cut[name][0]).chunk(0)])
        if name in cut
        else values
        for name, values in zip(whole.column_names, whole.columns, strict=True)
    ]
    converted = convert(contract, {"t": pa.Table.from_arrays(columns, schema=whole.schema)})
    assert converted.tables["t"]["c"].to_pylist() == [1, 2, None, 4, 5]
    assert rules(converted) == {"trimmed": 2}


CONTRACT = """
version: 1
root: d
tables:
  t:
    rows: /d/r
    picks:
      best: {path: c, require: ["@v"]}
      any: {path: c, filled: true}
    columns:
      n: {path: "@n", type: int32, trim: true}
      v: {path: "@v", of: best, type: "decimal(5,2)", on_invalid: reject_row}
      u: {path: "@u", of: any, type: int32}
      x: {sql: "10 // n", type: int32}
  slotted:
    rows: /d/r
    slots: 1..2
    columns: {s: {path: "@s{slot}", type: int32}}
"""
DOCUMENTS = [
    '<d><r n="1" s1="3"><c v="" u=""/><c v="1.50" u="7"/></r><r n=" 2 "><c v="x"/></r></d>',
    '<d><r n="0"><c v="1"/></r></d>',  # refused by SQL
    '<d><r n="none" s2="5"/></d>',  # refused by conversion
    '<d><r><c v=" 2"/></r></d>',
]


def test_picks_and_slots_and_sql_with_values() -> None:
    contract = read_contract(CONTRACT, name="c")
    texts = LxmlShredder(contract).shred(pa.array(DOCUMENTS)).extracts
    types = typed_columns(contract)
    pairs = {
        name: split(rows, {own: simple for (of, own), simple in types.items() if of == name})
        for name, rows in texts.items()
    }
    assert beside_name("v") in pairs["t.best"].column_names
    assert beside_name("v") in assemble(contract, pairs).extracts["t"].column_names
    expected = seen(tables_of(contract, texts))
    assert seen(tables_of(contract, pairs)) == expected
    assert len(expected[2]) == 2
