"""The program as it is installed without any extra: numpy, which only databases over a driver need, is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WITHOUT = "import sys; sys.modules['numpy'] = None; from columnar.cli import main; sys.exit(main())"


def columnar(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_main_job_runs(tmp_path: Path) -> None:
    done = columnar("demo", "--documents", 20, "--folder", tmp_path)
    assert done.returncode in (0, 1), done.stderr
    for words in (("plan",), ("status",), ("reconcile", "--all"), ("coverage",), ("doctor",)):
        done = columnar(words[0], tmp_path / "job.yaml", *words[1:])
        assert done.returncode in (0, 1), done.stderr


def test_a_database_says_what_is_missing(tmp_path: Path) -> None:
    columnar("demo", "--documents", 20, "--folder", tmp_path)
    job = tmp_path / "job.yaml"
    for url, extra in (("postgresql://me@localhost:1/db", "postgres"), ("mariadb://me@localhost:1/db", "mariadb")):
        job.write_text(job.read_text().replace("duckdb:target.duckdb", url))
        for command in ("plan", "run"):
            done = columnar(command, job)
            assert done.returncode == 2
            assert "what reads and writes databases is not installed" in done.stderr
            assert f"columnar-backfill[{extra}]" in done.stderr
        job.write_text(job.read_text().replace(url, "duckdb:target.duckdb"))
