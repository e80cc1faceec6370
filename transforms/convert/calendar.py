"""From the fields of dates and times, as numbers in columns, to days and microseconds of the proleptic calendar."""

from __future__ import annotations

from datetime import date
from functools import cache

import polars as pl

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS

# What datetime can hold: 0001-01-01 to 9999-12-31 in days since 1970.
FIRST_DAY = -719_162
LAST_DAY = 2_932_896

_MONTHS = 9999 * 12


@cache
def _month_starts() -> pl.Series:
    """The first day of every month of the years 1 to 9999, and of the month after, in days since 1970."""
    months = pl.date_range(date(1, 1, 1), date(9999, 12, 1), "1mo", eager=True).cast(pl.Int32)
    return pl.concat([months, pl.Series([LAST_DAY + 1], dtype=pl.Int32)])


def days(fields: pl.DataFrame, directives: tuple[str, ...]) -> pl.Series:
    """Days since 1970 of each row of fields (strptime's directives), NULL where there is no such day.

    A year that is not there is 1900, a month or day 1, as in strptime; the day of the year overrides month and day and
    may reach into the next year: 366 in a common year is its 1 January.
    """
    rows = len(fields)
    year: pl.Series | None = None
    month: pl.Series | None = None
    for directive in directives:
        if directive == "Y":
            year = fields["Y"].cast(pl.Int32)
        elif directive == "y":
            short = fields["y"].cast(pl.Int32)
            year = short + 1900 + (short <= 68).cast(pl.Int32) * 100
        elif directive in "mbB":
            month = fields[directive].cast(pl.Int32)
    year = pl.repeat(1900, rows, dtype=pl.Int32, eager=True) if year is None else year
    starts = _month_starts()
    if "j" in directives:
        first = starts.gather(_month(year, None))
        day = first + fields["j"].cast(pl.Int32) - 1
        return _where(day, day <= LAST_DAY)
    at = _month(year, month)
    first = starts.gather(at)
    if "d" not in directives:
        return first
    day = first + fields["d"].cast(pl.Int32) - 1
    return _where(day, day < starts.gather(at + 1))


def microseconds(fields: pl.DataFrame, directives: tuple[str, ...]) -> pl.Series:
    """Microseconds since midnight; NULL for the leap seconds that strptime lets through and datetime does not."""
    total = pl.repeat(0, len(fields), dtype=pl.Int64, eager=True)
    for directive in directives:
        if directive == "H":
            hour = fields["H"].cast(pl.Int64)
        elif directive == "I":
            hour = fields["I"].cast(pl.Int64) % 12
            if "p" in directives:
                hour = hour + fields["p"].cast(pl.Int64) * 12
    if "H" in directives or "I" in directives:
        total = hour * (3600 * MICROSECONDS)
    if "M" in directives:
        total = total + fields["M"].cast(pl.Int64) * (60 * MICROSECONDS)
    if "S" in directives:
        second = fields["S"].cast(pl.Int64)
        total = _where(total + second * MICROSECONDS, second <= 59)
    if "f" in directives:
        total = total + fields["f"].cast(pl.Int64)
    return total


def _month(year: pl.Series, month: pl.Series | None) -> pl.Series:
    """Months since the first; NULL for the year 0, which does not exist, and for whatever is no month at all."""
    at = year * 12 - 12 if month is None else year * 12 + month - 13
    return _where(at, at.is_between(0, _MONTHS - 1))


def _where(values: pl.Series, condition: pl.Series) -> pl.Series:
    """The values, NULL where the condition does not hold."""
    if condition.all():
        return values
    return pl.select(pl.when(condition).then(values)).to_series()
