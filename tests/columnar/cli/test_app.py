"""Every end of a command: its message, its exit code, and nothing that a user should not see."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from columnar import __version__
from columnar.errors import ExitCode
from tests.columnar.cli.command import CONTRACT, JOB, columnar, command, environment, execute, in_process, make_job

HEAVY = ("duckdb", "polars", "pyarrow", "lxml", "numpy", "rich")


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["quarantine", "list", "--help"], []])
def test_help_and_version_wait_for_no_library(words: list[str]) -> None:
    code = (
        "import sys\nfrom columnar.cli import main\n"
        "try:\n    main()\nfinally:\n"
        f"    print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    assert done.stdout


def test_the_library_is_imported_when_it_is_used() -> None:
    code = "import sys, columnar; before = 'duckdb' in sys.modules; print(before, callable(columnar.run))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False True"


def test_public_functions_are_not_hidden_by_modules_of_the_same_name() -> None:
    code = (
        "import columnar.running.run, columnar.checking.check, columnar.looking.status, columnar, types\n"
        "print([name for name in columnar.__all__ if isinstance(getattr(columnar, name), types.ModuleType)])\n"
        "columnar.nothing"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]"
    assert "module 'columnar' has no attribute 'nothing'" in done.stderr


def test_the_version() -> None:
    assert columnar("--version").out == f"columnar {__version__}\n"


def test_help_has_examples_for_every_command() -> None:
    for words in (
        ["run"],
        ["plan"],
        ["status"],
        ["quarantine", "list"],
        ["quarantine", "show"],
        ["check"],
        ["schema"],
        ["doctor"],
        ["demo"],
    ):
        help_text = columnar(*words, "--help").out
        assert f"\n  columnar {' '.join(words)}" in help_text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["rum"], "Did you mean 'run'?"),
        (["run"], "Missing argument 'JOB'"),
        (["run", "job.yaml", "--limit", "x"], "--limit"),
        (["run", "job.yaml", "--limit", "0"], "--limit"),
        (["run", "job.yaml", "--no-such"], "--no-such"),
        (["--no-such"], "--no-such"),
        (["quarantine"], "Missing command"),
        (["schema", "nothing"], "'contract|job': 'nothing' is not one of"),
    ],
)
def test_a_wrong_command_line_ends_with_2(words: list[str], says: str) -> None:
    result = columnar(*words)
    assert result.code == ExitCode.USAGE
    assert says in result.err
    assert result.err.startswith("error: ")
    assert "hint: try: columnar" in result.err
    assert not result.out
    assert columnar(*words, "--json").json["code"] == "command_line"


def test_a_job_that_is_not_there_ends_with_2() -> None:
    result = columnar("run", "nowhere.yaml", "--json")
    assert result.code == ExitCode.USAGE
    assert result.json == {"code": "job", "message": "there is no job file nowhere.yaml", "hint": "", "exit_code": 2}
    assert "error: there is no job file nowhere.yaml" in result.err


def test_a_wrong_contract_ends_with_2_and_names_every_place(job: Path) -> None:
    (job.parent / "contract.yaml").write_text(CONTRACT.replace("int64", "int46").replace("int32", "int23"))
    result = columnar("run", job, "--json")
    assert result.code == ExitCode.USAGE
    assert len(result.json["problems"]) == 2
    assert "contract.yaml:8" in result.err
    assert result.json["hint"] in result.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--where-key", "3"], "is not a range"),
        (["--where-key", "x.."], "not a key of (id BIGINT)"),
        (["--memory", "much"], "is not a size"),
        (["--memory", "1MB"], "too little"),
    ],
)
def test_wrong_values_of_options_end_with_2(job: Path, words: list[str], says: str) -> None:
    result = columnar("run", job, *words)
    assert result.code == ExitCode.USAGE
    assert says in result.err


def test_a_source_that_is_no_database_ends_with_3(job: Path) -> None:
    (job.parent / "source.duckdb").write_text("nothing of the kind " * 1000)
    result = columnar("run", job, "--json")
    assert result.code == ExitCode.ENVIRONMENT
    assert result.json["code"] == "unavailable"
    assert "source.duckdb" in result.err


def test_more_quarantine_than_allowed_ends_with_4_and_publishes_nothing(job: Path) -> None:
    result = columnar("run", job, "--max-quarantine", "1")
    assert result.code == ExitCode.INTERRUPTED
    assert "raise --max-quarantine" in result.err
    assert columnar("status", job, "--json").json["chunks_published"] == 0
    assert columnar("run", job, "--max-quarantine", "2").code == ExitCode.QUARANTINE


def test_rows_that_somebody_else_removed_end_with_5(job: Path) -> None:
    columnar("run", job)
    execute(job.parent / "target.duckdb", "DELETE FROM item WHERE v = 1")
    result = columnar("run", job, "--json")
    assert result.code == ExitCode.INTEGRITY
    assert result.json["problems"] == ["table item: 2 rows are there, 3 are accounted for (0 before, 3 loaded)"]


def test_what_nobody_expected_is_one_line_and_a_file(
    job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("a\nb")

    monkeypatch.setattr("columnar.api.run_job", explode)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = columnar("run", job, "--json")
    assert result.code == ExitCode.ENVIRONMENT
    assert result.json["code"] == "unexpected"
    assert result.json["message"] == "something unexpected happened: ZeroDivisionError: a"
    assert "Traceback" not in result.err + result.out
    file = re.search(r"the details are in (\S+);", result.err)
    assert file is not None
    assert "ZeroDivisionError: a" in Path(file[1]).read_text()
    assert "def explode" not in result.err


def test_what_the_system_refuses_is_told_as_that(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/data/file")

    monkeypatch.setattr("columnar.api.run_job", full)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = columnar("run", job)
    assert result.code == ExitCode.ENVIRONMENT
    assert result.err.startswith("error: /data/file: No space left on device\nhint: the details are in ")
    assert "unexpected" not in result.err


def test_a_full_disk_for_that_file_does_not_matter(job: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("columnar.api.run_job", explode)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "not there"))
    result = columnar("run", job)
    assert result.code == ExitCode.ENVIRONMENT
    assert "the details" not in result.err


def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(job: Path) -> None:
    (job.parent / ".columnar").write_text("a file where the workspace must be")
    result = columnar("run", job)
    assert result.code == ExitCode.ENVIRONMENT
    assert "workspace" in result.err
    assert "unexpected" not in result.err


def test_nobody_listening_is_no_failure(loaded: Path) -> None:
    """As with `| head`."""
    for words in (["status", loaded], ["schema", "contract"], ["run", loaded, "--json"]):
        with subprocess.Popen(
            command(*words), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            said = process.stderr.read().decode()
        assert process.returncode == (1 if words[0] == "run" else 0)
        assert "Broken" not in said
        assert "Error" not in said


def test_module_and_command_are_the_same(loaded: Path) -> None:
    done = in_process("status", loaded.name, "--json", folder=loaded.parent)
    assert done.code == 0
    same = columnar("status", loaded, "--json").json
    assert {**done.json, "next": []} == {**same, "next": []}, "the commands name the job's file as it was named"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals of this kind")
def test_colours_are_for_terminals_that_want_them(loaded: Path) -> None:
    assert "\x1b" in _on_a_terminal(loaded)
    assert "\x1b" not in _on_a_terminal(loaded, NO_COLOR="1")
    assert "\x1b" not in in_process("status", loaded).out


def _on_a_terminal(job: Path, **more: str) -> str:
    outer, inner = os.openpty()
    with subprocess.Popen(
        command("status", job), env=environment(TERM="xterm", **more), stdout=inner, stderr=subprocess.DEVNULL
    ):
        os.close(inner)
        shown = b""
        while True:
            try:
                part = os.read(outer, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(outer)
    return shown.decode()


def test_an_output_that_is_not_unicode_is_no_failure(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: "<r>\N{SNOWMAN}</x>"}, job=JOB)
    columnar("run", job)
    done = in_process("quarantine", "show", job, "1", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\u2603" in done.out
    assert json.loads(in_process("quarantine", "show", job, "1", "--json", PYTHONIOENCODING="ascii").out)
