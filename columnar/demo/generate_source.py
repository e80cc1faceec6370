"""Generating the demonstration's source in a process of its own, so that its memory is not the run's.

python -m columnar.demo.generate_source FILE --documents N --seed S     prints a line per batch: documents, bytes
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from columnar.errors import ColumnarError


class GenerationError(ColumnarError):
    """The documents of the demonstration could not be written."""

    code = "generation"


def generate_source(file: Path, *, documents: int, seed: int, on_batch: Callable[[int, int], None]) -> None:
    """Write the source's DuckDB file, which must not exist. on_batch: told of each batch's documents and bytes.

    GenerationError with what the other process said last. Whatever ends this early ends that process, too.
    """
    package = Path(__file__).resolve().parents[2]
    path = os.pathsep.join(part for part in (str(package), os.environ.get("PYTHONPATH", "")) if part)
    command = [
        sys.executable,
        "-m",
        "columnar.demo.generate_source",
        str(file),
        "--documents",
        str(documents),
        "--seed",
        str(seed),
    ]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
    ) as process:
        try:
            for line in process.stdout or ():
                count, size = line.split()  # nothing else is written there
                on_batch(int(count), int(size))
            said = process.stderr.read() if process.stderr else ""
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        last = said.strip().rsplit("\n", maxsplit=1)[-1]
        raise GenerationError(f"generating {file} failed: {last}", hint="check the space and the rights of its folder")


def main() -> None:
    """The other process."""
    from columnar.demo import write_source

    parser = argparse.ArgumentParser(prog="columnar.demo.generate_source")
    parser.add_argument("file", type=Path)
    parser.add_argument("--documents", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    arguments = parser.parse_args()

    def tell(documents: int, size: int) -> None:
        sys.stdout.write(f"{documents} {size}\n")
        sys.stdout.flush()

    write_source(arguments.file, arguments.documents, seed=arguments.seed, progress=tell)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
        sys.exit(0)
    sys.exit(4)
