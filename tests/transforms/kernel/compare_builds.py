"""Holds other builds of the kernel to this machine's: of the same documents, the same bytes in every column.

python -m tests.transforms.kernel.compare_builds PROBE COMMAND...: PROBE is the program of probe.cpp as it is built for
this machine, each COMMAND runs another build of it, with an emulator in front of it where that is needed. `make
check-arm64` and `make check-portable` call it.
"""

from __future__ import annotations

import argparse
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.fuzz.mutate import mutate
from tests.fuzz.plans import numbered
from tests.fuzz.seeds import seeds
from tests.transforms.kernel.encoded_plans import encoded

_PLANS = 60

# Batches a plan: threads, and whether the documents are a column of text.
_BATCHES = ((1, False), (1, True), (3, False))


def main() -> int:
    """The exit code: 1 where a build differs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("probe")
    options.add_argument("command", nargs="+")
    options.add_argument("--documents", type=int, default=300, help="a batch; there are three for each plan")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    compared = 0
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "batches")
        for number, plan in enumerate(encoded(map(numbered, range(_PLANS)))):
            batches = b"".join(_batches(Random(f"{given.seed}/{number}"), given.documents))
            file.write_bytes(struct.pack("<Q", len(plan)) + plan + batches)
            expected, _ = _run([given.probe], file)
            for command in given.command:
                found, kind = _run(command.split(), file)
                if found != expected:
                    print(f"{command} ({kind}) differs from {given.probe} with plan {number}:")
                    print(*_first_difference(expected, found), sep="\n")
                    return 1
            compared += given.documents * len(_BATCHES)
    print(f"{compared:,} documents, {number + 1} plans: {', '.join(given.command)} ({kind}) agrees with {given.probe}")
    return 0


def _batches(random: Random, count: int) -> Iterator[bytes]:
    for threads, text in _BATCHES:
        yield struct.pack("<IIQ", threads, text, count)
        for _ in range(count):
            document = mutate(random, seeds()) if random.randrange(50) else None
            yield struct.pack("<q", -1 if document is None else len(document)) + (document or b"")


def _run(command: list[str], file: Path) -> tuple[bytes, str]:
    done = subprocess.run([*command, str(file)], capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout, done.stderr.decode().strip()


def _first_difference(expected: bytes, found: bytes) -> tuple[str, str]:
    for wanted, got in zip(expected.splitlines(), found.splitlines(), strict=False):
        if wanted != got:
            return f"- {wanted.decode(errors='replace')}", f"+ {got.decode(errors='replace')}"
    return f"- {len(expected)} bytes", f"+ {len(found)} bytes"


if __name__ == "__main__":
    sys.exit(main())
