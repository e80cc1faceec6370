"""The e-invoices of both syntaxes from one job in one set of tables, and the same invoice in both."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from decimal import Decimal

import duckdb
import pytest
from lxml import etree

import columnar
from columnar.bookkeeping.prove import Proof
from tests.oracle.corpora import CII, EINVOICES, Corpus
from tests.test_examples import CII_ROWS, CREDIT_NOTE, EXAMPLES, INVOICE_ROWS, convert_corpus, counted
from transforms.contract import read_contract
from transforms.contract.plan import ContractPlan

# The business examples that the corpus has in both syntaxes, by their number: what is not the same in the rows of both,
# for the documents are not. A column: its values differ. +UBL, +CII: rows that only one of them has.
DIFFERENT = {
    1: {"note": "note subject_code", "payment_means": "account remittance", "invoice_line": "item_name unit"},
    2: {
        "invoice": "period_code profile_id tax_point_date",
        "party": "identification_scheme",
        "payment_means": "+CII",
        "allowance_charge": "reason_code",
        "attachment": "+UBL content file_name mime_type type_code",
        "invoice_line": "order_line period_end price_base_quantity price_base_unit price_discount price_gross quantity"
        " standard_item unit",
        "item_classification": "+UBL code list_id",
    },
    3: {
        "invoice": "line_total payable total_with_tax total_without_tax",
        "party": "company_id identification identification_scheme",
        "party_tax": "+UBL",
        "tax_total": "amount",
        "tax_subtotal": "+UBL",
        "allowance_charge": "reason_code",
        "invoice_line": "+UBL quantity unit",
    },
    4: {"party": "contact_mail", "payment_means": "+CII", "invoice_line": "unit"},
    5: {
        "invoice": "originator_id profile_id tax_point_date",
        "note": "note subject_code",
        "party_tax": "scheme",
        "delivery": "location_scheme",
        "payment_means": "+CII account creditor_id debited_account means_code means_text",
        "allowance_charge": "reason_code",
        "attachment": "+CII content description file_name mime_type reference",
        "invoice_line": "note object_type period_end price_base_unit price_discount unit",
        "line_allowance_charge": "reason_code",
        "item_classification": "+UBL",
    },
    6: {"invoice_line": "unit"},
    7: {
        "invoice": "issue_date",
        "party": "contact_name",
        "payment_means": "+CII",
        "tax_total": "+UBL",
        "invoice_line": "unit",
    },
    8: {
        "invoice": "object_id tax_point_date",
        "payment_means": "+CII",
        "attachment": "+UBL",
        "invoice_line": "price_base_quantity price_base_unit unit",
    },
    9: {
        "invoice": "due_date period_end period_start",
        "payment_means": "+CII",
        "invoice_line": "period_end period_start price_base_quantity",
    },
}
# Values that no document has as they stand: the lookups' words, and numbers of rows.
_MADE = ("role", "syntax", "file", "scheme", "period_code", "note")

Rows = dict[tuple[object, ...], dict[str, object]]


@pytest.fixture(scope="module")
def ubl_rows() -> dict[str, dict[str, Rows]]:
    return _by_document(EINVOICES)


@pytest.fixture(scope="module")
def cii_rows() -> dict[str, dict[str, Rows]]:
    return _by_document(CII)


def _plan(corpus: Corpus) -> ContractPlan:
    return read_contract(corpus.contract, name=str(corpus.contract_file))


def _by_document(corpus: Corpus) -> dict[str, dict[str, Rows]]:
    """File name -> table -> the rest of the row's key -> the row, without the columns of the program."""
    _, converted = convert_corpus(corpus)
    found: dict[str, dict[str, Rows]] = {name: {} for name in corpus.documents()}
    for table in _plan(corpus).tables:
        rest = [name for name in table.key if name != "file"]
        for row in converted.tables[table.name].to_pylist():
            own = {name: value for name, value in row.items() if not name.startswith("_") and name != "file"}
            found[row["file"]].setdefault(table.name, {})[tuple(own[name] for name in rest)] = own
    return found


def _different(ubl: Rows, cii: Rows) -> Iterator[str]:
    yield from ("+UBL" for key in ubl if key not in cii)
    yield from ("+CII" for key in cii if key not in ubl)
    for key in ubl.keys() & cii.keys():
        yield from (name for name, value in ubl[key].items() if name != "syntax" and value != cii[key][name])


@pytest.mark.corpora
@pytest.mark.parametrize("number", DIFFERENT)
def test_the_same_invoice_in_both_syntaxes_gives_the_same_rows(
    number: int, ubl_rows: dict[str, dict[str, Rows]], cii_rows: dict[str, dict[str, Rows]]
) -> None:
    ubl, cii = ubl_rows[f"ubl-tc434-example{number}.xml"], cii_rows[f"CII_example{number}.xml"]
    found = {
        table: " ".join(sorted(set(_different(ubl.get(table, {}), cii.get(table, {}))))) for table in {**ubl, **cii}
    }
    assert {table: names for table, names in found.items() if names} == DIFFERENT[number]


@pytest.mark.corpora
@pytest.mark.parametrize("corpus", [EINVOICES, CII], ids=lambda corpus: corpus.name)
def test_every_value_is_in_its_document(
    corpus: Corpus, ubl_rows: dict[str, dict[str, Rows]], cii_rows: dict[str, dict[str, Rows]]
) -> None:
    rows = ubl_rows if corpus is EINVOICES else cii_rows
    for name, document in corpus.documents().items():
        there = _values(document)
        for table, found in rows[name].items():
            for row in found.values():
                for column, value in row.items():
                    if column not in _MADE and not column.endswith("_no") and value is not None:
                        assert isinstance(value, bytes | bool) or _normal(str(value)) in there, (name, table, column)


def _values(document: bytes) -> set[str]:
    root = etree.fromstring(document)
    texts = {_normal("".join(map(str, element.itertext()))) for element in root.iter("*")}
    found = texts | {_normal(str(value)) for element in root.iter("*") for value in element.attrib.values()}
    return found | {value.replace(" ", "") for value in found} | {value.upper() for value in found if len(value) == 3}


def _normal(text: str) -> str:
    """A value as both syntaxes and the tables write it: without needless blanks and zeros, dates as eight digits."""
    text = " ".join(text.split())
    if re.fullmatch(r"-?\d+\.\d*", text):
        return format(Decimal(text).normalize(), "f")
    return re.sub(r"^(\d{4})-(\d\d)-(\d\d)$", r"\1\2\3", text)


def test_the_tables_of_all_contracts_are_the_same() -> None:
    texts = [
        (EXAMPLES / "einvoices" / name).read_text("utf-8") for name in ("contract.yaml", "creditnote.yaml", "cii.yaml")
    ]
    plans = [read_contract(text, name="contract") for text in texts]
    described = [
        [
            (
                table.name,
                table.key,
                [(each.name, each.type, each.nullable) for each in (*table.inherited, *table.columns)],
            )
            for table in plan.tables
        ]
        for plan in plans
    ]
    assert described[0] == described[1] == described[2]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Proof, duckdb.DuckDBPyConnection]]:
    """The example's job over all documents of the corpus, and one with a root element of no contract."""
    EINVOICES.documents()  # skips where there is no corpus
    folder = tmp_path_factory.mktemp("einvoices")
    shutil.copytree(EXAMPLES / "einvoices", folder / "einvoices")
    shutil.copytree(EINVOICES.folder.parent, folder / "documents")
    (folder / "documents" / "order.xml").write_text("<Order><ID>1</ID></Order>")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("EINVOICES", str(folder / "documents"))
        proof = columnar.run(folder / "einvoices" / "job.yaml").proof
    with duckdb.connect(folder / "einvoices" / "einvoices.duckdb", read_only=True) as connection:
        yield proof, connection


@pytest.mark.corpora
def test_one_job_loads_every_document(loaded: tuple[Proof, duckdb.DuckDBPyConnection]) -> None:
    proof, target = loaded
    documents = {"UBL": len(EINVOICES.documents()), "CII": len(CII.documents())}
    assert (proof.loaded, proof.quarantined, proof.duplicate) == (sum(documents.values()), 1, 0)
    assert dict(target.sql("SELECT syntax, count(*) FROM invoice GROUP BY ALL").fetchall()) == documents
    [(reason, detail)] = target.sql(
        "SELECT reason, detail FROM columnar_document WHERE outcome = 'quarantined'"
    ).fetchall()
    assert reason == "wrong_root"
    assert detail.startswith("the root element is Order; the contracts take {urn:oasis")
    assert detail.count("}") == 3


@pytest.mark.corpora
def test_every_table_has_the_rows_of_both_syntaxes(loaded: tuple[Proof, duckdb.DuckDBPyConnection]) -> None:
    _, target = loaded
    expected = {
        "UBL": counted(list(EINVOICES.documents().values()), INVOICE_ROWS),
        "CII": counted(list(CII.documents().values()), CII_ROWS),
    }
    for syntax, counts in expected.items():
        found = {
            table: target.sql(
                f"SELECT count(*) FROM {table} SEMI JOIN (FROM invoice WHERE syntax = '{syntax}') USING (file)"
            ).fetchall()[0][0]
            for table in counts
        }
        assert found == counts, syntax


@pytest.mark.corpora
def test_the_job_loads_what_the_contracts_do_on_their_own(
    loaded: tuple[Proof, duckdb.DuckDBPyConnection],
    ubl_rows: dict[str, dict[str, Rows]],
    cii_rows: dict[str, dict[str, Rows]],
) -> None:
    _, target = loaded
    for folder, documents in (("ubl", ubl_rows), ("cii", cii_rows)):
        for table in _plan(CII).tables:
            rows: list[Mapping[str, object]] = [
                {**row, "file": f"{folder}/{file}"}
                for file, tables in documents.items()
                if file != CREDIT_NOTE
                for row in tables.get(table.name, {}).values()
            ]
            relation = target.sql(f"FROM {table.name} WHERE file LIKE '{folder}/%' AND file NOT LIKE '%/{CREDIT_NOTE}'")
            found = [dict(zip(relation.columns, values, strict=True)) for values in relation.fetchall()]
            key = [name for name in relation.columns if name in table.key]
            assert _sorted(found, key) == _sorted(rows, key)


def _sorted(rows: list[Mapping[str, object]] | list[dict[str, object]], key: list[str]) -> list[dict[str, object]]:
    return sorted((dict(row) for row in rows), key=lambda row: [str(row[name]) for name in key])
