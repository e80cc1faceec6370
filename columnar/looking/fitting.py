"""What a target says when it lacks a column, in the words of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from columnar.running.target_specs import target_specs
from loaders.errors import LoaderError, TargetMismatchError, TransientError
from loaders.sink import Sink
from transforms.contract.plan import ContractPlan


@contextmanager
def fitting(sink: Sink, plan: ContractPlan) -> Iterator[None]:
    """Rows of a target are read. Where that fails since it has other tables than the contract, TargetMismatchError says
    so; a type that is another one does no harm, so nothing is checked before."""
    try:
        yield
    except TransientError:
        raise
    except LoaderError as error:
        problems = sink.mismatches(target_specs(plan), create=True)
        if not problems:
            raise
        raise TargetMismatchError(problems) from error
