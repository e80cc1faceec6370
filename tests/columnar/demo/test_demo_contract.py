"""The demo's contract does with the demo's documents what the generator says it must."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from columnar.demo import CONTRACT_FILE, SCHEMA, Kind, Profile, Truth, contract_text, generate, truth
from tests.columnar.demo.special_profile import MANY_SPECIAL
from transforms.contract import ContractPlan, read_contract
from transforms.convert import Converted, convert
from transforms.rows.select import select_rows
from transforms.shred import LxmlShredder, Shredded

PLAN = read_contract(contract_text(), name=CONTRACT_FILE)


def shredded(plan: ContractPlan, documents: pa.Table) -> Shredded:
    texts = documents["document"].combine_chunks()
    return LxmlShredder(plan).shred(texts, {"key": documents["loan_id"].cast(pa.string()).combine_chunks()})


@pytest.fixture(scope="module")
def special() -> tuple[Truth, Shredded, Converted]:
    """A thousand small documents, duplicates left out: finding those is not the contract's task."""
    documents = pa.Table.from_batches(list(generate(1000, profile=MANY_SPECIAL)), SCHEMA)
    shred = shredded(PLAN, documents)
    keys = shred.extracts["application"].select(["_document", "application_id"]).to_pylist()
    first: dict[str, int] = {}
    for row in keys:
        first.setdefault(row["application_id"], row["_document"])
    winners = pa.array(sorted(first.values()))
    extracts = {name: rows.filter(pc.is_in(rows["_document"], winners)) for name, rows in shred.extracts.items()}
    return truth(1000, profile=MANY_SPECIAL), shred, select_rows(PLAN, convert(PLAN, extracts))


def changes(converted: Converted, rule: str, table: str = "") -> int:
    rows = converted.changes.to_pylist()
    return sum(row["values"] for row in rows if row["rule"] == rule and table in ("", row["table"]))


def test_it_has_the_breadth_of_a_real_one() -> None:
    loaded = [table for table in PLAN.tables if table.load]
    assert len(loaded) == 16
    assert sum(len(table.columns) for table in loaded) >= 200
    assert [table.name for table in PLAN.tables if not table.load] == ["policy"]


def test_broken_documents_are_refused_for_the_stated_reasons(special: tuple[Truth, Shredded, Converted]) -> None:
    counts, shred, _ = special
    reasons = pc.value_counts(shred.refused["reason"]).to_pylist()
    assert {row["values"]: row["counts"] for row in reasons} == counts.refused


def test_everything_else_converts(special: tuple[Truth, Shredded, Converted]) -> None:
    _, _, converted = special
    assert converted.rejected.to_pylist() == []


def test_rows_are_those_that_were_generated(special: tuple[Truth, Shredded, Converted]) -> None:
    counts, _, converted = special
    assert {table.name: converted.tables[table.name].num_rows for table in PLAN.tables if table.load} == counts.rows


def test_what_is_dropped_and_nulled_is_counted(special: tuple[Truth, Shredded, Converted]) -> None:
    counts, _, converted = special
    assert changes(converted, "nulled_invalid", "application") == counts.nulled_moments > 0
    assert changes(converted, "nulled_invalid") == counts.nulled_moments
    assert changes(converted, "row_rejected", "contact") == counts.blank_contacts > 0
    assert (
        changes(converted, "distinct", "contact") == counts.repeated_contacts == counts.kinds[Kind.REPEATED_CONTACT] > 0
    )
    assert changes(converted, "where", "contact") == counts.references > 0
    assert changes(converted, "parent_dropped", "contact_address") == counts.references
    for rule in (
        "trimmed",
        "blank_as_null",
        "null_word",
        "clean_digits",
        "lookup",
        "rounded",
        "nulled_unknown",
        "truncated",
    ):
        assert changes(converted, rule) > 0, rule


def test_the_borrower_wins_over_its_repetition(special: tuple[Truth, Shredded, Converted]) -> None:
    _, _, converted = special
    contacts = converted.tables["contact"]
    borrowers = contacts.filter(pc.equal(contacts["role"], "PR"))
    assert borrowers.num_rows == converted.tables["application"].num_rows


def test_every_column_is_filled_somewhere() -> None:
    documents = pa.Table.from_batches(list(generate(300, profile=Profile.only_ordinary())), SCHEMA)
    converted = select_rows(PLAN, convert(PLAN, shredded(PLAN, documents).extracts))
    assert converted.rejected.to_pylist() == []
    assert changes(converted, "nulled_invalid") == 0
    never = [
        f"{name}.{column}"
        for name, rows in converted.tables.items()
        for column in rows.column_names
        if column != "_parent" and rows[column].null_count == rows.num_rows
    ]
    assert never == []
    assert min(rows.num_rows for rows in converted.tables.values()) > 0
    per_document = rows_per_document(converted)
    assert min(per_document) >= 4
    assert max(per_document) <= 40


def rows_per_document(converted: Converted) -> list[int]:
    loaded = [converted.tables[table.name]["_document"] for table in PLAN.tables if table.load]
    counts = pc.value_counts(pa.chunked_array([chunk for column in loaded for chunk in column.chunks], pa.int64()))
    return counts.field("counts").to_pylist()
