"""Tuned contracts against plain ones over the same documents: what choosing, rules and SQL cost.

The tuned contracts have 230 entries (examples/loans/contract.yaml) and 360 (four tables more). The plain ones read the
same nodes into as many columns of the same types, and do nothing else: no picks, slots, lookups, cleaning, formats,
SQL.
"""

from __future__ import annotations

import copy
import io
import statistics
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bench.loans import make_job
from bench.measure import in_process_of_its_own

CONTRACT = Path(__file__).resolve().parent.parent / "examples" / "loans" / "contract.yaml"
DOCUMENTS = {"5 KB": 15_000, "230 KB": 600}
MEMORY = "1GB"
ROUNDS = 3

_APPLICATION = "/LoanRequest/Request/Data/application"
_TERMS = [
    "requestedAmount",
    "financedAmount",
    "downPayment",
    "tradeAllowance",
    "rebate",
    "payoffAmount",
    "monthlyPayment",
    "noteRate",
    "buyRate",
    "termMonths",
    "dueDay",
    "originationFee",
    "documentFee",
    "titleFee",
    "lateFee",
    "firstPaymentDate",
    "maturityDate",
    "rateKind",
    "advancePercent",
    "balloon",
    "autoPay",
    "feeCodeA",
    "feeCodeB",
    "feeCodeC",
    "rateTable",
    "rateTier",
]
_STATED = [
    "submittedAt",
    "status",
    "product",
    "purpose",
    "createdAt",
    "completedAt",
    "quoteExpires",
    "branchNumber",
    "officerNumber",
    "campaignCode",
    "electronicConsent",
    "jointCredit",
    "employeeLoan",
    "rushed",
    "manualReview",
    "statedIncome",
    "statedRent",
    "debtToIncome",
    "paymentToIncome",
    "priorApplications",
    "branchCity",
    "officerLastName",
    "comment",
    "language",
    "legacyRef",
    "batchRef",
    "promoRef",
    "segmentA",
    "segmentB",
    "segmentC",
    "operatorNote",
    "altChannel",
    "routeCode",
    "trackCode",
]
_REPORT = [
    "sequence",
    "bureau",
    "pulledAt",
    "reference",
    "openTrades",
    "closedTrades",
    "inquiries",
    "publicRecords",
    "collections",
    "late30",
    "late60",
    "late90",
    "totalBalance",
    "totalLimit",
    "revolvingBalance",
    "monthlyObligations",
    "utilization",
    "oldestTrade",
    "newestTrade",
    "frozen",
    "fraudAlert",
    "narrative",
    "hitCode",
    "subjectCode",
    "rawCode",
    "memberCode",
]
_TRADE = [
    "subscriber",
    "opened",
    "acct",
    "balance",
    "highCredit",
    "limit",
    "terms",
    "pastDue",
    "chargeOff",
    "closed",
    "reported",
    "kind",
    "ecoa",
    "status",
    "rating",
    "remark1",
    "remark2",
    "remark3",
    "dispute",
    "m30",
    "m60",
    "m90",
    "m120",
    "hist",
    "scheduled",
    "actual",
]


def tuned_contract(entries: int) -> dict[str, Any]:
    """The tuned contract with so many entries: 230 or 360."""
    contract: dict[str, Any] = YAML(typ="safe").load(CONTRACT)
    if entries == 360:
        tables = contract["tables"]
        summary = tables.pop("contact_summary")
        tables["terms_value"] = _name_value(f"{_APPLICATION}/terms", _TERMS, [])
        tables["stated_value"] = _name_value(_APPLICATION, _STATED, [])
        tables["report_value"] = _name_value(f"{_APPLICATION}/bureau/report", _REPORT, ["report_number"])
        tables["tradeline"] = _tradelines()
        tables["contact_summary"] = summary
    found = count_entries(contract)
    if found != entries:
        raise SystemExit(f"the contract has {found} entries, not {entries}")
    return contract


def count_entries(contract: dict[str, Any]) -> int:
    """Columns, and one for each path of a slot."""
    total = 0
    for table in contract["tables"].values():
        total += len(table["columns"])
        slots = table.get("slots")
        if isinstance(slots, dict):
            total += sum(len(paths) if isinstance(paths, dict) else 1 for paths in slots.values()) - 2
        elif slots:
            total += 2
    return total


def plain_contract(tuned: dict[str, Any]) -> dict[str, Any]:
    """The same nodes and types, and nothing done to them."""
    tables: dict[str, Any] = {}
    for name, table in tuned["tables"].items():
        if "rows" in table:
            tables[name] = _plain_table(table)
    tables["app_base"]["key"] = ["app_id"]  # by which duplicates are told
    return {"version": 1, "root": tuned["root"], "defaults": {"on_invalid": None, "on_missing": None}, "tables": tables}


def _name_value(rows: str, names: list[str], numbered: list[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: {"path": "position()", "type": "int16"} for name in numbered}
    columns |= {"name": {"path": "$slot", "type": "string(40)"}}
    columns |= {"value": {"type": "string(1400)", "clean": ["collapse"], "on_too_long": "truncate"}}
    key = ["app_id", *numbered, "name"]
    return {"rows": rows, "parent": "app_base", "slots": {n: f"@{n}" for n in names}, "key": key, "columns": columns}


def _tradelines() -> dict[str, Any]:
    columns: dict[str, Any] = {"trade_number": {"path": "position()", "type": "int16"}}
    columns |= {name: {"path": f"@{name}", "type": "string(80)", "on_too_long": "truncate"} for name in _TRADE}
    for name in ("m30", "m60", "m90", "m120"):
        columns[name] = {"path": f"@{name}", "type": "int16"}
    for name in ("balance", "highCredit", "limit"):
        columns[name] = {"path": f"@{name}", "type": "decimal(14,2)"}
    columns["opened"] = {"path": "@opened", "type": "timestamp"}
    for name in ("bureau", "reference", "hitCode", "subjectCode", "frozen", "fraudAlert", "sequence", "pulledAt"):
        columns[f"report_{name}"] = {"path": f"../@{name}", "type": "string(40)", "on_too_long": "truncate"}
    columns["model"] = {"path": "../score/@model", "type": "string(8)", "on_too_long": "truncate"}
    columns["late"] = {"sql": "coalesce(m30, 0) + coalesce(m60, 0) + coalesce(m90, 0)", "type": "int32"}
    columns["used"] = {"sql": 'CASE WHEN "limit" > 0 THEN balance / "limit" END', "type": "float64"}
    columns["standing"] = {"sql": "CASE WHEN late > 90 THEN 'bad' WHEN late > 0 THEN 'late' END", "type": "string(4)"}
    columns["rated"] = {"sql": "coalesce(rating, status)", "type": "string(80)"}
    columns["remarks"] = {"sql": "concat_ws(' ', remark1, remark2, remark3)", "type": "string(250)"}
    columns["age"] = {"sql": "date_diff('month', opened, app_base.submitted_at)", "type": "int32"}
    columns["bank"] = {"path": "@subscriber", "type": "string(80)", "clean": ["upper"], "on_too_long": "truncate"}
    return {
        "rows": f"{_APPLICATION}/bureau/report/tradeline",
        "parent": "app_base",
        "key": ["app_id", "trade_number"],
        "columns": columns,
    }


def _plain_table(table: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    slots = table.get("slots") or {}
    if isinstance(slots, str):
        first, last = map(int, slots.split(".."))
        slots = {str(number): {} for number in range(first, last + 1)}
    for name, column in table["columns"].items():
        kind = "string" if "decimal" in column.get("type", "") or "lookup" in column else column.get("type", "string")
        paths = [column["path"]] if "path" in column else []
        if not paths:
            own = (each.get(name) if isinstance(each, dict) else each for each in slots.values())
            paths = [path for path in own if path]
        if any("{slot}" in path for path in paths):
            paths = [paths[0].replace("{slot}", slot) for slot in slots]
        if paths == ["$slot"]:
            paths = ["'slot'"]
        for at, path in enumerate(paths or ["'computed'"]):
            start = _start(table, column.get("of"))
            columns[f"{name}_{at}" if at else name] = {"path": start + path, "type": "string" if slots else kind}
    plain = {key: copy.deepcopy(table[key]) for key in ("rows", "parent") if key in table}
    return plain | {"columns": columns}


def _start(table: dict[str, Any], pick: str | None) -> str:
    if not pick:
        return ""
    section = table["picks"][pick]
    path, above = (section, None) if isinstance(section, str) else (section["path"], section.get("of"))
    return f"{_start(table, above)}{path}/"


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as folder:
        for entries in (230, 360):
            tuned = tuned_contract(entries)
            for profile, count in DOCUMENTS.items():
                folders = {}
                for name, contract in (("tuned", tuned), ("plain", plain_contract(tuned))):
                    folders[name] = Path(folder) / f"{entries} {profile} {name}"
                    make_job(folders[name], profile, count)
                    _write(folders[name] / "contract.yaml", contract)
                    job = folders[name] / "job.yaml"
                    job.write_text(job.read_text().replace("application.application_id", "app_base.app_id"))
                _compare(entries, profile, folders)


def _compare(entries: int, profile: str, folders: dict[str, Path]) -> None:
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in folders}
    for _ in range(ROUNDS):
        for name, folder in folders.items():
            runs[name].append(in_process_of_its_own("bench.one_run", str(folder), MEMORY))
    print(f"{entries} entries, documents of {profile}, medians of {ROUNDS} interleaved runs, --memory {MEMORY}")
    for name, found in runs.items():
        rate = statistics.median(map(_rate, found))
        stages = ", ".join(f"{stage} {value:,.2f}" for stage, value in found[-1]["stages"].items())
        print(f"  {name:8} {rate:8,.0f} documents/s  {found[-1]['rows']:9,} rows; seconds: {stages}")
    pairs = zip(runs["tuned"], runs["plain"], strict=True)
    print(f"  {100 * statistics.median(_rate(one) / _rate(other) for one, other in pairs):.0f} % of the plain one's")


def _rate(found: dict[str, Any]) -> float:
    return float(found["documents"] / found["seconds"])


def _write(path: Path, contract: dict[str, Any]) -> None:
    text = io.StringIO()
    YAML(typ="safe").dump(contract, text)
    path.write_text(text.getvalue())
