"""Which candidate of a pick each row takes, as positions.

Every candidate becomes one integer: its place (the row it is below, or the document) and matched texts, then its
preferences, then its order. Sorted, the best candidate of a row is the first integer of the row's place: one binary
search. No row is ever compared with every candidate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.assemble.blank import comparable, filled
from transforms.assemble.gather import single
from transforms.assemble.numbers import Numbers, numbers
from transforms.contract.extracts import choice_column
from transforms.contract.plan import Pick, Take


@dataclass(frozen=True, slots=True)
class Choice:
    """What one pick takes for each row that it starts from: positions among its candidates, null where none.

    first: the best candidate. by_column: for a `filled` pick, the best whose value for that column is not blank, else
    the best of all; without the columns in which these are always the same.
    """

    first: pl.Series
    by_column: Mapping[str, pl.Series]

    def of(self, column: str) -> pl.Series:
        """Where the values of a column are taken from."""
        return self.by_column.get(column, self.first)


def choose(pick: Pick, start: pa.Table, candidates: pa.Table, columns: Mapping[str, Sequence[str]]) -> Choice:
    """The choice of a pick for every row of `start`.

    start: the extract that the pick starts from. candidates: its own. columns: those of `candidates` that are values,
    each with its null words.
    """
    if not candidates.num_rows or not start.num_rows:
        return Choice(pl.repeat(None, start.num_rows, dtype=pl.Int64, eager=True), {})
    places = _places(pick, start, candidates)
    ranked = _Ranked.of(pick, places, candidates)
    first = ranked.first()
    by_column = {}
    for name, null_words in columns.items() if pick.filled else ():
        valued = filled(single(candidates.column(name)), null_words)
        if valued.false_count:
            best = ranked.among(pl.Series(valued)).first()
            by_column[name] = best.zip_with(best.is_not_null(), first)
    return Choice(first, by_column)


@dataclass(frozen=True, slots=True)
class _Ranked:
    """The candidates in order. wanted: for each row, below which number nothing is for it. numbers: one a candidate,
    ascending. order: which candidate each is."""

    places: Numbers
    wanted: pl.Series
    numbers: pl.Series
    order: pl.Series

    @classmethod
    def of(cls, pick: Pick, places: Numbers, candidates: pa.Table) -> _Ranked:
        count = candidates.num_rows
        ranked = places
        for at in range(len(pick.prefer)):
            ranked = ranked.then(0, _rank(pick, at, candidates))
        ascending = pl.int_range(count, dtype=pl.Int64, eager=True)
        ranked = ranked.then(0, ascending if pick.take is Take.FIRST else count - 1 - ascending)
        able = _able(pick, candidates)
        theirs = ranked.theirs if able is None else ranked.theirs.filter(pl.Series(able))
        theirs = theirs.drop_nulls()
        theirs = theirs if theirs.is_sorted() else theirs.sort()
        rest = theirs % count
        return cls(places, ranked.ours, theirs, rest if pick.take is Take.FIRST else count - 1 - rest)

    def among(self, mask: pl.Series) -> _Ranked:
        """Only some of the candidates. mask: for each, in the order of the document."""
        kept = mask.gather(self.order)
        return _Ranked(self.places, self.wanted, self.numbers.filter(kept), self.order.filter(kept))

    def first(self) -> pl.Series:
        """The best candidate of each row, as its position; null where it has none."""
        if self.order.is_empty():
            return pl.repeat(None, len(self.wanted), dtype=pl.Int64, eager=True)
        # past the last number there is nothing, and the last candidate, which stands for it, is of another place
        best = pl.concat([self.order, self.order.tail(1)]).gather(self.numbers.search_sorted(self.wanted))
        return best.zip_with(self.places.theirs.gather(best) == self.places.ours, best.clear(len(best)))


def _places(pick: Pick, start: pa.Table, candidates: pa.Table) -> Numbers:
    """What must be equal in a row and its candidate. Null, which equals nothing: there is nothing to compare."""
    places = numbers(_integers(start, "_document"), _integers(candidates, "_document"))
    if not pick.everywhere:
        places = places.then(_integers(start, "_row"), _integers(candidates, "_parent"))
    for at in range(len(pick.match)):
        mine = _texts(start, choice_column(pick, "ours", at), pick)
        other = _texts(candidates, choice_column(pick, "theirs", at), pick)
        codes = pl.Series(pa.concat_arrays([mine, other]).dictionary_encode().indices).cast(pl.Int64)
        places = places.then(codes.head(len(mine)), codes.tail(len(other)))
    return places


def _integers(rows: pa.Table, name: str) -> pl.Series:
    return pl.Series(rows.column(name)).cast(pl.Int64)


def _texts(rows: pa.Table, name: str, pick: Pick) -> pa.Array:
    return comparable(single(rows.column(name)), ignore_case=pick.ignore_case)


def _rank(pick: Pick, at: int, candidates: pa.Table) -> pl.Series:
    """Where each candidate stands in one preference: 0 is the best; not listed and blank come last."""
    listed = comparable(pa.array(pick.prefer[at].values, pa.string()), ignore_case=pick.ignore_case)
    texts = _texts(candidates, choice_column(pick, "prefer", at), pick)
    found = pc.index_in(texts, value_set=listed, skip_nulls=True)
    return pl.Series(found.fill_null(len(listed))).cast(pl.Int64)


def _able(pick: Pick, candidates: pa.Table) -> pa.Array | None:
    """A mask: the candidates that have what is required; None: all of them."""
    masks = [_filled(pick, "require", at, candidates) for at in range(len(pick.require))]
    if pick.require_any:
        one = _filled(pick, "any", 0, candidates)
        for at in range(1, len(pick.require_any)):
            one = pc.or_(one, _filled(pick, "any", at, candidates))
        masks.append(one)
    if not masks:
        return None
    every = masks[0]
    for mask in masks[1:]:
        every = pc.and_(every, mask)
    return every


def _filled(pick: Pick, part: str, at: int, candidates: pa.Table) -> pa.Array:
    return filled(single(candidates.column(choice_column(pick, part, at))), pick.null_words)
