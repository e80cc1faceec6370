"""Turn XML documents in databases into clean relational tables: vectorised, exactly once, provable.

>>> import columnar
>>> run = columnar.run("job.yaml")  # doctest: +SKIP
>>> run.proof.loaded  # doctest: +SKIP
1000
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from columnar.api import (
        analyze_duplicates,
        coverage,
        explain,
        explain_duplicate,
        export,
        plan,
        plan_purge,
        plan_retry,
        purge,
        quarantine,
        quarantined_document,
        reconcile,
        retry,
        run,
        status,
    )
    from columnar.checking.check import check
    from columnar.checking.lint import lint
    from columnar.dedupe.options import AnalyzeOptions
    from columnar.demo.demonstrate import DemoOptions, demonstrate
    from columnar.errors import TOLD as ERRORS
    from columnar.errors import ColumnarError, ExitCode, IntegrityError
    from columnar.examining.doctor import doctor
    from columnar.jobs.job import Job
    from columnar.jobs.job_schema import job_schema
    from columnar.jobs.options import RunOptions
    from columnar.looking.contract_ddl import contract_ddl
    from columnar.purging.options import PurgeOptions
    from columnar.reconciling.options import ReconcileOptions
    from columnar.running.retry import Retry
    from columnar.running.retry_selection import RetryOptions
    from columnar.running.run import Run
    from columnar.surveying.coverage import CoverageOptions
    from transforms.contract.schema import contract_schema
    from transforms.shred.choose import ShredderKind

__all__ = [
    "ERRORS",
    "AnalyzeOptions",
    "ColumnarError",
    "CoverageOptions",
    "DemoOptions",
    "ExitCode",
    "IntegrityError",
    "Job",
    "PurgeOptions",
    "ReconcileOptions",
    "Retry",
    "RetryOptions",
    "Run",
    "RunOptions",
    "ShredderKind",
    "analyze_duplicates",
    "check",
    "contract_ddl",
    "contract_schema",
    "coverage",
    "demonstrate",
    "doctor",
    "explain",
    "explain_duplicate",
    "export",
    "job_schema",
    "lint",
    "plan",
    "plan_purge",
    "plan_retry",
    "purge",
    "quarantine",
    "quarantined_document",
    "reconcile",
    "retry",
    "run",
    "status",
    "verify_audit",
]
__version__ = "0.1.0"

# Where each public name lives. They are imported when first used, so that `columnar --help` need not wait for DuckDB,
# Polars and Arrow.
_HOMES = {
    "ERRORS": "columnar.errors",
    "AnalyzeOptions": "columnar.dedupe.options",
    "ColumnarError": "columnar.errors",
    "CoverageOptions": "columnar.surveying.coverage",
    "DemoOptions": "columnar.demo.demonstrate",
    "ExitCode": "columnar.errors",
    "IntegrityError": "columnar.errors",
    "Job": "columnar.jobs.job",
    "PurgeOptions": "columnar.purging.options",
    "ReconcileOptions": "columnar.reconciling.options",
    "Retry": "columnar.running.retry",
    "RetryOptions": "columnar.running.retry_selection",
    "Run": "columnar.running.run",
    "RunOptions": "columnar.jobs.options",
    "ShredderKind": "transforms.shred.choose",
    "analyze_duplicates": "columnar.api",
    "check": "columnar.checking.check",
    "contract_ddl": "columnar.looking.contract_ddl",
    "contract_schema": "transforms.contract.schema",
    "coverage": "columnar.api",
    "demonstrate": "columnar.demo.demonstrate",
    "doctor": "columnar.examining.doctor",
    "explain": "columnar.api",
    "explain_duplicate": "columnar.api",
    "export": "columnar.api",
    "job_schema": "columnar.jobs.job_schema",
    "lint": "columnar.checking.lint",
    "plan": "columnar.api",
    "plan_purge": "columnar.api",
    "plan_retry": "columnar.api",
    "purge": "columnar.api",
    "quarantine": "columnar.api",
    "quarantined_document": "columnar.api",
    "reconcile": "columnar.api",
    "retry": "columnar.api",
    "run": "columnar.api",
    "status": "columnar.api",
    "verify_audit": "columnar.api",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'columnar' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), "TOLD" if name == "ERRORS" else name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
