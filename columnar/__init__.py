"""Turn XML documents in databases into clean relational tables: vectorised, exactly once, provable.

>>> import columnar
>>> run = columnar.run("job.yaml")  # doctest: +SKIP
>>> run.proof.loaded  # doctest: +SKIP
1000
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from columnar.api import run
    from columnar.errors import ColumnarError, ExitCode, IntegrityError
    from columnar.job import Job
    from columnar.options import RunOptions
    from columnar.run import Run

__all__ = ["ColumnarError", "ExitCode", "IntegrityError", "Job", "Run", "RunOptions", "run"]
__version__ = "0.1.0"

# Where each public name lives. They are imported when first used, so that `columnar --help` need not wait for DuckDB,
# Polars and Arrow.
_HOMES = {
    "ColumnarError": "columnar.errors",
    "ExitCode": "columnar.errors",
    "IntegrityError": "columnar.errors",
    "Job": "columnar.job",
    "Run": "columnar.run",
    "RunOptions": "columnar.options",
    "run": "columnar.api",
}


class _Package(ModuleType):
    """Keeps public functions from being hidden by modules of the same name: importing the module `columnar.run` would
    otherwise bind its name here."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'columnar' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
