"""What becomes of each document of a chunk: loaded, empty, duplicate or quarantined."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from columnar.errors import DuplicateError
from columnar.jobs.job import RowPolicy
from columnar.running.chunk import PreparedChunk
from columnar.running.conflicts import DecidedRows, RowRule, decide_rows
from columnar.running.keys_as_stored import keys_as_stored
from columnar.running.merit import Keep, with_merits
from columnar.running.own_keys import with_own_keys
from columnar.running.replacing import NOTHING_REPLACED, Replacement, find_replaced, replaceable_tables
from loaders.sink import Sink
from loaders.staged_keys import STAGED_SCHEMA, StagedKeys
from transforms.contest import REPLACED_SCHEMA, Policies, Policy, contest
from transforms.contract.plan import Conflict, ContractPlan
from transforms.contract.target_tables import TargetTable
from transforms.documents import DOCUMENT, keep_documents, rows_as_json, rows_per_document
from transforms.duplicates import decide, root_keys

# One row per document of the chunk, in source order: what columnar_document says of it.
OUTCOME_COLUMNS = (
    "document", "outcome", "source_key", "root_key", "fingerprint", "bytes", "rows",
    "reason", "line", "column", "detail", "class", "place", "winner", "rule", "content",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """What makes two documents the same: columns `on` of the target's `table` (none: not compared by key), and the
    fingerprint.

    canonical: whether the fingerprint is that of the rows, without the columns of `without` (by table). policies: what
    becomes of a document that meets another one with its key. keep: how Policy.BEST finds the better one. rows: the
    target's tables whose rows have a policy of their own.
    others: where several contracts share the source, the same of the tables of further ones. Then a key is only the
    same where its table is. unkeyed: tables of contracts that have nothing to compare.
    """

    table: str | None
    on: tuple[str, ...]
    by_fingerprint: bool
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    unkeyed: tuple[str, ...] = ()
    canonical: bool = False
    without: tuple[tuple[str, tuple[str, ...]], ...] = ()
    policies: Policies = field(default_factory=Policies)
    keep: Keep | None = None
    rows: tuple[tuple[str, RowPolicy], ...] = ()

    @property
    def used(self) -> bool:
        """Whether anything is compared at all."""
        return bool(self.on) or self.by_fingerprint

    def replaced_tables(self, plan: ContractPlan) -> list[str]:
        """The target's tables of which rows may make room for others."""
        tables = replaceable_tables(plan, self.keys) if self.policies.replaces else []
        return list(dict.fromkeys([*tables, *(name for name, policy in self.rows if policy == "last")]))

    @property
    def fingerprint(self) -> str:
        """The column of the document table that has what is compared."""
        return "content" if self.canonical else "fingerprint"

    @property
    def keys(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Every table with the columns that are compared."""
        return ((self.table, self.on), *self.others) if self.table is not None and self.on else ()

    def whole(self, table: str, keys: pa.Array | pa.ChunkedArray) -> pl.Series:
        """Canonical keys of a table's rows as they are compared: with the table, where there are several."""
        texts = pl.Series(keys, dtype=pl.String)
        return texts.str.replace("[", f"[{json.dumps(table)},", literal=True) if self.others else texts


def policy_text(rule: DuplicateRule) -> str:
    """What becomes of a duplicate, in words."""
    told = {
        Policy.SKIP: "the later one is left out",
        Policy.FAIL: "the run ends at a duplicate",
        Policy.QUARANTINE: "the later one goes to quarantine",
        Policy.REPLACE: "the later one takes its place",
    }
    if rule.keep is not None:
        told[Policy.BEST] = f"the {'last' if rule.keep.last else 'first'} by {', '.join(rule.keep.by)} stays"
    same, different = told[rule.policies.same], told[rule.policies.different]
    return same if same == different else f"{same}; where the contents differ, {different}"


@dataclass(frozen=True)
class DecidedChunk:
    """What became of each document.

    outcomes: OUTCOME_COLUMNS. winners: STAGED_SCHEMA rows to stage once the chunk is published. rows: those of the
    loaded documents, and what became of them. replaced: what makes room for some of them.
    """

    outcomes: pl.DataFrame
    winners: pa.Table
    rows: DecidedRows
    replaced: Replacement = NOTHING_REPLACED

    @property
    def tables(self) -> dict[str, pa.Table]:
        """The rows to load, with `_document`."""
        return self.rows.tables


def decide_chunk(
    prepared: PreparedChunk,
    rejected: pa.Table,
    rule: DuplicateRule,
    staged: StagedKeys,
    sink: Sink,
) -> DecidedChunk:
    """Decide a chunk. rejected: PROBLEM_SCHEMA rows of documents that the target refused, so that their losers are
    decided again; copies of a refused document are refused with it. sink: asked how it stores keys."""
    documents = pl.DataFrame(prepared.documents).with_row_index("document").cast({"document": pl.Int64})
    problems = pl.DataFrame(pa.concat_tables([prepared.problems, rejected]))
    twins = pl.DataFrame(prepared.twins)
    counts = rows_per_document(prepared.tables, documents.height)
    rows = (
        pl.Series("rows", rows_as_json(counts)) if counts.num_columns else pl.repeat("{}", documents.height, eager=True)
    )
    documents = documents.with_columns(rows=rows)
    base = documents.join(problems, on="document", how="left", maintain_order="left")
    base = base.join(twins.rename({"winner": "twin_of"}), on="document", how="left", maintain_order="left")
    free = pl.col("reason").is_null() & pl.col("twin_of").is_null()
    candidates = base.filter(free & (pl.col("rows") != "{}"))
    keyed, key_problems = keys_of(prepared.tables, candidates, rule, sink)
    decisions, lost = _decisions(keyed, rule, staged, prepared, sink)
    outcomes = with_own_keys(_outcomes(base, keyed, key_problems, decisions), prepared.tables, rule, sink)
    loaded = outcomes.filter(pl.col("outcome") == "loaded")
    of_loaded = keep_documents(prepared.tables, loaded["document"].to_arrow())
    rules = row_rules(prepared.targets, rule)
    row_keys = {name: each.key for name, each in rules.items()}
    replaced = find_replaced(prepared, lost, rule.keys, sink, row_keys) if lost.height else NOTHING_REPLACED
    decided = decide_rows(of_loaded, rules, sink, staged, replaced.row_keys)
    if any(decided.skipped.values()):
        outcomes = _counted_again(outcomes, decided.tables)
    winners = _winners(loaded, prepared.chunk, rule)
    outcomes = outcomes.select(OUTCOME_COLUMNS)
    return DecidedChunk(outcomes, winners, decided, replaced.with_rows(decided.removals))


def row_rules(targets: Iterable[TargetTable], rule: DuplicateRule) -> dict[str, RowRule]:
    """What becomes of rows whose key is there: of the target's tables that say it, or of which the job does."""
    stated = dict(rule.rows)
    found = {}
    for table in targets:
        if table.name in stated:
            found[table.name] = RowRule(table.key, stated[table.name])
        elif table.on_conflict is Conflict.SKIP:
            found[table.name] = RowRule(table.key)
    return found


def _counted_again(outcomes: pl.DataFrame, kept: dict[str, pa.Table]) -> pl.DataFrame:
    """The loaded documents with the rows that are left of them."""
    counts = pl.Series("rows", rows_as_json(rows_per_document(kept, outcomes.height)))
    loaded = pl.col("outcome") == "loaded"
    return outcomes.with_columns(rows=pl.when(loaded).then(counts).otherwise("rows"))


def keys_of(
    tables: dict[str, pa.Table], candidates: pl.DataFrame, rule: DuplicateRule, sink: Sink | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The candidates with their key, and those that have none: document, reason, detail. sink: where the keys are to be
    stored, and compare as they do there; None: they compare by their values."""
    if not rule.on:
        none = pl.DataFrame(schema={"document": pl.Int64, "reason": pl.String, "detail": pl.String})
        return candidates.with_columns(root_key=pl.lit(None, pl.String)), none
    asked = candidates["document"].to_arrow()
    frames = []
    problems = []
    for table, on in rule.keys:
        rows = tables.get(table)
        if rows is not None and sink is not None:
            rows = keys_as_stored(sink, table, rows, on)
        found = root_keys(rows, on, asked)
        keys = pl.DataFrame(found.keys)
        frames.append(keys.select("document", rule.whole(table, found.keys["key"]).alias("root_key")))
        named = pl.col("detail").str.replace("the root table", table, literal=True)
        problems.append(pl.DataFrame(found.problems).with_columns(named))
    keyed = pl.concat(frames)
    refused = _problems_of_keys(problems, keyed, tables, rule)
    free = candidates.select("document").join(keyed, on="document", how="anti").join(refused, on="document", how="anti")
    keyed = pl.concat([keyed, free.with_columns(root_key=pl.lit(None, pl.String))])
    return candidates.join(keyed, on="document", how="inner", maintain_order="left"), refused


def _problems_of_keys(
    problems: list[pl.DataFrame], keyed: pl.DataFrame, tables: dict[str, pa.Table], rule: DuplicateRule
) -> pl.DataFrame:
    """Of each document without a key why it has none: one table says it, where the others have no row of it. Documents
    of contracts that have nothing to compare are no problem."""
    first, *others = problems
    if not others and not rule.unkeyed:
        return first
    no_row = pl.col("detail").str.starts_with("no row in ")
    told = pl.concat(problems).sort(no_row, maintain_order=True).unique("document", keep="first", maintain_order=True)
    told = told.join(keyed, on="document", how="anti", maintain_order="left")
    names = ", ".join(table for table, _ in rule.keys)
    told = told.with_columns(detail=pl.when(no_row).then(pl.lit(f"no row in {names}")).otherwise("detail"))
    elsewhere = [pl.Series(tables[name][DOCUMENT], dtype=pl.Int64) for name in rule.unkeyed if name in tables]
    if not elsewhere:
        return told
    return told.filter(~(no_row & pl.col("document").is_in(pl.concat(elsewhere).unique().implode())))


def _decisions(
    keyed: pl.DataFrame, rule: DuplicateRule, staged: StagedKeys, prepared: PreparedChunk, sink: Sink
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """DECISION_SCHEMA, and REPLACED_SCHEMA with the generation in which a document was loaded."""
    columns = keyed.select(
        "document", "source_key", pl.col("root_key").alias("key"), pl.col(rule.fingerprint).alias("fingerprint")
    )
    nobody = pl.DataFrame(REPLACED_SCHEMA.empty_table()).with_columns(of_generation=pl.lit(None, pl.Int32))
    if not rule.used:
        nothing = {name: pl.lit(None, pl.String) for name in ("class", "place", "winner_source_key", "rule")}
        return columns.select("document", outcome=pl.lit("load"), **nothing), nobody
    candidates = _arrow(columns)
    matched = staged.matching(candidates, by_fingerprint=rule.by_fingerprint).rename_columns({"place": "where"})
    if rule.policies.only_skip:
        return pl.DataFrame(decide(candidates, matched, by_fingerprint=rule.by_fingerprint)), nobody
    if rule.keep is not None:
        candidates, matched = with_merits(candidates, matched, rule.keep, prepared, sink)
    ended = contest(candidates, matched, rule.policies, by_fingerprint=rule.by_fingerprint)
    decisions = pl.DataFrame(ended.decisions)
    _check_failed(decisions, columns)
    of_generation = pl.DataFrame(matched).select("key", "source_key", of_generation="generation").unique()
    lost = pl.DataFrame(ended.replaced)
    return decisions, lost.join(of_generation, on=["key", "source_key"], how="left", nulls_equal=True)


def _check_failed(decisions: pl.DataFrame, candidates: pl.DataFrame) -> None:
    """DuplicateError where the policy says that the run ends."""
    failed = decisions.filter(pl.col("outcome") == "fail")
    if not failed.height:
        return
    first = failed.join(candidates, on="document", how="left", maintain_order="left").row(0, named=True)
    winner = "a row of the target" if first["winner_source_key"] is None else f"document {first['winner_source_key']}"
    raise DuplicateError(
        f"document {first['source_key']} has the {first['rule']} of {winner}"
        f" ({first['class'].replace('_', ' ')}): {first['key']}",
        hint="the chunk was not published; `columnar dedupe analyze` finds all of them, and another policy lets the"
        " run go on",
    )


def _arrow(frame: pl.DataFrame) -> pa.Table:
    schema = [("document", pa.int64()), ("source_key", pa.string()), ("key", pa.string()), ("fingerprint", pa.binary())]
    return frame.to_arrow().cast(pa.schema(schema))


def _outcomes(
    base: pl.DataFrame, keyed: pl.DataFrame, key_problems: pl.DataFrame, decisions: pl.DataFrame
) -> pl.DataFrame:
    frame = base.join(keyed.select("document", "root_key"), on="document", how="left", maintain_order="left")
    named = key_problems.select("document", key_reason="reason", key_detail="detail")
    frame = frame.join(named, on="document", how="left", maintain_order="left")
    renamed = decisions.rename({"outcome": "decision", "winner_source_key": "winner"})
    frame = frame.join(renamed, on="document", how="left", maintain_order="left")
    conflict = pl.col("decision") == "conflict"
    other = pl.coalesce(pl.format("document {}", "winner"), pl.lit("a row of the target"))
    told = pl.format("{} has the key {} and another content", other, "root_key")
    frame = frame.with_columns(
        reason=pl.coalesce("reason", "key_reason", pl.when(conflict).then(pl.lit("conflict"))),
        detail=pl.coalesce("detail", "key_detail", pl.when(conflict).then(told)),
    )
    frame = _share_problems(frame)
    twin = pl.col("twin_of").is_not_null()
    outcome = (
        pl.when(pl.col("reason").is_not_null())
        .then(pl.lit("quarantined"))
        .when(twin | (pl.col("decision") == "duplicate"))
        .then(pl.lit("duplicate"))
        .when(pl.col("decision") == "load")
        .then(pl.lit("loaded"))
        .otherwise(pl.lit("empty"))
    )
    frame = frame.with_columns(outcome=outcome)
    twin = twin & (pl.col("outcome") == "duplicate")
    loaded = pl.col("outcome") == "loaded"
    return frame.with_columns(
        **{"class": pl.when(twin).then(pl.lit("same_content")).otherwise("class")},
        place=pl.when(twin).then(pl.lit("chunk")).otherwise("place"),
        winner=pl.when(twin).then("source_key").otherwise("winner"),
        rule=pl.when(twin).then(pl.lit("source_key")).otherwise("rule"),
        rows=pl.when(loaded).then("rows").otherwise(pl.lit("{}")),
        fingerprint=pl.col("fingerprint").bin.encode("hex"),
        content=pl.col("content").bin.encode("hex"),
    )


def _share_problems(frame: pl.DataFrame) -> pl.DataFrame:
    """A copy of a document that is quarantined, for whatever reason, is quarantined with it."""
    names = ("reason", "line", "column", "detail")
    of_first = frame.select(
        pl.col("document").alias("twin_of"), *(pl.col(name).alias(f"first_{name}") for name in names)
    )
    frame = frame.join(of_first, on="twin_of", how="left", maintain_order="left")
    return frame.with_columns(pl.coalesce(name, f"first_{name}").alias(name) for name in names)


def _winners(loaded: pl.DataFrame, chunk: int, rule: DuplicateRule) -> pa.Table:
    frame = loaded.select(
        pl.col("root_key").alias("key"),
        pl.col(rule.fingerprint).str.decode("hex").alias("fingerprint"),
        "source_key",
        place=pl.lit("run"),
        generation=pl.lit(None, pl.Int32),
        chunk=pl.lit(chunk, pl.Int64),
    )
    return frame.to_arrow().cast(STAGED_SCHEMA)


def quarantined(outcomes: pl.DataFrame) -> pa.Table:
    """The quarantine records of a chunk."""
    rows = outcomes.filter(pl.col("outcome") == "quarantined")
    return rows.select(
        "document", "source_key", "reason", "line", "column", "detail", "fingerprint", "bytes"
    ).to_arrow()


def duplicates(outcomes: pl.DataFrame) -> pa.Table:
    """The duplicate records of a chunk."""
    rows = outcomes.filter(pl.col("outcome") == "duplicate")
    return rows.select(
        "document", "source_key", "root_key", "class", "place", "winner", "rule", "fingerprint"
    ).to_arrow()


def count_by(outcomes: pl.DataFrame, outcome: str, *columns: str) -> dict[str, int]:
    """How many documents of an outcome have each combination of the columns, as one text."""
    rows = outcomes.filter(pl.col("outcome") == outcome)
    label = pl.concat_str([pl.col(name).fill_null("") for name in columns], separator=" ").alias("label")
    return dict(rows.select(label).to_series().value_counts(sort=True, name="documents").rows()) if rows.height else {}


def sum_rows(tables: dict[str, pa.Table]) -> dict[str, int]:
    """Rows per table."""
    return {name: len(table) for name, table in tables.items()}


def as_document_rows(outcomes: pl.DataFrame, constants: Mapping[str, object], schema: pa.Schema) -> pa.Table:
    """The rows of columnar_document: the outcomes, and what is the same for the whole chunk."""
    frame = outcomes.with_columns(**{name: pl.lit(value) for name, value in constants.items()})
    return frame.select(schema.names).to_arrow().cast(schema) if frame.height else schema.empty_table()
