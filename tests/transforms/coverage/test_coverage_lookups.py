"""The texts that lookups are asked for."""

from __future__ import annotations

import pyarrow as pa

from transforms.assemble import assemble
from transforms.contract import read_contract
from transforms.coverage.lookups import lookup_values
from transforms.shred.lxml_shredder import LxmlShredder

CONTRACT = """
version: 1
root: r
lookups: {state: {N: new, S: sent}}
tables:
  t:
    rows: /r/x
    columns:
      one: {path: "@s", lookup: state, trim: true, clean: [upper], on_unknown: null}
      many: {path: "s/text()", lookup: state, many: list, on_unknown: null}
      plain: {path: "@s"}
"""


def test_texts_are_counted_as_the_lookup_compares_them() -> None:
    plan = read_contract(CONTRACT, name="c.yaml")
    document = '<r><x s=" n "><s>N</s><s>Z</s></x><x s="N"/><x s="q"/><x s=""/><x/></r>'
    shredded = LxmlShredder(plan).shred(pa.array([document]))
    found = lookup_values(plan, assemble(plan, shredded.extracts).extracts)
    assert found == {"t.one": ({"N": 2}, {"Q": 1}), "t.many": ({"N": 1}, {"Z": 1})}
