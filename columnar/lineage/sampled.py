"""Documents of a source, all of them or evenly spread ones: always the same, so that a result can be had again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

from columnar.jobs.key_text import key_parts, parse_key
from columnar.running.reading import source_keys
from columnar.running.retry_reading import WantedDocuments, parts_of
from columnar.running.run import Session
from loaders.source import KeyRange, RangeKeys, RangeRead, ReadLimits


@dataclass(frozen=True)
class SampledRange:
    """One range, to be read as RangeRead. keys: of all its documents, in source order. batches: of the sampled ones."""

    keys: pa.Table
    found: RangeKeys
    batches: Callable[[], Iterator[pa.RecordBatch]]


class SampledDocuments:
    """Reads range after range: see columnar.running.reading.Readable. documents: in all of them together; sample: so
    many of those, None for all."""

    def __init__(self, session: Session, documents: int, sample: int | None) -> None:
        self._session = session
        self._every = 1 if sample is None else max(1, documents // max(1, sample))
        self._seen = 0

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[RangeRead]:
        """One range; they have to come in the same order each time."""
        source = self._session.source
        with source.read(within, limits) as read:
            if self._every == 1:
                yield read
                return
            keys, all_of_it = read.keys, read.found
        texts = source_keys(keys).to_pylist()
        first = -self._seen % self._every
        self._seen += len(texts)
        parts = key_parts(self._session.job)
        wanted = {text: parse_key(text, parts) for text in texts[first :: self._every]}
        if not wanted:
            yield SampledRange(keys, all_of_it, lambda: iter(()))
            return
        mean = source.document_bytes()
        some = parts_of(wanted, rows=len(texts), document_bytes=mean, compared=None, whole=within)
        documents = WantedDocuments(source, {within: some}, self._session.plan.decode)
        with documents.read(within, limits) as found:
            yield SampledRange(keys, all_of_it, found.batches)
