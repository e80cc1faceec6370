"""`check`: tables beside their sources, changes, quarantine, coverage, independence, and how all of it reads."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rich.cells import cell_len

from columnar.checking.check import CheckReport, check, check_text, exit_code
from columnar.checking.check_report import Cell, Changed, Difference, SampleRow, StandIn, TableSample
from tests.oracle.corpora import CREDITNOTES, EINVOICES, SHOWPLANS, Corpus
from transforms.contract import read_contract
from transforms.contract.plan import ContractPlan

CONTRACT = """
version: 1
root: Loans
lookups:
  role: {PR: primary, CO: joint}
tables:
  loan:
    rows: /Loans/Loan
    columns:
      id: {path: "@id", type: int64, nullable: false}
      amount: {path: amount, type: "decimal(9,2)", on_invalid: null}
      day: {path: "@day", type: date, on_invalid: reject_document}
      note: {path: "note", trim: true}
    key: [id]
  contact:
    rows: /Loans/Loan/contact
    parent: loan
    columns:
      role: {path: "@role", lookup: role, on_unknown: reject_row}
      ssn: {path: "@ssn", clean: [digits]}
      never: {path: "@Kind"}
    where: "role IS NOT NULL"
  empty:
    rows: /Loans/None
    columns: {x: {path: "@x"}}
    load: false
"""
GOOD = """<?xml version="1.0"?>
<Loans>
  <Loan id="7"
        day="2024-02-29">
    <amount>12.5</amount><note> a </note>
\t<contact role="PR" ssn="001-22" kind="x"/>
    <contact ssn="2"/>
  </Loan>
</Loans>
"""


def plan(text: str = CONTRACT) -> ContractPlan:
    return read_contract(text, name="contract.yaml")


def table(report: CheckReport, name: str) -> TableSample:
    return next(each for each in report.tables if each.name == name)


def first(contract: str, documents: list[tuple[str, bytes | str]]) -> SampleRow:
    return check(plan(contract), documents).tables[0].sample[0]


def test_rows_stand_beside_their_source() -> None:
    report = check(plan(), [("a.xml", GOOD)])
    loan = table(report, "loan")
    assert (loan.rows, loan.documents, loan.path) == (1, 1, "/Loans/Loan")
    assert loan.sample == (
        SampleRow(
            "a.xml",
            3,
            3,
            '<Loan id="7" day="2024-02-29">',
            (
                Cell("id", 7, "7"),
                Cell("amount", "12.50", "12.50", "12.5"),
                Cell("day", "2024-02-29", "2024-02-29"),
                Cell("note", "a", "a", " a "),
            ),
        ),
    )
    (contact,) = table(report, "contact").sample
    assert (contact.line, contact.column) == (6, 2)
    assert contact.source == '<contact role="PR" ssn="001-22" kind="x"/>'
    assert contact.cells == (
        Cell("id", 7, "7"),  # the parent's key
        Cell("role", "primary", "primary", "PR"),
        Cell("ssn", "00122", "00122", "001-22"),
        Cell("never", None, ""),
    )


def test_columns_are_described() -> None:
    heads = table(check(plan(), [("a.xml", GOOD)]), "contact").columns
    assert [(head.name, head.type, head.path, head.key, head.inherited) for head in heads] == [
        ("id", "int64", "@id", False, True),
        ("role", "string", "@role", False, False),
        ("ssn", "string", "@ssn", False, False),
        ("never", "string", "@Kind", False, False),
    ]


def test_changes_are_counted_with_an_example() -> None:
    other = GOOD.replace("12.5", "n/a").replace('"7"', '"8"').replace('role="PR"', 'role="ZZ"')
    report = check(plan(), [("a.xml", GOOD), ("b.xml", other)])
    assert table(report, "loan").changed == (
        Changed("amount", "nulled_invalid", 1, ("n/a", "")),
        Changed("note", "trimmed", 2, (" a ", "a")),
    )
    assert set(table(report, "contact").changed) == {
        Changed("role", "lookup", 1, ("PR", "primary")),
        Changed("role", "rejected_unknown", 1, ("ZZ", "row left out")),
        Changed("ssn", "clean_digits", 2, ("001-22", "00122")),
        Changed("", "row_rejected", 1),
        Changed("", "where", 2),
    }
    assert exit_code(report) == 0
    assert "'ZZ' -> row left out" in check_text(report)


@pytest.mark.parametrize(
    ("column", "texts", "example"),
    [
        ("trim: true", ["a", " b"], (" b", "b")),
        ("trim: true, null_words: [none]", ["b", "None "], ("None ", "")),
        ("clean: [upper]", ["A", "b"], ("b", "B")),
        ("type: 'string(2)', on_too_long: truncate", ["ab", "abc"], ("abc", "ab")),
        ("type: int8, on_invalid: null", ["1", "", "x"], ("x", "")),
        ("default: z", ["a", "  "], ("  ", "z")),
        ("type: int8, on_invalid: reject_row", ["1", "300", "n"], ("n", "row left out")),
        ("type: int8, on_invalid: null", ["007", "n"], ("n", "")),
        ("clean: [upper, digits]", ["a1", "7"], ("a1", "1")),
        ("type: 'decimal(3,1)', on_inexact: round_half_up", ["1", "1.25"], ("1.25", "1.3")),
    ],
)
def test_the_example_is_of_a_value_that_the_rule_changes(
    column: str, texts: list[str], example: tuple[str, str]
) -> None:
    contract = f"{{version: 1, root: r, tables: {{t: {{rows: /r/x, columns: {{c: {{path: '@c', {column}}}}}}}}}}}"
    report = check(plan(contract), [("a", "<r>" + "".join(f"<x c='{text}'/>" for text in texts) + "</r>")])
    assert example in [change.example for change in report.tables[0].changed]
    assert check_text(report).count(" -> ") >= 1


def test_text_that_no_encoding_holds() -> None:
    report = check(plan(), [("a", "<Loans>\ud800</Loans>"), ("b", GOOD)])
    assert [(each.document, each.reason) for each in report.quarantined] == [("a", "encoding")]


def test_at_most_so_many_rows() -> None:
    documents: list[tuple[str, bytes | str]] = [(f"{number}.xml", GOOD) for number in range(4)]
    loan = table(check(plan(), documents, rows=2), "loan")
    assert (loan.rows, [row.document for row in loan.sample]) == (4, ["0.xml", "1.xml"])
    assert table(check(plan(), documents, rows=0), "loan").sample == ()


def test_quarantined_documents_say_where_and_why() -> None:
    documents: list[tuple[str, bytes | str]] = [
        ("good.xml", GOOD),
        ("cut.xml", GOOD[:60]),
        ("day.xml", GOOD.replace("2024-02-29", "2024-02-30")),
        ("root.xml", "\n<Other/>"),
        ("empty.xml", ""),
        ("bytes.xml", b"<Loans>\n<a>\xff</a></Loans>"),
        ("amp.xml", "<Loans>\n <a b='" + "x" * 500 + "'>a & b</a></Loans>"),
    ]
    report = check(plan(), documents)
    found = {each.document: each for each in report.quarantined}
    assert {name: (each.reason, each.line) for name, each in found.items()} == {
        "cut.xml": ("truncated", 4),
        "day.xml": ("invalid_value", 4),
        "root.xml": ("wrong_root", 2),
        "empty.xml": ("empty", 0),
        "bytes.xml": ("encoding", 2),
        "amp.xml": ("not_well_formed", 2),
    }
    assert found["day.xml"].source == 'day="2024-02-30">'
    assert found["root.xml"].source == "<Other/>"
    assert found["empty.xml"].source == ""
    assert found["bytes.xml"].source == "<a>\ufffd</a></Loans>"
    assert found["amp.xml"].column > 500
    assert found["amp.xml"].source.startswith("…xxx")
    assert "a & b" in found["amp.xml"].source
    assert (report.documents, report.coverage.documents, exit_code(report)) == (7, 2, 1)
    assert "7 documents, " in check_text(report)
    assert "1 would load, 6 would not" in check_text(report)


@pytest.mark.parametrize(
    "document",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.replace("?>", ' encoding="utf-16"?>').encode("utf-16"),
        GOOD.replace("?>", ' encoding="utf-16"?>'),
        GOOD.replace("?>", ' encoding="iso-8859-1"?>').encode("iso-8859-1"),
        GOOD.replace("\n", "\r\n"),
    ],
)
def test_text_and_bytes_with_and_without_marks(document: bytes | str) -> None:
    report = check(plan(), [("a.xml", document)])
    (row,) = table(report, "contact").sample
    assert report.quarantined == ()
    assert (row.line, row.column, row.source) == (6, 2, '<contact role="PR" ssn="001-22" kind="x"/>')


def test_text_and_bytes_together_keep_their_order() -> None:
    documents: list[tuple[str, bytes | str]] = [
        ("0", GOOD),
        ("1", b"<Loans"),
        ("2", GOOD.encode()),
        ("3", "<Loans"),
        ("4", GOOD),
    ]
    report = check(plan(), documents)
    assert [row.document for row in table(report, "loan").sample] == ["0", "2", "4"]
    assert [each.document for each in report.quarantined] == ["1", "3"]
    assert (report.compared, report.differences) == (5, ())


def test_a_document_in_one_line_is_shown_from_its_tag_on() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r/x, columns: {n: '@n'}}}}"
    row = first(contract, [("a", "<r>" + "<y/>" * 1000 + '<x n="1"/>' + "<y/>" * 1000 + "</r>")])
    assert (row.line, row.column, row.source[:14]) == (1, 4004, '<x n="1"/><y/>')
    assert len(row.source) == 240


def test_what_would_not_print_is_escaped() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r, columns: {n: '@n'}}}}"
    documents: list[tuple[str, bytes | str]] = [("a\x1b[2J", '<r n="\x9b31m\u202e" \x85="1"/>'), ("b", '<r n="\x9b"/>')]
    text = check_text(check(plan(contract), documents))
    assert all(line.isprintable() for line in text.splitlines())
    assert "\\x1b[2J" in text


def test_the_rows_of_a_comment_and_cdata_are_not_confused() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r/x, columns: {n: '@n'}}}}"
    row = first(contract, [("a", "<r><!-- <x n='0'/> --><![CDATA[<x n='0'/>]]>\n <?x <x?><x n='1' m='>'/></r>")])
    assert (row.line, row.column, row.source) == (2, 10, "<x n='1' m='>'/></r>")


def test_more_lines_than_libxml2_counts() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r/x, columns: {n: '@n'}}}}"
    row = first(contract, [("a", "<r>" + "\n" * 70_000 + "<x n='1'/></r>")])
    assert (row.line, row.column) == (70_001, 1)


def test_a_contract_that_looks_at_other_documents_is_an_error() -> None:
    contract = CONTRACT.replace('"role IS NOT NULL"', '"_document % 2 = 0"')
    report = check(plan(contract), [("a.xml", GOOD), ("b.xml", GOOD)])
    assert report.differences == (Difference("b.xml", "contact", "2 rows", "0 rows"),)
    assert exit_code(report) == 5
    text = check_text(report)
    assert "NOT THE SAME ALONE AND TOGETHER" in text
    assert "b.xml, table contact" in text
    assert "together: 0 rows" in text


def test_one_document_is_compared_with_a_copy_of_itself() -> None:
    contract = CONTRACT.replace('"role IS NOT NULL"', '"_document % 2 = 0"')
    assert exit_code(check(plan(contract), [("a.xml", GOOD)])) == 5
    report = check(plan(), [("a.xml", GOOD)])
    assert (report.compared, exit_code(report)) == (2, 0)
    assert "beside a copy of itself" in check_text(report)


def test_a_difference_names_row_and_values(monkeypatch: pytest.MonkeyPatch) -> None:
    import columnar.checking.check_run as module

    right = module.tables_of

    def wrong(*arguments: object) -> object:  # gives the second document of a batch the text of another
        selected = right(*arguments)  # type: ignore[arg-type]
        loan = selected.tables["loan"]
        if loan.num_rows < 2:
            return selected
        notes = loan.column("note").to_pylist()
        at = loan.schema.get_field_index("note")
        loan = loan.set_column(at, loan.schema.field(at), [[notes[0], "b"]])
        return replace(selected, tables={**selected.tables, "loan": loan})

    monkeypatch.setattr(module, "tables_of", wrong)
    report = check(plan(), [("a.xml", GOOD), ("b.xml", GOOD)])
    assert report.differences == (Difference("b.xml", "loan", "row 1 (line 4) note = 'a'", "note = 'b'"),)


def test_nan_is_the_same_as_nan() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r, columns: {n: {path: '@n', type: float64}}}}}"
    report = check(plan(contract), [("a", '<r n="NaN"/>'), ("b", '<r n="INF"/>')])
    assert report.differences == ()
    assert [row.cells[0].value for row in report.tables[0].sample] == ["nan", "inf"]
    assert json.loads(json.dumps(report.as_dict(), allow_nan=False))


def test_sql_that_fails_on_a_value_is_told_for_that_document() -> None:
    contract = CONTRACT.replace('"role IS NOT NULL"', '"CAST(ssn AS INTEGER) < 999999"')
    report = check(plan(contract), [("a.xml", GOOD), ("b.xml", GOOD.replace("001-22", "99999999999"))])
    assert [(each.document, each.reason) for each in report.quarantined] == [("b.xml", "sql_error")]
    assert (report.compared, table(report, "loan").rows, report.differences) == (2, 1, ())
    assert exit_code(report) == 1


@pytest.mark.parametrize(
    ("kind", "stand_in"),
    [
        ("string", StandIn("key", "the document's name", "a-long-name.xml")),
        ("string(5)", StandIn("key", "the document's number", "1")),
        ("int64", StandIn("key", "the document's number", "1")),
        ("decimal(9,0)", StandIn("key", "the document's number", "1")),
        ("uuid", StandIn("key", "the document's number as a UUID", "00000000-0000-0000-0000-000000000001")),
        ("date", StandIn("key", "a day", "2000-01-01")),
        ("timestamptz", StandIn("key", "a day", "2000-01-01T00:00:00Z")),
    ],
)
def test_source_keys_are_made_up_so_that_they_fit(kind: str, stand_in: StandIn) -> None:
    contract = f"{{version: 1, root: r, tables: {{t: {{rows: /r, columns: {{k: {{path: $key, type: '{kind}'}}}}}}}}}}"
    report = check(plan(contract), [("a-long-name.xml", "<r/>")])
    assert report.stand_ins == (stand_in,)
    assert report.quarantined == ()
    assert "$key reads " + stand_in.what in check_text(report)


def test_source_keys_can_be_given() -> None:
    contract = "{version: 1, root: r, tables: {t: {rows: /r, columns: {k: {path: $key, type: int64}}}}}"
    report = check(plan(contract), [("a", "<r/>"), ("b", "<r/>")], keys={"key": ["70", "80"]})
    assert [row.cells[0].value for row in report.tables[0].sample] == [70, 80]
    assert report.stand_ins == ()


def test_no_documents() -> None:
    report = check(plan(), [])
    assert (report.documents, report.compared, exit_code(report)) == (0, 0, 0)
    assert check_text(report).startswith("0 documents, 0 B: 0 would load.\n")


def test_lists_long_values_and_bytes() -> None:
    contract = """
    {version: 1, root: r, tables: {t: {rows: /r, columns: {
        l: {path: x, many: list, type: int32}, b: {path: b, type: binary}, s: {path: s}, f: {path: f, type: bool}}}}}
    """
    row = first(contract, [("a", f"<r><x>1</x><x>02</x><b>AAH/</b><s>{'y' * 5000}</s><f>1</f></r>")])
    assert row.cells[:2] == (
        Cell("l", "[1, 2]", "[1, 2]", "[1, 02]"),
        Cell("b", "0x0001ff", "0x0001ff", "AAH/"),
    )
    assert row.cells[2].text == "y" * 999 + "…"
    assert row.cells[3] == Cell("f", True, "true", "1")


def test_the_report_is_json() -> None:
    report = check(plan(), [("a.xml", GOOD), ("b.xml", "<Loans")])
    data = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert data["tables"][0]["sample"][0]["cells"][1] == {
        "column": "amount",
        "value": "12.50",
        "text": "12.50",
        "source": "12.5",
    }
    assert data["coverage"]["attributes"] == {"read": 5, "total": 6}
    assert data["quarantined"][0]["reason"] == "truncated"


def test_the_text_of_a_small_check() -> None:
    text = check_text(check(plan(), [("a.xml", GOOD)]))
    assert text == (
        """\
1 document, 199 B: 1 would load.

TABLES
  table    rows  documents  changed  dropped  rows from
  loan        1          1        1        -  /Loans/Loan
  contact     1          1        2        1  /Loans/Loan/contact
  empty       -          -        -        -  /Loans/None  (not loaded)

loan: 1 row of 1 document
-------------------------
  [1]  a.xml:3:3  <Loan id="7" day="2024-02-29">

  column (* key)  type          [1]
  id *            int64         7
  amount          decimal(9,2)  12.50
  day             date          2024-02-29
  note            string        a

  changed:
    note  trimmed  1  ' a ' -> 'a'

contact: 1 row of 1 document
----------------------------
  [1]  a.xml:6:2  <contact role="PR" ssn="001-22" kind="x"/>

  column  type    [1]
  id      int64   7
  role    string  primary
  ssn     string  00122
  NULL in it: never

  changed:
    role  lookup        1  'PR' -> 'primary'
    ssn   clean_digits  1  '001-22' -> '00122'
  rows dropped: 1 by where

READ BY THE CONTRACT, of 1 document that is well-formed and has its root element
  attributes   [#################...]   83.3 %  5 of 6
  texts        [####################]  100.0 %  2 of 2
  their bytes  [###################.]   96.4 %  27 B of 28 B; with names and markup, the documents have 199 B

NOT READ: 1 of 7 paths, those with most values first
  values  blank  documents  path                       for example
       1      -          1  /Loans/Loan/contact/@kind  x

FOUND IN NO DOCUMENT: paths of the contract that may be wrong, or optional
  contact.never  @Kind        there is /Loans/Loan/contact/@kind
  empty (rows)   /Loans/None

Each document gives the same rows alone and beside a copy of itself.
"""
    )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    wide = GOOD.replace("<note> a ", "<note> " + "幅広い" * 100).replace("001-22", "9" * 300)
    documents: list[tuple[str, bytes | str]] = [(f"{'名前' * 30}{number}.xml", wide) for number in range(7)]
    documents += [("x" * 300, "<Loans>" + "y" * 400 + "&")]
    text = check_text(check(plan(), documents, rows=7), width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@pytest.mark.corpora
@pytest.mark.parametrize(
    ("corpus", "attributes", "texts"), [(EINVOICES, 0.75, 0.98), (CREDITNOTES, 0.6, 0.98), (SHOWPLANS, 0.9, 1.0)]
)
def test_the_examples(corpus: Corpus, attributes: float, texts: float) -> None:
    documents = corpus.documents()
    report = check(plan(corpus.contract), list(documents.items()))
    assert report.differences == ()
    loaded = set(documents) - {each.document for each in report.quarantined}
    assert report.coverage.documents == len(loaded)
    assert {each.reason for each in report.quarantined} <= {"wrong_root"}
    assert report.coverage.attributes.fraction > attributes
    assert report.coverage.texts.fraction >= texts
    for sampled in report.tables:
        for row in sampled.sample:
            assert row.column > 0
            assert row.source.startswith("<")
    text = check_text(report)
    assert max(cell_len(line) for line in text.splitlines()) <= 120
    assert all(line.isprintable() for line in text.splitlines())
