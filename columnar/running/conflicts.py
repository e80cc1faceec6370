"""Rows whose key is there already, by the policy of their table.

skip (`on_conflict: skip` in the contract, too): the first row of a key stays, one of the target, then one of an earlier
chunk of the run, then the first in the order of the source. last: the last in that order stays, and takes the place of
one that was loaded before. reject_document: a document that brings such a row goes to quarantine.

Like the keys of documents, those of rows are decided at one place and in one order; a chunk that is decided once more,
without a document, may have other winners.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from columnar.running.own_keys import own_row_keys
from loaders.sink import Sink
from loaders.staged_keys import StagedKeys
from transforms.documents import DOCUMENT
from transforms.duplicates import canonical_keys

# A column of canonical keys beside those of the table, by a name that no column can have.
ROW_KEY = "#key"


@dataclass(frozen=True, slots=True)
class RowRule:
    """key: the columns that tell the rows of a table apart."""

    key: tuple[str, ...]
    policy: Literal["skip", "reject_document", "last"] = "skip"


@dataclass(frozen=True)
class DecidedRows:
    """What became of rows.

    tables: the rows that are loaded. keys: theirs, of tables with a rule. brought: the rows among which one of each key
    was chosen. skipped, replaced: how many were left out, and how many that were loaded before make room, by table.
    removals: of the latter, by table: _document of the row that takes the place, and the key's columns. refused:
    document, detail: those that the policy sends to quarantine. gone: the keys of loaded rows that make room, as they
    were known.
    """

    tables: dict[str, pa.Table]
    keys: dict[str, pa.Array]
    brought: dict[str, pa.Table]
    skipped: dict[str, int]
    replaced: dict[str, int] = field(default_factory=dict)
    removals: tuple[tuple[str, pl.DataFrame], ...] = ()
    refused: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"document": pl.Int64, "detail": pl.String})
    )
    gone: dict[str, pa.Array] = field(default_factory=dict)


def stage_row_keys(sink: Sink, staged: StagedKeys, tables: Mapping[str, RowRule]) -> None:
    """Stage every key that these tables of the target hold, whoever loaded them, unless they are staged already."""
    for name, rule in tables.items():
        if not staged.rows.has(name):
            staged.rows.stage(name, rule.key, _stored_keys(sink, name, rule.key))


def _stored_keys(sink: Sink, name: str, key: tuple[str, ...]) -> Iterator[pa.Array]:
    for batch in sink.stream(name, list(key), {}):
        yield canonical_keys(pa.Table.from_batches([batch]), key)


def decide_rows(
    rows: Mapping[str, pa.Table],
    rules: Mapping[str, RowRule],
    sink: Sink,
    staged: StagedKeys,
    going: Mapping[str, pa.Array],
) -> DecidedRows:
    """Which rows of the loaded documents are loaded. going: keys of rows that were loaded before and make room for
    those of other documents: they do not count."""
    keyed = dict(rows)
    known: dict[str, pa.Array] = {}
    for name in rules.keys() & rows.keys():
        rule, table = rules[name], rows[name]
        keys = canonical_keys(sink.as_stored(name, table.select(list(rule.key))), rule.key)
        found = staged.rows.known(name, keys)
        if name in going:
            found = found.filter(pc.invert(pc.is_in(found, value_set=going[name])))
        known[name] = found
        keyed[name] = table.append_column(ROW_KEY, keys)
        if rule.policy == "skip":
            keyed[name] = keyed[name].filter(pc.invert(pc.is_in(keys, value_set=found, skip_nulls=True)))
    refused = _refused(keyed, rules, known)
    last = {name for name, rule in rules.items() if rule.policy == "last"}
    kept, row_keys = without_row_keys(one_of_each(keyed, last))
    skipped = {name: len(rows[name]) - len(kept[name]) for name in kept if name in rules}
    removals = tuple(
        (name, removal)
        for name in sorted(last & known.keys())
        if (removal := _removal(kept[name], row_keys[name], known[name], rules[name].key)).height
    )
    replaced = {name: removal.height for name, removal in removals}
    gone = {name: row_keys[name].filter(pc.is_in(row_keys[name], value_set=known[name])) for name in replaced}
    for name in last & row_keys.keys():
        row_keys[name] = own_row_keys(sink, name, kept[name], row_keys[name], rules[name].key)
    return DecidedRows(kept, row_keys, keyed, skipped, replaced, removals, refused, gone)


def _removal(rows: pa.Table, keys: pa.Array, known: pa.Array, key: tuple[str, ...]) -> pl.DataFrame:
    """Which rows of the target make room: for rows whose keys are known."""
    return pl.DataFrame(rows.filter(pc.is_in(keys, value_set=known, skip_nulls=True)).select([DOCUMENT, *key]))


def _refused(
    keyed: Mapping[str, pa.Table], rules: Mapping[str, RowRule], known: Mapping[str, pa.Array]
) -> pl.DataFrame:
    """Documents with a row whose key is known, is that of an earlier document that is not refused itself, or stands
    twice in the document: document, detail. One after the other, but only those that share a key with another row."""
    schema = {"document": pl.Int64, "detail": pl.String}
    parts = [pl.DataFrame(schema={"document": pl.Int64, "table": pl.String, "key": pl.String, "known": pl.Boolean})]
    for name in sorted(known):
        if rules[name].policy != "reject_document":
            continue
        frame = pl.DataFrame(keyed[name].select([DOCUMENT, ROW_KEY])).drop_nulls()
        frame = frame.select(
            pl.col(DOCUMENT).alias("document"),
            table=pl.lit(name),
            key=pl.col(ROW_KEY),
            known=pl.col(ROW_KEY).is_in(pl.Series(known[name], dtype=pl.String).implode()),
        )
        parts.append(frame.filter(pl.col("known") | pl.col("key").is_duplicated()))
    met = pl.concat(parts).sort("document", maintain_order=True)
    taken: set[tuple[str, str]] = set()
    refused: dict[int, str] = {}
    for (document,), rows in met.group_by("document", maintain_order=True):
        mine = [(table, key) for table, key in rows.select("table", "key").rows()]
        there = next((row for row, is_known in zip(mine, rows["known"], strict=True) if is_known or row in taken), None)
        there = there or next((row for at, row in enumerate(mine) if row in mine[:at]), None)
        if there is None:
            taken.update(mine)
        else:
            refused[int(str(document))] = f"a row of {there[0]} with the key {there[1]} is there already"
    return pl.DataFrame({"document": list(refused), "detail": list(refused.values())}, schema=schema)


def one_of_each(keyed: Mapping[str, pa.Table], last: Collection[str] = ()) -> dict[str, pa.Table]:
    """The first row of each key, as the rows stand, and of some tables the last; a row without a key stays, for the
    target to judge."""
    chosen = dict(keyed)
    for name, rows in keyed.items():
        if ROW_KEY in rows.column_names:
            keys = pl.Series(rows[ROW_KEY])
            kept = (keys.is_last_distinct() if name in last else keys.is_first_distinct()) | keys.is_null()
            chosen[name] = rows if kept.all() else rows.filter(kept.to_arrow())
    return chosen


def without_row_keys(keyed: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], dict[str, pa.Array]]:
    """The rows without ROW_KEY, and the keys by table."""
    keys = {name: rows[ROW_KEY].combine_chunks() for name, rows in keyed.items() if ROW_KEY in rows.column_names}
    return {name: rows.drop_columns([ROW_KEY]) if name in keys else rows for name, rows in keyed.items()}, keys
