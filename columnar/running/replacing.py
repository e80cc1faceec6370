"""Rows that make room: those of a document whose place another one takes, in every table, and of rows whose key comes
again.

Which rows of the target are a document's is told by its duplicate key: from the key's table down, each table has
columns that lead to it, its parent's key.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from columnar.errors import JobError
from columnar.running.chunk import PreparedChunk
from columnar.running.keys_as_stored import keys_as_stored
from loaders.errors import UnavailableError
from loaders.sink import Removal, Sink
from transforms.contract.plan import Conflict, ContractPlan, TablePlan
from transforms.documents import DOCUMENT
from transforms.duplicates import canonical_keys

# (table of the target, key columns): what tells documents.
RootKey = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Link:
    """How rows of a table are found: `columns` equal `references` of the table `to`, or of the key itself where that is
    None. kept: rows stay, since other documents share them (`on_conflict: skip`)."""

    table: str
    columns: tuple[str, ...]
    to: str | None
    references: tuple[str, ...]
    kept: bool = False


@dataclass(frozen=True)
class Replacement:
    """What makes room for the rows of documents of a chunk.

    lost: document (who takes the place), key, source_key, of_generation, class, rows (JSON, rows per table that go).
    removals: table -> document, and the columns by which its rows are found; in the order in which they are deleted.
    rows: how many go, by table. row_keys: the keys of those that go with their documents, of tables that compare them.
    """

    lost: pl.DataFrame
    removals: tuple[tuple[str, pl.DataFrame], ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    row_keys: dict[str, pa.Array] = field(default_factory=dict)

    def with_rows(self, removals: Sequence[tuple[str, pl.DataFrame]]) -> Replacement:
        """Also single rows, whose keys come again: table -> _document of who brings it, and the key."""
        if not removals:
            return self
        rows = dict(self.rows)
        lost = [self.lost]
        for table, keys in removals:
            rows[table] = rows.get(table, 0) + keys.height
            counted = keys.group_by(DOCUMENT, maintain_order=True).agg(n=pl.len())
            texts = [json.dumps({table: count}) for count in counted["n"]]
            told = counted.select(DOCUMENT, rows=pl.Series(texts, dtype=pl.String))
            nobody = {name: pl.lit(None, kind) for name, kind in _LOST.items() if name not in told.columns}
            lost.append(told.with_columns(**nobody).select(list(_LOST)))
        return Replacement(pl.concat(lost), (*removals, *self.removals), rows, self.row_keys)

    def of(self, documents: Collection[int] | None = None) -> list[Removal]:
        """The removals that some documents need; None: all."""
        found = []
        for table, keys in self.removals:
            wanted = keys if documents is None else keys.filter(pl.col(DOCUMENT).is_in(list(documents)))
            if wanted.height:
                found.append(Removal(table, wanted.drop(DOCUMENT).unique(maintain_order=True).to_arrow()))
        return found


_LOST = {
    DOCUMENT: pl.Int64,
    "key": pl.String,
    "source_key": pl.String,
    "of_generation": pl.Int32,
    "class": pl.String,
    "rows": pl.String,
}
NOTHING_REPLACED = Replacement(pl.DataFrame(schema=_LOST))


def links(plan: ContractPlan, root: RootKey) -> list[Link]:
    """How a document's rows are found in each loaded table of the contract that has the root table, parents first.
    JobError for a table whose rows nothing leads to."""
    name, on = root
    scopes = {table.scope for table in plan.tables if table.load and table.target_name == name}
    tables = {table.name: table for table in plan.tables if table.scope in scopes}
    return [_link(table, tables, name, on) for table in tables.values() if table.load]


def _link(table: TablePlan, tables: dict[str, TablePlan], root: str, on: tuple[str, ...]) -> Link:
    kept = table.on_conflict is Conflict.SKIP
    if table.target_name == root:
        return Link(root, on, None, on, kept)
    names = {column.name for column in table.inherited}
    if set(on) <= names and _below(table, tables, root):
        return Link(table.target_name, on, None, on, kept)
    parent = tables.get(table.parent or "")
    if parent is not None and parent.load and names:
        columns = tuple(column.name for column in table.inherited)
        return Link(table.target_name, columns, parent.target_name, columns, kept)
    raise JobError(
        f"duplicates: a document that takes another's place needs to know that one's rows, and nothing in"
        f" {table.title} leads to {root}",
        hint=f"make it a child of {root}, and give {root} a key: it is then in {table.title} too",
    )


def _below(table: TablePlan, tables: dict[str, TablePlan], root: str) -> bool:
    """Whether all tables from here up to the root hand the root's key down."""
    while table.parent is not None:
        table = tables[table.parent]
        if table.target_name == root:
            return True
    return False


def find_replaced(
    prepared: PreparedChunk,
    lost: pl.DataFrame,
    roots: Sequence[RootKey],
    sink: Sink,
    compared: Mapping[str, tuple[str, ...]],
) -> Replacement:
    """The rows of documents that lose their places.

    lost: document (who takes the place), key, source_key, of_generation, class. compared: tables whose rows have keys
    that are compared. Nothing is deleted yet.
    """
    if prepared.plan is None:
        return NOTHING_REPLACED
    removals: list[tuple[str, pl.DataFrame]] = []
    counts: dict[int, dict[str, int]] = {}
    row_keys: dict[str, pa.Array] = {}
    for root in roots:
        keys = _root_keys(prepared, lost, root, sink)
        for link, wanted, rows in _found(sink, links(prepared.plan, root), keys, compared) if keys.height else ():
            if link.kept:
                continue
            removals.insert(0, (link.table, wanted))
            for document, count in rows.group_by(DOCUMENT, maintain_order=True).agg(n=pl.len()).rows():
                mine = counts.setdefault(document, {})
                mine[link.table] = mine.get(link.table, 0) + count
            if link.table in compared:
                row_keys[link.table] = canonical_keys(rows.to_arrow(), compared[link.table])
    sums: dict[str, int] = {}
    for mine in counts.values():
        for table, count in mine.items():
            sums[table] = sums.get(table, 0) + count
    told = {DOCUMENT: list(counts), "rows": [json.dumps(mine) for mine in counts.values()]}
    texts = pl.DataFrame(told, schema={DOCUMENT: pl.Int64, "rows": pl.String})
    frame = lost.rename({"document": DOCUMENT}).join(texts, on=DOCUMENT, how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("rows").fill_null("{}")).select(list(_LOST))
    return Replacement(frame, tuple(removals), sums, row_keys)


def _root_keys(prepared: PreparedChunk, lost: pl.DataFrame, root: RootKey, sink: Sink) -> pl.DataFrame:
    """_document and the key's columns, with the values of those who take the places as the target has them already:
    they are those of the others."""
    name, on = root
    if name not in prepared.tables:
        return pl.DataFrame()
    keys = keys_as_stored(sink, name, prepared.tables[name], on)
    rows = pl.DataFrame(keys.select([DOCUMENT, *on])).unique(DOCUMENT, keep="first", maintain_order=True)
    return rows.join(lost.select(pl.col("document").alias(DOCUMENT)), on=DOCUMENT, how="semi", maintain_order="left")


def _found(
    sink: Sink, path: Sequence[Link], keys: pl.DataFrame, compared: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Link, pl.DataFrame, pl.DataFrame]]:
    """For each link what its rows are found by, with _document, and the rows: _document, and the columns by which
    others are found."""
    rows: dict[str, pl.DataFrame] = {}
    for link in path:
        above = keys if link.to is None else rows[link.to]
        wanted = above.select(
            DOCUMENT, *(pl.col(name).alias(own) for own, name in zip(link.columns, link.references, strict=True))
        )
        wanted = wanted.unique(maintain_order=True)
        needed = list(link.columns) + [name for other in path if other.to == link.table for name in other.references]
        needed += compared.get(link.table, ())
        rows[link.table] = _select(sink, link, list(dict.fromkeys(needed)), wanted)
        yield link, wanted, rows[link.table]


def _select(sink: Sink, link: Link, needed: list[str], wanted: pl.DataFrame) -> pl.DataFrame:
    """The target's rows that are wanted, with the documents that want them."""
    asked = wanted.select(link.columns).unique(maintain_order=True)
    batches = (
        [pl.DataFrame(batch) for batch in sink.select(link.table, needed, asked.to_arrow())] if asked.height else []
    )
    kinds = {name: kind for name, kind in wanted.schema.items() if name != DOCUMENT}
    if not batches:
        empty = {DOCUMENT: pl.Int64, **{name: kinds.get(name, pl.Null) for name in needed}}
        return pl.DataFrame(schema=empty)
    there = pl.concat(batches).cast({name: kinds[name] for name in link.columns}, strict=False)
    joined = there.join(wanted, on=list(link.columns), how="inner", maintain_order="left")
    if joined.height != there.height:
        raise UnavailableError(
            f"{link.table}: rows were found by ({', '.join(link.columns)}) that are not those that were asked for",
            hint="the target compares these columns in another way than this program; use policy: skip",
        )
    return joined.select(DOCUMENT, *needed)


def replaceable_tables(plan: ContractPlan, roots: Sequence[RootKey]) -> list[str]:
    """The tables that lose rows when a document takes another's place; JobError where one's rows cannot be found."""
    return list(dict.fromkeys(link.table for root in roots for link in links(plan, root) if not link.kept))


def check_target(sink: Sink, tables: Sequence[str]) -> None:
    """JobError where the target cannot put rows in place of others, and these tables would need it."""
    if tables and not sink.replaces_at_once(tables):
        raise JobError(
            f"{sink.identity} cannot put rows in place of others in one transaction",
            hint="use policy: skip (and for rows skip or reject_document), or load into a database",
        )


def as_replaced_rows(
    replaced: Replacement, constants: Mapping[str, object], source_keys: pa.Array | pa.ChunkedArray, schema: pa.Schema
) -> pa.Table:
    """The rows of columnar_replaced. source_keys: of the chunk's documents, in their order."""
    keys = pl.Series(source_keys, dtype=pl.String)
    frame = replaced.lost.with_columns(
        pl.col(DOCUMENT).alias("document"),
        pl.col("key").alias("root_key"),
        winner=keys.gather(replaced.lost[DOCUMENT]) if replaced.lost.height else pl.lit(None, pl.String),
        **{name: pl.lit(value) for name, value in constants.items()},
    )
    return frame.select(schema.names).to_arrow().cast(schema) if frame.height else schema.empty_table()
