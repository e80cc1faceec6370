"""`python -m tests.fuzz.native`, or `make fuzz-native`: libFuzzer on the kernel alone, under sanitizers.

Builds fuzz_kernel.cpp and the kernel with Clang, writes the plans that it reads documents by, the words it mutates with
and the documents it begins with, and lets it run. What it has found is tried again the next time. Exit code 1 where
something was found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

from tests.fuzz.mutate import TOKENS
from tests.fuzz.plans import numbered
from tests.fuzz.seeds import seeds
from transforms.contract.extracts import extracts_of
from transforms.contract.plan import ContractPlan
from transforms.shred.native.columns import whole_keys
from transforms.shred.native.encode import encode
from transforms.shred.native.trie import Trie
from transforms.shred.routing import Routing
from transforms.shred.sharing import Shared

_REPOSITORY = Path(__file__).resolve().parents[2]
_FOLDER = _REPOSITORY / ".cache" / "fuzz" / "native"
_PLANS = 127  # an input has seven bits to choose one
_SANITIZERS = "address,undefined"
_BETWEEN = b"\xfe\xff\xfe"  # as in fuzz_kernel.cpp


def main() -> int:
    """Build, prepare, run; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.native", description=__doc__)
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 2))
    options = parser.parse_args()
    compiler = shutil.which("clang++")
    if compiler is None:
        sys.exit("clang++ is not there: libFuzzer is part of Clang (Debian: apt-get install clang libclang-rt-dev)")
    corpus, found = _FOLDER / "corpus", _FOLDER / "found"
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    program = build(compiler)
    plan_file, words = _FOLDER / "plans.bin", _FOLDER / "words.dict"
    plan_file.write_bytes(
        b"".join(
            struct.pack("<I", len(each)) + each for each in (encoded(numbered(number)) for number in range(_PLANS))
        )
    )
    for each in found.iterdir():  # what a build before this one could not read is tried again
        each.replace(corpus / each.name)
    words.write_text("".join(f'"{_escaped(token)}"\n' for token in TOKENS if token), encoding="ascii")
    for number, data in enumerate(inputs()):
        (corpus / f"seed-{number}").write_bytes(data)
    command = [program, f"-fork={options.processes}", f"-max_total_time={options.seconds}", f"-dict={words}"]
    command += ["-max_len=4096", "-timeout=20", "-rss_limit_mb=2048", f"-artifact_prefix={found}/", corpus]
    environment = {**os.environ, "COLUMNAR_PLANS": str(plan_file), "UBSAN_OPTIONS": "print_stacktrace=1"}
    code = subprocess.run(command, env=environment, check=False).returncode
    # libFuzzer goes on without those of the first inputs that end the program, and says nothing of them.
    failed = code != 0 or any(found.iterdir())
    print(f"see {found}" if failed else f"nothing was found in {options.seconds} seconds")
    return int(failed)


def build(compiler: str) -> Path:
    """The target, with the kernel's static library, built by CMake from the kernel's own rules."""
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}") or "cmake"
    folder = _FOLDER / "build"
    sanitize = f"{_SANITIZERS},fuzzer-no-link"
    settings = [f"-DCMAKE_CXX_COMPILER={compiler}", "-DCOLUMNAR_MODULE=OFF", f"-DCOLUMNAR_SANITIZE={sanitize}"]
    settings += ["-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g"]
    sources = _REPOSITORY / "transforms" / "kernel"
    subprocess.run([cmake, "-S", sources, "-B", folder, "--log-level=WARNING", *settings], check=True)
    subprocess.run([cmake, "--build", folder, "--target", "kernel", "--parallel"], check=True)
    program = _FOLDER / "fuzz_kernel"
    flags = ["-std=c++20", "-O2", "-g", f"-fsanitize={_SANITIZERS},fuzzer", "-fno-sanitize-recover=all", "-pthread"]
    target = Path(__file__).with_name("fuzz_kernel.cpp")
    subprocess.run([compiler, *flags, f"-I{sources}", target, folder / "libkernel.a", "-o", program], check=True)
    return program


def encoded(plan: ContractPlan) -> bytes:
    """A plan as the kernel reads it."""
    routing = Routing(plan)
    extracts = list(Shared.of(extracts_of(plan)).read)
    routes = [routing.routes.index(routing.of(extract.route)) for extract in extracts]
    trie = Trie.of(extracts, routes, len(routing.routes))
    return encode(trie, routing.routes, plan.limits, whole_keys(extracts))


def inputs() -> list[bytes]:
    """The documents that mutation begins with, each with a plan; some of them two or three together."""
    made = []
    documents = seeds()
    for number, document in enumerate(documents):
        chosen = bytes([number * 37 % 256])
        together = documents[number : number + 3] if number % 10 == 0 else (document,)
        made.append(chosen + _BETWEEN.join(together))
    return made


def _escaped(token: bytes) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in token)


if __name__ == "__main__":
    sys.exit(main())
