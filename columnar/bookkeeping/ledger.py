"""The tables that a job keeps in its target, beside the rows it loads. They are only ever added to.

columnar_job       one row per job and generation: what it reads, by which contract (one more where either changed)
columnar_range     one row per chunk: the range of source keys, cut once
columnar_ledger    one row per published chunk; its unique key is what makes a chunk load once
columnar_document  one row per source document: what became of it; one more each time it was tried again
columnar_replaced  one row per document, or table and chunk, whose rows made room for those of a later document
columnar_baseline  one row per target table: how many rows it held before the first job touched it
columnar_run       one row per finished run: its proof
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from loaders.sink import TableSpec

_TIME = pa.timestamp("us", "UTC")


def _spec(
    name: str, key: tuple[str, ...], required: dict[str, pa.DataType], optional: dict[str, pa.DataType]
) -> TableSpec:
    fields = [pa.field(column, kind, nullable=False) for column, kind in required.items()]
    return TableSpec(name, pa.schema(fields + [pa.field(column, kind) for column, kind in optional.items()]), key)


_CHUNK = {"job": pa.string(), "generation": pa.int32(), "chunk": pa.int64()}
_COUNTS = dict.fromkeys(("documents", "loaded", "empty", "duplicate", "quarantined"), pa.int64())

# A second row of one generation: the source moved or the contract changed, and the user said so. The last row is the
# current one.
JOB = _spec(
    "columnar_job",
    ("job", "generation", "created_at"),
    {
        "job": pa.string(),
        "generation": pa.int32(),
        "source": pa.string(),
        "contract": pa.string(),
        "created_at": _TIME,
    },
    {"contract_text": pa.string()},
)
# low and high: JSON arrays of the key's parts as the source prints them; null: unbounded.
RANGE = _spec(
    "columnar_range",
    ("job", "generation", "chunk"),
    {
        **_CHUNK,
        "low_inclusive": pa.bool_(),
        "high_inclusive": pa.bool_(),
        "null_keys": pa.bool_(),
        "rows_when_cut": pa.int64(),
    },
    {"low": pa.string(), "high": pa.string()},
)
# attempt: unique to one try at publishing, by which a lost acknowledgement is told from somebody else's row.
# chunk: below zero for a retry of documents in quarantine. keys: a digest of the source keys that were read; of a
# retry, JSON of what it did to each range (columnar.bookkeeping.retried). rows: JSON, rows per table. receipt: JSON,
# seconds and bytes per stage, values changed by rule.
LEDGER = _spec(
    "columnar_ledger",
    ("job", "generation", "chunk"),
    {
        **_CHUNK,
        "run": pa.string(),
        "attempt": pa.string(),
        "contract": pa.string(),
        "published_at": _TIME,
        "keys": pa.string(),
        **_COUNTS,
        "rows": pa.string(),
        "receipt": pa.string(),
    },
    {"quarantine_file": pa.string(), "duplicates_file": pa.string()},
)
# Of the rows of one source key those of the newest chunk count: a retry (chunk below zero, the lowest is the newest)
# counts and not what it tried again.
# outcome: loaded, empty, duplicate, quarantined. document: its place within the chunk, in source order.
# reason, line, column, detail: of a quarantined one. class, place, winner, rule: of a duplicate.
# rows: JSON, rows per table of a loaded one. content: the canonical fingerprint, where the job asks for it.
DOCUMENT = _spec(
    "columnar_document",
    (),
    {**_CHUNK, "document": pa.int64(), "run": pa.string(), "outcome": pa.string()},
    {
        "source_key": pa.string(),
        "root_key": pa.string(),
        "fingerprint": pa.string(),
        "bytes": pa.int64(),
        "rows": pa.string(),
        "reason": pa.string(),
        "line": pa.int32(),
        "column": pa.int32(),
        "detail": pa.string(),
        "class": pa.string(),
        "place": pa.string(),
        "winner": pa.string(),
        "rule": pa.string(),
        "content": pa.string(),
    },
)
# generation, chunk, document: of who took the place. of_generation, source_key: of the document that lost it, NULL
# where this job did not load it. root_key: NULL where only rows of tables were replaced, and no document. rows: JSON,
# rows per table that are gone.
REPLACED = _spec(
    "columnar_replaced",
    (),
    {**_CHUNK, "document": pa.int64(), "rows": pa.string()},
    {
        "of_generation": pa.int32(),
        "source_key": pa.string(),
        "root_key": pa.string(),
        "class": pa.string(),
        "winner": pa.string(),
    },
)
BASELINE = _spec("columnar_baseline", ("table",), {"table": pa.string(), "rows": pa.int64()}, {})
RUN = _spec(
    "columnar_run",
    ("run",),
    {
        "run": pa.string(),
        "job": pa.string(),
        "generation": pa.int32(),
        "started_at": _TIME,
        "finished_at": _TIME,
        "status": pa.string(),
        "proof": pa.string(),
    },
    {},
)

BOOKS = (JOB, RANGE, LEDGER, DOCUMENT, REPLACED, BASELINE, RUN)
# What every job that ran has; of columnar_replaced a Parquet target has no file before something was replaced.
BEGUN = (JOB, RANGE, LEDGER, DOCUMENT, BASELINE, RUN)
OUTCOMES = ("loaded", "empty", "duplicate", "quarantined")


def rows(spec: TableSpec, values: Sequence[Mapping[str, object]]) -> pa.Table:
    """Rows for one of the tables; columns that are not named become null."""
    return pa.Table.from_pylist(list(values), schema=spec.schema)
