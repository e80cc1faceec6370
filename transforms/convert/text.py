"""The part of conversion that is still about text: trim, blanks, null words, cleaning, lookup."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import Lookup, TypeKind
from transforms.convert.cell import CellRule
from transforms.convert.clean import clean, foreign_numbers
from transforms.convert.masks import any_true, differs, mask_of, with_nulls
from transforms.convert.reading import Changes, occurring
from transforms.convert.rules import ChangeRule
from transforms.convert.scalars import int32

XML_SPACE = " \t\r\n"
NUMBERS = (TypeKind.INT, TypeKind.FLOAT, TypeKind.DECIMAL)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Texts ready to be read as their type.

    texts: NULL where there is no value.
    trimmed: no text has white space at its ends.
    invalid: where a text is no value, whatever the type would read; None: nowhere.
    codes: with a lookup, the entry each text matches, NULL where none.
    """

    texts: pa.Array
    trimmed: bool = False
    codes: pa.Array | None = None
    changes: Changes = field(default_factory=dict)
    invalid: pa.Array | None = None


def prepare(texts: pa.Array, rule: CellRule) -> Prepared:
    """The texts as `trim`, `blank_as_null`, `null_words`, `clean` and `lookup` leave them, in this order."""
    trimmed = pc.ascii_trim(texts, characters=XML_SPACE)
    changes: Changes = {}
    gone = _gone(texts, trimmed, rule, changes)
    if rule.trim:
        shorter = mask_of(pc.less(pc.binary_length(trimmed), pc.binary_length(texts)))
        changes[ChangeRule.TRIMMED] = pc.and_not(shorter, gone) if gone is not None else shorter
    # Every reader but that of strings trims: give it what is trimmed already, unless a step still looks at the text.
    use_trimmed = rule.trim or not (rule.keeps_space or rule.clean or rule.lookup)
    result = trimmed if use_trimmed else texts
    if gone is not None:
        result = with_nulls(result, gone)
    invalid = None
    for step in rule.clean:
        cleaned = clean(result, step)
        is_last = step is rule.clean[-1] and rule.lookup is None
        if step.name == "number" and is_last and rule.type.kind in NUMBERS:
            invalid = foreign_numbers(result, cleaned, step)
        if cleaned is not result:
            name = ChangeRule(f"clean_{step.name}")
            changed = differs(result, cleaned)
            changes[name] = pc.or_(changes[name], changed) if name in changes else changed
            result = cleaned
    codes = None
    if rule.lookup is not None:
        codes = _codes(result, rule.lookup)
        changes[ChangeRule.LOOKUP] = _translated(result, codes, rule.lookup)
    return Prepared(result, use_trimmed and not rule.clean, codes, occurring(changes), invalid)


def _gone(texts: pa.Array, trimmed: pa.Array, rule: CellRule, changes: Changes) -> pa.Array | None:
    """Where a text counts as no value; None where that is nowhere."""
    gone = None
    if rule.blank_as_null:
        blank = mask_of(pc.equal(pc.binary_length(trimmed), int32(0)))
        if any_true(blank):
            gone = blank
            changes[ChangeRule.BLANK_AS_NULL] = pc.and_(blank, mask_of(pc.greater(pc.binary_length(texts), int32(0))))
    if rule.null_words:
        words = pc.utf8_lower(pc.ascii_trim(pa.array(rule.null_words, pa.string()), characters=XML_SPACE))
        named = mask_of(pc.is_in(pc.utf8_lower(trimmed), value_set=words))
        named = named if gone is None else pc.and_not(named, gone)
        if any_true(named):
            changes[ChangeRule.NULL_WORD] = named
            gone = named if gone is None else pc.or_(gone, named)
    return gone


def entry_names(lookup: Lookup) -> list[str]:
    """The source texts of a lookup as they are compared."""
    return [name for name, _ in lookup.entries]


def _codes(texts: pa.Array, lookup: Lookup) -> pa.Array:
    """The first entry each text matches; the entry of the empty text stands for no value as well."""
    names = pa.array(entry_names(lookup), pa.string())
    if lookup.ignore_case:
        names, texts = pc.utf8_lower(names), pc.utf8_lower(texts)
    codes = pc.index_in(texts, value_set=names)
    if texts.null_count:
        blank = pc.index(names, "").as_py()
        if blank >= 0:
            codes = pc.if_else(texts.is_null(), pa.scalar(blank, pa.int32()), codes)
    return codes


def entry_of(text: str | None, lookup: Lookup) -> tuple[str, str | None] | None:
    """The entry that one text matches; None where none does."""
    code = _codes(pa.array([text], pa.string()), lookup)[0].as_py()
    return None if code is None else lookup.entries[code]


def _translated(texts: pa.Array, codes: pa.Array, lookup: Lookup) -> pa.Array:
    """Where the lookup gave another text than it was given."""
    given = pa.array([value for _, value in lookup.entries], pa.string()).take(codes)
    return pc.and_(codes.is_valid(), differs(texts, given))
