"""The words that printed commands begin with."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from columnar.program import as_command, interpreter, program


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a virtual environment's commands in it, none of them on the path."""
    for name in ("columnar", "python3.11"):
        file = tmp_path / "env" / "bin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "env" / "bin" / "python3.11"))
    return tmp_path


def _called(monkeypatch: pytest.MonkeyPatch, word: object) -> tuple[str, ...]:
    monkeypatch.setattr(sys, "argv", [str(word), "run", "job.yaml"])
    return program()


@pytest.mark.skipif(sys.platform == "win32", reason="the names of commands are those of other systems")
def test_a_command_begins_as_the_program_was_called(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = "env/bin/python3.11"
    assert _called(monkeypatch, "env/bin/columnar") == ("env/bin/columnar",)
    assert _called(monkeypatch, here / "env/bin/columnar") == ("env/bin/columnar",)
    assert _called(monkeypatch, here / "columnar" / "__main__.py") == (python, "-m", "columnar")
    assert _called(monkeypatch, "/somewhere/pytest") == (python, "-m", "columnar")
    monkeypatch.setenv("PATH", str(here / "env" / "bin"))
    assert _called(monkeypatch, here / "env/bin/columnar") == ("columnar",)
    assert _called(monkeypatch, here / "columnar" / "__main__.py") == ("python3.11", "-m", "columnar")
    assert _called(monkeypatch, "/somewhere/pytest") == ("columnar",)
    assert _called(monkeypatch, "/another/env/bin/columnar") == ("/another/env/bin/columnar",)
    assert interpreter() == "python3.11"


@pytest.mark.skipif(sys.platform == "win32", reason="quoting is that of other shells")
@pytest.mark.parametrize("word", ["plain", "two words", "it's", 'a "b"', "'$HOME'", "`'", "it's\\", "wow'!", ""])
def test_a_shell_reads_the_words_again(word: str) -> None:
    assert shlex.split(as_command("columnar", word, "x")) == ["columnar", word, "x"]


def test_pythons_own_quotes_stay_legible() -> None:
    assert as_command("python", "-c", "f('x')") == """python -c "f('x')\""""
