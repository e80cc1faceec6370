"""Publishing decided chunks, one after the other in source order: exactly once, whatever fails."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import polars as pl
import pyarrow as pa

from columnar.audit.trail import AuditTrail
from columnar.bookkeeping.ledger import DOCUMENT, LEDGER, OUTCOMES, REPLACED, rows
from columnar.bookkeeping.receipt import Receipt
from columnar.bookkeeping.state import JobKey
from columnar.errors import QuarantineLimitError
from columnar.running.chunk import PROBLEM_SCHEMA, PreparedChunk, problem_rows
from columnar.running.conflicts import one_of_each, stage_row_keys, without_row_keys
from columnar.running.content import with_content
from columnar.running.decide import (
    DecidedChunk,
    DuplicateRule,
    as_document_rows,
    count_by,
    decide_chunk,
    row_rules,
    sum_rows,
)
from columnar.running.identity import made_columns, with_made_values
from columnar.running.patience import Patience
from columnar.running.replacing import Replacement, as_replaced_rows
from loaders.errors import AlreadyPublishedError, DataError, UnavailableError
from loaders.sink import Part, Sink
from loaders.staged_keys import STAGED_SCHEMA, StagedChunk, StagedKeys
from transforms.documents import keep_documents, strip_row_fields

# The rules under which a receipt counts rows that were left out, and NULLs that were.
SKIPPED = "conflict_skipped"
OMITTED = "omitted"
REPLACED_ROWS = "conflict_replaced"


@dataclass
class Publisher:
    """Decides and publishes the chunks of one run.

    sink: one that publishes again by itself where a commit is in doubt. trail: writes the run's audit files.
    max_quarantine: documents a run may quarantine.
    """

    sink: Sink
    staged: StagedKeys
    rule: DuplicateRule
    job: JobKey
    run: str
    contract: str
    trail: AuditTrail
    max_quarantine: int
    on_step: Callable[[str], None]
    patience: Patience
    _quarantined: int = 0

    def publish(self, prepared: PreparedChunk) -> Receipt:
        """Publish one chunk and return its receipt. Documents that the target refuses are found by bisection and
        quarantined, and the chunk is decided again without them."""
        rejected = PROBLEM_SCHEMA.empty_table()
        while True:
            receipt = prepared.receipt
            if self.rule.canonical and rejected.num_rows == 0:
                prepared = with_content(prepared, dict(self.rule.without))
            with receipt.timed("decide"):
                rules = row_rules(prepared.targets, self.rule)
                self.patience.keep_trying(partial(stage_row_keys, self.sink, self.staged, rules))
                decided = decide_chunk(prepared, rejected, self.rule, self.staged, self.sink)
            if decided.rows.refused.height:
                rejected = pa.concat_tables([rejected, _repeated(decided.rows.refused)])
                continue
            self.on_step("decided")
            try:
                self._publish(prepared, decided)
            except DataError as error:
                with receipt.timed("bisect"):
                    found = self._refused(prepared, decided, error)
                rejected = pa.concat_tables([rejected, found])
                continue
            return receipt

    def _publish(self, prepared: PreparedChunk, decided: DecidedChunk) -> None:
        receipt = _fill(prepared, decided, self.rule, omits=self.sink.has_defaults, generation=self.job.generation)
        if self._quarantined + receipt.quarantined > self.max_quarantine:
            raise QuarantineLimitError(
                f"{self._quarantined + receipt.quarantined} documents would be in quarantine,"
                f" more than {self.max_quarantine}:"
                f" {_most_common(receipt.reasons)}",
                hint="the last chunk was not published; if that many are to be expected, raise --max-quarantine",
            )
        attempt = uuid.uuid4().hex
        tables = with_made_values(decided.tables, made_columns(prepared.plan), self.sink) if prepared.plan else {}
        files = self.trail.write(prepared, decided, tables)
        self.on_step("records_written")
        with receipt.timed("publish"):
            self._send(prepared, replace(decided, rows=replace(decided.rows, tables=tables)), attempt, files)
        self._quarantined += receipt.quarantined
        self.on_step("published")
        with receipt.timed("stage"):
            if self.rule.used or decided.rows.keys:
                self.staged.add(self._staged(prepared.chunk, attempt, decided, receipt))
        self.on_step("staged")

    def _staged(self, chunk: int, attempt: str, decided: DecidedChunk, receipt: Receipt) -> StagedChunk:
        """What the published chunk changes of the staged keys."""
        winners = decided.winners if self.rule.used else STAGED_SCHEMA.empty_table()
        generation = pa.array([self.job.generation] * len(winners), pa.int32())
        at = STAGED_SCHEMA.get_field_index("generation")
        winners = winners.set_column(at, STAGED_SCHEMA.field(at), generation)
        lost = decided.replaced.lost["key"].drop_nulls().to_arrow().cast(pa.string())
        gone, keys = decided.replaced.rows, decided.rows.keys
        rows = {name: receipt.rows.get(name, 0) - gone.get(name, 0) for name in receipt.rows.keys() | gone.keys()}
        lost_rows = dict(decided.replaced.row_keys)
        for name, found in decided.rows.gone.items():
            lost_rows[name] = pa.concat_arrays([found, *([lost_rows[name]] if name in lost_rows else [])])
        return StagedChunk((self.job.generation, chunk), attempt, winners, lost, rows, keys, lost_rows)

    def _send(self, prepared: PreparedChunk, decided: DecidedChunk, attempt: str, files: dict[str, str | None]) -> None:
        name = self.job.publication(f"c{prepared.chunk:09d}")
        parts = self._parts(prepared, decided, attempt, files)
        self.on_step("before_publish")
        try:
            self.sink.publish(name, parts, decided.replaced.of())
        except AlreadyPublishedError as error:
            raise UnavailableError(
                f"chunk {prepared.chunk} was published by another run of this job meanwhile",
                hint="run the same command again: it continues after what is there",
            ) from error

    def _parts(
        self, prepared: PreparedChunk, decided: DecidedChunk, attempt: str, files: dict[str, str | None]
    ) -> list[Part]:
        receipt = prepared.receipt
        chunk = {**self.job.columns(), "chunk": prepared.chunk, "run": self.run}
        counts = {name: getattr(receipt, name) for name in ("documents", *OUTCOMES)}
        ledger = chunk | counts | files
        ledger |= {
            "attempt": attempt,
            "keys": prepared.keys,
            "contract": self.contract,
            "published_at": datetime.now(UTC),
        }
        ledger |= {"rows": _json_rows(receipt.rows), "receipt": receipt.as_json()}
        tables = [Part(name, strip_row_fields(table)) for name, table in decided.tables.items()]
        documents = as_document_rows(decided.outcomes, chunk, DOCUMENT.schema)
        parts = [Part(LEDGER.name, rows(LEDGER, [ledger])), *tables, Part(DOCUMENT.name, documents)]
        if decided.replaced.lost.height:
            keys = prepared.documents["source_key"]
            parts.append(Part(REPLACED.name, as_replaced_rows(decided.replaced, chunk, keys, REPLACED.schema)))
        return parts

    def _refused(self, prepared: PreparedChunk, decided: DecidedChunk, error: DataError) -> pa.Table:
        """The documents whose rows the target refuses, each alone or beside the others: PROBLEM_SCHEMA."""
        brought = decided.rows.brought
        if prepared.plan is not None:
            brought = with_made_values(brought, made_columns(prepared.plan), self.sink)
        last = {name for name, policy in self.rule.rows if policy == "last"}
        search = _Bisection(self.sink, brought, self.max_quarantine - self._quarantined, decided.replaced, last)
        search.add(decided.outcomes.filter(pl.col("outcome") == "loaded")["document"].to_list())
        if any(table.foreign_keys for table in prepared.targets):
            search.reconsider()
        if not search.refused:
            raise UnavailableError(f"the target refuses the chunk, but none of its documents: {error}") from error
        reason = "rejected_by_target"
        return pa.concat_tables(
            [problem_rows(pa.array([at], pa.int64()), reason, text) for at, text in sorted(search.refused.items())]
        )


class _Bisection:
    """Finds the documents that a target refuses, by trying halves beside what it accepted so far.

    tables: the rows that the documents brought; of those with one key, the first of the documents tried is sent, or the
    last of the tables in `last`.
    most: more need not be found. replaced: what makes room for their rows.
    """

    def __init__(
        self, sink: Sink, tables: dict[str, pa.Table], most: int, replaced: Replacement, last: set[str]
    ) -> None:
        self._replaced = replaced
        self._last = last
        self._sink = sink
        self._tables = tables
        self._most = most
        self._accepted: list[int] = []
        self.refused: dict[int, str] = {}

    def add(self, documents: list[int]) -> None:
        """Try some documents, in order."""
        if not documents or len(self.refused) > self._most:
            return
        error = self._error(documents)
        if error is None:
            self._accepted += documents
        elif len(documents) == 1:
            self.refused[documents[0]] = error
        else:
            middle = len(documents) // 2
            self.add(documents[:middle])
            self.add(documents[middle:])

    def reconsider(self) -> None:
        """Try the refused ones once more, as long as that helps: one may refer to a row of a later document."""
        while self.refused and len(self.refused) <= self._most:
            again, self.refused = self.refused, {}
            self.add(sorted(again))
            if len(self.refused) == len(again):
                return

    def _error(self, documents: list[int]) -> str | None:
        tried = self._accepted + documents
        wanted = keep_documents(self._tables, pa.array(tried, pa.int64()))
        some, _ = without_row_keys(one_of_each(wanted, self._last))
        try:
            parts = [Part(name, strip_row_fields(table)) for name, table in some.items()]
            self._sink.probe(parts, self._replaced.of(tried))
        except DataError as error:
            return error.message
        return None


def _fill(
    prepared: PreparedChunk, decided: DecidedChunk, rule: DuplicateRule, *, omits: bool, generation: int
) -> Receipt:
    receipt, outcomes = prepared.receipt, decided.outcomes
    counts = dict(outcomes["outcome"].value_counts().rows())
    for name in OUTCOMES:
        setattr(receipt, name, counts.get(name, 0))
    receipt.rows = sum_rows(decided.tables)
    receipt.stage_bytes["publish"] = sum(table.nbytes for table in decided.tables.values())
    last = {name for name, policy in rule.rows if policy == "last"}
    rows = {f"{name} {SKIPPED}": count for name, count in decided.rows.skipped.items() if name not in last}
    rows |= {
        f"{name} {REPLACED_ROWS}": decided.rows.skipped.get(name, 0) + decided.rows.replaced.get(name, 0)
        for name in last
    }
    values = {
        f"{table.name}.{column.name} {OMITTED}": decided.tables[table.name][column.name].null_count
        for table in prepared.targets
        for column in table.columns
        if omits and column.omit_null and table.name in decided.tables
    }
    for change, count in (rows | values).items():
        receipt.changes.pop(change, None)  # of a decision that did not hold
        if count:
            receipt.changes[change] = count
    receipt.replaced = int((decided.replaced.lost["of_generation"] == generation).sum() or 0)
    receipt.reasons = count_by(outcomes, "quarantined", "reason")
    receipt.duplicates = count_by(outcomes, "duplicate", "class", "place", "rule")
    return receipt


def _repeated(refused: pl.DataFrame) -> pa.Table:
    """PROBLEM_SCHEMA: documents that bring a row whose key is there, of a table that must not have it twice."""
    problems = problem_rows(refused["document"].to_arrow(), "repeated_row", "")
    at = problems.schema.get_field_index("detail")
    return problems.set_column(at, problems.schema.field(at), refused["detail"].to_arrow().cast(pa.string()))


def _json_rows(counts: dict[str, int]) -> str:
    import json

    return json.dumps(counts, separators=(",", ":"))


def _most_common(reasons: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items(), key=lambda each: -each[1])[:3])
