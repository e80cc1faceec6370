"""What is told of cells that met several nodes."""

from __future__ import annotations

import pyarrow as pa
from assemble_plans import column, pick, plan, slots, table

from transforms.assemble import map_several
from transforms.shred import LxmlShredder


def test_cells_are_told_by_table_and_column() -> None:
    chosen = pick("p", "/d/r/c", prefer={"n/@v": ["1"]}, match={"n/@v": "c/n/@v"})
    own = slots({"1": {"s": "c/@a"}, "2": {"s": "c/@b"}})
    rows = table("t", "/d/r", column("v", "n/@v", "p"), column("s", "c/@a"), picks=(chosen,), slots=own)
    contract = plan(rows, table("plain", "/d/r", column("a", "c/@a")))
    document = "<d><r><c a='1' b='2'><n v='1'/><n v='2'/></c><c a='1' b='2'><n v='1'/><n v='2'/></c></r></d>"
    several = LxmlShredder(contract).shred(pa.array([document])).several
    told = map_several(contract, several)
    assert told.schema == several.schema
    assert [tuple(row.values()) for row in told.to_pylist()] == [("plain", "a", 1), ("t", "s", 2), ("t", "v", 2)]


def test_nothing_is_done_where_no_table_has_picks_or_slots() -> None:
    contract = plan(table("t", "/d/r", column("a", "c/@a")))
    several = LxmlShredder(contract).shred(pa.array(["<d><r><c a='1'/><c a='2'/></r></d>"])).several
    assert map_several(contract, several) is several
