"""Conversion, SQL and row selection of one chunk, against the fixed cost that a chunk of ten documents shows."""

from __future__ import annotations

import io
import statistics
from typing import Any

import pyarrow as pa
from ruamel.yaml import YAML

from bench.loans import documents, keys, plan
from bench.measure import interleaved
from columnar.demo.job import contract_text
from transforms.contract import ContractPlan, read_contract
from transforms.shred import LxmlShredder
from transforms.tables import tables_of

COUNTS = (10, 500, 5000)

# The twelve tables of the measure, and SQL for them: a third of their columns are calculated or chosen by SQL.
_LEFT_OUT = ("insurance", "dealer", "policy", "policy_exception", "history_event", "note")
_SQL = {
    "application": {
        "income_a_year": {"sql": "stated_income * 12", "type": "decimal(18,2)"},
        "days_open": {"sql": "date_diff('day', submitted_at, completed_at)", "type": "int32"},
        "risk": {"sql": "CASE WHEN debt_to_income > 50 THEN 'H' WHEN debt_to_income > 30 THEN 'M' ELSE 'L' END"},
        "officer": {"sql": "concat_ws('-', branch_number, officer_number)", "type": "string(30)"},
        "any_flag": {"sql": "joint_credit OR employee_loan OR rushed", "type": "bool"},
    },
    "application_terms": {
        "fees": {"sql": "origination_fee + document_fee + title_fee", "type": "decimal(14,2)"},
        "paid": {"sql": "monthly_payment * term_months", "type": "decimal(18,2)"},
        "margin": {"sql": "note_rate - buy_rate", "type": "decimal(9,3)"},
    },
    "contact": {
        "full_name": {"sql": "concat_ws(' ', first_name, middle_initial, last_name)", "type": "string(90)"},
        "age": {"sql": "date_diff('year', birth_date, CAST(application.submitted_at AS DATE))", "type": "int16"},
        "domain": {"sql": "split_part(email, '@', 2)", "type": "string(80)"},
    },
    "contact_address": {"months": {"sql": "coalesce(years_at, 0) * 12 + coalesce(months_at, 0)", "type": "int32"}},
    "contact_employment": {"a_year": {"sql": "gross_monthly * 12", "type": "decimal(14,2)"}},
    "contact_income": {"a_year": {"sql": "amount * times_a_year", "type": "decimal(18,2)"}},
    "bureau_report": {
        "trades": {"sql": "open_trades + closed_trades", "type": "int32"},
        "used": {"sql": "CASE WHEN total_limit > 0 THEN total_balance / total_limit END", "type": "float64"},
    },
    "bureau_score": {"band": {"sql": "CASE WHEN score > 700 THEN 'A' WHEN score > 600 THEN 'B' ELSE 'C' END"}},
    "collateral": {"gap": {"sql": "retail_value - wholesale_value", "type": "decimal(14,2)"}},
    "vehicle": {"km": {"sql": "CASE WHEN odometer_unit = 'MI' THEN odometer * 2 ELSE odometer END", "type": "int32"}},
    "decision": {"share": {"sql": "approved_amount * approved_term", "type": "decimal(18,2)"}},
}


def with_sql() -> ContractPlan:
    """Twelve tables and 220 columns: eleven of the demonstration's, their SQL, and one table made by SQL."""
    contract: dict[str, Any] = YAML(typ="safe").load(contract_text())
    tables = {name: table for name, table in contract["tables"].items() if name not in _LEFT_OUT}
    for name, columns in _SQL.items():
        tables[name]["columns"] |= columns
    tables["summary"] = {
        "sql": "SELECT _document, application_id, count(*) AS contacts FROM contact GROUP BY ALL",
        "columns": {"application_id": {"type": "int64"}, "contacts": {"type": "int32"}},
    }
    text = io.StringIO()
    YAML(typ="safe").dump(contract | {"tables": tables}, text)
    return read_contract(text.getvalue(), name="with SQL")


def main() -> None:
    """Measure and print."""
    for name, contract in (("the demonstration's contract", plan()), ("with SQL", with_sql())):
        columns = sum(len(table.columns) + len(table.inherited) for table in contract.tables)
        shredder = LxmlShredder(contract)
        cases = {}
        for count in COUNTS:
            extracts = shredder.shred(documents("5 KB", count), keys(count)).extracts
            cases[f"{count:,} documents"] = lambda extracts=extracts, contract=contract: _convert(contract, extracts)
        print(f"{name}: {len(contract.tables)} tables, {columns} columns with those gained; milliseconds, median of 9")
        for case, seconds in interleaved(cases, rounds=9).items():
            print(f"  {case:18} {1000 * statistics.median(seconds):8,.0f}   (least {1000 * min(seconds):,.0f})")


def _convert(contract: ContractPlan, extracts: dict[str, pa.Table]) -> None:
    tables_of(contract, extracts)
