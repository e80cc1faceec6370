"""Cells that the kernel reads as their type: what conversion makes of them, and of nothing that it would not."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential.shredders import why_not_native
from transforms.contract import read_contract
from transforms.contract.plan import ContractPlan
from transforms.convert.beside import beside_name
from transforms.shred import LxmlShredder
from transforms.tables import tables_of

if why_not_native():
    pytest.skip(why_not_native(), allow_module_level=True)
from transforms.shred.native.native_shredder import NativeShredder  # needs the kernel

ISO = ["2020-02-29", "2020-02-29T10:20", "2020-02-29 10:20:30.5", "10:20:30", "2020-02-29T10:20:30+01:00"]
TEXTS = ["1", "-5", "007", "127", "128", "9" * 18, "9" * 19, "+5", "5.0", "5.125", ".5", "1e3", "1e400", "999.99"]
TEXTS += ["1000", "-0", "", " ", "null", "x", "é", "t", "No", " 1 ", " 2020-02-29", "0000-01-01", "2021-02-29"]
TEXTS += [*ISO, "24:00", "10:20:60", "02/03/2020", "13/02/2020", "2/ 3/2020", "2/3/2020 1:05 pm"]
TEXTS += ["02/03/2020  10:20:30", "2020-02-29T10:20:30.1234567"]
texts = st.sampled_from(TEXTS) | st.from_regex(r"[ 0-9]?[-0-9T:./ +ZeAPM]{1,24}", fullmatch=True)

# type, formats, and a text that the kernel must read: leaving all to conversion would be right, too, but slow
COLUMNS = [
    ("int8", "", "-128"),
    ("int64", "", "-123456789012345678"),
    ("decimal(5,2)", "", "-123.4500"),
    ("decimal(38,10)", "", "1234567890123456789012345678.0123456789"),
    ("float64", "", "-1234.5678"),
    ("bool", "", "TRUE"),
    ("date", "", "2020-02-29"),
    ("date", "%m/%d/%Y", "2/29/2020"),
    ("time", "", "10:20:30.25"),
    ("timestamp", "", "2020-02-29T10:20:30.123456"),
    ("timestamp", "%Y-%m-%d %H:%M:%S|%m/%d/%Y %I:%M %p", "2/3/2020 1:05 pm"),
    ("timestamptz", "", "2020-02-29T10:20:30Z"),
    ("timestamptz", "%Y-%m-%dT%H:%M:%S%z", "2020-02-29T10:20:30-0500"),
]


def contract_of(type_: str, formats: str, **options: str) -> ContractPlan:
    listed = f", formats: [{', '.join(repr(each) for each in formats.split('|'))}]" if formats else ""
    more = "".join(f", {key}: {value}" for key, value in options.items())
    text = f"""
version: 1
root: d
tables:
  t: {{rows: /d/r, columns: {{c: {{path: "@c", type: "{type_}"{listed}{more}}}, same: "@c"}}}}
"""
    return read_contract(text, name="c")


def documents_of(cells: Sequence[str], prolog: str = "") -> pa.Array:
    return pa.array([f"{prolog}<d><r c={quoteattr(cell)}/><r/></d>" for cell in cells], pa.string())


@pytest.mark.parametrize(("type_", "formats", "plain"), COLUMNS)
def test_the_plain_form_is_read(type_: str, formats: str, plain: str) -> None:
    contract = contract_of(type_, formats)
    rows = NativeShredder(contract, typed=True).shred(documents_of([plain, f" {plain} ", "x", ""])).extracts["t"]
    assert [value is not None for value in rows["c"].to_pylist()[::2]] == [True, True, False, False]
    assert rows[beside_name("c")].to_pylist()[::2] == [None, f" {plain} ", "x", None]
    assert rows["same"].to_pylist()[::2] == [plain, f" {plain} ", "x", ""]


@pytest.mark.parametrize(("type_", "formats", "plain"), COLUMNS)
@pytest.mark.parametrize("threads", [1, 3])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_tables_are_those_of_the_reference(
    type_: str, formats: str, plain: str, threads: int, data: st.DataObject
) -> None:
    trim, reject = data.draw(st.booleans()), data.draw(st.sampled_from(["'null'", "reject_row", "reject_document"]))
    contract = contract_of(type_, formats, trim=str(trim).lower(), on_invalid=reject)
    cells = data.draw(st.lists(texts | st.just(plain), max_size=20))
    documents = pa.concat_arrays([documents_of(cells), documents_of(cells[:2], '<?xml version="1.1"?>')])  # to lxml
    expected = tables_of(contract, LxmlShredder(contract).shred(documents).extracts)
    found = tables_of(contract, NativeShredder(contract, threads=threads, typed=True).shred(documents).extracts)
    assert found.rejected.equals(expected.rejected)
    assert found.changes.equals(expected.changes)
    assert found.tables["t"].equals(expected.tables["t"])


@pytest.mark.parametrize(("type_", "formats", "plain"), COLUMNS)
def test_all_the_texts_at_once(type_: str, formats: str, plain: str) -> None:
    contract = contract_of(type_, formats, on_invalid="'null'")
    documents = documents_of([*TEXTS, plain])
    expected = tables_of(contract, LxmlShredder(contract).shred(documents).extracts)
    found = tables_of(contract, NativeShredder(contract, typed=True).shred(documents).extracts)
    assert found.tables["t"].equals(expected.tables["t"])
    assert found.changes.equals(expected.changes)


def test_a_document_that_is_refused_leaves_nothing_behind() -> None:
    contract = contract_of("bool", "")
    # so many cells that some are written before the document is known to be broken
    broken = "<d>" + '<r c="1"/><r c="true"/><r c="x"/>' * 30_000 + "</e>"
    good = [f'<d><r c="{cell}"/></d>' for cell in ("0", "1", "x", "no", "0")]
    mixed = pa.array([part for each in good for part in (each, broken)])
    rows = NativeShredder(contract, typed=True).shred(mixed).extracts["t"]
    alone = NativeShredder(contract, typed=True).shred(pa.array(good)).extracts["t"]
    assert rows.drop_columns("_document").equals(alone.drop_columns("_document"))
    assert rows["c"].to_pylist() == [False, True, None, False, False]
