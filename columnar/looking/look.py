"""A job's source and target, opened for reading only: what the commands that change nothing work on."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from columnar.errors import JobError
from columnar.jobs.connect import drivers_of, open_sink, open_source
from columnar.jobs.job import TARGETS, Job
from columnar.jobs.options import RunOptions, processors
from columnar.jobs.url import DATABASES, scheme_of, with_environment
from columnar.running.budget import default_memory, divide
from columnar.running.duplicate_keys import duplicate_rule
from columnar.running.patience import Patience
from columnar.running.patient_sink import PatientSink
from columnar.running.run import Session
from columnar.running.target_specs import target_specs, with_home_schema
from loaders.absent_sink import AbsentSink
from loaders.duckdb_engine import DuckDBEngine
from loaders.duckdb_sink import DuckDBSink
from loaders.named_sink import named_sink
from loaders.parquet_sink import ParquetSink
from loaders.sink import Sink
from loaders.source import Source
from transforms.contract.plan import ContractPlan
from transforms.shred.choose import choose

# Enough to order the keys of a large source; what does not fit is spilled.
_ENGINE_MEMORY = 1_000_000_000


@contextmanager
def looking_engine(memory: int = _ENGINE_MEMORY) -> Iterator[DuckDBEngine]:
    """An engine that spills to the folder for temporary files, since the workspace is not to be touched."""
    spill = Path(tempfile.gettempdir()) / f"columnar-spill-{os.getpid()}"
    engine = DuckDBEngine(memory_bytes=memory, spill=spill, threads=processors())
    try:
        yield engine
    finally:
        engine.close()
        if spill.is_dir() and not any(spill.iterdir()):
            spill.rmdir()


def look_at_sink(job: Job, engine: DuckDBEngine) -> Sink:
    """The job's target for reading only; an AbsentSink where nothing is there yet. Nothing is made."""
    url = with_environment(job.target.url)
    scheme, path = scheme_of(url), job.path(url.partition(":")[2])
    if scheme == "sqlite" and not path.exists():  # connecting would make it
        return AbsentSink(f"sqlite:{path}#{job.target.db_schema}")
    if scheme in DATABASES:
        return open_sink(job, engine)
    if scheme == "duckdb":
        if not path.exists():
            return AbsentSink(f"duckdb:{path}#{job.target.db_schema}")
        return DuckDBSink(engine, path, schema=job.target.db_schema, read_only=True)
    if scheme == "parquet":
        sink = ParquetSink(path, read_only=True)
        return sink if path.is_dir() else AbsentSink(sink.identity)
    raise JobError(f"target: there is no backend for {scheme}:", hint="the backends are: " + ", ".join(TARGETS))


@contextmanager
def look_at_target(job: Job, options: RunOptions) -> Iterator[Sink]:
    """The job's target for reading only, before a run with these options opens it: with the same patience."""
    patience = Patience(job.patience, on_wait=options.on_wait)
    with looking_engine() as engine, closing(patience.keep_trying(lambda: look_at_sink(job, engine))) as sink:
        yield PatientSink(sink, patience)


@contextmanager
def look_at_session(job: Job, plan: ContractPlan, options: RunOptions, *, target: bool = True) -> Iterator[Session]:
    """The session a run with these options would have, with a target that cannot be written to; or, for who has nothing
    to ask of it, with none."""
    memory = options.memory or job.memory or default_memory()
    shredder = choose(plan, options.shredder or job.shredder)
    shares = divide(memory, trees=shredder.trees or bool(plan.decode), drivers=drivers_of(job))
    workers = options.workers or job.workers or processors()
    plan = with_home_schema(plan, job.target.db_schema)
    rule = duplicate_rule(job.duplicates, plan)
    with ExitStack() as stack:
        engine = stack.enter_context(looking_engine(shares.engine))
        sink = look_at_sink(job, engine) if target else AbsentSink("")
        stack.callback(sink.close)
        if not isinstance(sink, AbsentSink):
            sink = named_sink(sink, target_specs(plan))
        source = open_source(job, engine)
        stack.callback(source.close)
        workspace = job.path(job.workspace)
        patience = Patience(0)
        yield Session(job, plan, engine, source, sink, shares, memory, workers, workspace, rule, shredder, patience)


@contextmanager
def look_at_source(job: Job) -> Iterator[Source]:
    """The job's source; nobody asks for its target."""
    with looking_engine() as engine, closing(open_source(job, engine)) as source:
        yield source
