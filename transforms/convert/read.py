"""Texts as values of any type."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ColumnType, TypeKind
from transforms.convert.masks import any_true, mask_of
from transforms.convert.read_numbers import read_decimals, read_floats, read_integers
from transforms.convert.read_temporal import read_temporal
from transforms.convert.read_words import read_binaries, read_booleans, read_uuids
from transforms.convert.reading import ReadAs, Reading
from transforms.convert.rules import ChangeRule, Reason
from transforms.convert.types import arrow_type

_XML_SPACE = " \t\r\n"


def read(texts: pa.Array, how: ReadAs, *, trimmed: bool = False) -> Reading:
    """The texts (`string`) as typed values; white space around them counts for strings only.

    trimmed: there is none around any.
    """
    if texts.null_count == len(texts):
        return Reading(pa.nulls(len(texts), arrow_type(how.type)))
    kind = how.type.kind
    if kind is not TypeKind.STRING and not trimmed:
        texts = pc.ascii_trim(texts, characters=_XML_SPACE)
    return _READERS[kind](texts, how)


@lru_cache(maxsize=1024)
def read_constants(texts: tuple[str | None, ...], how: ReadAs) -> Reading:
    """The same for the few texts of a contract: defaults and the values of lookups."""
    return read(pa.array(texts, pa.string()), how)


def unreadable(text: str, type_: ColumnType, formats: tuple[str, ...] = ()) -> Reason | None:
    """Why a text of the contract (a default, a lookup's value) is no value of the type; None where it is one."""
    problems = read_constants((text,), ReadAs(type_, formats)).problems
    return next(iter(problems), None)


def _read_strings(texts: pa.Array, how: ReadAs) -> Reading:
    """Texts as they are, if not too long. Length counts code points, which are never more than bytes."""
    most = how.type.length
    if most is None or (pc.max(pc.binary_length(texts)).as_py() or 0) <= most:
        return Reading(texts)
    long = mask_of(pc.greater(pc.utf8_length(texts), most))
    if not any_true(long):
        return Reading(texts)
    if how.truncate:
        cut = pc.utf8_slice_codeunits(texts.filter(long), 0, most)
        return Reading(pc.replace_with_mask(texts, long, cut), changes={ChangeRule.TRUNCATED: long})
    return Reading(pc.if_else(long, pa.scalar(None, pa.string()), texts), {Reason.TOO_LONG: long})


_READERS: dict[TypeKind, Callable[[pa.Array, ReadAs], Reading]] = {
    TypeKind.BOOL: read_booleans,
    TypeKind.INT: read_integers,
    TypeKind.FLOAT: read_floats,
    TypeKind.DECIMAL: read_decimals,
    TypeKind.STRING: _read_strings,
    TypeKind.DATE: read_temporal,
    TypeKind.TIME: read_temporal,
    TypeKind.TIMESTAMP: read_temporal,
    TypeKind.TIMESTAMPTZ: read_temporal,
    TypeKind.BINARY: read_binaries,
    TypeKind.UUID: read_uuids,
}
