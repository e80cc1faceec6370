"""Whether a type can read the texts that the contract itself holds: defaults, and what lookups return."""

from __future__ import annotations

from collections.abc import Sequence

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnType, TypeKind

# By conversion's reason codes, after "the text 'x'".
_FAULTS = {
    "invalid_value": "is not {a} {type}",
    "out_of_range": "is out of the range of {type}",
    "inexact": "has more digits after the point than {type} keeps",
    "too_long": "is longer than {type}",
}


def literal_fault(texts: Sequence[str], column_type: ColumnType, formats: tuple[str, ...]) -> tuple[int, str] | None:
    """The first text that the type cannot read, by its index, and why: "'x' is not an int16"; None: it reads them all.

    Conversion itself is asked, so that the contract and the documents are read alike.
    """
    if column_type == ColumnType(TypeKind.STRING):
        return None
    from transforms.convert.read import read_constants, unreadable  # a contract without literals does not wait for it
    from transforms.convert.reading import ReadAs

    if not read_constants(tuple(texts), ReadAs(column_type, formats)).problems:
        return None
    for index, text in enumerate(texts):
        reason = unreadable(text, column_type, formats)
        if reason is not None:
            name = type_text(column_type)
            article = "an" if name[0] in "aeio" else "a"
            return index, f"{text!r} " + _FAULTS.get(reason, _FAULTS["invalid_value"]).format(a=article, type=name)
    return None
