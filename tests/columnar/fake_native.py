"""A native shredder without a kernel: lxml under another name, so that what a run makes of it is tested anywhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.native.encode import MAGIC
from transforms.shred.result import ways_table

KERNEL, NATIVE = "transforms._kernel", "transforms.shred.native.native_shredder"
LEFT = "latin"  # what a document says that it leaves to lxml, as 'encoding'


class FakeNative:
    """Returns what lxml returns. Documents with LEFT in them count as lxml's, and ask for the memory of a tree."""

    def __init__(
        self,
        plan: ContractPlan,
        threads: int = 1,
        trees: Callable[[int], AbstractContextManager[None]] | None = None,
        typed: bool = False,
    ) -> None:
        self._shredder = LxmlShredder(plan, trees=self._holding)
        self._trees = trees or (lambda _: nullcontext())
        self._left: set[int] = set()

    def shred(self, documents: pa.Array, keys: dict[str, pa.Array] | None = None) -> Shredded:
        left = pc.fill_null(pc.match_substring(documents, LEFT), fill_value=False)
        self._left |= set(pc.binary_length(documents).filter(left).to_pylist())
        count = pc.sum(left).as_py() or 0
        ways = ways_table({("native", ""): len(documents) - count, ("lxml", "encoding"): count})
        return replace(self._shredder.shred(documents, keys), ways=ways)

    def _holding(self, size: int) -> AbstractContextManager[None]:
        return self._trees(size) if size in self._left else nullcontext()


def with_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the kernel were installed."""
    module: Any = ModuleType(NATIVE)
    module.NativeShredder = FakeNative
    kernel: Any = ModuleType(KERNEL)
    kernel.build_info = lambda: {"plan": MAGIC.decode()}
    kernel.keep_at_most = lambda _: None
    kernel.give_back = lambda: None
    monkeypatch.setitem(sys.modules, KERNEL, kernel)
    monkeypatch.setitem(sys.modules, NATIVE, module)


def without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it were not."""
    monkeypatch.setitem(sys.modules, KERNEL, None)
