"""Turn XML documents in databases into clean relational tables: vectorised, exactly once, provable.

>>> import columnar
>>> run = columnar.run("job.yaml")  # doctest: +SKIP
>>> run.proof.loaded  # doctest: +SKIP
1000
"""

from __future__ import annotations

from columnar.api import run
from columnar.errors import ColumnarError, ExitCode, IntegrityError
from columnar.job import Job
from columnar.options import RunOptions
from columnar.run import Run

__all__ = ["ColumnarError", "ExitCode", "IntegrityError", "Job", "Run", "RunOptions", "run"]
__version__ = "0.1.0"
