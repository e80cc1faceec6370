"""The two shredders, and how a test runs with both of them.

Tests that make their shredder with `make` and ask for the fixture `both_shredders` run once with each; those that look
into the reference itself ask for `only_reference`, too. The native one is skipped where its kernel is not built.

KERNEL=/path/_kernel.abi3.so takes the kernel from there: one with sanitizers, for instance.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pytest

from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded


class Shredder(Protocol):
    """What both are."""

    def shred(self, documents: Any, keys: Mapping[str, Any] | None = None) -> Shredded: ...


Make = Callable[[ContractPlan], Shredder]

_current: list[str] = ["lxml"]


@cache
def why_not_native() -> str:
    """Why there is no native shredder; '' where there is one."""
    given = os.environ.get("KERNEL")
    if given:
        _load_kernel(Path(given))
    try:
        from transforms.shred.native.native_shredder import NativeShredder  # noqa: F401
    except ImportError as error:
        return f"the native shredder is not built: {error}"
    return ""


def _load_kernel(path: Path) -> None:
    spec = importlib.util.spec_from_file_location("transforms._kernel", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.modules["transforms._kernel"] = module
    import transforms

    transforms._kernel = module  # type: ignore[attr-defined]  # as an import would have set it


def make_native(plan: ContractPlan, *, threads: int = 1) -> Shredder:
    """The native shredder; the test is skipped where it is not built."""
    reason = why_not_native()
    if reason:
        pytest.skip(reason)
    from transforms.shred.native.native_shredder import NativeShredder

    return NativeShredder(plan, threads=threads)


def make(plan: ContractPlan) -> Shredder:
    """The shredder that the running test is to use."""
    return make_native(plan) if _current[0] == "native" else LxmlShredder(plan)


def is_native() -> bool:
    """Whether the running test uses the native shredder: then lines, columns and details of refusals are its own."""
    return _current[0] == "native"


def shred_array(documents: list[bytes | None], *, text: bool) -> pa.Array:
    """Documents as a column of binary or of text. Text is not looked at: a driver may have left bytes that are none."""
    binary = pa.array(documents, pa.large_binary())
    if not text:
        return binary
    return pa.Array.from_buffers(pa.large_string(), len(binary), binary.buffers(), binary.null_count)


# The fixture that leaves a shredder out.
_ONLY = {"lxml": "only_native", "native": "only_reference"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for both shredders with both."""
    if "both_shredders" in metafunc.fixturenames:
        names = [name for name, only in _ONLY.items() if only not in metafunc.fixturenames]
        metafunc.parametrize("both_shredders", names, indirect=True)


@pytest.fixture(scope="module")
def both_shredders(request: pytest.FixtureRequest) -> Iterator[str]:
    """Runs a module's tests with both shredders. Of the module, because Hypothesis refuses fixtures of functions."""
    name = request.param
    if name == "native" and (reason := why_not_native()):
        pytest.skip(reason)
    before, _current[0] = _current[0], name
    yield name
    _current[0] = before


@pytest.fixture(scope="module")
def only_reference() -> None:
    """For tests of what is the reference's own."""


@pytest.fixture(scope="module")
def only_native() -> None:
    """For tests of what is the kernel's own."""
