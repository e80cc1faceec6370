"""`columnar check --watch`: in this process with a script instead of a clock, and once as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from columnar.cli.output import clear_screen
from columnar.errors import ExitCode
from tests.columnar.cli.command import CONTRACT, DOCUMENTS, Result, columnar, command, environment, make_job

GOOD, BAD = str(DOCUMENTS[1]), str(DOCUMENTS[5])
Watched = Callable[..., Result]


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    (tmp_path / "good.xml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    return tmp_path / "contract.yaml"


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Runs a watched check; each event happens between two checks, then comes Ctrl-C."""

    def run(*words: object, events: list[Callable[[], object]]) -> Result:
        looks = [look for event in events for look in (event, lambda: None)]
        script = iter(looks)

        def pause() -> None:
            look = next(script, None)
            if look is None:
                raise KeyboardInterrupt
            look()

        monkeypatch.setattr("columnar.cli.check_watch.pause", pause)
        return columnar("check", *words, "--watch")

    return run


def saving(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text, encoding="utf-8")


def test_each_change_is_checked_and_the_last_exit_code_stays(contract: Path, watched: Watched) -> None:
    document = contract.parent / "good.xml"
    result = watched(contract, document, events=[saving(document, BAD), saving(document, GOOD), saving(document, BAD)])
    assert result.code == ExitCode.QUARANTINE
    headings = [line for line in result.out.splitlines() if line.startswith("--- ")]
    assert [line.split(" ", 2)[2] for line in headings] == ["first check ---", *["good.xml changed ---"] * 3]
    assert [line[10:11] for line in result.err.splitlines()] == ["0", "1", "0", "1"]
    assert result.out.count("WOULD NOT LOAD") == 2


def test_a_mistake_is_told_and_watching_goes_on(contract: Path, watched: Watched) -> None:
    document = contract.parent / "good.xml"
    events = [saving(contract, CONTRACT.replace("rows:", "row:", 1)), saving(contract, CONTRACT)]
    result = watched(contract, document, events=events)
    assert result.code == ExitCode.CLEAN
    assert "did you mean 'rows'?" in result.err
    assert "exit code 2; watching" in result.err
    assert result.out.count("1 would load") == 2
    half = [saving(contract, "tables: ["), saving(contract, "")]
    assert watched(contract, document, events=half).code == ExitCode.USAGE


def test_a_contract_that_is_wrong_from_the_beginning_is_watched(contract: Path, watched: Watched) -> None:
    contract.write_text("version: 1\nroot: [", encoding="utf-8")
    result = watched(contract, contract.parent / "good.xml", events=[saving(contract, CONTRACT)])
    assert result.code == ExitCode.CLEAN
    assert "1 would load" in result.out


def test_a_wrong_command_line_ends_it_at_once(contract: Path, watched: Watched) -> None:
    for words in ((contract,), (contract, "nowhere.xml"), ("nowhere.yaml",)):
        result = watched(*words, events=[])
        assert result.code == ExitCode.USAGE
        assert "watching" not in result.err


def test_as_json_every_check_is_one_line(contract: Path, watched: Watched) -> None:
    document = contract.parent / "good.xml"
    events = [saving(contract, "tables: ["), saving(contract, CONTRACT), saving(document, BAD)]
    result = watched(contract, document, "--json", events=events)
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["exit_code"] for line in lines] == [0, 2, 0, 1]
    assert lines[0]["tables"][0]["rows"] == 1
    assert lines[1]["code"] == "contract"


def test_what_nobody_expected_is_told_too(contract: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("of a half-written file")

    def break_it() -> None:
        monkeypatch.setattr("columnar.cli.check_watch.check", broken)
        document.write_text(BAD, encoding="utf-8")

    document = contract.parent / "good.xml"
    result = watched(contract, document, events=[break_it])
    assert result.code == ExitCode.ENVIRONMENT
    assert "something unexpected happened: ZeroDivisionError" in result.err


def test_stopping_before_the_first_check_ends_is_an_interruption(
    contract: Path, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    from columnar.cli.signals import STOP

    def interrupted(*_: object, **__: object) -> None:
        monkeypatch.setattr(STOP, "received", True)
        raise RuntimeError("Query interrupted")  # as an engine says it

    monkeypatch.setattr("columnar.cli.check_watch.check", interrupted)
    result = watched(contract, contract.parent / "good.xml", events=[])
    assert result.code == ExitCode.INTERRUPTED


def test_a_job_is_watched_with_contract_source_and_folder(tmp_path: Path, watched: Watched) -> None:
    job = make_job(tmp_path, {})
    (tmp_path / "in").mkdir()
    document = tmp_path / "in" / "a.xml"
    document.write_text(GOOD, encoding="utf-8")
    text = job.read_text(encoding="utf-8")
    job.write_text(text.replace('{url: "duckdb:source.duckdb", table: docs, key: [id]}', "{url: folder:in}"), "utf-8")
    contract = tmp_path / "contract.yaml"
    events = [saving(document, BAD), saving(document, GOOD), saving(contract, CONTRACT + "\n")]
    result = watched(job, events=[*events, saving(job, job.read_text("utf-8") + "\n")])
    headings = [line.split(" ", 2)[2][:-4] for line in result.out.splitlines() if line.startswith("--- ")]
    assert headings == ["first check", *[f"{name} changed" for name in ("a.xml", "a.xml", "contract.yaml", "job.yaml")]]
    assert result.code == ExitCode.CLEAN
    assert not (tmp_path / "target.duckdb").exists()


def test_a_terminal_shows_only_the_newest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clear_screen()
    assert capsys.readouterr().out == ""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    clear_screen()
    assert "\x1b[2J" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: these signals do not reach other processes")
def test_as_a_user_runs_it(contract: Path) -> None:
    document = contract.parent / "good.xml"
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    words = command("check", contract, document, "--watch", "--json")
    process = subprocess.Popen(
        words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["exit_code"] == 0
        fresh = document.with_suffix(".new")
        fresh.write_text(BAD, encoding="utf-8")
        fresh.replace(document)
        assert json.loads(process.stdout.readline())["exit_code"] == 1
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == ExitCode.QUARANTINE
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="not on Windows: pipes break in another way")
def test_it_ends_when_nobody_listens_any_more(contract: Path) -> None:
    document = contract.parent / "good.xml"
    words = command("check", contract, document, "--watch", "--json")
    with subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        document.write_text(BAD, encoding="utf-8")
        assert process.wait() == ExitCode.QUARANTINE
        process.stderr.read()
