"""Documents made up for the benchmark: one kind is nearly all attributes, the other nearly all text of elements."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

import pyarrow as pa

from transforms.contract import ContractPlan, read_contract

ATTRIBUTES = 26  # of an element
MAPPED_ATTRIBUTES = 24
FIELDS = 20  # child elements of a record, all mapped
DOCUMENT_BYTES = 100_000

_WORDS = (
    "amber",
    "brisk",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "größe",
    "harbor",
    "indigo",
    "jasper",
    "kettle",
    "lumen",
    "meadow",
    "nickel",
    "orchid",
    "prairie",
)
_NOUNS = ("Amount", "Value", "Date", "Flag", "Name", "Code", "Time", "Remark")


def _value(random: Random, at: int) -> str:
    """A value as columns of that place have them: numbers, dates, codes, names, sentences; some are blank."""
    kind = at % 8
    if random.random() < 0.08:
        return ""
    if kind == 0:
        return str(random.randrange(10**9))
    if kind == 1:
        return f"{random.randrange(1, 100_000)}.{random.randrange(100):02}"
    if kind == 2:
        return f"20{random.randrange(10, 26)}-{random.randrange(1, 13):02}-{random.randrange(1, 29):02}"
    if kind == 3:
        return random.choice("YN")
    if kind == 4:
        return " ".join(random.choices(_WORDS, k=random.randrange(1, 4))).title()
    if kind == 5:
        return f"{random.choice(_WORDS).upper()[:3]}{random.randrange(1000):03}"
    if kind == 6:
        return f"2024-0{random.randrange(1, 10)}-1{random.randrange(10)}T0{random.randrange(10)}:30:00"
    words = random.choices(_WORDS, k=random.randrange(3, 9))
    return " ".join(words) + (" &amp; more" if random.random() < 0.2 else "")


def attribute_documents(count: int) -> pa.Array:
    """Tables of rows that have nothing but attributes, without a line break between them."""
    return _documents(count, "table", _attribute_row)


def text_documents(count: int) -> pa.Array:
    """Records of child elements that have nothing but text, a line each."""
    return _documents(count, "records", _text_record)


def _documents(count: int, root: str, row: Callable[[Random], str]) -> pa.Array:
    texts = []
    for number in range(count):
        random = Random(f"{root} {number}")
        rows: list[str] = []
        size = 0
        while size < DOCUMENT_BYTES:
            rows.append(row(random))
            size += len(rows[-1])
        texts.append(f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{"".join(rows)}</{root}>\n')
    return pa.array(texts, pa.string())


def _attribute_row(random: Random) -> str:
    attributes = " ".join(f'{_name(at)}="{_value(random, at)}"' for at in range(ATTRIBUTES))
    return f"<row {attributes}/>"


def _text_record(random: Random) -> str:
    fields = "".join(f"    <{_name(at)}>{_value(random, at)}</{_name(at)}>\n" for at in range(FIELDS))
    return f"  <record>\n{fields}  </record>\n"


def _name(at: int) -> str:
    return f"{_WORDS[at % 6]}{_NOUNS[at % 8]}{at}"


@cache
def attribute_plan() -> ContractPlan:
    """Nearly all attributes of every row."""
    return _plan("table", "row", [f"@{_name(at)}" for at in range(MAPPED_ATTRIBUTES)])


@cache
def text_plan() -> ContractPlan:
    """All fields of every record."""
    return _plan("records", "record", [_name(at) for at in range(FIELDS)])


def _plan(root: str, row: str, paths: list[str]) -> ContractPlan:
    columns = "".join(f"      c{at}: {{path: '{path}'}}\n" for at, path in enumerate(paths))
    text = f"version: 1\nroot: {root}\ntables:\n  {row}:\n    rows: /{root}/{row}\n    columns:\n{columns}"
    return read_contract(text, name=f"{root}.yaml")
