"""A source whose answers are asked for again where a connection fails; see columnar.running.patience."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager

from columnar.running.patience import Patience
from loaders.errors import TransientError
from loaders.source import Key, KeyColumn, KeyRange, RangeCut, RangeKeys, RangeRead, ReadLimits, Source


class PatientSource:
    """See loaders.source.Source. Only `read` fails as the source does: whoever reads has to begin the range again."""

    def __init__(self, source: Source, patience: Patience) -> None:
        self._source = source
        self._patience = patience

    @property
    def identity(self) -> str:
        """See Source.identity."""
        return self._source.identity

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return self._source.key

    def notes(self) -> list[str]:
        """See Source.notes."""
        return self._patience.keep_trying(self._source.notes)

    def document_bytes(self) -> int:
        """See Source.document_bytes."""
        return self._patience.keep_trying(self._source.document_bytes)

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        return self._patience.keep_trying(lambda: self._source.rank(keys))

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        return self._patience.keep_trying(lambda: self._source.key_at(within, rows))

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut: goes on behind the last range that was cut."""
        rest, trying = gap, self._patience.trying()
        while True:
            try:
                for each in self._source.cut(rest, rows=rows, total_bytes=total_bytes):
                    rest = _behind(each.range, gap)
                    trying = self._patience.trying()
                    yield each
            except TransientError as error:
                trying.pause(error)
            else:
                return

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return self._patience.keep_trying(lambda: self._source.count(ranges))

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure."""
        return self._patience.keep_trying(lambda: self._source.measure(ranges))

    def read(self, within: KeyRange, limits: ReadLimits) -> AbstractContextManager[RangeRead]:
        """See Source.read."""
        return self._source.read(within, limits)

    def close(self) -> None:
        """See Source.close."""
        self._source.close()


def _behind(cut: KeyRange, gap: KeyRange) -> KeyRange:
    return KeyRange(cut.high, gap.high, low_inclusive=not cut.high_inclusive, high_inclusive=gap.high_inclusive)
