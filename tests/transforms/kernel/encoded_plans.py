"""The bytes that the native shredder has its kernel compile."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest import mock

from transforms.contract.plan import ContractPlan


def encoded(contracts: Iterable[ContractPlan]) -> list[bytes]:
    """Of each contract one."""
    from transforms.shred.native import native_shredder

    kernel: Any = import_module("transforms._kernel")
    compiled: list[bytes] = []

    def compile_(encoded: bytes) -> object:
        compiled.append(encoded)
        return kernel.compile(encoded)

    with mock.patch.object(native_shredder, "_kernel", SimpleNamespace(compile=compile_, schemas=kernel.schemas)):
        for contract in contracts:
            native_shredder.NativeShredder(contract)
    return compiled
