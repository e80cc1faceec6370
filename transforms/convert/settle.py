"""From texts to values under one rule: prepare, read, and do about every problem what the contract says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import Reaction
from transforms.convert.calendar import within_calendar
from transforms.convert.cell import CellRule
from transforms.convert.masks import any_true, with_nulls
from transforms.convert.narrow import narrowed
from transforms.convert.read import read, read_constants
from transforms.convert.reading import Changes, Reading
from transforms.convert.rules import ChangeRule, Reason, defaulted, nulled, rejected
from transforms.convert.text import Prepared, prepare
from transforms.errors import ContractError, Problem


@dataclass(frozen=True, slots=True)
class Rejection:
    """Values for which their row, or their whole document, is refused."""

    reason: Reason
    mask: pa.Array
    document: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one long series. Values stand also where the row or the document is refused; nobody sees them."""

    values: pa.Array
    changes: Changes
    rejections: tuple[Rejection, ...]


def settle(texts: pa.Array, rule: CellRule) -> Settled:
    """The values of texts, what was changed on the way, and what is refused."""
    prepared = prepare(texts, rule)
    reading, missing = _read(prepared, rule)
    return _judge(reading, missing, {**prepared.changes, **reading.changes}, rule)


def settle_typed(values: pa.Array, rule: CellRule) -> Settled:
    """The same for values that are of the rule's type already, or numbers of a wider one: what is missing, numbers
    that do not fit, and dates that no text can say."""
    missing = values.is_null() if values.null_count and rule.on_missing is not Reaction.NULL else None
    reading = within_calendar(values) if pa.types.is_temporal(values.type) else narrowed(values, rule.read_as)
    return _judge(reading, missing, dict(reading.changes), rule)


def settle_beside(values: pa.Array, texts: pa.Array, rule: CellRule) -> Settled:
    """The same where a shredder has read the simple cells of a column: values of the rule's type, and the texts of the
    other cells and of those that are to be counted. The values stand; the texts are settled as if they were alone; what
    is null in both is missing. rule: without a lookup."""
    if values.null_count == len(values):
        return settle(texts, rule)
    where = texts.is_valid()
    watched = rule.on_missing is not Reaction.NULL
    absent = pc.and_(values.is_null(), texts.is_null()) if watched else None
    if not any_true(where):
        return _judge(Reading(values), absent, {}, rule)
    prepared = prepare(texts.drop_null(), rule)
    if absent is not None and prepared.texts.null_count:
        absent = pc.or_(absent, _at(where, prepared.texts.is_null()))
    theirs = values.filter(where)
    if theirs.null_count < len(theirs):
        prepared = replace(prepared, texts=with_nulls(prepared.texts, theirs.is_valid()))
    reading, _ = _read(prepared, rule)
    whole = Reading(
        pc.replace_with_mask(values, where, pc.coalesce(theirs, reading.values)),
        {reason: _at(where, mask) for reason, mask in reading.problems.items()},
    )
    counted = {**prepared.changes, **reading.changes}
    return _judge(whole, absent, {change: _at(where, mask) for change, mask in counted.items()}, rule)


def _at(where: pa.Array, mask: pa.Array) -> pa.Array:
    """A mask over all cells, from one over those at `where`."""
    return pc.replace_with_mask(where, where, mask)


def _judge(reading: Reading, missing: pa.Array | None, changes: Changes, rule: CellRule) -> Settled:
    """Do about problems and missing values what the rule says."""
    values = reading.values
    rejections: list[Rejection] = []
    for reason, mask in reading.problems.items():
        values = _react(rule, reason, mask, values, changes, rejections)
    if not rule.nullable and values.null_count:
        # Whatever made it NULL, a column that cannot hold one treats it as missing.
        missing = values.is_null()
        for rejection in rejections:
            missing = pc.and_not(missing, rejection.mask)
    if missing is not None and any_true(missing):
        values = _react(rule, Reason.MISSING, missing, values, changes, rejections)
    return Settled(values, changes, tuple(rejections))


def _read(prepared: Prepared, rule: CellRule) -> tuple[Reading, pa.Array | None]:
    """Values and problems, and where there is no value to read; None where that makes no difference."""
    texts, codes = prepared.texts, prepared.codes
    missing = None
    if texts.null_count and rule.on_missing is not Reaction.NULL:
        missing = texts.is_null() if codes is None else pc.and_(texts.is_null(), codes.is_null())
    if prepared.invalid is not None and any_true(prepared.invalid):
        readable = pc.if_else(prepared.invalid, pa.scalar(None, pa.string()), texts)
        reading = read(readable, rule.read_texts_as, trimmed=prepared.trimmed)
        known_bad = reading.problems.get(Reason.INVALID)
        reading.problems[Reason.INVALID] = (
            prepared.invalid if known_bad is None else pc.or_(known_bad, prepared.invalid)
        )
        return reading, missing
    if rule.lookup is None or codes is None:
        return read(texts, rule.read_texts_as, trimmed=prepared.trimmed), missing
    # The few values of the lookup are read once, and taken for every text that names them.
    entries = tuple(value for _, value in rule.lookup.entries)
    known = read_constants(entries, rule.read_as).take(codes)
    unknown = pc.and_(texts.is_valid(), codes.is_null())
    if not any_true(unknown):
        return known, missing
    if rule.lookup.has_else:
        other = read_constants((rule.lookup.otherwise,), rule.read_as).values[0]
        changed = ChangeRule.NULLED_UNKNOWN if rule.lookup.otherwise is None else ChangeRule.DEFAULTED_UNKNOWN
        known.changes[changed] = unknown
        return replace(known, values=pc.if_else(unknown, other, known.values)), missing
    if rule.on_unknown is not Reaction.KEEP:
        known.problems[Reason.UNKNOWN] = unknown
        return known, missing
    kept = read(pc.if_else(unknown, texts, pa.scalar(None, pa.string())), rule.read_texts_as)
    known.changes[ChangeRule.KEPT_UNKNOWN] = unknown
    return known.or_else(kept), missing


def _react(
    rule: CellRule,
    reason: Reason,
    mask: pa.Array,
    values: pa.Array,
    changes: Changes,
    rejections: list[Rejection],
) -> pa.Array:
    """Do what the rule says about the values at the mask, and note it down; the values after it."""
    reaction = rule.reaction(reason)
    if reason is Reason.MISSING and reaction is Reaction.NULL and not rule.nullable:
        reaction = Reaction.REJECT_DOCUMENT
    if reaction is Reaction.DEFAULT:
        changes[defaulted(reason)] = mask
        return pc.if_else(mask, default_value(rule), values)
    if reaction is Reaction.NULL:
        if reason is not Reason.MISSING:
            changes[nulled(reason)] = mask
        return values
    if reaction is Reaction.REJECT_ROW:
        changes[rejected(reason)] = mask
    rejections.append(Rejection(reason, mask, document=reaction is not Reaction.REJECT_ROW))
    return values


def default_value(rule: CellRule) -> pa.Scalar:
    """The default, read by the type; ContractError where it cannot be."""
    reading = read_constants((rule.default,), rule.read_as)
    if reading.problems:
        raise ContractError([Problem(f"the default {rule.default!r} is no value of the column's type")])
    return reading.values[0]
