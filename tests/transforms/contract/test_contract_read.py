"""A right contract: what it compiles to."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from transforms.contract import ContractPlan, locate, read_contract
from transforms.contract.plan import (
    CleanStep,
    ColumnPlan,
    ColumnType,
    Declaration,
    Distinct,
    Limits,
    Lookup,
    Many,
    Reaction,
    TypeKind,
)
from transforms.errors import ContractError, Problem
from transforms.path.model import NameTest, XPath
from transforms.path.parse import parse_row_path, parse_value_path

LOANS = """\
# yaml-language-server: $schema=contract.schema.json
version: 1
root: ln:LoanRequest
namespaces: {ln: "urn:example:loan"}
lookups:
  decision: {APPROVED: 50, DECLINED: 51}
  flag: {Y: true, N: false, NO: 0, 01: "yes", "": null}
document: {decode: [gzip], declaration: trust, limits: {bytes: 1MiB, depth: 20, text: 2KB}}
tables:
  phone:
    rows: /ln:LoanRequest/Request/contact/phone
    parent: contact
    columns: {number: {path: ., clean: [digits], type: string(15)}}
  contact:
    rows: /ln:LoanRequest/Request/contact
    parent: application
    columns:
      contact_id: {path: "@id", type: int64}
      role: "@role"
      ssn: {path: "@ssn", clean: [digits]}
    where: contact_id IS NOT NULL AND role IN ('PR', 'AUTHU')
    distinct: {on: [contact_id], order: "role = 'PR' DESC, _position DESC"}
    keep_if_any: [role, ssn]
    key: [contact_id]
  application:
    rows: /ln:LoanRequest/Request
    columns:
      application_id: {path: "@ID", type: int64}
      received_at:
        path: Data/@received
        type: timestamp
        formats: ["%Y-%m-%d %H:%M:%S.%f", "%m/%d/%Y"]
        on_invalid: null
      decision_code: {path: Data/@decision, type: int16, lookup: decision, on_unknown: null, ignore_case: true}
      note: {path: Data/note, type: string(200), on_too_long: truncate, default: 007, trim: true}
      all_notes: {path: Data/note, many: join, separator: "; "}
      items: {xpath: "count(ln:item)", type: int32}
    key: [application_id]
    load: false
"""


@pytest.fixture(scope="module")
def loans() -> ContractPlan:
    return read_contract(LOANS, name="loans.yaml")


def column(plan: ContractPlan, table: str, name: str) -> ColumnPlan:
    return next(column for column in plan.table(table).columns if column.name == name)


def one_column(text: str, *, key: str = "", more: str = "") -> ContractPlan:
    """A contract of one table with one column `c`, as `text` says."""
    return read_contract(
        f"version: 1\nroot: r\n{more}\ntables: {{t: {{rows: /r, columns: {{c: {text}}}{key}}}}}", name="one.yaml"
    )


def test_document_section(loans: ContractPlan) -> None:
    assert loans.root == NameTest("LoanRequest", "urn:example:loan")
    assert loans.decode == ("gzip",)
    assert loans.declaration is Declaration.TRUST
    assert loans.limits == Limits(document_bytes=2**20, depth=20, text_bytes=2000)


def test_parents_come_first_and_hand_down_their_keys(loans: ContractPlan) -> None:
    assert [table.name for table in loans.tables] == ["application", "contact", "phone"]
    gained = {table.name: [column.name for column in table.inherited] for table in loans.tables}
    assert gained == {"application": [], "contact": ["application_id"], "phone": ["application_id", "contact_id"]}
    assert loans.table("phone").inherited[0] == column(loans, "application", "application_id")


def test_tables_keep_their_order_where_parents_allow_it() -> None:
    tables = {name: {"rows": f"//{name}", "columns": {"x": "."}, "parent": parent} for name, parent in
              {"e": "a", "d": "", "a": "c", "c": "", "b": "e"}.items()}  # fmt: skip
    for table in tables.values():
        if not table["parent"]:
            del table["parent"]
    plan = read_contract(json.dumps({"version": 1, "root": "r", "tables": tables}), name="order.json")
    assert [table.name for table in plan.tables] == ["c", "a", "e", "d", "b"]


def test_paths_are_parsed_with_the_namespaces(loans: ContractPlan) -> None:
    namespaces = {"ln": "urn:example:loan"}
    assert loans.table("contact").rows == parse_row_path("/ln:LoanRequest/Request/contact", namespaces)
    assert column(loans, "application", "note").path == parse_value_path("Data/note", namespaces)
    assert column(loans, "application", "items").path == XPath("count(ln:item)", (("ln", "urn:example:loan"),))


def test_rules_of_a_table(loans: ContractPlan) -> None:
    contact = loans.table("contact")
    assert contact.key == ("contact_id",)
    assert contact.where == "contact_id IS NOT NULL AND role IN ('PR', 'AUTHU')"
    assert contact.distinct == Distinct(("contact_id",), "role = 'PR' DESC, _position DESC")
    assert contact.keep_if_any == ("role", "ssn")
    assert [table.load for table in loans.tables] == [False, True, True]


def test_a_path_alone_is_a_column_of_text_with_every_default(loans: ContractPlan) -> None:
    role = column(loans, "contact", "role")
    assert role.path == parse_value_path("@role", {})
    assert role.type == ColumnType(TypeKind.STRING)
    assert (role.nullable, role.many, role.trim, role.blank_as_null, role.null_words) == (
        True,
        Many.FIRST,
        False,
        True,
        (),
    )
    assert (role.clean, role.lookup, role.formats, role.default) == ((), None, (), None)
    assert role.on_missing is Reaction.NULL
    assert {role.on_invalid, role.on_unknown, role.on_too_long, role.on_inexact} == {Reaction.REJECT_DOCUMENT}


def test_a_bare_null_is_the_reaction(loans: ContractPlan) -> None:
    received = column(loans, "application", "received_at")
    assert received.on_invalid is Reaction.NULL
    assert {received.on_unknown, received.on_too_long, received.on_inexact} == {Reaction.NULL}  # as on_invalid
    assert column(loans, "application", "decision_code").on_unknown is Reaction.NULL


def test_scalars_stay_as_written(loans: ContractPlan) -> None:
    assert column(loans, "application", "note").default == "007"
    assert one_column("{path: a, default: 1.10}").tables[0].columns[0].default == "1.10"
    assert one_column("{path: a, default: 2020-01-02, type: date}").tables[0].columns[0].default == "2020-01-02"
    words = one_column("{path: a, null_words: [null, ~, NO, 0, n/a]}").tables[0].columns[0].null_words
    assert words == ("null", "null", "NO", "0", "n/a")


def test_lookups_keep_the_text_of_both_sides() -> None:
    plan = one_column(
        "{path: a, lookup: flag, type: bool, ignore_case: true}",
        more='lookups: {flag: {Y: true, N: FALSE, NO: 0, 01: "yes", "": null}}',
    )
    entries = (
        ("", None),
        ("01", "yes"),
        ("N", "false"),
        ("NO", "0"),
        ("Y", "true"),
    )  # sorted: their order means nothing
    assert plan.tables[0].columns[0].lookup == Lookup("flag", entries, ignore_case=True)


def test_clean_steps() -> None:
    numbers = "number, {number: {decimal: ',', group: ''}}, {number: {decimal: ','}}"
    steps = f"[digits, collapse, {numbers}, {{replace: {{pattern: '^0+'}}}}]"
    assert one_column(f"{{path: a, clean: {steps}}}").tables[0].columns[0].clean == (
        CleanStep("digits"),
        CleanStep("collapse"),
        CleanStep("number"),
        CleanStep("number", decimal=",", group=""),
        CleanStep("number", decimal=",", group="."),
        CleanStep("replace", pattern="^0+"),
    )


def test_key_columns_are_not_nullable(loans: ContractPlan) -> None:
    key = column(loans, "application", "application_id")
    assert not key.nullable
    assert key.on_missing is Reaction.REJECT_DOCUMENT


@pytest.mark.parametrize(
    ("text", "on_missing"),
    [
        ("{path: a}", Reaction.NULL),
        ("{path: a, nullable: false}", Reaction.REJECT_DOCUMENT),
        ("{path: a, nullable: false, on_missing: reject_row}", Reaction.REJECT_ROW),
        ("{path: a, default: x}", Reaction.DEFAULT),
        ("{path: a, nullable: false, default: x}", Reaction.DEFAULT),
        ("{path: a, default: x, on_missing: null}", Reaction.NULL),
    ],
)
def test_what_on_missing_falls_back_to(text: str, on_missing: Reaction) -> None:
    assert one_column(text).tables[0].columns[0].on_missing is on_missing


def test_defaults_of_the_contract() -> None:
    more = (
        "defaults: {trim: true, blank_as_null: false, null_words: ['-'], on_invalid: reject_row,"
        " on_missing: reject_row, on_inexact: round_half_up, on_too_long: truncate, on_unknown: keep,"
        " formats: {date: ['%d.%m.%Y']}}"
    )
    stated = one_column("{path: a, type: date}", more=more).tables[0].columns[0]
    assert (stated.trim, stated.blank_as_null, stated.null_words) == (True, False, ("-",))
    assert stated.formats == ("%d.%m.%Y",)
    assert (stated.on_invalid, stated.on_missing) == (Reaction.REJECT_ROW, Reaction.REJECT_ROW)
    assert (stated.on_inexact, stated.on_too_long, stated.on_unknown) == (
        Reaction.ROUND_HALF_UP,
        Reaction.TRUNCATE,
        Reaction.KEEP,
    )
    own = "{path: a, type: date, trim: false, null_words: [], formats: ['%Y%m%d'], on_invalid: null, default: 20200101}"
    column = one_column(own, more=more).tables[0].columns[0]
    assert (column.trim, column.blank_as_null, column.null_words) == (False, False, ())
    assert column.formats == ("%Y%m%d",)
    assert (column.on_invalid, column.on_missing) == (Reaction.NULL, Reaction.DEFAULT)
    assert one_column("{path: a, type: timestamp}", more=more).tables[0].columns[0].formats == ()


def test_a_default_null_for_missing_gives_way_to_not_nullable() -> None:
    plan = one_column("{path: a, nullable: false}", more="defaults: {on_missing: null}")
    assert plan.tables[0].columns[0].on_missing is Reaction.REJECT_DOCUMENT


@pytest.mark.parametrize("path", ["../@id", "/r/@id", "ancestor::r[1]/@id", "$key"])
def test_a_column_may_read_the_parents_key_itself(path: str) -> None:
    tables = f"""
  t: {{rows: /r, columns: {{id: "{"$key" if path == "$key" else "@id"}"}}, key: [id]}}
  u: {{rows: /r/u, parent: t, columns: {{id: "{path}", no: "@no"}}, key: [id, no]}}
"""
    plan = read_contract(f"version: 1\nroot: r\ntables:{tables}", name="own.yaml")
    assert plan.table("u").inherited == ()
    assert [column.name for column in plan.table("u").columns] == ["id", "no"]


def test_two_tables_over_the_same_rows_may_share_a_key_column() -> None:
    tables = """
  t: {rows: /r, columns: {id: "@id"}, key: [id]}
  u: {rows: /r, parent: t, columns: {id: "@id", a: "@a"}, key: [id]}
"""
    assert read_contract(f"version: 1\nroot: r\ntables:{tables}", name="same.yaml").table("u").inherited == ()


def test_descendant_rows_may_have_any_parent() -> None:
    tables = """
  t: {rows: //a, columns: {id: "@id"}}
  u: {rows: /r/b, parent: t, columns: {id: "@id"}}
  v: {rows: /*/a/b, parent: w, columns: {id: "@id"}}
  w: {rows: /r/*, columns: {id: "@id"}}
"""
    assert len(read_contract(f"version: 1\nroot: r\ntables:{tables}", name="any.yaml").tables) == 4


def test_json_and_yaml_are_one_language() -> None:
    data = {
        "version": 1,
        "root": "r",
        "lookups": {"flag": {"Y": True, "N": None}},
        "tables": {
            "t": {
                "rows": "/r",
                "columns": {"c": {"path": "a/b", "lookup": "flag", "on_unknown": None}, "d": "\U0001f600"},
            }
        },
    }
    yaml = """
version: 1
root: r
lookups: {flag: {Y: true, N: null}}
tables: {t: {rows: /r, columns: {c: {path: a/b, lookup: flag, on_unknown: null}, d: "\U0001f600"}}}
"""
    plan = read_contract(yaml, name="a.yaml")
    assert plan.tables[0].columns[1].path.source == "\U0001f600"
    assert read_contract(json.dumps(data), name="a.json") == plan  # the character as two escapes
    assert read_contract(json.dumps(data, indent="\t", ensure_ascii=False), name="a.json") == plan  # YAML has no tabs


def test_the_canonical_text_is_the_same_contract(loans: ContractPlan) -> None:
    again = read_contract(loans.text, name="loans.json")
    assert again == loans
    assert json.loads(loans.text)["document"]["limits"]["bytes"] == 2**20


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# yaml", "# another comment"),
        ("{APPROVED: 50, DECLINED: 51}", "{DECLINED: 51, APPROVED: 50}"),
        ("{decode: [gzip], declaration: trust, ", "{declaration: trust, decode: [gzip], "),
        ('role: "@role"', "role: {path: '@role'}"),
        ("1MiB", "1048576"),
        ('contact_id: {path: "@id", type: int64}', 'contact_id: {type: int64, path: "@id"}'),
    ],
)
def test_the_hash_ignores_what_means_nothing(loans: ContractPlan, before: str, after: str) -> None:
    assert before in LOANS
    assert read_contract(LOANS.replace(before, after), name="x").sha256 == loans.sha256


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('      role: "@role"\n      ssn: {path: "@ssn", clean: [digits]}\n',
         '      ssn: {path: "@ssn", clean: [digits]}\n      role: "@role"\n'),
        ("APPROVED: 50", "APPROVED: 52"),
        ("string(200)", "string(201)"),
        ("keep_if_any: [role, ssn]", "keep_if_any: [ssn, role]"),
    ],
)  # fmt: skip
def test_the_hash_tells_the_rest_apart(loans: ContractPlan, before: str, after: str) -> None:
    assert before in LOANS
    assert read_contract(LOANS.replace(before, after), name="x").sha256 != loans.sha256


def test_the_order_of_tables_is_part_of_the_contract() -> None:
    one = "version: 1\nroot: r\ntables: {a: {rows: /r, columns: {x: '@x'}}, b: {rows: /r, columns: {x: '@x'}}}"
    other = "version: 1\nroot: r\ntables: {b: {rows: /r, columns: {x: '@x'}}, a: {rows: /r, columns: {x: '@x'}}}"
    assert read_contract(one, name="x").sha256 != read_contract(other, name="x").sha256


def test_a_byte_order_mark_is_no_content(loans: ContractPlan) -> None:
    assert read_contract("\ufeff" + LOANS, name="loans.yaml") == loans
    with pytest.raises(ContractError) as caught:
        read_contract("\ufeffversion: 2\nroot: r\ntables: {t: {rows: /r, columns: {x: '@x'}}}", name="x")
    assert caught.value.problems[0].column == 10


def test_problems_found_later_get_their_place() -> None:
    late = ContractError(
        [Problem("no function 'foo'", key="tables.contact.where"), Problem("elsewhere", file="job.yaml", line=3)],
        hint="h",
    )
    located = locate(late, LOANS, name="loans.yaml")
    line = next(number for number, text in enumerate(LOANS.splitlines(), 1) if "where:" in text)
    assert located.problems[0] == replace(late.problems[0], file="loans.yaml", line=line, column=12)
    assert located.problems[1] == late.problems[1]
    assert located.hint == "h"


def test_all_problems_are_told_in_the_order_of_the_file() -> None:
    wrong = LOANS.replace("type: int64", "type: integer").replace("load: false", "load: no").replace("gzip", "zip")
    with pytest.raises(ContractError) as caught:
        read_contract(wrong, name="loans.yaml")
    keys = [problem.key for problem in caught.value.problems]
    assert keys == [
        "document.decode[0]",
        "tables.contact.columns.contact_id.type",
        "tables.application.columns.application_id.type",
        "tables.application.load",
    ]
    lines = [problem.line for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert "docs/contract.md" in caught.value.hint
