"""A source against its target: counts, keys, and values that the reference shredder makes anew."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import polars as pl
import pyarrow as pa

from columnar.bookkeeping.books import Books, read_books
from columnar.bookkeeping.ranges import StoredRange
from columnar.counted import counted
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.lineage.current import CurrentDocuments
from columnar.lineage.found import findable, keys_of_documents
from columnar.lineage.links import DocumentLink, document_links
from columnar.lineage.sampled import SampledDocuments
from columnar.looking.look import look_at_session
from columnar.reconciling.compare import Comparable, TableComparison
from columnar.reconciling.expected import Expected, ExpectedBuilder
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.report import ChunkCount, Difference, Reconciliation
from columnar.reconciling.strays import StrayRows
from columnar.running.allocator import MemoryRelief
from columnar.running.budget import TreeBudget
from columnar.running.reading import ChunkRead, ReadAhead, source_keys
from columnar.running.run import Session
from transforms.convert.rules import Reason
from transforms.documents import DOCUMENT
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.result import REASONS

# Bytes of documents that one thread reads at a time: a quarter of a second, so that few documents too are for all.
_BATCH = 8_000_000
# Reasons that the reference finds too; the others come of what else is in source and target.
_FOUND_ANEW = {*REASONS, *Reason, "sql_error"}


def reconcile_job(job: Job, options: ReconcileOptions | None = None) -> Reconciliation:
    """Compare the source of a job with its target, as both are now. Nothing is changed.

    Every published range is counted, and its keys are compared with those of the document table. Of the documents of a
    sample, or of all, the rows are made anew by the reference shredder, in several threads, and compared with the
    target's, value by value. Memory: the job's, as in a run, and one chunk's keys and rows.
    """
    options = options or ReconcileOptions()
    plan = read_plan(job)
    with look_at_session(job, plan, RunOptions(memory=options.memory, workers=options.workers)) as session:
        books = read_books(session.sink, session.job_id)
        if not books.generation:
            raise JobError(f"job {job.name!r} never ran: there is nothing to compare", hint="`columnar run` begins it")
        session.sink.prepare(session.specs, create=False)
        return _Reconciling(session, books, options).run()


@dataclass
class _Reconciling:
    session: Session
    books: Books
    options: ReconcileOptions

    def __post_init__(self) -> None:
        plan = self.session.plan
        self._found = Reconciliation(self.books.job, self.books.generation)
        self._documents = CurrentDocuments(self.session.sink, self.books)
        self._unread = 0
        self._expected = ExpectedBuilder(plan, self.session.shares.extracts)
        self._links = document_links(plan, self.session.rule)
        self._findable = findable(self._links, plan)
        self._tables = {name: TableComparison(Comparable.of(link.table, plan)) for name, link in self._links.items()}

    def run(self) -> Reconciliation:
        found, published = self._found, {each.chunk for each in self.books.published}
        done = [each for each in self.books.ranges if each.chunk in published]
        waiting = [each for each in self.books.ranges if each.chunk not in published]
        found.pending = sum(self.session.source.count([each.range for each in waiting])) if waiting else 0
        counts = self.session.source.count([each.range for each in done])
        found.documents = sum(counts)
        self._notes()
        with closing(self._read(done, found.documents)) as chunks:
            for chunk, count in zip(chunks, counts, strict=True):
                self._range(chunk, count)
                self.options.on_progress(f"chunk {chunk.stored.chunk}")
        if self._unread:
            too_large = f"{counted(self._unread, 'document')} did not fit into --memory as a tree"
            found.notes.append(f"{too_large}: only their keys are compared")
        if self.options.sample is None:
            self._strays()
        found.columns = [
            sums for table in self._tables.values() for sums in table.sums.values() if sums.rows or sums.target_rows
        ]
        return found

    def _notes(self) -> None:
        if self.books.contract != self.session.plan.sha256:
            self._found.notes.append("the contract is another one than the documents were loaded by")
        for name, link in self._links.items():
            if link.shared:
                self._found.notes.append(
                    f"{name} skips rows whose key is there: only that the keys are there is compared"
                )
            elif name not in self._findable and self._tables[name].of.key:
                self._found.notes.append(f"rows of {name} lead to no document: rows too many are not found")
            elif name not in self._findable:
                self._found.notes.append(f"{name} has no key and leads to no document: its rows are not compared")

    def _tell(self, differences: Iterable[Difference]) -> None:
        for each in differences:
            self._found.counts[each.kind] += 1
            if len(self._found.differences) < self.options.limit:
                self._found.differences.append(each)

    def _read(self, ranges: Sequence[StoredRange], documents: int) -> Generator[ChunkRead, None, None]:
        """Each range once the reference shredder, lxml whatever the job's is, has read what is to be compared of it:
        while one is compared, the next ones are read."""
        session, shares = self.session, self.session.shares
        shares = replace(shares, raw=min(shares.raw, _BATCH * (session.workers + 2)))
        trees = TreeBudget(shares.trees)
        ahead = ReadAhead(
            SampledDocuments(session, documents, self.options.sample),
            LxmlShredder(session.plan, trees=trees.holding), session.plan,
            shares=shares, trees=trees, workers=session.workers,
            on_step=lambda _: None, relieve=MemoryRelief(session.memory).relieve, patience=session.patience,
        )  # fmt: skip
        return ahead.chunks(ranges, self._expected.add, self._expected.begin)

    def _range(self, chunk: ChunkRead, count: int) -> None:
        """One published range."""
        number, expected = chunk.stored.chunk, self._expected.finish()
        documents = self._documents.of_range(number)
        self._found.chunks.append(ChunkCount(number, count, documents.height))
        if chunk.keys is not None:
            self._tell(_keys(number, chunk.keys, documents))
            self._compare(number, expected, documents)
        elif count != documents.height:
            self._tell([Difference("count", number, expected=f"{count}", found=f"{documents.height}")])

    def _compare(self, chunk: int, expected: Expected, documents: pl.DataFrame) -> None:
        """Documents that were made anew against what the books say of them and what the target holds."""
        if not expected.source_keys:
            return
        self._found.recomputed += len(expected.source_keys) - len(expected.unread)
        self._unread += len(expected.unread)
        numbers = pl.DataFrame({"source_key": expected.source_keys}).with_row_index("number")
        numbers = numbers.filter(~pl.col("number").is_in(list(expected.unread)))
        told = numbers.join(documents, on="source_key", how="inner", maintain_order="left")
        self._tell(_outcomes(chunk, told, expected))
        loaded = told.filter(pl.col("outcome") == "loaded").unique("source_key", keep="first")["number"].cast(pl.Int64)
        session, roots = self.session, {link.root for link in self._links.values() if link.leads}
        texts = [text for root in sorted(roots) for text in self._root_keys(expected, loaded, self._links[root])]
        keys = keys_of_documents(session.sink, self._links, session.plan, session.rule, texts)
        for name, link in self._links.items():
            self._compare_table(chunk, link, expected, loaded, keys.get(name))

    def _compare_table(
        self, chunk: int, link: DocumentLink, expected: Expected, loaded: pl.Series, keys: pa.Table | None
    ) -> None:
        """keys: by what the rows of these documents are found; None where nothing leads to them."""
        comparison, sink = self._tables[link.table.name], self.session.sink
        columns = list(comparison.of.columns)
        rows = expected.rows(link.table)
        mine = rows.filter(pl.Series(rows[DOCUMENT]).is_in(loaded.implode()).to_arrow())
        stored = sink.as_kept(link.table.name, mine.select(columns))
        if link.shared or keys is None:
            if not comparison.of.key:
                return
            keys = stored.select(list(comparison.of.key))
        batches = list(sink.select(link.table.name, columns, keys)) if len(keys) else []
        there = pa.Table.from_batches(batches, batches[0].schema) if batches else stored.schema.empty_table()
        there = there.cast(pa.schema([field.with_nullable(True) for field in stored.schema]))
        rows = stored.append_column(DOCUMENT, mine[DOCUMENT])
        if link.shared:  # who came first is in it, under a key that the target takes for the same
            alike = pl.DataFrame(sink.as_stored(link.table.name, stored.select(list(comparison.of.key))))
            gone = alike.with_row_index("at").join(pl.DataFrame(there), on=list(comparison.of.key), how="anti")["at"]
            rows, there = rows.take(gone.sort().to_arrow()), there.slice(0, 0)
        self._tell(comparison.add(chunk, rows, there, expected.source_keys))

    def _root_keys(self, expected: Expected, loaded: pl.Series, root: DocumentLink) -> Sequence[str]:
        """The keys of the loaded documents, by their rows of the table that is compared."""
        rows = expected.rows(root.table)
        mine = rows.filter(pl.Series(rows[DOCUMENT]).is_in(loaded.implode()).to_arrow())
        keys: list[str] = pl.Series(root.root_keys(mine, self.session.rule)).drop_nulls().unique().to_list()
        return keys

    def _strays(self) -> None:
        with closing(StrayRows(self.session.engine, self.session.sink)) as strays:
            for link in self._links.values():
                if link.leads and not link.shared:
                    self._tell(strays.of(link, self.session.rule))


def _keys(chunk: int, keys: pa.Table, documents: pl.DataFrame) -> Iterator[Difference]:
    """Keys that only the source has, or only the books."""
    source = (
        pl.DataFrame({"source_key": pl.Series(source_keys(keys), dtype=pl.String)}).group_by("source_key").len("source")
    )
    books = documents.group_by("source_key").len("books")
    both = source.join(books, on="source_key", how="full", coalesce=True).fill_null(0)
    for key, mine, theirs in both.filter(pl.col("source") != pl.col("books")).sort("source_key").rows():
        kind = "missing_document" if mine > theirs else "gone_document"
        yield Difference(kind, chunk, key, expected=f"{mine} in the source", found=f"{theirs} in the books")


def _outcomes(chunk: int, told: pl.DataFrame, expected: Expected) -> Iterator[Difference]:
    """Documents of which another thing must have become."""
    with_rows = expected.with_rows()
    for number, source_key, outcome, reason in told.select("number", "source_key", "outcome", "reason").rows():
        must = expected.refused.get(number) or ("rows" if number in with_rows else "empty")
        was = reason if outcome == "quarantined" else outcome
        if outcome == "quarantined":
            right = number in expected.refused or reason not in _FOUND_ANEW
        elif outcome == "empty":
            right = must == "empty"
        else:
            right = must == "rows"
        if not right:
            yield Difference("outcome", chunk, source_key, expected=must, found=was)
