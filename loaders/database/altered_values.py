"""Values that a column would take and store as others: no error of the server tells of them, so they are refused here.

Such are blanks at the end of a CHAR, and those that are too many for a VARCHAR or TEXT, which the SQL standard has cut
without a word; a text that is no member of an enumeration, and is taken for another's case or number; the upper case of
a UUID; NaN where the database makes it NULL.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn

# For StoredColumn.kept.
UNPADDED = r"(^|[^ ])$"
CANONICAL_UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

_SHOWN = 60  # characters of a value in a message


def one_of(texts: Sequence[str]) -> str:
    """The regular expression of these texts alone."""
    return "^(?:" + "|".join(map(re.escape, texts)) + ")$"


def altered_value(values: pa.ChunkedArray, column: StoredColumn) -> str:
    """Which of the values the column would not keep as it is, and why; '' where it keeps all or refuses them itself."""
    if pa.types.is_floating(values.type) and not column.holds_nan:
        return "it stores NaN as NULL" if pc.any(pc.is_nan(values)).as_py() else ""
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return ""
    texts = pl.Series(values, dtype=pl.String)
    if column.kept:
        others = texts.filter(~texts.str.contains(column.kept))
        if len(others):
            return f"it does not keep {_shown(others[0])} as it is"
    most = min((each for each in (column.max_length, column.max_bytes) if each is not None), default=None)
    if most is None or not (texts.str.len_bytes() > most).any():
        return ""
    return _cut_blanks(texts, column)


def _cut_blanks(texts: pl.Series, column: StoredColumn) -> str:
    long = pl.zeros(len(texts), dtype=pl.Boolean, eager=True)
    if column.max_length is not None:
        long |= texts.str.len_chars() > column.max_length
    if column.max_bytes is not None:
        long |= texts.str.len_bytes() > column.max_bytes
    cut = texts.filter(long & texts.str.ends_with(" "))
    return f"it cuts the blanks at the end of {_shown(cut[0])}, which is too long" if len(cut) else ""


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
