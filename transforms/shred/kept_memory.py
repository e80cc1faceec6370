"""Memory of tables that were freed, which the native shredder keeps for those of later batches.

Memory that comes fresh from the system costs a fifth of the time of documents that are copied nearly whole. Where the
native shredder is not there, nothing is kept, and these functions do nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from transforms.shred.choose import why_not_native


def keep_at_most(count: int) -> None:
    """Bound what the whole process keeps, in bytes. Until somebody does it is 32 MiB."""
    kernel = _kernel()
    if kernel is not None:
        kernel.keep_at_most(count)


def give_back() -> None:
    """Return all that is kept to the system."""
    kernel = _kernel()
    if kernel is not None:
        kernel.give_back()


def _kernel() -> Any:
    return None if why_not_native() else import_module("transforms._kernel")
