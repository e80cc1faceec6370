"""From the fields of dates and times, as numbers in columns, to days and microseconds of the proleptic calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.masks import any_true, mask_of
from transforms.convert.reading import Reading
from transforms.convert.rules import Reason
from transforms.convert.scalars import int64

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS

# What datetime can hold: 0001-01-01 to 9999-12-31 in days since 1970.
FIRST_DAY = -719_162
LAST_DAY = 2_932_896
_MONTHS = 9999 * 12

Fields = Mapping[str, pa.Array]  # directive of strptime -> int64; names of months as numbers, %p as 0 and 1


@cache
def _month_starts() -> pa.Array:
    """The first day of every month of the years 1 to 9999, and of the month after, in days since 1970."""
    months = pl.date_range(date(1, 1, 1), date(9999, 12, 1), "1mo", eager=True).cast(pl.Int64).to_arrow()
    return pa.concat_arrays([months, pa.array([LAST_DAY + 1], pa.int64())])


def days(fields: Fields, directives: tuple[str, ...]) -> pa.Array:
    """Days since 1970 of each row of fields, NULL where there is no such day.

    A year that is not there is 1900, a month or day 1, as in strptime; the day of the year overrides month and day and
    may reach into the next year: 366 in a common year is its 1 January. There must be some field.
    """
    at = _month(fields, directives)
    starts = _month_starts()
    first = starts.take(at)
    if "j" in directives:
        day = pc.subtract(pc.add(first, fields["j"]), int64(1))
        return _where(day, pc.less_equal(day, int64(LAST_DAY)))
    if "d" not in directives:
        return first
    day = pc.subtract(pc.add(first, fields["d"]), int64(1))
    return _where(day, pc.less(day, starts.take(pc.add(at, int64(1)))))


def microseconds(fields: Fields, directives: tuple[str, ...]) -> pa.Array | None:
    """Microseconds since midnight; None where no field says anything of them.

    NULL for the leap seconds that strptime lets through and datetime does not.
    """
    parts: list[pa.Array] = []
    for directive in reversed(directives):
        if directive in "HI":
            parts.append(pc.multiply(_hour(fields, directive, directives), int64(3600 * MICROSECONDS)))
            break  # of the two, the last one counts
    if "M" in directives:
        parts.append(pc.multiply(fields["M"], int64(60 * MICROSECONDS)))
    if "S" in directives:
        second = _where(fields["S"], pc.less_equal(fields["S"], int64(59)))
        parts.append(pc.multiply(second, int64(MICROSECONDS)))
    if "f" in directives:
        parts.append(fields["f"])
    total = None
    for part in parts:
        total = part if total is None else pc.add(total, part)
    return total


def _hour(fields: Fields, directive: str, directives: tuple[str, ...]) -> pa.Array:
    """The hour of the day; %p means something beside %I only, and %I without %p is in the morning."""
    hour = fields[directive]
    if directive == "H":
        return hour
    hour = pc.if_else(pc.equal(hour, int64(12)), int64(0), hour)
    return pc.add(hour, pc.multiply(fields["p"], int64(12))) if "p" in directives else hour


def _month(fields: Fields, directives: tuple[str, ...]) -> pa.Array:
    """Months since the first of the year 1; NULL for the year 0, which does not exist, and for whatever is no month."""
    year = month = None
    for directive in directives:
        if directive == "Y":
            year = fields["Y"]
        elif directive == "y":
            century = pc.if_else(pc.less_equal(fields["y"], int64(68)), int64(2000), int64(1900))
            year = pc.add(fields["y"], century)
        elif directive in "mbB":
            month = fields[directive]
    if "j" in directives:
        month = None
    if year is None:
        rows = len(next(iter(fields.values())))
        year = pa.repeat(int64(1900), rows)
    at = pc.subtract(pc.multiply(year, int64(12)), int64(12))
    if month is not None:
        at = pc.subtract(pc.add(at, month), int64(1))
    return _where(at, pc.and_(pc.greater_equal(at, int64(0)), pc.less(at, int64(_MONTHS))))


def _where(values: pa.Array, condition: pa.Array) -> pa.Array:
    """The values, NULL where the condition does not hold or is not known."""
    return values if condition.true_count == len(values) else pc.if_else(condition, values, _NOTHING)


_NOTHING = pa.scalar(None, pa.int64())


def within_calendar(values: pa.Array) -> Reading:
    """Dates and timestamps as they are, those outside the years 1 to 9999 (infinity too) as out of range, and so are
    times that are not within a day (24:00); values of other types unchanged."""
    if pa.types.is_date32(values.type):
        counts, most = values.view(pa.int32()), (FIRST_DAY, LAST_DAY)
    elif pa.types.is_timestamp(values.type):
        counts, most = values.view(pa.int64()), (FIRST_DAY * DAY, (LAST_DAY + 1) * DAY - 1)
    elif pa.types.is_time64(values.type):
        counts, most = values.view(pa.int64()), (0, DAY - 1)
    else:
        return Reading(values)
    first, last = (pa.scalar(count, counts.type) for count in most)
    outside = mask_of(pc.or_(pc.less(counts, first), pc.greater(counts, last)))
    if not any_true(outside):
        return Reading(values)
    return Reading(pc.if_else(outside, pa.scalar(None, values.type), values), {Reason.OUT_OF_RANGE: outside})
