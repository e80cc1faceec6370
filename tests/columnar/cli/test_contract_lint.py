"""`columnar contract lint` and `columnar.lint`: files, folders, jobs, several contracts, codes and exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import columnar as library
from columnar.checking.lint_report import LintReport
from columnar.errors import JobError
from tests.columnar.cli.command import REPOSITORY, columnar, make_job
from transforms.errors import ContractError
from transforms.lint import CODES, Severity

CONTRACT = """\
version: 1
root: r
lookups:
  kind: {N: new}
tables:
  item:
    rows: /r/x
    load: true
    columns: {a: "@a", b: {path: "@b", type: date}}
"""
OTHER = """\
version: 1
root: q
tables:
  item:
    rows: /q/x
    columns: {a: "@a", b: {path: "y/@c", type: date}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "contract.yaml").write_text(CONTRACT)
    (tmp_path / "other.yaml").write_text(OTHER)
    (tmp_path / "samples" / "inner").mkdir(parents=True)
    (tmp_path / "samples" / "one.xml").write_text('<r><x a="1" b="2020-01-01"/></r>')
    (tmp_path / "samples" / "inner" / "two.xml").write_text('<r><x a="2" b="1.2.2020"/></r>')
    (tmp_path / "samples" / "notes.txt").write_text("no XML")
    (tmp_path / "job.yaml").write_text(
        'name: two\nsource: {url: "folder:samples"}\ncontract: [contract.yaml, other.yaml]\n'
        'target: {url: "duckdb:target.duckdb"}\n'
    )
    return tmp_path


def codes(report: LintReport) -> list[str]:
    return [finding.code for finding in report.findings]


def test_a_contract_alone(folder: Path) -> None:
    done = columnar("contract", "lint", str(folder / "contract.yaml"))
    assert done.code == 1
    file = folder / "contract.yaml"
    assert done.out == (
        f"warnings\n  {file}:4:3: lookups.kind: no column uses this lookup; leave it out [unused_lookup]\n\n"
        f"hints\n  {file}:8:5: tables.item.load: true is what holds without this key; leave it out [restated]\n\n"
        "1 contract: 1 warning, 1 hint\n"
        "--ignore CODE leaves out what has the code at its end; docs/lint.md says what each of them means\n"
    )


def test_json_has_every_part(folder: Path) -> None:
    told = columnar("contract", "lint", str(folder / "contract.yaml"), "--json").json
    assert {key: told[key] for key in told if key != "findings"} == {
        "files": [str(folder / "contract.yaml")],
        "documents": 0,
        "warnings": 1,
        "hints": 1,
        "exit_code": 1,
    }
    assert told["findings"][0] == {
        "code": "unused_lookup",
        "severity": "warning",
        "file": str(folder / "contract.yaml"),
        "line": 4,
        "column": 3,
        "key": "lookups.kind",
        "message": "no column uses this lookup",
        "advice": "leave it out",
    }


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], 1),
        (["--ignore", "unused_lookup"], 0),
        (["--ignore", "unused_lookup", "--strict"], 1),
        (["--ignore", "unused_lookup", "--ignore", "restated", "--strict"], 0),
    ],
)
def test_exit_codes(folder: Path, options: list[str], code: int) -> None:
    assert columnar("contract", "lint", str(folder / "contract.yaml"), *options).code == code


def test_nothing_to_tell(folder: Path) -> None:
    done = columnar("contract", "lint", str(folder / "other.yaml"))
    assert (done.code, done.out) == (0, "1 contract: nothing to tell\n")


def test_files_and_folders_are_samples(folder: Path) -> None:
    report = library.lint(folder / "contract.yaml", [folder / "samples"])
    assert report.documents == 2
    assert codes(report) == ["unused_lookup", "restated", "quarantined"]
    assert "two.xml line 1: item.b: '1.2.2020' does not fit date" in report.findings[-1].message
    single = library.lint(folder / "contract.yaml", [folder / "samples" / "one.xml"])
    assert (single.documents, codes(single)) == (1, ["unused_lookup", "restated"])


def test_each_contract_of_a_job_is_judged_by_its_own_documents(folder: Path) -> None:
    report = library.lint(folder / "job.yaml")
    assert [Path(file).name for file in report.files] == ["contract.yaml", "other.yaml"]
    assert codes(report) == ["unused_lookup", "restated", "quarantined"]  # no document for the other one
    (folder / "samples" / "three.xml").write_text('<q><x a="1"/></q>')
    (folder / "samples" / "four.xml").write_text("<z/>")
    found = [(Path(each.file).name, each.key, each.code) for each in library.lint(folder / "job.yaml").findings]
    assert found == [
        ("contract.yaml", "root", "quarantined"),  # of no contract: told of the first one
        ("contract.yaml", "lookups.kind", "unused_lookup"),
        ("contract.yaml", "tables.item.load", "restated"),
        ("contract.yaml", "tables.item.columns.b", "quarantined"),
        ("other.yaml", "tables.item.columns.b.path", "path_unmet"),
    ]


def test_a_job_without_samples(folder: Path) -> None:
    report = library.lint(folder / "job.yaml", sample=0)
    assert (report.documents, codes(report)) == (0, ["unused_lookup", "restated"])


def test_a_job_lends_documents_out_of_its_source(tmp_path: Path) -> None:
    report = library.lint(make_job(tmp_path), sample=10)
    assert report.documents == 10
    assert {finding.key for finding in report.findings if finding.code == "quarantined"} == {"root"}


def test_a_wrong_contract_is_told_as_ever(folder: Path) -> None:
    (folder / "contract.yaml").write_text(CONTRACT.replace("rows:", "row:"))
    done = columnar("contract", "lint", str(folder / "contract.yaml"))
    assert done.code == 2
    assert "there is no key 'row' here; did you mean 'rows'?" in done.err
    with pytest.raises(ContractError):
        library.lint(folder / "contract.yaml")


def test_what_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "empty").mkdir()
    for documents, message in (
        (["empty"], "holds no .xml files"),
        (["gone.xml"], "there is no document"),
    ):
        with pytest.raises(JobError, match=message):
            library.lint(folder / "contract.yaml", [folder / name for name in documents])
    with pytest.raises(JobError, match="there is no contract or job file"):
        library.lint(folder / "gone.yaml")


def test_codes_must_exist(folder: Path) -> None:
    done = columnar("contract", "lint", str(folder / "contract.yaml"), "--ignore", "unused_lookups")
    assert done.code == 2
    assert "there is no code 'unused_lookups' to ignore" in done.err
    assert "did you mean 'unused_lookup'?" in done.err


def test_the_page_has_every_code_and_is_up_to_date() -> None:
    generator = REPOSITORY / "docs" / "generate_lint.py"
    done = subprocess.run([sys.executable, generator, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    page = (REPOSITORY / "docs" / "lint.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"(?m)^\| `(\w+)` \| (\w+) \|", page)) == {
        name: code.severity.value for name, code in CODES.items()
    }
    assert set(Severity) == {code.severity for code in CODES.values()}
