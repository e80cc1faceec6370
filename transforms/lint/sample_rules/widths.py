"""Types against the values of the samples: too narrow, almost full, or vaguer than they need to be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pyarrow as pa

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnType, Identity, Many, Reaction, TypeKind
from transforms.convert.read import read
from transforms.convert.reading import ReadAs
from transforms.convert.rules import Reason
from transforms.lint.contract_rules.meets import is_fixed
from transforms.lint.finding import Finding
from transforms.lint.sample_rules.sampled import Sampled, sampled_columns, shown
from transforms.lint.sample_rules.values import ENOUGH
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject
from transforms.path.model import TerminalKind, ValuePath

_RULES = {Reason.TOO_LONG: "on_too_long", Reason.INEXACT: "on_inexact", Reason.OUT_OF_RANGE: "on_invalid"}
_DIGITS = re.compile(r"\s*[-+]?0*([0-9]*)(?:\.([0-9]*?)0*)?\s*", re.ASCII)
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_LIKELY = ("date", "timestamp", "uuid")
_WORDS = {"true", "false"}
_ALMOST = 0.9  # of the longest text that a string(n) takes
_SHORTEST = 10  # string(n) shorter than this are codes, and meant to be full


def too_narrow(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Values that the type could not take as they are, with a type that could."""
    for column in sampled_columns(subject, statistics):
        for reason, texts in _problems(column).items():
            values = sum(column.found.texts[text] for text in texts)
            what = {
                Reason.TOO_LONG: "too long for",
                Reason.OUT_OF_RANGE: "out of the range of",
                Reason.INEXACT: "more exact than",
            }[reason]
            verb = "value is" if values == 1 else "values are"
            message = f"{values:,} {verb} {what} {type_text(column.plan.type)}, such as {shown(texts[0])}"
            fitting = _fitting(column, reason)
            stated = _RULES[reason] in column.stated.said
            code = "narrow_by_rule" if stated else "too_narrow"
            place = (*column.path, _RULES[reason] if stated else "type")
            yield subject.finding(code, place, message, f"{fitting} takes all values of the samples" if fitting else "")


def near_limit(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Strings of different lengths that almost fill their type."""
    for column in sampled_columns(subject, statistics):
        most = column.plan.type.length
        lengths = {len(text) for text in column.found.texts}
        if most is None or most < _SHORTEST or column.plan.lookup or is_fixed(column.stated):
            continue
        if len(column.found.texts) >= ENOUGH and len(lengths) > 2 and _ALMOST * most <= max(lengths) <= most:
            message = f"the longest of {len(column.found.texts):,} different values has {max(lengths):,} characters"
            advice = f"{type_text(column.plan.type)} may be too short for others"
            yield subject.finding("near_limit", (*column.path, "type"), message, advice)


def vague_type(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Strings that are all of a narrower type."""
    for column in sampled_columns(subject, statistics):
        plan, texts = column.plan, list(column.found.texts)
        fixed = (
            plan.lookup
            or plan.clean
            or plan.identity is Identity.DATABASE
            or is_fixed(column.stated)
            or _is_key(column)
        )
        if plan.type.kind is not TypeKind.STRING or plan.many is Many.JOIN or fixed or not texts:
            continue
        if sum(column.found.texts.values()) < ENOUGH or len(texts) < 2:
            continue
        narrower = _narrower([text.strip() for text in texts])
        if narrower:
            article = "an" if narrower.startswith("int") else "a"
            message = f"each of {len(texts):,} different values is {article} {narrower}, such as {column.shown}"
            yield subject.finding(
                "vague_type", (*column.path, "type"), message, f"type: {narrower}, if that is what it means"
            )


def _problems(column: Sampled) -> dict[Reason, list[str]]:
    """The texts that the type cannot take, by why not: those that it reads, but for their size."""
    plan, counted = column.plan, column.found.texts
    if not counted or (plan.lookup is not None and plan.on_unknown is not Reaction.KEEP):
        return {}
    entries = {name for name, _ in plan.lookup.entries} if plan.lookup else set()
    texts = [text for text in counted if text not in entries]
    problems = read(pa.array(texts, pa.string()), ReadAs(plan.type, plan.formats)).problems
    return {
        reason: [text for text, wrong in zip(texts, mask.to_pylist(), strict=True) if wrong]
        for reason, mask in problems.items()
        if reason in _RULES
    }


def _fitting(column: Sampled, reason: Reason) -> str:
    """A type that takes all values that are numbers or texts; '' where there is none to name."""
    kind = column.plan.type.kind
    if kind is TypeKind.STRING:
        return f"string({max(map(len, column.found.texts))})"
    if kind is TypeKind.INT and reason is Reason.OUT_OF_RANGE:
        for bits in (16, 32, 64):
            if not _refused(column.found.texts, ColumnType(TypeKind.INT, bits=bits)):
                return f"int{bits}"
    if kind in (TypeKind.INT, TypeKind.DECIMAL):
        parts = [match for text in column.found.texts if (match := _DIGITS.fullmatch(text))]
        whole = max((len(match[1]) for match in parts), default=0)
        scale = max((len(match[2] or "") for match in parts), default=0)
        precision = max(whole + scale, column.plan.type.precision - column.plan.type.scale + scale, 1)
        return f"decimal({precision},{scale})" if precision <= 38 else ""
    return ""


def _refused(texts: Mapping[str, int], of_type: ColumnType) -> bool:
    return Reason.OUT_OF_RANGE in read(pa.array(list(texts), pa.string()), ReadAs(of_type)).problems


def _narrower(texts: list[str]) -> str:
    """The type that every text is written as; '' for none. Digits of one length are a code."""
    if all(text.lower() in _WORDS for text in texts):
        return "bool"
    if all(map(_WHOLE.fullmatch, texts)):
        return "" if len(texts[0]) > 2 and len({len(text) for text in texts}) == 1 else "int64"
    if all(map(_DECIMAL.fullmatch, texts)):
        parts = [text.lstrip("-").partition(".") for text in texts]
        whole, scale = max(len(part[0]) for part in parts), max(len(part[2]) for part in parts)
        return f"decimal({whole + scale},{scale})" if whole + scale <= 38 else ""
    whole_texts = pa.array(texts, pa.string())
    for name in _LIKELY:
        if not read(whole_texts, ReadAs(ColumnType(TypeKind(name)))).problems:
            return name
    return ""


def _is_key(column: Sampled) -> bool:
    path = column.plan.path
    return isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.KEY
