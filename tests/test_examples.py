"""The contracts in examples/ on real documents: what is refused, how many rows, which values."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from lxml import etree

import columnar
from columnar.bookkeeping.prove import Proof
from columnar.jobs.job_file import read_job, read_plan
from tests.oracle.corpora import CII, CREDITNOTES, EINVOICES, SHOWPLANS, Corpus
from transforms.contract import read_contract
from transforms.contract.target_tables import target_tables
from transforms.convert import convert
from transforms.convert.result import Converted
from transforms.rows.select import select_rows
from transforms.shred import LxmlShredder

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
CREDIT_NOTE = "ubl-tc434-creditnote1.xml"

# Rows per table, counted in the documents by XPath that knows nothing of the contracts.
INVOICE_ROWS = {
    "invoice": "count(/*)",
    "note": "count(/*/*[local-name()='Note'])",
    "party": "count(//*[local-name()='Party' or local-name()='PayeeParty' or local-name()='TaxRepresentativeParty'])",
    "party_tax": "count(//*[local-name()='PartyTaxScheme'])",
    "delivery": "count(//*[local-name()='Delivery'])",
    "payment_means": "count(//*[local-name()='PaymentMeans'])",
    "tax_total": "count(//*[local-name()='TaxTotal'])",
    "tax_subtotal": "count(//*[local-name()='TaxSubtotal'])",
    "allowance_charge": "count(/*/*[local-name()='AllowanceCharge'])",
    "attachment": "count(//*[local-name()='AdditionalDocumentReference'][not(*[.='130'])])",
    "invoice_line": "count(//*[local-name()='InvoiceLine' or local-name()='CreditNoteLine'])",
    "line_allowance_charge": "count(/*/*/*[local-name()='AllowanceCharge'])",
    "item_property": "count(//*[local-name()='AdditionalItemProperty'])",
    "item_classification": "count(//*[local-name()='CommodityClassification'])",
}
CII_ROWS = {
    "invoice": "count(/*)",
    "note": "count(/*/*/*[local-name()='IncludedNote'])",
    "party": "count(//*[contains(local-name(), 'TradeParty')][not(starts-with(local-name(), 'ShipTo'))])",
    "party_tax": "count(//*[local-name()='SpecifiedTaxRegistration'])",
    "delivery": "count(//*[local-name()='ApplicableHeaderTradeDelivery'][.//text()[normalize-space()]]"
    "[*[local-name()!='DespatchAdviceReferencedDocument' and local-name()!='ReceivingAdviceReferencedDocument']])",
    "payment_means": "count(//*[local-name()='SpecifiedTradeSettlementPaymentMeans'])",
    "tax_total": "count(//*[local-name()='TaxTotalAmount'])",
    "tax_subtotal": "count(//*[local-name()='CalculatedAmount'])",
    "allowance_charge": "count(//*[local-name()='SpecifiedTradeAllowanceCharge']"
    "[local-name(..)='ApplicableHeaderTradeSettlement'])",
    "attachment": "count(//*[local-name()='AdditionalReferencedDocument']"
    "[local-name(..)='ApplicableHeaderTradeAgreement'][not(*[.='50' or .='130'])])",
    "invoice_line": "count(//*[local-name()='SpecifiedTradeProduct'])",
    "line_allowance_charge": "count(//*[local-name()='SpecifiedTradeAllowanceCharge']"
    "[local-name(..)='SpecifiedLineTradeSettlement'])",
    "item_property": "count(//*[local-name()='ApplicableProductCharacteristic'])",
    "item_classification": "count(//*[local-name()='ClassCode'])",
}
PLAN_ROWS = {
    "plan": "count(/*)",
    "statement": "count(//*[local-name()='Statements']/*)",
    "query_plan": "count(//*[local-name()='QueryPlan'])",
    "parameter": "count(//*[local-name()='ParameterList'][local-name(..)='QueryPlan']/*)",
    "statistics": "count(//*[local-name()='StatisticsInfo'])",
    "wait": "count(//*[local-name()='Wait'][local-name(..)='WaitStats'])",
    "missing_index": "count(//*[local-name()='MissingIndex'])",
    "warning": "count(//*[local-name()='Warnings']/*)",
    "rel_op": "count(//*[local-name()='RelOp'])",
    "run_time": "count(//@ActualRows)",
    "object": "count(//*[local-name()='Object'][ancestor::*[local-name()='RelOp']])",
    "defined_value": "count(//*[local-name()='DefinedValue'])",
    "column_reference": "count(//*[local-name()='ColumnReference'][ancestor::*[local-name()='RelOp']])",
    "output_column": "count(//*[local-name()='OutputList']/*)",
}


def convert_corpus(corpus: Corpus) -> tuple[dict[str, str], Converted]:
    """What of the corpus was refused, with reasons, and the converted tables of the rest."""
    documents = corpus.documents()
    names = list(documents)
    plan = read_contract(corpus.contract, name=str(corpus.contract_file))
    shredded = LxmlShredder(plan).shred(pa.array(documents.values(), pa.binary()), {"key": pa.array(names)})
    refused = {names[row["document"]]: row["reason"] for row in shredded.refused.to_pylist()}
    return refused, select_rows(plan, convert(plan, shredded.extracts))


@pytest.fixture(scope="module")
def invoices() -> Converted:
    refused, converted = convert_corpus(EINVOICES)
    assert refused == {CREDIT_NOTE: "wrong_root"}
    return converted


@pytest.fixture(scope="module")
def credit_notes() -> Converted:
    refused, converted = convert_corpus(CREDITNOTES)
    assert refused == dict.fromkeys(set(EINVOICES.documents()) - {CREDIT_NOTE}, "wrong_root")
    return converted


@pytest.fixture(scope="module")
def cii() -> Converted:
    refused, converted = convert_corpus(CII)
    assert refused == {}
    return converted


@pytest.fixture(scope="module")
def plans() -> Converted:
    refused, converted = convert_corpus(SHOWPLANS)
    assert refused == {}
    return converted


def rows(converted: Converted, table: str, **wanted: object) -> list[dict[str, object]]:
    """The rows of a table that have these values."""
    found = converted.tables[table].to_pylist()
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


def counted(documents: list[bytes], counts: dict[str, str]) -> dict[str, int]:
    parser = etree.XMLParser(encoding="utf-8")
    texts = [data.decode("utf-16") if data.startswith(b"\xff\xfe") else data.decode("utf-8-sig") for data in documents]
    roots = [etree.fromstring(text.encode(), parser) for text in texts]
    return {table: sum(_count(root, path) for root in roots) for table, path in counts.items()}


def _count(root: etree._Element, path: str) -> int:
    count = root.xpath(path)
    assert isinstance(count, float)
    return int(count)


@pytest.mark.corpora
@pytest.mark.parametrize("fixture", ["invoices", "credit_notes", "cii", "plans"])
def test_no_document_is_rejected_and_no_value_changed_in_its_meaning(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    converted = request.getfixturevalue(fixture)
    assert converted.rejected.to_pylist() == []
    changes = converted.changes.to_pylist()
    rules = {row["rule"] for row in changes} - {"row_rejected", "rejected_missing"}
    assert rules <= {
        *("trimmed", "blank_as_null", "clean_upper", "clean_collapse", "clean_replace", "lookup", "kept_unknown"),
        *("several", "keep_if_any"),
    }
    # a delivery's name in UBL and a project's in CII, which the lookup of the roles says are no parties
    dropped = [(row["table"], row["values"]) for row in changes if row["rule"] in ("row_rejected", "keep_if_any")]
    assert dropped == {"invoices": [("party", 1)], "cii": [("party", 1), ("delivery", 1)]}.get(fixture, [])


@pytest.mark.corpora
def test_rows_of_invoices(invoices: Converted) -> None:
    documents = [data for name, data in EINVOICES.documents().items() if name != CREDIT_NOTE]
    assert {name: table.num_rows for name, table in invoices.tables.items()} == counted(documents, INVOICE_ROWS)


@pytest.mark.corpora
def test_rows_of_credit_notes(credit_notes: Converted) -> None:
    documents = [EINVOICES.documents()[CREDIT_NOTE]]
    assert {name: table.num_rows for name, table in credit_notes.tables.items()} == counted(documents, INVOICE_ROWS)


@pytest.mark.corpora
def test_rows_of_cii(cii: Converted) -> None:
    documents = list(CII.documents().values())
    assert {name: table.num_rows for name, table in cii.tables.items()} == counted(documents, CII_ROWS)


@pytest.mark.corpora
def test_rows_of_plans(plans: Converted) -> None:
    documents = list(SHOWPLANS.documents().values())
    assert {name: table.num_rows for name, table in plans.tables.items()} == counted(documents, PLAN_ROWS)


@pytest.mark.corpora
def test_keys_are_unique(invoices: Converted, credit_notes: Converted, cii: Converted, plans: Converted) -> None:
    for corpus, converted in (
        (EINVOICES, invoices),
        (CREDITNOTES, credit_notes),
        (CII, cii),
        (SHOWPLANS, plans),
    ):
        for table in read_contract(corpus.contract, name=corpus.name).tables:
            keys = list(zip(*(converted.tables[table.name][name].to_pylist() for name in table.key), strict=True))
            assert len(set(keys)) == len(keys), table.name
            assert not any(None in key for key in keys), table.name


@pytest.mark.corpora
def test_the_job_of_plans_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proof = run_example("showplans", "SHOWPLANS", SHOWPLANS.folder, monkeypatch, tmp_path)
    assert (proof.loaded, proof.quarantined) == (len(SHOWPLANS.documents()), 0)


def run_example(name: str, variable: str, documents: Path, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Proof:
    shutil.copytree(EXAMPLES, folder / "examples")
    monkeypatch.setenv(variable, str(documents))
    return columnar.run(folder / "examples" / name / "job.yaml").proof


@pytest.mark.corpora
def test_values_of_an_invoice(invoices: Converted) -> None:
    file = "ubl-tc434-example1.xml"
    [invoice] = rows(invoices, "invoice", file=file)
    assert invoice["invoice_id"] == "12115118"
    assert (invoice["issue_date"], invoice["currency"]) == (dt.date(2015, 1, 9), "EUR")
    assert (invoice["line_total"], invoice["payable"]) == (Decimal("229.6000"), Decimal("250.3300"))
    lines = rows(invoices, "invoice_line", file=file)
    assert len(lines) == 20
    assert sum(line["amount"] for line in lines) == invoice["line_total"]  # type: ignore[misc]
    assert (lines[0]["item_name"], lines[0]["quantity"]) == ("PATAT FRITES 10MM 10KG", Decimal("2.000000"))
    assert {row["role"]: row["name"] for row in rows(invoices, "party", file=file)} == {
        "supplier": "De Koksmaat",
        "customer": "ODIN 59",
    }
    [account, *_] = rows(invoices, "payment_means", file=file)
    assert account["account"] == "NL57RABO0107307510"


@pytest.mark.corpora
def test_values_deep_in_invoices(invoices: Converted) -> None:
    attached = rows(invoices, "attachment", file="ubl-tc434-example2.xml")
    assert [row["content"] for row in attached if row["content"]] == [b"Testing Base64 encoding"]
    [pdf] = rows(invoices, "attachment", file="FT G2G_TD01 con Allegato, Bonifico e Split Payment.xml")
    assert pdf["content"].startswith(b"%PDF-1.4")  # type: ignore[attr-defined]
    prices = [row["price"] for row in rows(invoices, "invoice_line", file="ubl-tc434-example8.xml")]
    assert Decimal("0.00880000") in prices
    [subtotal] = rows(invoices, "tax_subtotal", file="guide-example2.xml", category="E")
    assert subtotal["exemption_reason"] == "Exempt New Means of Transport"
    assert {row["role"] for row in rows(invoices, "party")} == {
        "supplier",
        "customer",
        "payee",
        "tax_representative",
    }


@pytest.mark.corpora
def test_values_of_a_credit_note(credit_notes: Converted) -> None:
    [note] = rows(credit_notes, "invoice")
    assert (note["invoice_id"], note["type_code"], note["payable"]) == ("018304 / 28865", "381", Decimal("100.1100"))
    [line] = rows(credit_notes, "invoice_line")
    assert (line["quantity"], line["unit"], line["sellers_item"]) == (Decimal(1), "C62", "V55")


@pytest.mark.corpora
def test_values_of_a_plan(plans: Converted) -> None:
    file = "How many upvotes do I have for each tag.sqlplan"
    [statement] = rows(plans, "statement", file=file)
    assert statement["text"].startswith("SELECT --TOP 20 \n    TagName,")  # type: ignore[attr-defined]
    assert (statement["query_hash"], statement["element"]) == ("0x471784E35D81B328", "StmtSimple")
    operators = {row["node_id"]: row for row in rows(plans, "rel_op", file=file)}
    assert [operators[node]["parent_node_id"] for node in (0, 1, 2, 3)] == [None, 0, 1, 2]
    assert (operators[0]["order_by"], operators[2]["estimated_cpu"]) == ("Expr1012", 9.08085e-05)
    assert [(row["impact_percent"], row["equality_columns"]) for row in rows(plans, "missing_index", file=file)] == [
        (76.9098, "[VoteTypeId]"),
        (99.2377, "[PostId], [VoteTypeId]"),
    ]


@pytest.mark.corpora
def test_the_operators_of_each_plan_are_a_tree(plans: Converted) -> None:
    plan_of = ("file", "statement_no", "query_plan_no")
    nodes = {tuple(row[name] for name in (*plan_of, "node_id")) for row in rows(plans, "rel_op")}
    roots = [row for row in rows(plans, "rel_op") if row["parent_node_id"] is None]
    assert len(roots) == len({tuple(row[name] for name in plan_of) for row in roots}) == len(rows(plans, "query_plan"))
    for row in rows(plans, "rel_op"):
        assert row["parent_node_id"] is None or (*(row[name] for name in plan_of), row["parent_node_id"]) in nodes


@pytest.mark.parametrize(
    "contract",
    ["einvoices/contract.yaml", "einvoices/creditnote.yaml", "einvoices/cii.yaml", "showplans/contract.yaml"],
)
def test_contracts_name_their_schema_and_compile(contract: str) -> None:
    text = (EXAMPLES / contract).read_text(encoding="utf-8")
    assert re.match(r"# yaml-language-server: \$schema=\S+contract\.schema\.json\n", text)
    assert len(read_contract(text, name=contract).tables) == 14


@pytest.mark.parametrize(("job", "tables"), [("einvoices/job.yaml", 3 * 14), ("showplans/job.yaml", 14)])
def test_jobs_are_valid_and_find_their_contracts(
    job: str, tables: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EINVOICES", str(tmp_path))
    monkeypatch.setenv("SHOWPLANS", str(tmp_path))
    read = read_job(EXAMPLES / job)
    assert read.source.url.startswith("folder:")
    assert read.duplicates is None
    plan = read_plan(read)
    assert (len(plan.tables), len(target_tables(plan))) == (tables, 14)
