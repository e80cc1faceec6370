"""The machine's own limits over the same documents: limits.c, compiled on the fly and called through ctypes."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

STRUCTURAL, COUNT, MEMCHR, MEMCPY = "structural scan", "structural count", "memchr('<')", "memcpy"
_FUNCTIONS = {STRUCTURAL: "visit_five", COUNT: "count_five", MEMCHR: "count_tags"}


class Limits:
    """The compiled functions.

    has_vectors: the scans use AVX2; otherwise a byte at a time, as fast as the compiler makes it.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        for name in (*_FUNCTIONS.values(), "copy"):
            getattr(library, name).restype = ctypes.c_uint64
        self.has_vectors = bool(library.has_vectors())

    @classmethod
    def compile(cls, folder: Path) -> Limits | None:
        """Compile them into a library of the folder; None where there is no C compiler or the library cannot run."""
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            return None
        library = folder / "limits.so"
        source = Path(__file__).with_name("limits.c")
        subprocess.run([compiler, "-O3", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        limits = cls(ctypes.CDLL(str(library)))
        return limits if limits.has_vectors or not _is_x86() else None

    def over(self, documents: pa.Array) -> dict[str, Callable[[], int]]:
        """Each limit as something to time. documents: string or binary, without NULLs."""
        large = documents.cast(pa.binary()).cast(pa.large_binary())
        scans = {title: _Scan(getattr(self._library, name), large) for title, name in _FUNCTIONS.items()}
        return {**scans, MEMCPY: _Scan(self._library.copy, large, ctypes.create_string_buffer(large.nbytes))}


class _Scan:
    """One function over one array, whose buffers it keeps alive. documents: large_binary."""

    def __init__(self, function: Callable[..., int], documents: pa.Array, *more: ctypes.Array[ctypes.c_char]) -> None:
        self._function = function
        self._documents = documents
        _, offsets, data = documents.buffers()
        first = ctypes.c_void_p(offsets.address + 8 * documents.offset)
        self._arguments = (ctypes.c_void_p(data.address), first, ctypes.c_size_t(len(documents)), *more)

    def __call__(self) -> int:
        return self._function(*self._arguments)


def _is_x86() -> bool:
    return platform.machine() in ("x86_64", "AMD64")
