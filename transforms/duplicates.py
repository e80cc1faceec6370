"""Which documents are duplicates of which: by source key, by key columns, by fingerprint.

The keys that are already known are staged elsewhere; here they arrive as an Arrow table, reduced to those that can
match. The order of the candidates IS the order of the decision: a document is a duplicate of what is staged or of an
earlier winner, and a duplicate never wins over a later one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from transforms.documents import DOCUMENT

# One row per candidate that has a key; `key` is the canonical text of `canonical_keys`.
KEYS_SCHEMA = pa.schema(
    [pa.field("document", pa.int64(), nullable=False), pa.field("key", pa.string(), nullable=False)]
)

# One row per candidate that has none. reason: null_key (no row, or a part is NULL), several_keys.
PROBLEMS_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
    ]
)

# One row per candidate, in their order. outcome: load, duplicate. For duplicates: class same_content, different_content
# or unknown_content (a fingerprint is not known); place chunk, run or target: where the winner is; rule key or
# fingerprint.
DECISION_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("class", pa.string()),
        pa.field("place", pa.string()),
        pa.field("winner_source_key", pa.string()),
        pa.field("rule", pa.string()),
    ]
)

# One row per document. outcome: candidate, duplicate (of document `winner`; rule source_key, class same_content), or
# duplicate_source_key: quarantined.
TIES_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("winner", pa.int64()),
    ]
)


@dataclass(frozen=True)
class RootKeys:
    """The duplicate keys of documents.

    keys: KEYS_SCHEMA, in the order of the candidates.
    problems: PROBLEMS_SCHEMA, in the order of the candidates. Each candidate is in exactly one of the two.
    """

    keys: pa.Table
    problems: pa.Table


def canonical_keys(table: pa.Table, on: Sequence[str]) -> pa.Array:
    """The values of the columns `on` as one text a row: a compact JSON array of texts, `["17","2024-01-01"]`.

    Equal texts mean equal values, for columns of the same types: integers in decimal, decimals with their declared
    scale and no exponent, floats in the shortest form that reads back (-0.0 is 0.0), bool true/false, dates, times and
    timestamps ISO with microseconds (zoned ones in UTC), binary in lower-case hexadecimal. NULL where any part is NULL.
    TypeError for a column of another type.
    """
    if not on:
        raise ValueError("a key needs at least one column")
    frame = pl.DataFrame(table.select(list(on)))
    parts = [_canonical_text(name, kind) for name, kind in frame.schema.items()]
    return frame.select(key=_json_array(parts)).to_series().to_arrow().cast(pa.string())


def _canonical_text(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(kind, pl.Binary):
        return column.bin.encode("hex")
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.9f" if kind.time_unit == "ns" else "%Y-%m-%dT%H:%M:%S%.6f")
    if isinstance(kind, pl.Time):
        return column.dt.strftime("%H:%M:%S%.6f")
    if kind.is_float():
        return pl.when(column == 0).then(pl.lit("0.0")).otherwise(column.cast(pl.String))
    if kind.is_integer() or kind.is_decimal() or isinstance(kind, pl.Boolean | pl.Date | pl.String):
        return column.cast(pl.String)
    raise TypeError(f"column {name!r} of type {kind} cannot be part of a key")


def _json_array(parts: Sequence[pl.Expr]) -> pl.Expr:
    """The texts as a JSON array, written by the engine's own JSON writer so that its escapes are right."""
    text = pl.struct(k=pl.concat_list(parts)).struct.json_encode().str.strip_prefix('{"k":').str.strip_suffix("}")
    return pl.when(pl.all_horizontal([part.is_not_null() for part in parts])).then(text)


def root_keys(table: pa.Table | None, on: Sequence[str], documents: pa.Array) -> RootKeys:
    """The duplicate key of each candidate document: the values of the columns `on` in its rows of the root table.

    table: the root table with `_document`; None: no document has a row. Rows of other documents are ignored.
    on: the key columns, at least one.
    documents: int64 ordinals of the candidates, each once.
    A document with rows of one key has that key. One without a row, or with a NULL part in any row, is a `null_key`;
    one with several keys is `several_keys`.
    """
    candidates = pl.DataFrame({"document": pl.Series(documents, dtype=pl.Int64)})
    found = candidates.join(_keys_by_document(table, on), on="document", how="left", maintain_order="left")
    several = pl.col("keys").list.len() > 1
    null_key = pl.col("keys").is_null() | (pl.col("incomplete") > 0)
    columns = ", ".join(on)
    detail = (
        pl.when(pl.col("keys").is_null())
        .then(pl.lit("no row in the root table"))
        .when(null_key)
        .then(pl.format("NULL in the key ({}) of {} row(s)", pl.lit(columns), "incomplete"))
        .otherwise(pl.format("{} keys: {}", pl.col("keys").list.len(), pl.col("keys").list.head(3).list.join(", ")))
    )
    reason = pl.when(null_key).then(pl.lit("null_key")).otherwise(pl.lit("several_keys"))
    bad = null_key | several
    keys = found.filter(~bad).select("document", pl.col("keys").list.first().alias("key"))
    problems = found.filter(bad).select("document", reason.alias("reason"), detail.alias("detail"))
    return RootKeys(keys.to_arrow().cast(KEYS_SCHEMA), problems.to_arrow().cast(PROBLEMS_SCHEMA))


def _keys_by_document(table: pa.Table | None, on: Sequence[str]) -> pl.DataFrame:
    """document, keys (its distinct keys in row order), incomplete (how many rows have a NULL part)."""
    if table is None:
        return pl.DataFrame(schema={"document": pl.Int64, "keys": pl.List(pl.String), "incomplete": pl.UInt32})
    rows = pl.DataFrame({"document": pl.Series(table.column(DOCUMENT)), "key": pl.Series(canonical_keys(table, on))})
    return rows.group_by("document").agg(
        keys=pl.col("key").drop_nulls().unique(maintain_order=True), incomplete=pl.col("key").null_count()
    )


def decide(candidates: pa.Table, staged: pa.Table, *, by_fingerprint: bool = False) -> pa.Table:
    """Which candidates load and which are duplicates of what: DECISION_SCHEMA, in the order of the candidates.

    candidates: document int64, source_key string, key string (null: not compared by key), fingerprint binary (null: not
        known). Their order is the order of the decision.
    staged: key string, fingerprint binary, source_key string, where string ('target' or 'run'); nulls never match.
        Rows that match nothing do no harm.
    by_fingerprint: whether a document whose fingerprint is already there is a duplicate even under a new key.

    One after the other: a candidate is a duplicate when its key is staged or that of an earlier winner (rule `key`),
    else when its fingerprint is (rule `fingerprint`). Of several staged rows that match by key, the one named as the
    winner has the same content if any has, then is in the target, then has the lowest source key.
    """
    frame = pl.DataFrame(candidates.select(["document", "source_key", "key", "fingerprint"]))
    known = pl.DataFrame(staged.select(["key", "fingerprint", "source_key", "where"]))
    frame = frame.with_row_index("order").pipe(match_staged, known, by_fingerprint)
    frame = frame.with_columns(wins=_winners(frame, by_fingerprint)).pipe(_match_winners, by_fingerprint)
    return _explain(frame).to_arrow().cast(DECISION_SCHEMA)


def match_staged(frame: pl.DataFrame, staged: pl.DataFrame, by_fingerprint: bool) -> pl.DataFrame:
    """Adds the staged row that matches by key (`staged_*`) and the one that matches by fingerprint (`content_*`)."""
    staged = staged.with_columns(rank=pl.col("where").replace_strict({"target": 0, "run": 1}, return_dtype=pl.Int8))
    same = pl.col("fingerprint").eq_missing(pl.col("fingerprint_right")) & pl.col("fingerprint").is_not_null()
    by_key = (
        frame.select("order", "key", "fingerprint")
        .join(staged, on="key", how="inner")
        .sort("order", ~same, pl.col("fingerprint_right").is_null(), "rank", "source_key", nulls_last=True)
        .unique("order", keep="first", maintain_order=True)
        .select("order", staged_where="where", staged_key="source_key", staged_fingerprint="fingerprint_right")
    )
    usable = staged if by_fingerprint else staged.clear()
    by_content = (
        frame.select("order", "fingerprint")
        .join(usable, on="fingerprint", how="inner", suffix="_staged")
        .sort("order", "rank", "source_key", nulls_last=True)
        .unique("order", keep="first", maintain_order=True)
        .select("order", content_where="where", content_key="source_key", content_of="key")
    )
    frame = frame.join(by_key, on="order", how="left", maintain_order="left")
    return frame.join(by_content, on="order", how="left", maintain_order="left")


def _winners(frame: pl.DataFrame, by_fingerprint: bool) -> pl.Series:
    """Which candidates load: those that nothing staged matches and that no earlier winner matches."""
    free = pl.col("staged_where").is_null() & pl.col("content_where").is_null()
    if not by_fingerprint:
        # a staged key is that of all its candidates, so the first of a key is free or none is
        first = pl.col("key").is_first_distinct() | pl.col("key").is_null()
        return frame.select(free & first).to_series()
    contested = (
        frame.filter(free)
        .select("order", code_if_repeated("key"), code_if_repeated("fingerprint"))
        .filter(pl.col("key").is_not_null() | pl.col("fingerprint").is_not_null())
    )
    losers = _losers(*(contested.get_column(name).to_list() for name in ("order", "key", "fingerprint")))
    lost = pl.Series(losers, dtype=frame.schema["order"])
    return frame.select(free & ~pl.col("order").is_in(lost.implode())).to_series()


def code_if_repeated(name: str) -> pl.Expr:
    """A small integer for each value that several rows share; null for a value of one row and for NULL."""
    return pl.when(pl.col(name).is_duplicated()).then(pl.col(name).rank("dense")).alias(name)


def _losers(orders: list[int], keys: list[int | None], contents: list[int | None]) -> list[int]:
    """The sequential rule, over the rows that share a key or a fingerprint only.

    It cannot be vectorised by key and then by fingerprint: a loser by one must not win over a later row by the other.
    """
    won_keys: set[int] = set()
    won_contents: set[int] = set()
    losers: list[int] = []
    for order, key, content in zip(orders, keys, contents, strict=True):
        if key in won_keys or content in won_contents:
            losers.append(order)
            continue
        if key is not None:
            won_keys.add(key)
        if content is not None:
            won_contents.add(content)
    return losers


def _match_winners(frame: pl.DataFrame, by_fingerprint: bool) -> pl.DataFrame:
    """Adds the earlier winner of the same key (`chunk_*`) and the one of the same fingerprint (`twin_*`)."""
    winners = frame.filter("wins")
    by_key = winners.filter(pl.col("key").is_not_null()).select(
        "key", chunk_order="order", chunk_key="source_key", chunk_fingerprint="fingerprint"
    )
    known = winners.filter(pl.col("fingerprint").is_not_null())
    by_content = (known if by_fingerprint else known.clear()).select(
        "fingerprint", twin_order="order", twin_key="source_key"
    )
    frame = frame.join(by_key, on="key", how="left", maintain_order="left")
    return frame.join(by_content, on="fingerprint", how="left", maintain_order="left")


def _explain(frame: pl.DataFrame) -> pl.DataFrame:
    """The decision of each candidate, from what it was matched with; the rules in their order of precedence."""
    staged_key = pl.col("staged_where").is_not_null()
    earlier_key = pl.col("chunk_order") < pl.col("order")
    staged_content = pl.col("content_where").is_not_null()
    by_key = staged_key | earlier_key.fill_null(value=False)
    other = pl.when(staged_key).then("staged_fingerprint").otherwise("chunk_fingerprint")
    known = other.is_not_null() & pl.col("fingerprint").is_not_null()
    compared = (
        pl.when(~known)
        .then(pl.lit("unknown_content"))
        .when(other == pl.col("fingerprint"))
        .then(pl.lit("same_content"))
        .otherwise(pl.lit("different_content"))
    )
    cases = [staged_key, earlier_key, staged_content]
    place = _first(cases, [pl.col("staged_where"), pl.lit("chunk"), pl.col("content_where")], pl.lit("chunk"))
    winner = _first(cases, [pl.col("staged_key"), pl.col("chunk_key"), pl.col("content_key")], pl.col("twin_key"))
    loses = ~pl.col("wins")
    return frame.select(
        "document",
        outcome=pl.when(loses).then(pl.lit("duplicate")).otherwise(pl.lit("load")),
        **{"class": pl.when(loses & by_key).then(compared).when(loses).then(pl.lit("same_content"))},
        place=pl.when(loses).then(place),
        winner_source_key=pl.when(loses).then(winner),
        rule=pl.when(loses & by_key).then(pl.lit("key")).when(loses).then(pl.lit("fingerprint")),
    )


def _first(cases: Sequence[pl.Expr], values: Sequence[pl.Expr], otherwise: pl.Expr) -> pl.Expr:
    """The value of the first case that holds."""
    for case, value in reversed(list(zip(cases, values, strict=True))):
        otherwise = pl.when(case).then(value).otherwise(otherwise)
    return otherwise


def source_key_ties(source_keys: pa.Array | pa.ChunkedArray, fingerprints: pa.Array | pa.ChunkedArray) -> pa.Table:
    """What becomes of documents that share a source key: TIES_SCHEMA, one row a document, in their order.

    source_keys: canonical text of the source keys; NULL ones are not known to be the same and never tie.
    fingerprints: of the same documents; documents without one (NULL) count as one content of their own.
    Where all documents of a source key have the same fingerprint, the first stays a `candidate` and the others are
    `duplicate`s of it; where they differ nothing says which is right, and all are `duplicate_source_key`.
    """
    rows = pl.DataFrame({"key": pl.Series(source_keys), "fingerprint": pl.Series(fingerprints)})
    rows = rows.with_row_index("order").with_columns(pl.col("order").cast(pl.Int64))
    keyed = rows.filter(pl.col("key").is_duplicated())
    groups = keyed.group_by("key").agg(winner=pl.col("order").min(), contents=pl.col("fingerprint").n_unique())
    tied = rows.join(groups, on="key", how="left", maintain_order="left")
    several = pl.col("contents") > 1
    loser = (pl.col("contents") == 1) & (pl.col("winner") < pl.col("order"))
    outcome = (
        pl.when(several)
        .then(pl.lit("duplicate_source_key"))
        .when(loser)
        .then(pl.lit("duplicate"))
        .otherwise(pl.lit("candidate"))
    )
    result = tied.select(document="order", outcome=outcome, winner=pl.when(loser).then("winner"))
    return result.to_arrow().cast(TIES_SCHEMA)
