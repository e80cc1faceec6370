"""Picks and slots as a contract writes them."""

from __future__ import annotations

import pyarrow as pa

from transforms.assemble import assemble, map_several
from transforms.contract import read_contract
from transforms.shred import LxmlShredder

CONTRACT = """
version: 1
root: Loan
tables:
  loan:
    rows: /Loan
    picks:
      primary: {path: contact, require: "@id", prefer: {"@role": [PR, AUTHU]}, take: last, ignore_case: true}
      home: {path: address, of: primary, prefer: {"@type": [CURR]}}
      dealer: {path: /Loan/party, match: {"@id": "@dealer"}}
    columns:
      id: "@id"
      name: {path: "@name", of: primary}
      city: {path: "@city", of: home}
      dealer: {path: "@name", of: dealer}
    key: [id]
  score:
    rows: /Loan
    slots: [TU, EX]
    columns:
      id: "@id"
      bureau: $slot
      score: {path: "scores/@{slot}", null_words: [none]}
"""

LOAN = """<Loan id="1" dealer="d2"><contact id="7" role="X" name="no"/><contact role="PR" name="no id"/>
<contact id="8" role="pr" name="Ann"><address city="old"/><address type="CURR" city="Bonn"/></contact>
<party id="d1" name="one"/><party id="d2" name="two"/><scores TU="700" EX=" None "/></Loan>"""


def test_a_contract_with_picks_and_slots() -> None:
    plan = read_contract(CONTRACT, name="loan.yaml")
    shredded = LxmlShredder(plan).shred(pa.array([LOAN, "<Loan id='2'/>"]))
    result = assemble(plan, shredded.extracts)
    own = {
        name: rows.select([each for each in rows.column_names if each[0] != "_"])
        for name, rows in result.extracts.items()
    }
    assert own["loan"].to_pylist() == [
        {"id": "1", "name": "Ann", "city": "Bonn", "dealer": "two"},
        {"id": "2", "name": None, "city": None, "dealer": None},
    ]
    assert own["score"].to_pylist() == [{"id": "1", "bureau": "TU", "score": "700"}]
    assert result.changes.to_pylist() == [{"table": "score", "column": "", "rule": "empty_slot", "values": 3}]
    assert map_several(plan, shredded.several).num_rows == 0


def test_null_words_are_blank_for_picks() -> None:
    contract = """
version: 1
root: A
defaults: {null_words: [n/a]}
tables:
  t:
    rows: /A
    picks:
      filled: {path: c, filled: true}
      required: {path: c, require: "@v"}
      one_of: {path: c, require_any: ["@v", "@w"]}
    columns:
      a: {path: "@v", of: filled}
      b: {path: "@v", of: required}
      c: {path: "@v", of: one_of}
      d: {path: "@v", of: filled, null_words: []}
"""
    document = '<A><c v=" N/A " w="n/a"/><c v="n/a" w="x"/><c v="good"/></A>'
    plan = read_contract(contract, name="c")
    found = assemble(plan, LxmlShredder(plan).shred(pa.array([document])).extracts).extracts["t"]
    assert found.select(["a", "b", "c", "d"]).to_pylist() == [{"a": "good", "b": "good", "c": "n/a", "d": " N/A "}]
