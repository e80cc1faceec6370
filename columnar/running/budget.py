"""One memory budget in bytes, divided among what a run holds at the same time."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from columnar.errors import InterruptedRunError, MemoryBudgetError
from transforms.shred.refusal import RefusedError

MB = 1_000_000
# lxml's tree of a document is some 13 times as large as the document (measured on 230 KB documents).
TREE_FACTOR = 14
# What to do about a document that was too large for the memory there was.
AGAIN = "with a larger --memory, `columnar quarantine retry` reads it again"
# A document that is shredded without a tree may be as large as this part of the documents held: it is there a few times
# over, as it is read, while it waits, and as the text that is taken from it.
_DOCUMENT_PART = 4
# The interpreter with every library loaded and its engines started: 270 MB at the peak of a run over three documents by
# the demonstration's contract of 235 columns, 216 MB with the smallest.
_LIBRARIES = 265 * MB
# What the native shredder keeps of freed memory for the batches to come: this part of what is left for data, and never
# more than so much, which is what a batch of some ten megabytes becomes.
_KEPT_PART = 16
_MOST_KEPT = 64 * MB
# The least that must be left for data once the interpreter and its libraries are loaded.
_LEAST_FREE = 96 * MB


@dataclass(frozen=True, slots=True)
class MemoryShares:
    """What each part of a run may hold, in bytes.

    engine: DuckDB's buffer manager (source, target and staged keys together). raw: documents read and not yet shredded.
    trees: documents that lxml has parsed, being shredded. extracts: shredded text waiting for conversion.
    largest_document: the largest that can be shredded at all. largest_tree: the largest of which lxml can make a tree.
    driver: the buffers of a source or target over a driver, each; 0 where neither is one. kept: freed and kept by the
    native shredder, see transforms.shred.kept_memory.
    """

    engine: int
    raw: int
    trees: int
    extracts: int
    largest_document: int
    driver: int = 0
    kept: int = 0

    @property
    def largest_tree(self) -> int:
        """Of the document, not of the tree."""
        return self.trees // TREE_FACTOR


def divide(memory: int, *, trees: bool, drivers: int = 0) -> MemoryShares:
    """Divide what the budget leaves after the interpreter and its libraries. Conversion and publishing hold several
    copies of the extracts while they work, so those get a small share, and what no share names stays free for them and
    for what allocators hold back.

    trees: whether every document becomes a tree, or something else as large. Where only some do, a part of the trees'
    share is for documents instead: batches are larger. The sum is the same, so that a run in which lxml has to read
    them all stays inside. drivers: how many of source and target are reached over a driver; with two, the engine has
    neither of them to hold.
    """
    free = memory - max(_LIBRARIES, int(psutil.Process().memory_info().rss))
    if free < _LEAST_FREE:
        least = (memory - free + _LEAST_FREE) // MB + 1
        hint = f"--memory, or memory: in the job: {least}MB or more"
        raise MemoryBudgetError(f"{memory // MB}MB of memory is too little", hint=hint)
    kept = min(free // _KEPT_PART, _MOST_KEPT)
    free -= kept
    # The engine writes a block of 256 KiB a column: with 47 to 51 MB it ran out of memory over 235 columns at times.
    for_raw, for_trees = (9, 18) if trees else (14, 13)
    raw, all_trees = free * for_raw // 100, free * for_trees // 100
    return MemoryShares(
        engine=free * (14 if drivers == 2 else 25) // 100,
        raw=raw,
        trees=all_trees,
        extracts=free * 3 // 100,
        largest_document=all_trees // TREE_FACTOR if trees else raw // _DOCUMENT_PART,
        driver=free * 8 // 100 if drivers else 0,
        kept=kept,
    )


def default_memory() -> int:
    """A quarter of the machine's memory, at least 1 GB."""
    return max(1000 * MB, int(psutil.virtual_memory().total) // 4)


def peak_memory() -> int:
    """The most resident memory this process ever held, in bytes."""
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    with contextlib.suppress(OSError):  # getrusage carries over the peak of the process that started this one
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class ByteBudget:
    """So many bytes may be held at once; who wants more waits, who wants none waits until the others keep to that. A
    single request above the whole is granted when nothing else is held, so that nobody waits for ever."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0
        self._stopped = False
        self._changed = threading.Condition()

    def acquire(self, count: int) -> None:
        """Wait for `count` bytes; InterruptedRunError once the budget is stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._held or self._held + count <= self.limit)
            if self._stopped:
                raise InterruptedRunError("the run is being stopped")
            self._held += count

    def charge(self, count: int) -> None:
        """Hold them without waiting, also above the whole; whoever acquires then waits."""
        with self._changed:
            self._held += count

    def release(self, count: int) -> None:
        """Give them back."""
        with self._changed:
            self._held -= count
            self._changed.notify_all()

    @contextmanager
    def holding(self, count: int) -> Iterator[None]:
        """Hold them for a while."""
        self.acquire(count)
        try:
            yield
        finally:
            self.release(count)

    def stop(self) -> None:
        """Refuse everybody who waits and whoever comes."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()


class TreeBudget:
    """The memory that lxml's trees may take together."""

    def __init__(self, limit: int) -> None:
        self._budget = ByteBudget(limit)

    def holding(self, document: int) -> AbstractContextManager[None]:
        """Wait for the memory of one tree: see transforms.shred.shredder.Trees.

        document: its bytes. RefusedError where its tree would never fit; InterruptedRunError once this is stopped.
        """
        tree = document * TREE_FACTOR
        if tree > self._budget.limit:
            most = f"more than the {self._budget.limit // TREE_FACTOR:,} that fit into --memory as a tree"
            raise RefusedError("limit", f"{document:,} bytes to parse, {most}; {AGAIN}")
        return self._budget.holding(tree)

    def stop(self) -> None:
        """Refuse everybody who waits and whoever comes."""
        self._budget.stop()
