"""Formats that are never used, and texts that two formats read as different dates. Conversion itself is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import product

import pyarrow as pa

from transforms.contract.formats import TIMED
from transforms.contract.plan import ColumnType, TypeKind
from transforms.contract.source import Path
from transforms.convert.read import read_constants
from transforms.convert.reading import ReadAs
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject

# Day and month that can be taken for each other, that cannot, one digit and two, both ends of the hours. The first one
# is what messages show.
_MOMENTS = (
    datetime(2026, 4, 3, 5, 6, 7, 123456),
    datetime(2026, 12, 25, 23, 59, 58, 500000),
    datetime(1999, 1, 31, 0, 0, 0, 0),
    datetime(2000, 2, 29, 12, 30, 0, 10),
    datetime(2010, 10, 11, 11, 11, 11, 0),
)
_OFFSETS = ("+0000", "Z", "+05:30", "-0800")
_WIDE = {"%m": "{0.month:02}", "%d": "{0.day:02}", "%H": "{0.hour:02}", "%M": "{0.minute:02}", "%S": "{0.second:02}"}
_NARROW = {"%m": "{0.month}", "%d": "{0.day}", "%H": "{0.hour}", "%M": "{0.minute}", "%S": "{0.second}"}


def format_order(subject: Subject) -> Iterator[Finding]:
    """Formats against those before them, of each column that states its own, and of `defaults`."""
    for kind in TIMED:
        yield from _judge(
            subject, ("defaults", "formats", kind.value), kind, getattr(subject.contract.defaults.formats, kind.value)
        )
    for column in subject.columns:
        if "formats" in column.said:
            yield from _judge(subject, (*column.path, "formats"), column.plan.type.kind, column.plan.formats)


def _judge(subject: Subject, place: Path, kind: TypeKind, formats: Sequence[str]) -> Iterator[Finding]:
    for index, text in enumerate(formats):
        for earlier in formats[:index]:
            shadowed, example = _against(earlier, text, kind)
            if shadowed:
                message = f"{earlier!r} stands before {text!r} and reads everything that it reads"
                yield subject.finding("format_shadowed", (*place, index), message, "leave it out, or put it first")
            elif example:
                message = (
                    f"{example!r} is read by {earlier!r}, which stands before {text!r} and means another {kind.value}"
                )
                advice = "leave one of them out, or be sure that the first one is right"
                yield subject.finding("format_ambiguous", (*place, index), message, advice)
            else:
                continue
            break


@lru_cache(maxsize=1024)
def _against(earlier: str, later: str, kind: TypeKind) -> tuple[bool, str]:
    """Whether the earlier format reads all texts of the later one alike, and a text that they read otherwise."""
    texts = _texts(later)
    of_type = ColumnType(kind)
    ours = read_constants(texts, ReadAs(of_type, (later,))).values
    theirs = read_constants(texts, ReadAs(of_type, (earlier,))).values
    read = [
        (text, mine, other)
        for text, mine, other in zip(texts, _whole(ours), _whole(theirs), strict=True)
        if mine is not None
    ]
    example = next((text for text, mine, other in read if other is not None and other != mine), "")
    return bool(read) and all(other == mine for _, mine, other in read), example


def _whole(values: pa.Array) -> list[int | None]:
    """The days or microseconds: Python has no year 0 and no moment past 9999."""
    return list(values.cast(pa.int32() if pa.types.is_date32(values.type) else pa.int64()).to_pylist())


@lru_cache(maxsize=256)
def _texts(layout: str) -> tuple[str, ...]:
    """Texts that a format reads: every moment, with and without leading zeros, fractions of different lengths."""
    offsets = _OFFSETS if "%z" in layout else ("",)
    digits = (6, 3, 1) if "%f" in layout else (6,)
    found = [
        _written(layout, moment, fields, offset, length)
        for moment, fields, offset, length in product(_MOMENTS, (_WIDE, _NARROW), offsets, digits)
    ]
    return tuple(dict.fromkeys(found))


def _written(layout: str, moment: datetime, fields: dict[str, str], offset: str, digits: int) -> str:
    pieces = {directive: form.format(moment) for directive, form in fields.items()}
    pieces |= {
        "%Y": f"{moment.year:04}",
        "%y": f"{moment.year % 100:02}",
        "%b": moment.strftime("%b"),
        "%B": moment.strftime("%B"),
        "%j": moment.strftime("%j"),
        "%I": f"{(moment.hour + 11) % 12 + 1:02}",
        "%p": "AM" if moment.hour < 12 else "PM",
        "%f": f"{moment.microsecond:06}"[:digits],
        "%z": offset,
        "%%": "%",
    }
    text, at = "", 0
    while at < len(layout):
        width = 2 if layout[at] == "%" else 1
        text += pieces.get(layout[at : at + width], layout[at : at + width])
        at += width
    return text
