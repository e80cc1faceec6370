from __future__ import annotations

import pytest

from columnar.bookkeeping.receipt import Progress
from columnar.cli.progress import _Lines, progress_line, shown_progress


def _at(seconds: float, phase: str = "run", documents: int = 500) -> Progress:
    return Progress(phase, 2, 8, documents, 2000, 1_000_000, 3, 1, seconds, "convert")


def test_a_line_says_how_far_how_fast_and_how_long_still() -> None:
    assert progress_line(_at(10.0)) == (
        "10.0 s: run, 500 of 2,000 documents (25%), 2 of 8 chunks, 50 documents/s, 3 in quarantine,"
        " about 30.0 s left, most time goes into: convert"
    )
    assert progress_line(_at(0.5, "cut", 0)) == "0.50 s: cut"


def test_lines_come_when_a_phase_begins_and_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    show = _Lines()
    for seconds, phase in [(0.0, "cut"), (1.0, "run"), (2.0, "run"), (10.9, "run"), (11.0, "run"), (12.0, "prove")]:
        show(_at(seconds, phase))
    assert [line.split(",")[0] for line in capsys.readouterr().err.splitlines()] == [
        "0.00 s: cut",
        "1.00 s: run",
        "11.0 s: run",
        "12.0 s: prove",
    ]


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with shown_progress() as show:
        show(_at(1.0, "cut", 0))
        show(_at(10.0))
    captured = capsys.readouterr()
    assert not captured.out


def test_a_stderr_that_is_gone_does_not_touch_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: str) -> None:
        raise OSError(9, "bad file descriptor")

    monkeypatch.setattr("columnar.cli.progress.print_note", gone)
    _Lines()(_at(1.0))
