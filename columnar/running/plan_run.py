"""What a run would do, found out without touching anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from columnar.bookkeeping.books import Books, read_books
from columnar.bookkeeping.ranges import selected
from columnar.bookkeeping.state import check_job
from columnar.errors import ExitCode, JobError, SourceChangedError
from columnar.jobs.databases import reader_of
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.jobs.url import DATABASES, scheme_of
from columnar.json_value import json_object
from columnar.looking.look import look_at_session
from columnar.running.budget import MemoryShares
from columnar.running.ddl import ddl_problems, table_ddl, target_ddl
from columnar.running.decide import policy_text
from columnar.running.key_names import key_name_problems
from columnar.running.run import Session, cut_uncovered, selection_of
from columnar.sizes import show_size
from loaders.absent_sink import AbsentSink
from loaders.parquet_sink import not_for_parquet
from loaders.source import EVERYTHING, NULL_KEYS, KeyColumn
from transforms.contract.plan import ContractPlan, Identity
from transforms.lint.contract_rules.keys import keys_without_parent
from transforms.shred.choose import Choice, ShredderKind

# Columns with `xpath:` that are told by name; --json has them all.
_MOST_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class PlannedTable:
    """One target table. rows: that it holds now. ddl: its CREATE TABLE; None where the target needs none."""

    table: str
    exists: bool
    rows: int
    columns: int
    ddl: str | None


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """The source as it is now. document_bytes: the mean, from a sample. reader: the driver that would read it, '' where
    there is none between; faster: another one that reads faster."""

    identity: str
    key: tuple[KeyColumn, ...]
    documents: int
    null_keys: int
    document_bytes: int
    notes: tuple[str, ...]
    reader: str = ""
    faster: str = ""


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """Chunks and documents. published: done by earlier runs. pending: cut by earlier runs, to be done by this one.
    fresh: what this run would cut, `rows` documents a chunk at most. later: outside of the selection."""

    chunks_published: int
    documents_published: int
    chunks_pending: int
    documents_pending: int
    chunks_fresh: int
    documents_fresh: int
    documents_later: int
    rows: int


@dataclass(frozen=True)
class RunPlan:
    """What `columnar plan` tells. tables: in the order in which they load. ddl: every statement that makes them,
    schemas and sequences included. shredder: the one that would serve. notes: what is allowed and seldom meant.
    problems: why a run would refuse."""

    name: str
    generation: int
    source: PlannedSource
    work: PlannedWork
    target: str
    target_exists: bool
    tables: tuple[PlannedTable, ...]
    contract: str
    contract_of_generation: str
    memory: int
    shares: MemoryShares
    workers: int
    shredder: Choice
    duplicates: str
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    ddl: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """USAGE where a run would refuse to begin."""
        return ExitCode.USAGE if self.problems else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self, largest_document=self.shares.largest_document, exit_code=self.exit_code)

    def __repr__(self) -> str:
        work = self.work
        told = f"{work.documents_pending + work.documents_fresh:,} documents to read, {len(self.problems)} problems"
        return f"<RunPlan of job {self.name!r}: {told}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.plan_html import plan_html

        return plan_html(self)


def plan_run(job: Job, options: RunOptions | None = None) -> RunPlan:
    """Find out what `run` with the same options would do. Nothing is made or changed, not even an empty target.

    Raises the errors of a run that cannot read its job, contract, source or target.
    """
    options = options or RunOptions()
    plan = read_plan(job)
    with look_at_session(job, plan, options) as session:
        books = read_books(session.sink, session.job_id)
        problems = [*key_name_problems(session.plan, session.source), *_target_problems(session)]
        stored = books.contract
        try:
            name, source = session.job_id, session.source.identity
            check_job(session.sink, name, source, plan, options, keyed=session.rule.used)
        except SourceChangedError as error:
            problems.append(f"{error.message}; {error.hint}")
            books = Books(books.job, books.generation, books.source, stored)  # its ranges are of other keys
        except JobError as error:
            problems.append(f"{error.message}; {error.hint}")
        else:
            finished = bool(books.ranges) and not books.pending
            begun = bool(books.ranges) or books.generation > 1
            if stored and begun and (stored != plan.sha256 or (options.new_generation and finished)):
                books = Books(books.job, books.generation + 1, books.source)
        return RunPlan(
            name=job.name,
            generation=books.generation or 1,
            source=_source(session),
            work=_work(session, books, options),
            target=session.sink.identity,
            target_exists=not isinstance(session.sink, AbsentSink),
            tables=tuple(_tables(session)),
            contract=plan.sha256,
            contract_of_generation=books.contract,
            memory=session.memory,
            shares=session.shares,
            workers=session.workers,
            shredder=session.shredder,
            duplicates=rule_text(session),
            notes=(*key_notes(plan), *_copy_notes(session), *session.sink.notes(session.specs)),
            problems=tuple(problems),
            ddl=target_ddl(job, session.specs),
        )


def key_notes(plan: ContractPlan) -> list[str]:
    """Loaded child tables whose key takes no column of their parent's: seldom unique over all documents, but where the
    database makes it."""
    return [
        f"table {table.name}: its key ({', '.join(table.key)}) leaves out {', '.join(inherited)}, which it gains from"
        f" {table.parent}: is {', '.join(table.key)} unique over all documents?"
        for table, inherited in keys_without_parent(plan)
        if not any(column.identity is Identity.DATABASE for column in table.columns if column.name in table.key)
    ]


def _copy_notes(session: Session) -> list[str]:
    """A key that the target enforces, and nothing that leaves copies out before."""
    keyed = [spec.name for spec in session.specs if spec.key]
    if session.rule.on or not keyed or scheme_of(session.job.target.url) == "parquet":
        return []
    return [f"duplicates by key are off, so the key of {keyed[0]} refuses copies: they go to quarantine"]


def rule_text(session: Session) -> str:
    """The duplicate rule in words."""
    rule = session.rule
    parts = [f"the same {', '.join(on)} in {table}" for table, on in rule.keys]
    parts += ["the same rows" if rule.canonical else "the same bytes"] if rule.by_fingerprint else []
    told = " or ".join(parts) or "off"
    return told if rule.policies.only_skip else f"{told}; {policy_text(rule)}"


def shredder_text(plan: RunPlan) -> str:
    """Which shredder would serve, in words."""
    choice = plan.shredder
    if choice.way == ShredderKind.LXML:
        why = {"by_choice": "", "no_kernel": " (no_kernel: the native one is not there)"}
        return "lxml" + why.get(choice.why, f" ({choice.why}: the native one cannot hold these contracts)")
    if not choice.xpath:
        return "native"
    named = ", ".join(choice.xpath[:_MOST_COLUMNS])
    named += f" and {len(choice.xpath) - _MOST_COLUMNS} more" if len(choice.xpath) > _MOST_COLUMNS else ""
    return f"native; documents with rows for them are parsed a second time, by lxml, for the xpath: of {named}"


def document_text(plan: RunPlan) -> str:
    """The largest document that fits into the memory, in words."""
    shares = plan.shares
    text = show_size(shares.largest_document)
    if shares.largest_document <= shares.largest_tree:
        return text
    return f"{text}, {show_size(shares.largest_tree)} where lxml has to read it"


def _source(session: Session) -> PlannedSource:
    source = session.source
    known, nulls = source.count([EVERYTHING, NULL_KEYS])
    mean = source.document_bytes() if known else 0
    reader = reader_of(session.job) if scheme_of(session.job.source.url) in DATABASES else ("", "")
    return PlannedSource(source.identity, source.key, known + nulls, nulls, mean, tuple(source.notes()), *reader)


def _work(session: Session, books: Books, options: RunOptions) -> PlannedWork:
    source = session.source
    selection = selection_of(source, options)
    todo = selected(selection, books.pending, source.rank)
    fresh = list(cut_uncovered(session, selection, list(books.ranges)))
    counts = source.count([each.range for each in todo])
    published = sum(each.documents for each in books.published)
    total = sum(source.count([EVERYTHING, NULL_KEYS]))
    documents_fresh = sum(each.rows_when_cut for each in fresh)
    return PlannedWork(
        chunks_published=len(books.published),
        documents_published=published,
        chunks_pending=len(todo),
        documents_pending=sum(counts),
        chunks_fresh=len(fresh),
        documents_fresh=documents_fresh,
        documents_later=max(0, total - published - sum(counts) - documents_fresh),
        rows=max((each.rows_when_cut for each in fresh), default=0),
    )


def _tables(session: Session) -> Iterator[PlannedTable]:
    sink, specs = session.sink, session.specs
    for spec, ddl in zip(specs, table_ddl(session.job, specs), strict=True):
        exists = sink.has(spec.name)
        rows = sink.count(spec.name) if exists else 0
        yield PlannedTable(spec.name, exists, rows, len(spec.schema), ddl)


def _target_problems(session: Session) -> list[str]:
    specs, target = session.specs, session.job.target
    if not isinstance(session.sink, AbsentSink):
        return session.sink.mismatches(specs, create=target.create)
    if scheme_of(target.url) == "parquet":
        return not_for_parquet(specs)
    if target.create:
        return ddl_problems(session.job, specs)
    return [f"table {spec.name} does not exist; create: true in the job's target makes it" for spec in specs]
