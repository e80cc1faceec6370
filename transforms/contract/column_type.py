"""Type texts such as `decimal(12,2)`, and what each type is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from transforms.contract.plan import ColumnType, TypeKind
from transforms.contract.problems import nearest

MOST_DIGITS = 38  # of a 128-bit decimal


@dataclass(frozen=True, slots=True)
class TypeForm:
    """How one type is written, the Arrow type it becomes and what it reads."""

    form: str
    arrow: str
    reads: str


TYPE_FORMS = (
    TypeForm("string", "string", "any text"),
    TypeForm("string(n)", "string", "text of at most n characters (Unicode code points); longer is `too_long`"),
    TypeForm("bool", "bool", "true, false, 1, 0, t, f, yes, no, y or n, in any case"),
    TypeForm("int8", "int8", "a whole number from -128 to 127"),
    TypeForm("int16", "int16", "a whole number from -32,768 to 32,767"),
    TypeForm("int32", "int32", "a whole number from -2,147,483,648 to 2,147,483,647"),
    TypeForm("int64", "int64", "a whole number of up to 19 digits"),
    TypeForm("float64", "double", "a number, also as 1.5e3, NaN, INF or -INF"),
    TypeForm(
        "decimal(p,s)", "decimal128(p, s)", "a number of at most p digits, s of them after the point; no exponent"
    ),
    TypeForm("date", "date32[day]", "YYYY-MM-DD, or `formats`"),
    TypeForm("time", "time64[us]", "HH:MM, or HH:MM:SS with up to 9 digits of a second, or `formats`"),
    TypeForm("timestamp", "timestamp[us]", "a date, or a date, T or a space, and a time, or `formats`; no offset"),
    TypeForm("timestamptz", "timestamp[us, tz=UTC]", "a date, a time and Z or +hh:mm, or `formats`; stored as UTC"),
    TypeForm("binary", "binary", "base64; `binary(base64)` is the same"),
    TypeForm("binary(hex)", "binary", "pairs of hexadecimal digits"),
    TypeForm("uuid", "string", "a UUID; it is stored as 36 characters in lower case"),
)
_READS = {form.form: form.reads for form in TYPE_FORMS}

_PLAIN = {
    "string": ColumnType(TypeKind.STRING),
    "bool": ColumnType(TypeKind.BOOL),
    **{f"int{bits}": ColumnType(TypeKind.INT, bits=bits) for bits in (8, 16, 32, 64)},
    "float64": ColumnType(TypeKind.FLOAT),
    "date": ColumnType(TypeKind.DATE),
    "time": ColumnType(TypeKind.TIME),
    "timestamp": ColumnType(TypeKind.TIMESTAMP),
    "timestamptz": ColumnType(TypeKind.TIMESTAMPTZ),
    "binary": ColumnType(TypeKind.BINARY),
    "uuid": ColumnType(TypeKind.UUID),
}
PLAIN_TYPES = tuple(_PLAIN)

# What other systems call these types.
_ALIASES = {
    "text": "string", "str": "string", "varchar": "string", "nvarchar": "string", "char": "string", "nchar": "string",
    "tinyint": "int16", "smallint": "int16", "int": "int32", "integer": "int32", "bigint": "int64", "long": "int64",
    "bit": "bool", "boolean": "bool", "float": "float64", "double": "float64", "real": "float64", "numeric": "decimal",
    "number": "decimal", "money": "decimal(19,4)",
    "datetime": "timestamp", "datetime2": "timestamp", "smalldatetime": "timestamp",
    "datetimeoffset": "timestamptz", "timestamp_tz": "timestamptz", "varbinary": "binary", "blob": "binary",
    "guid": "uuid", "uniqueidentifier": "uuid", "hex": "binary(hex)", "base64": "binary",
}  # fmt: skip
_FORM = re.compile(r"\s*([A-Za-z_][A-Za-z_0-9]*)\s*(?:\(([^()]*)\))?\s*")
_WIDTH = re.compile(r"[1-9][0-9]{0,8}")


class TypeTextError(ValueError):
    """A text that is no type."""

    def __init__(self, message: str, *, expected: str = "", nearest: str = "") -> None:
        super().__init__(message)
        self.expected = expected
        self.nearest = nearest


def parse_type(text: str) -> ColumnType:
    """The type that `text` names; TypeTextError with what was expected."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise TypeTextError(f"{text!r} is not a type", expected="a type such as int64, string(200) or decimal(12,2)")
    name, inside = match.group(1), match.group(2)
    if name == "decimal":
        return _decimal(text, inside)
    if name not in _PLAIN:
        raise _unknown(text, name, inside)
    if inside is None:
        return _PLAIN[name]
    if name == "string":
        return ColumnType(TypeKind.STRING, length=_width(text, inside, "string(200): the most characters it may have"))
    if name == "binary":
        return _binary(text, inside)
    raise TypeTextError(f"{name} takes nothing in parentheses, but here is {text!r}", expected=name)


def type_text(column_type: ColumnType) -> str:
    """The type as a contract writes it."""
    kind = column_type.kind
    if kind is TypeKind.INT:
        return f"int{column_type.bits}"
    if kind is TypeKind.FLOAT:
        return "float64"
    if kind is TypeKind.DECIMAL:
        return f"decimal({column_type.precision},{column_type.scale})"
    if kind is TypeKind.STRING and column_type.length is not None:
        return f"string({column_type.length})"
    if kind is TypeKind.BINARY and column_type.encoding == "hex":
        return "binary(hex)"
    return str(kind.value)


def type_reads(column_type: ColumnType) -> str:
    """What texts the type reads, for messages."""
    text = type_text(column_type)
    form = {TypeKind.DECIMAL: "decimal(p,s)", TypeKind.STRING: "string(n)" if "(" in text else text}.get(
        column_type.kind, text
    )
    sizes = {"p digits": column_type.precision, "s of": column_type.scale, "n characters": column_type.length}
    reads = _READS[form].split(";")[0]
    for letter, size in sizes.items():
        reads = reads.replace(letter, f"{size}{letter[1:]}") if "(" in form else reads
    return reads


def _decimal(text: str, inside: str | None) -> ColumnType:
    expected = "decimal(12,2): 12 digits in all, 2 of them after the dot"
    parts = [part.strip() for part in (inside or "").split(",")]
    if len(parts) != 2 or not all(re.fullmatch(r"[0-9]{1,3}", part, re.ASCII) for part in parts):
        raise TypeTextError(f"{text!r} does not say how many digits", expected=expected)
    precision, scale = int(parts[0]), int(parts[1])
    if not 1 <= precision <= MOST_DIGITS:
        raise TypeTextError(f"{text!r} has {precision} digits", expected=f"1 to {MOST_DIGITS} digits")
    if scale > precision:
        raise TypeTextError(f"{text!r} has more digits after the dot than in all", expected=expected)
    return ColumnType(TypeKind.DECIMAL, precision=precision, scale=scale)


def _binary(text: str, inside: str) -> ColumnType:
    encoding = inside.strip().lower()
    if encoding not in ("base64", "hex"):
        near = nearest(encoding, ("base64", "hex"))
        expected = "binary(base64) or binary(hex): how the bytes are written in the document"
        raise TypeTextError(f"{text!r} is not a type", expected=expected, nearest=f"binary({near})" if near else "")
    return ColumnType(TypeKind.BINARY, encoding=encoding)


def _width(text: str, inside: str, expected: str) -> int:
    if not _WIDTH.fullmatch(inside.strip()):
        raise TypeTextError(f"{text!r} has no length", expected=expected)
    return int(inside.strip())


def _unknown(text: str, name: str, inside: str | None) -> TypeTextError:
    known = _ALIASES.get(name.lower()) or nearest(name, (*_PLAIN, "decimal"))
    if known == "string" and inside is not None and inside.strip().isdigit():
        known = f"string({inside.strip()})"
    elif known == "decimal":
        known = f"decimal({inside})" if inside is not None and "," in inside else "decimal(12,2)"
    names = ", ".join(form.form for form in TYPE_FORMS)
    return TypeTextError(f"there is no type {text!r}", expected="" if known else f"one of {names}", nearest=known)
