"""Entries of lookups, and null words, that no text can meet."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from transforms.contract.plan import ColumnPlan
from transforms.contract.source import Path
from transforms.convert.cell import cell_rule
from transforms.convert.text import prepare
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject

_FREE = ("number", "replace")  # steps that may make any text of another


def unmatchable_entry(subject: Subject) -> Iterator[Finding]:
    """Entries that no column which uses the lookup can meet, and entries that are one to all of them."""
    for name in subject.contract.lookups:
        place, entries = subject.entries(name)
        columns = [column.plan for column in subject.columns if column.stated.lookup == name]
        met = [_met(column, list(entries)) for column in columns]
        for entry in entries:
            if columns and not any(entry in found for found in met):
                message = f"no text meets the entry {entry!r}: {_why(columns[0], entry)}"
                yield subject.finding("unmatchable_entry", (*place, entry), message, "write it as the columns see it")
        if columns and all(column.lookup and column.lookup.ignore_case for column in columns):
            yield from _repeated(subject, place, list(entries))


def repeated_word(subject: Subject) -> Iterator[Finding]:
    """Null words that are the same without case and white space."""
    places: list[tuple[Path, list[str]]] = [(("defaults", "null_words"), subject.contract.defaults.null_words)]
    places += [((*column.path, "null_words"), column.stated.null_words) for column in subject.columns]
    for place, words in places:
        seen: dict[str, str] = {}
        for index, word in enumerate(words):
            other = seen.setdefault(word.strip().lower(), word)
            if other is not word:
                message = f"{word!r} is {other!r} again: null words are compared in any case"
                yield subject.finding("repeated_word", (*place, index), message, "leave it out")


def _repeated(subject: Subject, place: Path, entries: list[str]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for entry in entries:
        other = seen.setdefault(entry.lower(), entry)
        if other != entry:
            message = f"without case this is {other!r} again"
            yield subject.finding("repeated_entry", (*place, entry), message, "leave it out")


def _met(column: ColumnPlan, entries: list[str]) -> set[str]:
    """The entries that some text of the column becomes. Steps that tidy leave a tidy text as it is, so an entry that
    they change is none; conversion itself is asked."""
    if any(step.name in _FREE for step in column.clean):
        return set(entries)
    prepared = prepare(pa.array(entries, pa.string()), cell_rule(column))
    lookup = column.lookup
    known = [] if prepared.codes is None else prepared.codes.to_pylist()
    names = [] if lookup is None else [name for name, _ in lookup.entries]
    found = {
        entry
        for entry, code in zip(entries, known, strict=True)
        if code is not None and code < len(names) and (names[code] == entry or _same(names[code], entry, column))
    }
    return found | {""}


def _same(one: str, other: str, column: ColumnPlan) -> bool:
    return bool(column.lookup and column.lookup.ignore_case and one.lower() == other.lower())


def _why(column: ColumnPlan, entry: str) -> str:
    trimmed = entry.strip(" \t\r\n").lower()
    if column.blank_as_null and not trimmed:
        return "blank texts are NULL before they are looked up"
    if trimmed in {word.strip().lower() for word in column.null_words}:
        return "it is one of the null words"
    steps = [*(["trim"] if column.trim else []), *(step.name for step in column.clean)]
    return f"texts go through {', '.join(steps)} before they are looked up"
