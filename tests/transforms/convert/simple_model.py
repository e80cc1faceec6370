"""The simple form of each type in plain Python, and extracts split by it as a shredder would."""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from transforms.contract.plan import TypeKind
from transforms.convert.beside import beside_name
from transforms.convert.simple import SimpleType

SPACE = " \t\r\n"
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
DATE, CLOCK = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?"
OFFSET = r"(?:Z|[+-]\d\d:\d\d)"
ISO = {
    TypeKind.DATE: DATE,
    TypeKind.TIME: CLOCK,
    TypeKind.TIMESTAMP: f"{DATE}(?:[T ]{CLOCK})?",
    TypeKind.TIMESTAMPTZ: f"{DATE}[T ]{CLOCK}{OFFSET}",
}


def read_simple(text: str, simple: SimpleType) -> Any:
    """The value of a text in the simple form; None for any other."""
    kind = simple.type.kind
    if not text.isascii() or text != text.strip():
        return None
    if kind is TypeKind.INT:
        bound = 2 ** (simple.type.bits - 1)
        return int(text) if re.fullmatch("-?[0-9]{1,18}", text) and -bound <= int(text) < bound else None
    if kind is TypeKind.DECIMAL:
        return _decimal(text, simple.type.precision, simple.type.scale)
    if kind is TypeKind.FLOAT:
        fits = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text)
        return float(text) if fits and math.isfinite(float(text)) else None
    if kind is TypeKind.BOOL:
        return True if text.lower() in TRUE else False if text.lower() in FALSE else None
    return _temporal(text, simple)


def _decimal(text: str, precision: int, scale: int) -> Decimal | None:
    fits = re.fullmatch(r"-?0*([0-9]*)(?:\.([0-9]+))?", text)
    if not fits or not text.removeprefix("-")[:1].isdigit() or len(fits[1]) > precision - scale:
        return None
    kept = (fits[2] or "")[:scale].ljust(scale, "0")
    if (fits[2] or "")[scale:].strip("0"):
        return None
    return Decimal(f"{'-' * text.startswith('-')}{fits[1] or 0}{kept}e-{scale}")


def _temporal(text: str, simple: SimpleType) -> Any:
    kind = simple.type.kind
    moment = None
    for pattern in simple.formats or ("",):
        try:
            moment = _strptime(text, pattern) if pattern else _iso(text, kind)
        except ValueError:
            continue
        break
    if moment is None:
        return None
    if kind is TypeKind.TIMESTAMPTZ:
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError:
            return None
    return {TypeKind.DATE: moment.date, TypeKind.TIME: moment.time}.get(kind, lambda: moment)()


def _strptime(text: str, pattern: str) -> dt.datetime:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # days without a year
        return dt.datetime.strptime(text, pattern)


def _iso(text: str, kind: TypeKind) -> dt.datetime | None:
    if not re.fullmatch(ISO[kind], text, re.ASCII):
        return None
    if kind is TypeKind.TIME:
        return dt.datetime.combine(dt.date(2000, 1, 1), dt.time.fromisoformat(text))
    return dt.datetime.fromisoformat(text)


def split(extract: pa.Table, types: Mapping[str, SimpleType]) -> pa.Table:
    """An extract of text with a pair of columns for each that `types` names, as a shredder returns it."""
    columns, fields = [], []
    for field, texts in zip(extract.schema, extract.columns, strict=True):
        simple = types.get(field.name)
        if simple is None:
            columns.append(texts)
            fields.append(field)
            continue
        values, beside = [], []
        for text in texts.to_pylist():
            values.append(None if text is None else read_simple(text.strip(SPACE), simple))
            plain = values[-1] is not None and text == text.strip(SPACE)
            beside.append(None if plain or (text == "" and simple.empty_is_missing) else text)
        columns += [pa.array(values, simple.arrow), pa.array(beside, pa.string())]
        fields += [pa.field(field.name, simple.arrow), pa.field(beside_name(field.name), pa.string())]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))
