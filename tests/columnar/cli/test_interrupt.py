"""Stopping a real run in a process of its own, and going on with it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from columnar.cli.signals import StopRequest
from columnar.errors import ExitCode
from tests.columnar.cli.command import JOB, columnar, command, environment, execute, make_job

SIGNALS = [signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
DOCUMENTS = 150


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not deliver these signals to other processes")
@pytest.mark.parametrize("number", SIGNALS)
def test_a_run_that_is_told_to_stop_ends_with_4_and_continues(tmp_path: Path, number: signal.Signals) -> None:
    documents: dict[int, str | None] = {key: f'<r id="{key}"><k><x v="1"/></k></r>' for key in range(1, DOCUMENTS + 1)}
    job = make_job(tmp_path, documents, job=JOB + "chunk: {rows: 1}\n")
    before = signal.signal(number, signal.SIG_DFL)  # a run inherits what its parent ignores, as nohup does
    process = subprocess.Popen(
        command("run", job, "--json"), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(number, before)
    with process:
        assert process.stderr is not None
        for line in process.stderr:
            if ": run" in line:  # the first chunk is published
                break
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED
    assert "the same command continues" in err
    assert "Traceback" not in err
    assert json.loads(out)["code"] == "interrupted"
    left = columnar("status", job, "--json").json
    assert 0 < left["receipt"]["documents"] < DOCUMENTS
    assert left["interrupted"]
    done = columnar("run", job, "--json")
    assert done.code == ExitCode.CLEAN
    assert done.json["receipt"]["documents"] == left["remaining"]
    target = tmp_path / "target.duckdb"
    assert execute(target, "SELECT count(*), count(DISTINCT id) FROM thing") == [(DOCUMENTS, DOCUMENTS)]


def test_a_second_request_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    stop = StopRequest()
    with pytest.raises(KeyboardInterrupt):
        stop._interrupt(2, None)
    assert (stop.received, ended) == (True, [])
    with pytest.raises(KeyboardInterrupt):
        stop._interrupt(2, None)
    assert ended == [4]


def test_an_engine_that_hides_the_interrupt_does_not_hide_it_from_the_user(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB raises RuntimeError("Query interrupted") where a signal arrives inside a query."""
    from columnar.cli.signals import STOP

    def interrupted(*_: object) -> None:
        monkeypatch.setattr(STOP, "received", True)
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("columnar.api.run_job", interrupted)
    result = columnar("run", job)
    assert result.code == ExitCode.INTERRUPTED
    assert result.err.endswith("hint: the same command continues where this one stopped\n")


def test_signals_that_somebody_ignores_stay_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, object] = {}
    monkeypatch.setattr("signal.getsignal", lambda number: signal.SIG_IGN)
    monkeypatch.setattr("signal.signal", handlers.__setitem__)
    StopRequest().listen()
    assert not handlers
