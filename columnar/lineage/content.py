"""The document behind a source key, read again: from the source or, where that has another one now, from the raw audit
files of the run that loaded it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from columnar.audit.folder import AuditFolder, stage_file
from columnar.jobs.job import Job
from columnar.jobs.key_text import key_parts, parse_key
from columnar.lineage.origin import Origin
from columnar.running.reading import source_keys
from loaders.parquet_source import parquet_errors
from loaders.source import Key, KeyRange, ReadLimits, Source
from transforms.contract.plan import ContractPlan
from transforms.fingerprint import raw_fingerprints
from transforms.shred.buffers import document_views, is_text


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes. text: they come out of a text column. keys: the key's texts by name, `key` being the whole.
    where: `source`, `audit` (the source has another one now), or `changed` (only the other one is to be had)."""

    data: bytes
    text: bool
    keys: dict[str, str | None]
    where: str


def content_of(origin: Origin, job: Job, plan: ContractPlan, source: Source, folder: AuditFolder) -> Content | None:
    """The document as it was loaded, if it can be found; else as it is now; None where it is gone."""
    key = parse_key(origin.source_key, key_parts(job))
    now = _from_source(key, origin, plan, source)
    if now is not None and now.where == "source":
        return now
    return _from_audit(origin, plan, folder, [part.name for part in source.key]) or now


def _from_source(key: Key, origin: Origin, plan: ContractPlan, source: Source) -> Content | None:
    most = plan.limits.document_bytes
    other: Content | None = None
    with source.read(KeyRange(key, key, low_inclusive=True), ReadLimits(most, most)) as read:
        for batch in read.batches():
            found, same = _matching(pa.Table.from_batches([batch]), origin, plan, [part.name for part in source.key])
            if found is not None and same:
                return found
            other = other or found
    return other


def _from_audit(origin: Origin, plan: ContractPlan, folder: AuditFolder, names: list[str]) -> Content | None:
    path = stage_file(folder.run(origin.run), "raw", origin.chunk)
    if not path.is_file():
        return None
    with parquet_errors(path), pq.ParquetFile(path) as parquet:
        for group in range(parquet.num_row_groups):
            keys = parquet.read_row_group(group, columns=["_source_key"])["_source_key"]
            mine = pc.equal(keys, origin.source_key)
            if pc.any(mine).as_py():
                rows = parquet.read_row_group(group, columns=[*names, "document"]).filter(mine)
                found, same = _matching(rows, origin, plan, names)
                if found is not None and same:
                    return Content(found.data, found.text, found.keys, "audit")
    return None


def _matching(rows: pa.Table, origin: Origin, plan: ContractPlan, names: list[str]) -> tuple[Content | None, bool]:
    """The row with the document that was loaded, or the first with another; and whether it is that one."""
    documents = rows["document"].combine_chunks()
    prints = raw_fingerprints(documents, decode=plan.decode, document_bytes=plan.limits.document_bytes)
    texts = source_keys(rows.select(names))
    first: Content | None = None
    for at, raw in enumerate(document_views(documents)):
        if raw is None:
            continue
        same = bool(prints[at].is_valid and prints[at].as_py().hex() == origin.fingerprint)
        keys = {name: rows[name][at].as_py() for name in names} | {"key": texts[at].as_py()}
        content = Content(bytes(raw), is_text(documents), keys, "source" if same else "changed")
        if same:
            return content, True
        first = first or content
    return first, False
