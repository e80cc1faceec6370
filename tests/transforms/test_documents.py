"""Counting and filtering rows by document, against plain Python."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.documents import (
    drop_documents,
    keep_documents,
    parse_rows,
    rows_as_json,
    rows_per_document,
    strip_row_fields,
)
from transforms.shred.result import ROW_FIELDS

DOCUMENTS = 6
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
TABLES = st.dictionaries(NAMES, st.lists(st.integers(0, DOCUMENTS - 1), max_size=12), max_size=4)


def _tables(ordinals: dict[str, list[int]]) -> dict[str, pa.Table]:
    return {
        name: pa.table({"_document": pa.array(rows, pa.int64()), "value": pa.array(range(len(rows)), pa.int64())})
        for name, rows in ordinals.items()
    }


@settings(max_examples=60)
@given(TABLES)
def test_counts_equal_a_plain_count(ordinals: dict[str, list[int]]) -> None:
    counts = rows_per_document(_tables(ordinals), DOCUMENTS)
    assert counts.to_pydict() == {
        name: [rows.count(document) for document in range(DOCUMENTS)] for name, rows in ordinals.items()
    }
    assert all(field.type == pa.int64() for field in counts.schema)


@settings(max_examples=60)
@given(TABLES.filter(bool))
def test_json_is_the_compact_text_of_the_counts_and_reads_back(ordinals: dict[str, list[int]]) -> None:
    counts = rows_per_document(_tables(ordinals), DOCUMENTS)
    texts = rows_as_json(counts)
    expected = [
        json.dumps({name: n for name, n in row.items() if n}, separators=(",", ":"), ensure_ascii=False)
        for row in counts.to_pylist()
    ]
    assert texts.type == pa.string()
    assert [json.loads(text) for text in texts.to_pylist()] == [json.loads(text) for text in expected]
    if all(name.isprintable() for name in ordinals):
        assert texts.to_pylist() == expected
    assert parse_rows(texts, list(ordinals)).to_pydict() == counts.to_pydict()


def test_documents_without_rows() -> None:
    counts = rows_per_document(_tables({"a": [], "b": [2]}), 3)
    assert rows_as_json(counts).to_pylist() == ["{}", "{}", '{"b":1}']
    assert rows_per_document(_tables({"a": []}), 0).num_rows == 0
    assert rows_as_json(rows_per_document(_tables({"a": []}), 0)).to_pylist() == []


@pytest.mark.parametrize("ordinals", [[0, 3], [-1], [None]])
def test_a_row_of_an_unknown_document_is_an_error(ordinals: list[int | None]) -> None:
    table = pa.table({"_document": pa.array(ordinals, pa.int64())})
    with pytest.raises(ValueError, match="'a' has rows of documents"):
        rows_per_document({"a": table}, 3)


def test_parsing_reads_the_named_tables_and_null_as_nothing() -> None:
    texts = pa.chunked_array([['{"a":1,"old":5}', None], ["{}", '{"b":12345678901}']])
    assert parse_rows(texts, ["b", "a"]).to_pydict() == {"b": [0, 0, 0, 12345678901], "a": [1, 0, 0, 0]}
    assert parse_rows(pa.array([], pa.string()), ["a"]).to_pydict() == {"a": []}


def test_strip_row_fields() -> None:
    schema = pa.schema([*ROW_FIELDS, pa.field("id", pa.int32(), nullable=False)])
    assert strip_row_fields(schema.empty_table()).schema == pa.schema([schema.field("id")])


@settings(max_examples=60)
@given(TABLES, st.sets(st.integers(0, DOCUMENTS - 1)))
def test_keep_and_drop_split_every_table(ordinals: dict[str, list[int]], chosen: set[int]) -> None:
    tables = _tables(ordinals)
    array = pa.array(sorted(chosen), pa.int64())
    kept, dropped = keep_documents(tables, array), drop_documents(tables, array)
    for name, rows in ordinals.items():
        assert kept[name].to_pylist() == [{"_document": d, "value": i} for i, d in enumerate(rows) if d in chosen]
        assert dropped[name].to_pylist() == [
            {"_document": d, "value": i} for i, d in enumerate(rows) if d not in chosen
        ]
        assert kept[name].schema == dropped[name].schema == tables[name].schema
