"""How far one contestant's memory grows, in a process of its own. Linux only.

    python -m bench.shred.memory KIND CONTESTANT DOCUMENTS

DOCUMENTS: an Arrow file with the column `document`. Prints JSON: `growth`, bytes of resident memory at the peak beyond
what was resident with the documents loaded; `input` and `output`, bytes of the documents and of the Arrow buffers.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from bench.measure import in_process_of_its_own
from bench.shred.cases import KINDS, Case
from bench.shred.contestants import contestant, output_bytes

_RESET_PEAK = "5"  # proc(5), /proc/pid/clear_refs: the peak resident size becomes the present one


def can_measure() -> bool:
    """Whether this system tells and resets the peak."""
    return sys.platform == "linux" and Path("/proc/self/clear_refs").exists()


def growth(name: str, case: Case, documents: Path) -> dict[str, int]:
    """The figures of one contestant, from a new process. documents: file to put them in; written where not there."""
    if not documents.exists():
        table = pa.table({"document": case.documents})
        with pa.OSFile(str(documents), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    return in_process_of_its_own("bench.shred.memory", case.name, name, str(documents))


def main(kind: str, name: str, documents: Path) -> None:
    """Measure and print."""
    with pa.OSFile(str(documents)) as source:
        column = pa.ipc.open_file(source).read_all()["document"].combine_chunks()
    case = Case(kind, KINDS[kind].plan(), column)
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as folder:
        contestant(name, case.of(case.documents.slice(0, 1)), Path(folder)).run()  # loads what it needs
        ready = contestant(name, case, Path(folder))
        before = _resident_with_peak_reset()
        output = ready.run()
        peak = _status("VmHWM")
    print(json.dumps({"growth": peak - before, "input": ready.bytes, "output": output_bytes(output)}))


def _resident_with_peak_reset() -> int:
    """Bytes resident now, free memory given back first; the peak is this from now on."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK)
    return _status("VmRSS")


def _status(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
