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
    from columnar.api import plan, quarantine, quarantined_document, run, status
    from columnar.check import check
    from columnar.demonstrate import DemoOptions, demonstrate
    from columnar.doctor import doctor
    from columnar.errors import TOLD as ERRORS
    from columnar.errors import ColumnarError, ExitCode, IntegrityError
    from columnar.job import Job
    from columnar.job_schema import job_schema
    from columnar.options import RunOptions
    from columnar.run import Run
    from transforms.contract.schema import contract_schema

__all__ = [
    "ERRORS",
    "ColumnarError",
    "DemoOptions",
    "ExitCode",
    "IntegrityError",
    "Job",
    "Run",
    "RunOptions",
    "check",
    "contract_schema",
    "demonstrate",
    "doctor",
    "job_schema",
    "plan",
    "quarantine",
    "quarantined_document",
    "run",
    "status",
]
__version__ = "0.1.0"

# Where each public name lives. They are imported when first used, so that `columnar --help` need not wait for DuckDB,
# Polars and Arrow.
_HOMES = {
    "ERRORS": "columnar.errors",
    "ColumnarError": "columnar.errors",
    "DemoOptions": "columnar.demonstrate",
    "ExitCode": "columnar.errors",
    "IntegrityError": "columnar.errors",
    "Job": "columnar.job",
    "Run": "columnar.run",
    "RunOptions": "columnar.options",
    "check": "columnar.check",
    "contract_schema": "transforms.contract.schema",
    "demonstrate": "columnar.demonstrate",
    "doctor": "columnar.doctor",
    "job_schema": "columnar.job_schema",
    "plan": "columnar.api",
    "quarantine": "columnar.api",
    "quarantined_document": "columnar.api",
    "run": "columnar.api",
    "status": "columnar.api",
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
    value = getattr(import_module(_HOMES[name]), "TOLD" if name == "ERRORS" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
