"""Any plan over any documents: as the oracle says, and each document as if it were alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
from assemble_oracle import expected
from assemble_plans import column, pick, plan, shredded, slots, table
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.assemble import assemble
from transforms.contract.plan import ContractPlan, Pick, TablePlan
from transforms.shred.result import ROW_FIELDS

TEXTS = [
    "",
    " ",
    "&#9;",
    "A",
    "a",
    " A ",
    "B",
    "b",
    "Straße",
    "STRASSE",
    "ΑΣ",
    "ας",
    "n/a",
    " N/A",
    "\N{NO-BREAK SPACE}",
]
ATTRIBUTES = ["k", "role", "x", "y", "v1", "v2", "v3"]
LISTED = ["A", " b", "B", "ΑΣ", "a", ""]


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(st.sampled_from("rcca"))
    written = draw(st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(TEXTS), max_size=5))
    attributes = "".join(f' {key}="{text}"' for key, text in written.items())
    inner = "".join(draw(st.lists(elements(depth + 1), max_size=4))) if depth < 3 else ""
    return f"<{name}{attributes}>{inner}</{name}>"


documents = st.lists(st.lists(elements(), max_size=5).map(lambda parts: f"<d>{''.join(parts)}</d>"), max_size=5)
own_path = st.sampled_from(["@k", "@role", "@x", "@y"])


@st.composite
def picks(draw: st.DrawFn, rows: str, before: list[tuple[Pick, str]], name: str) -> tuple[Pick, str]:
    """A pick and the path of its candidates."""
    start = draw(st.sampled_from([None, *before]))
    everywhere = draw(st.booleans())
    above = "" if everywhere else (start[1] if start else rows)
    path = above + draw(st.sampled_from(["//c", "//a", "//c[1]"] if everywhere else ["/c", "/a", "/c[2]", "//a"]))
    chosen = pick(
        name,
        path,
        of=start[0].name if start else None,
        everywhere=everywhere,
        match=draw(st.dictionaries(own_path, own_path, max_size=2)),
        require=draw(st.lists(own_path, max_size=1)),
        require_any=draw(st.lists(own_path, max_size=2)),
        prefer=draw(st.dictionaries(own_path, st.lists(st.sampled_from(LISTED), min_size=1, max_size=3), max_size=2)),
        ignore_case=draw(st.booleans()),
        take=draw(st.sampled_from(["first", "last"])),
        filled=draw(st.booleans()),
    )
    return chosen, path


@st.composite
def tables(draw: st.DrawFn) -> TablePlan:
    rows = draw(st.sampled_from(["/d/r", "//r", "//c"]))
    found: list[tuple[Pick, str]] = []
    for at in range(draw(st.integers(0, 3))):
        found.append(draw(picks(rows, found, f"p{at}")))
    names = [None, *(each.name for each, _ in found)]
    columns = [column("k", "@k"), column("here", "position()"), column("seen", "c/@x", many="list")]
    for at, name in enumerate(names[1:]):
        columns += [column(f"x{at}", "@x", name), column(f"many{at}", "a/@y", name, many="list")]
    options: dict[str, Any] = {}
    if draw(st.booleans()):
        of = st.sampled_from(names)
        columns += [
            column("slot", "'?'"),
            column("value", "@v1", draw(of), null_words=("N/A",)),
            column("other", "@x", draw(of)),
            column("all", "c/@x", draw(of), many="list", null_words=("a",)),
        ]
        own = st.fixed_dictionaries(
            {"slot": st.sampled_from(["'1'", "'two'"])},
            optional={
                "value": st.sampled_from(["@v1", "@v2", "'constant'"]),
                "other": st.sampled_from(["@y", "position()"]),
                "all": st.sampled_from(["c/@v1", "*/@v2"]),
            },
        )
        options["slots"] = slots(draw(st.dictionaries(st.sampled_from("stu"), own, min_size=1)))
    return table("t", rows, *columns, parent="d", picks=tuple(each for each, _ in found), **options)


plans = st.lists(tables(), min_size=1, max_size=2).map(
    lambda found: plan(table("d", "/d"), *(replace(each, name=f"t{at}") for at, each in enumerate(found)))
)


def rows_of(tables_: dict[str, pa.Table]) -> dict[str, list[dict[str, Any]]]:
    return {name: rows.to_pylist() for name, rows in tables_.items()}


@settings(max_examples=100, deadline=None)
@given(plans, documents)
def test_as_the_oracle_says(contract: ContractPlan, texts: list[str]) -> None:
    extracts = shredded(texts, contract)
    result = assemble(contract, extracts)
    rows, empty = expected(contract, extracts)
    assert rows_of(result.extracts) == rows
    assert {row["table"]: row["values"] for row in result.changes.to_pylist()} == empty
    for each in contract.tables:
        kinds = {read.name: read.type for read in result.extracts[each.name].schema}
        assert list(kinds) == [*(field.name for field in ROW_FIELDS), *(own.name for own in each.columns)]
        result.extracts[each.name].validate(full=True)


@settings(max_examples=40, deadline=None)
@given(plans, documents, st.randoms(use_true_random=False))
def test_documents_alone_are_as_together(contract: ContractPlan, texts: list[str], random: Any) -> None:
    together = rows_of(assemble(contract, shredded(texts, contract)).extracts)
    for at in range(len(texts)):
        alone = rows_of(assemble(contract, shredded([texts[at]], contract)).extracts)
        for name, rows in together.items():
            own = [row | {"_document": 0} for row in rows if row["_document"] == at]
            assert own == alone[name]
    # a chunk that consists of pieces, its documents in any order
    order = random.sample(range(len(texts)), len(texts))
    extracts = shredded(texts, contract)
    mixed = {name: in_pieces(rows, order) for name, rows in extracts.items()}
    pieces = rows_of(assemble(contract, mixed).extracts)
    for name, rows in together.items():
        assert sorted(pieces[name], key=lambda row: (row["_document"], row["_row"])) == rows


def in_pieces(rows: pa.Table, order: list[int]) -> pa.Table:
    documents_ = rows.column("_document").to_pylist()
    pieces = []
    for document in order:
        first = documents_.index(document) if document in documents_ else 0
        pieces.append(rows.slice(first, documents_.count(document)))
    return pa.concat_tables(pieces) if pieces else rows
