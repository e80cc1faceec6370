"""The key of each loaded document as its row has it. Two spellings may be one key to the target, and which document was
loaded is known only once duplicates are decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from loaders.sink import Sink
from transforms.documents import DOCUMENT
from transforms.duplicates import canonical_keys

if TYPE_CHECKING:
    from columnar.running.decide import DuplicateRule

_OWN = {"document": pl.Int64, "own_key": pl.String}


def with_own_keys(
    outcomes: pl.DataFrame, tables: Mapping[str, pa.Table], rule: DuplicateRule, sink: Sink
) -> pl.DataFrame:
    """The outcomes, `root_key` of loaded documents being their own: under which the target holds their rows, and which
    it tells from now on of whatever is equal to it."""
    loaded = outcomes.filter(pl.col("outcome") == "loaded").select(pl.col("document").alias(DOCUMENT), "root_key")
    own = [pl.DataFrame(schema=_OWN)]
    for table, on in rule.keys:
        if table in tables:
            rows = pl.DataFrame(tables[table].select([DOCUMENT, *on])).unique(DOCUMENT, keep="first")
            own.append(_spelled(rows.join(loaded, on=DOCUMENT), table, on, rule, sink))
    spelled = outcomes.join(pl.concat(own), on="document", how="left", maintain_order="left")
    return spelled.with_columns(root_key=pl.coalesce("own_key", "root_key")).drop("own_key")


def _spelled(rows: pl.DataFrame, table: str, on: tuple[str, ...], rule: DuplicateRule, sink: Sink) -> pl.DataFrame:
    """document, own_key: of those whose key is another one as the document has it."""
    mine = rows.select(on).to_arrow()
    others = rows.filter(rule.whole(table, canonical_keys(mine, on)).ne_missing(rows["root_key"]))
    if not others.height:
        return pl.DataFrame(schema=_OWN)
    asked = others.select(on).to_arrow()
    kept = sink.as_kept(table, asked).cast(asked.schema)
    return others.select(pl.col(DOCUMENT).alias("document")).with_columns(
        own_key=rule.whole(table, canonical_keys(kept, on))
    )


def own_row_keys(sink: Sink, table: str, rows: pa.Table, keys: pa.Array, key: tuple[str, ...]) -> pa.Array:
    """The same of rows that took the places of others. keys: under which they were compared, one a row."""
    mine = rows.select(list(key))
    other = pl.Series(canonical_keys(mine, key)).ne(pl.Series(keys)).fill_null(value=False)
    if not other.any():
        return keys
    kept = canonical_keys(sink.as_kept(table, mine.filter(other.to_arrow())), key)
    spelled = pl.Series(keys).scatter(other.arg_true(), pl.Series(kept))
    return spelled.to_arrow().cast(pa.string())
