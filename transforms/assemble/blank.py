"""Texts as picks and slots look at them: blank is missing, empty or nothing but XML white space."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.masks import mask_of, with_nulls
from transforms.convert.scalars import int32
from transforms.convert.text import XML_SPACE


def comparable(texts: pa.Array, *, ignore_case: bool) -> pa.Array:
    """The texts without white space at their ends, null where that leaves nothing.

    ignore_case: in lower case too, character by character, as lookups compare: `ß` is not `ss`.
    """
    trimmed = pc.ascii_trim(texts, characters=XML_SPACE)
    if ignore_case:
        trimmed = pc.utf8_lower(trimmed)
    empty = mask_of(pc.equal(pc.binary_length(trimmed), int32(0)))
    return with_nulls(trimmed, empty) if empty.true_count else trimmed


def filled(values: pa.Array, null_words: Sequence[str] = ()) -> pa.Array:
    """A mask: where there is a text that is neither blank nor, in any case, one of the null words.

    values: texts, or lists of texts, which are filled where one of theirs is.
    """
    if not pa.types.is_list(values.type):
        return _filled_texts(values, null_words)
    inside = _filled_texts(values.flatten(), null_words)
    owners = pl.Series(pc.list_parent_indices(values).filter(inside))
    counted = pl.int_range(len(values), eager=True).is_in(owners.unique().implode())
    return counted.to_arrow()


def _filled_texts(texts: pa.Array, null_words: Sequence[str]) -> pa.Array:
    if texts.null_count == len(texts):
        return pa.repeat(pa.scalar(False), len(texts))
    trimmed = pc.ascii_trim(texts, characters=XML_SPACE)
    mask = mask_of(pc.greater(pc.binary_length(trimmed), int32(0)))
    if null_words:
        words = pc.utf8_lower(pc.ascii_trim(pa.array(null_words, pa.string()), characters=XML_SPACE))
        mask = pc.and_not(mask, mask_of(pc.is_in(pc.utf8_lower(trimmed), value_set=words)))
    return mask
