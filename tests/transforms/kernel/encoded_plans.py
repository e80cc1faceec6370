"""The bytes that the native shredder has its kernel compile."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from unittest import mock

from transforms.contract.plan import ContractPlan


def encoded(contracts: Iterable[ContractPlan]) -> list[bytes]:
    """Of each contract one."""
    from transforms.shred.native import native_shredder

    compiled: list[bytes] = []
    with mock.patch.object(native_shredder, "_kernel", SimpleNamespace(compile=compiled.append)):
        for contract in contracts:
            native_shredder.NativeShredder(contract)
    return compiled
