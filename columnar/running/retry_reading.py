"""Reading only some documents of a source: one key at a time, or a range at once where that costs less."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from columnar.running.reading import source_keys
from loaders.source import Key, KeyRange, RangeKeys, ReadLimits, Source
from transforms.fingerprint import raw_fingerprints

# Looking one key up costs as much as reading so many bytes in a row: 23 ms in a DuckDB table on two shared cores, which
# reads ranges at 157 (documents of 200 KB) to 234 MB/s (of 3 KB), so 3.6 to 5.6 MB.
LOOKUP_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class WantedPart:
    """A range of keys to read, and the texts of the keys that are wanted of it.

    compared: the number of the chunk that this is the whole range of, where its other documents are to be looked at
    too; None where they are of no interest.
    """

    within: KeyRange
    texts: tuple[str, ...]
    compared: int | None = None


def parts_of(
    keys: Mapping[str, Key], *, rows: int, document_bytes: int, compared: int | None, whole: KeyRange
) -> list[WantedPart]:
    """How the wanted documents of one stored range are read.

    keys: text -> key, in the source's order. rows: documents of the range. document_bytes: the mean. compared: as in
    WantedPart; then the whole range is read.
    """
    texts, wanted = tuple(keys), list(keys.values())
    if compared is not None:
        return [WantedPart(whole, texts, compared)]
    if len(texts) > 1 and len(texts) * LOOKUP_BYTES >= rows * document_bytes:
        return [WantedPart(KeyRange(wanted[0], wanted[-1], low_inclusive=True), texts)]
    return [WantedPart(KeyRange(key, key, low_inclusive=True), (text,)) for text, key in keys.items()]


@dataclass
class WantedRead:
    """What was read.

    listed: the keys of the documents that are there, in source order, a table a part. found, others: of each compared
    chunk, what the source says of its range, and source_key and fingerprint of every document in it.
    """

    listed: list[pa.Table] = field(default_factory=list)
    found: dict[int, RangeKeys] = field(default_factory=dict)
    others: dict[int, list[pl.DataFrame]] = field(default_factory=dict)

    def keys(self) -> pa.Table:
        """The keys of all documents that are there, in source order."""
        return pa.concat_tables(self.listed)


class WantedDocuments:
    """Some documents of a source, to be read like a source: see columnar.running.reading.Readable.

    parts: what each range that will be asked for stands for. read_of: what was read of it, once it is.
    """

    def __init__(self, source: Source, parts: Mapping[KeyRange, Sequence[WantedPart]], decode: tuple[str, ...]) -> None:
        self._source = source
        self._parts = parts
        self._decode = decode
        self.read_of: dict[KeyRange, WantedRead] = {}

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[_PartsRead]:
        """See Readable.read. Every part has a snapshot of its own, so the keys are known only once all is read."""
        read = self.read_of[within] = WantedRead()
        yield _PartsRead(self._source, self._parts[within], limits, self._decode, read)


class _PartsRead:
    """The parts, one after the other."""

    def __init__(
        self,
        source: Source,
        parts: Sequence[WantedPart],
        limits: ReadLimits,
        decode: tuple[str, ...],
        read: WantedRead,
    ) -> None:
        self._source = source
        self._parts = parts
        self._limits = limits
        self._decode = decode
        self._read = read
        self._names = [part.name for part in source.key]
        self.keys = pa.table({name: pa.array([], pa.string()) for name in self._names})
        self.found = RangeKeys(0, "")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        for part in self._parts:
            texts = pa.array(part.texts, pa.string())
            with self._source.read(part.within, self._limits) as read:
                self._read.listed.append(read.keys.filter(pc.is_in(source_keys(read.keys), texts)))
                if part.compared is not None:
                    self._read.found[part.compared] = read.found
                for batch in read.batches():
                    keys = source_keys(pa.Table.from_batches([batch.select(self._names)]))
                    if part.compared is not None:
                        self._compare(part.compared, keys, batch)
                    wanted = batch.filter(pc.is_in(keys, texts))
                    if len(wanted):
                        yield wanted

    def _compare(self, chunk: int, keys: pa.Array, batch: pa.RecordBatch) -> None:
        most = self._limits.document_bytes
        prints = raw_fingerprints(batch.column("document"), decode=self._decode, document_bytes=most)
        frame = pl.DataFrame({"source_key": pl.Series(keys), "fingerprint": pl.Series(prints.cast(pa.binary()))})
        frame = frame.with_columns(pl.col("fingerprint").bin.encode("hex"))
        self._read.others.setdefault(chunk, []).append(frame)
