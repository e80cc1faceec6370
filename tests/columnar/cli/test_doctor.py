from __future__ import annotations

import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from columnar.examining import examine_databases
from columnar.examining.supported import LIBRARIES, PYTHON, fits
from tests.columnar.cli.command import CONTRACT, JOB, REPOSITORY, columnar, execute, write_source

ARROW = ".".join(metadata.version("pyarrow").split(".")[:2])


def _found(result_json: dict[str, object], area: str) -> list[tuple[str, str]]:
    findings = result_json["findings"]
    assert isinstance(findings, list)
    return [(each["state"], each["text"]) for each in findings if each["area"] == area]


def test_this_machine_is_fit() -> None:
    result = columnar("doctor")
    assert result.code == 0
    for area in ("python", "duckdb", "libxml2", "engines", "shredder", "processors", "memory", "temporary files"):
        assert f"  {area} " in result.out
    assert ", 0 fail" in result.out


def test_a_fit_job(job: Path) -> None:
    result = columnar("doctor", job)
    assert result.code == 0
    assert "(id) tells all 10 rows apart" in result.out
    assert "0 of 2 tables are there and fit; a run makes the others" in result.out
    assert not (job.parent / "target.duckdb").exists()
    columnar("run", job)
    assert "2 of 2 tables are there and fit\n" in columnar("doctor", job).out


def test_whatever_fails_is_a_line_with_what_to_do_and_code_3(job: Path) -> None:
    (job.parent / "contract.yaml").write_text(CONTRACT.replace("int64", "int46"))
    result = columnar("doctor", job, "--json")
    assert result.code == 3
    assert result.json["exit_code"] == 3
    assert _found(result.json, "job")[-1][0] == "fail"
    assert "int46" in _found(result.json, "job")[-1][1]


def test_a_job_file_that_is_not_there_fails() -> None:
    result = columnar("doctor", "nowhere.yaml")
    assert result.code == 3
    assert "fail  job" in result.out


def test_a_key_that_tells_nothing_apart_is_a_warning(job: Path) -> None:
    write_source(job.parent, {3: "<r/>"})
    execute(job.parent / "source.duckdb", "INSERT INTO docs VALUES (NULL, '<r/>')")
    result = columnar("doctor", job, "--json")
    assert result.code == 0
    assert _found(result.json, "key") == [
        ("warn", "1 row has a NULL key and goes to quarantine"),
        ("warn", "2 of all 11 rows share their key (id) with another, such as 3"),
    ]


def test_tables_that_do_not_fit_fail(job: Path) -> None:
    execute(job.parent / "target.duckdb", "CREATE TABLE thing (id VARCHAR)")
    result = columnar("doctor", job, "--json")
    assert result.code == 3
    assert any("thing.id is VARCHAR" in text for state, text in _found(result.json, "target") if state == "fail")


def test_a_target_that_cannot_be_written_to_fails(job: Path) -> None:
    (job.parent / "file").write_text("no folder")
    job.write_text(JOB.replace("duckdb:target.duckdb", "parquet:file/out"), encoding="utf-8")
    result = columnar("doctor", job, "--json")
    assert result.code == 3
    assert any(state == "fail" for state, _ in _found(result.json, "target"))


def test_the_supported_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = {name: f">={least}" + (f",<{below}" if below else "") for name, (least, below) in LIBRARIES.items()}
    assert sorted(name + wanted for name, wanted in named.items()) == sorted(project["dependencies"])
    least, below = (".".join(map(str, part)) for part in PYTHON)
    assert project["requires-python"] == f">={least},<{below}"


@pytest.mark.parametrize(
    ("version", "fit"),
    [("2.0", True), ("2.0.0", True), ("2.9.1rc1", True), ("3.0.0", False), ("1.9", False), ("10.0", False)],
)
def test_versions_are_compared_as_numbers(version: str, fit: bool) -> None:
    assert fits(version, "2.0", "3") is fit
    assert fits("10.1", "9.2", None)


def test_a_library_out_of_range_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {"duckdb": "1.2.0", "polars": None}
    monkeypatch.setattr(
        "columnar.examining.examine_machine.installed", lambda name: versions.get(name, LIBRARIES[name][0])
    )
    result = columnar("doctor")
    assert result.code == 3
    assert "  fail  duckdb           1.2.0 is not supported\n        -> pip install 'duckdb>=2.0,<3'" in result.out
    assert "  fail  polars           is not installed" in result.out


def test_the_parts_of_databases_are_there() -> None:
    pytest.importorskip("turbodbc", reason="turbodbc is not installed")
    lines = [" ".join(line.split()) for line in columnar("doctor").out.splitlines()]
    assert f"ok turbodbc 5.3.0, built for pyarrow {ARROW}" in lines
    assert "ok odbc unixODBC" in lines
    for area in ("postgresql PostgreSQL's", "mariadb MariaDB's", "sqlite SQLite's", "mssql Microsoft's"):
        assert any(line.startswith(f"ok {area} ODBC driver, /") for line in lines)
    assert f"ok postgresql adbc-driver-postgresql {metadata.version('adbc-driver-postgresql')}" in lines
    assert f"ok mssql mssql-python {metadata.version('mssql-python')}" in lines


def test_where_no_part_of_a_database_is_installed_nothing_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_databases, "installed", lambda name: None)
    out = columnar("doctor").out
    assert "  ok  databases        PostgreSQL, MariaDB, SQL Server and ODBC need parts that are not installed" in out
    assert "turbodbc" not in out


def test_what_is_not_installed_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_databases, "driver_library", lambda driver: None)
    monkeypatch.setattr(examine_databases, "installed", lambda name: "5.3.0" if name == "turbodbc" else None)
    result = columnar("doctor")
    assert result.code == 0, "a run may well do without"
    told = " ".join(result.out.split())
    assert "warn mariadb MariaDB's ODBC driver is not installed -> apt-get install odbc-mariadb" in told
    assert "warn mssql mssql-python is not installed -> pip install 'columnar-backfill[mssql]'" in told


def test_drivers_of_odbc_are_not_asked_for_where_nothing_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_databases, "driver_library", lambda driver: None)
    monkeypatch.setattr(examine_databases, "installed", lambda name: "1.0" if name == "mssql-python" else None)
    told = " ".join(columnar("doctor").out.split())
    assert "warn turbodbc is not installed: no database is read by ODBC -> " in told
    assert "-m loaders.turbodbc_build" in told
    assert "ODBC driver" not in told


def test_a_turbodbc_for_another_pyarrow_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_databases, "installed", lambda name: "5.3.0")
    monkeypatch.setattr(examine_databases, "built_for", lambda: "25.0")
    assert (
        f"  warn  turbodbc         5.3.0 was built for pyarrow 25.0, and pyarrow {ARROW} is installed"
        in columnar("doctor").out
    )


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("raise ImportError('libarrow.so.2500: cannot open')", "ImportError: libarrow.so.2500: cannot open"),
        ("import os; os.abort()", "the process ended with code -6"),
    ],
)
def test_whatever_a_library_does_when_loaded_is_a_warning(
    program: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Modules and a driver that break in the process that loads them."""
    for name in ("turbodbc", "mssql_python"):
        (tmp_path / f"{name}.py").write_text(program)
    (tmp_path / "libmaodbc.so").write_text("no library")
    (tmp_path / "odbcinst.ini").write_text(f"[m]\nDriver={tmp_path / 'libmaodbc.so'}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("ODBCSYSINI", str(tmp_path))
    monkeypatch.setattr(examine_databases, "installed", lambda name: "5.3.0")
    monkeypatch.setattr(examine_databases, "built_for", lambda: ARROW)
    result = columnar("doctor")
    assert result.code == 0
    out = " ".join(result.out.split())
    assert f"warn turbodbc 5.3.0 cannot be imported: {told}" in out
    assert f"warn mssql mssql-python 5.3.0 cannot be imported: {told}" in out
    assert "warn mariadb MariaDB's ODBC driver cannot be loaded: OSError: " in out


def test_the_native_shredder_is_there_and_how_it_was_built() -> None:
    kernel = pytest.importorskip("transforms._kernel", reason="the native shredder is not built")
    built = kernel.build_info()
    result = columnar("doctor")
    how = f"native, {built['simd']}, built by {built['compiler']} for cp311-abi3"
    assert f" ok shredder {how} " in " ".join(result.out.split())


def test_without_the_native_shredder_lxml_serves_and_what_to_do_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transforms._kernel", None)
    result = columnar("doctor")
    assert result.code == 0
    assert "  warn  shredder         lxml shreds, with the same result but many times more slowly" in result.out
    assert "it was not built when this program was installed\n        -> install a C++ compiler" in result.out


def test_a_native_shredder_of_another_version_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("transforms._kernel", reason="the native shredder is not built")
    monkeypatch.setattr("columnar.__version__", "9.9.9")
    result = columnar("doctor")
    assert result.code == 0
    assert "for version 0.1.0 of this program, which is 9.9.9" in result.out
