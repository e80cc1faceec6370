"""Conversion again, one cell at a time in plain Python: slow, and written from the specification."""

from __future__ import annotations

import base64
import datetime as dt
import re
import uuid
import warnings
from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, Reaction, TypeKind

SPACE = " \t\r\n"
DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
ISO_TIME = re.compile(r"(\d\d:\d\d(?::\d\d)?)(?:(?<=:\d\d:\d\d)\.(\d{1,9}))?", re.ASCII)
BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

Read = tuple[Any, str | None, str | None]  # the value, or the reason there is none, and the change made


def read(
    text: str, type_: ColumnType, formats: tuple[str, ...] = (), *, truncate: bool = False, half_up: bool = False
) -> Read:
    if type_.kind is TypeKind.STRING:
        if type_.length is None or len(text) <= type_.length:
            return text, None, None
        return (text[: type_.length], None, "truncated") if truncate else (None, "too_long", None)
    text = text.strip(SPACE)
    if type_.kind in (TypeKind.INT, TypeKind.DECIMAL):
        return _number(text, type_, half_up)
    if type_.kind is TypeKind.FLOAT:
        return _float(text)
    if type_.kind is TypeKind.BOOL:
        known = {
            **dict.fromkeys(["true", "1", "t", "yes", "y"], True),
            **dict.fromkeys(["false", "0", "f", "no", "n"], False),
        }
        return _or_invalid(known.get(text.lower()))
    if type_.kind is TypeKind.UUID:
        bare = text[1:-1] if text[:1] + text[-1:] == "{}" else text
        fits = re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", bare)
        return _or_invalid(str(uuid.UUID(bare)) if fits else None)
    if type_.kind is TypeKind.BINARY:
        return _or_invalid(_binary(text, type_.encoding))
    return _temporal(text, type_.kind, formats, half_up)


def _number(text: str, type_: ColumnType, half_up: bool) -> Read:
    """An integer, or a decimal number of the type's precision and scale."""
    scaled = _scaled(text, type_.scale, half_up)
    if isinstance(scaled, str):
        return None, scaled, None
    number, exact = scaled
    if type_.kind is TypeKind.INT:
        fits = -(2 ** (type_.bits - 1)) <= number < 2 ** (type_.bits - 1)
    else:
        fits = number.copy_abs() < Decimal(10) ** (type_.precision - type_.scale)
    if not fits:
        return None, "out_of_range", None
    return _exact(int(number) if type_.kind is TypeKind.INT else number, exact, half_up)


def _or_invalid(value: Any) -> Read:
    return value, "invalid_value" if value is None else None, None


def _exact(value: Any, exact: bool, half_up: bool) -> Read:
    if exact:
        return value, None, None
    return (value, None, "rounded") if half_up else (None, "inexact", None)


def _scaled(text: str, scale: int, half_up: bool) -> tuple[Decimal, bool] | str:
    """The number at that scale and whether it is exact; a number that is not rounded is judged by its kept digits."""
    if not DECIMAL.fullmatch(text):
        return "invalid_value"
    with localcontext() as context:
        context.prec = 500
        number = Decimal(text)
        step = Decimal(1).scaleb(-scale)
        cut = number.quantize(step, rounding=ROUND_HALF_UP if half_up else "ROUND_DOWN")
        return cut + 0, cut == number


def _float(text: str) -> Read:
    special = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}
    if text in special:
        return float(special[text]), None, None
    if not FLOAT.fullmatch(text):
        return None, "invalid_value", None
    value = float(text)
    return (None, "out_of_range", None) if value in (float("inf"), float("-inf")) else (value, None, None)


def _binary(text: str, encoding: str) -> bytes | None:
    if encoding == "hex":
        return bytes.fromhex(text) if re.fullmatch("([0-9a-fA-F]{2})*", text) else None
    text = re.sub(f"[{SPACE}]", "", text)
    if not BASE64.fullmatch(text):
        return None
    value = base64.b64decode(text, validate=True)
    return value if base64.b64encode(value).decode() == text else None  # no bits left over


def strptime(text: str, pattern: str) -> dt.datetime | None:
    """What Python makes of an ASCII text; formats without a year draw a warning from Python 3.13 on."""
    if not text.isascii():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            return dt.datetime.strptime(text, pattern)
        except ValueError:
            return None
        except OverflowError:
            return None


def _temporal(text: str, kind: TypeKind, formats: tuple[str, ...], half_up: bool) -> Read:
    lost = ""
    if formats:
        moment = next((moment for moment in (strptime(text, pattern) for pattern in formats) if moment), None)
    else:
        moment, lost = _iso(text, kind)
    if moment is None:
        return None, "invalid_value", None
    micros = (moment.replace(tzinfo=None) - dt.datetime(1, 1, 1)) // dt.timedelta(microseconds=1)
    end = (dt.datetime(9999, 12, 31) - dt.datetime(1, 1, 1)) // dt.timedelta(microseconds=1) + 86_400_000_000
    change = None
    if kind is TypeKind.TIMESTAMPTZ:
        micros -= (moment.utcoffset() or dt.timedelta()) // dt.timedelta(microseconds=1)
    if lost.strip("0"):
        if not half_up:
            return (None, "inexact", None) if 0 <= micros < end else (None, "out_of_range", None)
        micros += lost[0] >= "5"
        change = "rounded"
        end = 86_400_000_000 + _midnight if kind is TypeKind.TIME else end
    if not 0 <= micros < end:
        return None, "out_of_range", None
    value = dt.datetime(1, 1, 1) + dt.timedelta(microseconds=micros)
    if kind is TypeKind.TIMESTAMPTZ:
        return value.replace(tzinfo=dt.UTC), None, change
    return {TypeKind.DATE: value.date(), TypeKind.TIME: value.time()}.get(kind, value), None, change


_midnight = (dt.datetime(2000, 1, 1) - dt.datetime(1, 1, 1)) // dt.timedelta(microseconds=1)


def _iso(text: str, kind: TypeKind) -> tuple[dt.datetime | None, str]:
    """ISO 8601 as the contract has it: the moment, to the microsecond, and the digits after the sixth."""
    date, time, zone = text[:10], text[11:], ""
    if kind is TypeKind.TIME:
        date, time = "2000-01-01", text
    elif kind is TypeKind.DATE or (kind is TypeKind.TIMESTAMP and len(text) == 10):
        date, time = text, "00:00"
    elif text[10:11] not in (" ", "T"):
        return None, ""
    if kind is TypeKind.TIMESTAMPTZ:
        found = re.search(r"(Z|[+-]\d\d:\d\d)\Z", time, re.ASCII)
        if not found:
            return None, ""
        time, zone = time[: found.start()], found.group()
    clock = ISO_TIME.fullmatch(time)
    if not ISO_DATE.fullmatch(date) or not clock:
        return None, ""
    fraction = (clock.group(2) or "").ljust(9, "0")
    try:
        moment = dt.datetime.fromisoformat(f"{date}T{clock.group(1)}").replace(microsecond=int(fraction[:6]))
        return moment.replace(tzinfo=dt.datetime.strptime(zone, "%z").tzinfo if zone else None), fraction[6:]
    except ValueError:
        return None, ""


class Cell:
    """One value (or element of a list) on its way; what happened to it."""

    def __init__(self, column: ColumnPlan, text: str | None) -> None:
        self.changes: Counter[str] = Counter()
        self.refused: tuple[str, bool] | None = None  # reason, whether the whole document
        self.column = column
        self.value = self._convert(text)

    def _convert(self, text: str | None) -> Any:
        text = self._clean(self._without_blank(text))
        column = self.column
        if column.lookup is not None:
            known, text, unknown = self._look_up(text)
            if unknown:
                return self._react("unknown_value", column.on_unknown)
            if known and text is None:
                return None if column.nullable else self._missing()
        if text is None:
            return self._missing()
        value, reason, change = read(
            text,
            column.type,
            column.formats,
            truncate=column.on_too_long is Reaction.TRUNCATE,
            half_up=column.on_inexact is Reaction.ROUND_HALF_UP,
        )
        if change:
            self.changes[change] += 1
        if reason is None:
            return value
        policies = {"too_long": column.on_too_long, "inexact": column.on_inexact}
        return self._react(reason, policies.get(reason, column.on_invalid))

    def _without_blank(self, text: str | None) -> str | None:
        if text is None:
            return None
        bare = text.strip(SPACE)
        if self.column.blank_as_null and not bare:
            self.changes["blank_as_null"] += bool(text)
            return None
        if bare.lower() in {word.strip(SPACE).lower() for word in self.column.null_words}:
            self.changes["null_word"] += 1
            return None
        if self.column.trim:
            self.changes["trimmed"] += text != bare
            return bare
        return text

    def _clean(self, text: str | None) -> str | None:
        for step in self.column.clean:
            if text is None:
                return None
            before = text
            if step.name == "digits":
                text = "".join(letter for letter in text if letter in "0123456789")
            elif step.name in ("upper", "lower"):
                text = getattr(text, step.name)()
            elif step.name == "collapse":
                text = re.sub(f"[{SPACE}]+", " ", text).strip(SPACE)
            elif step.name == "trim":
                text = text.strip(SPACE)
            elif step.name == "replace":
                text = re.sub(step.pattern, step.replacement, text)
            self.changes[f"clean_{step.name}"] |= before != text
        return text

    def _look_up(self, text: str | None) -> tuple[bool, str | None, bool]:
        """Whether an entry was found, the text after it, and whether the value is unknown and not kept."""
        lookup = self.column.lookup
        assert lookup is not None
        fold = str.lower if lookup.ignore_case else str
        entries: dict[str, str | None] = {}
        for name, value in lookup.entries:
            entries.setdefault(fold(name), value)
        if text is None and "" not in entries:
            return False, None, False
        if fold(text or "") in entries:
            value = entries[fold(text or "")]
            self.changes["lookup"] += value != text
            return True, value, False
        if self.column.on_unknown is not Reaction.KEEP:
            return False, text, True
        self.changes["kept_unknown"] += 1
        return False, text, False

    def _missing(self) -> Any:
        return self._react("missing_value", self.column.on_missing)

    def _react(self, reason: str, reaction: Reaction) -> Any:
        short = reason.removesuffix("_value")
        column = self.column
        if reaction is Reaction.DEFAULT and column.default is None:
            reaction = Reaction.NULL
        if reaction is Reaction.NULL:
            if reason != "missing_value":
                self.changes[f"nulled_{short}"] += 1
            if column.nullable:
                return None
            return self._missing() if reason != "missing_value" else self._refuse(reason, whole=True)
        if reaction is Reaction.DEFAULT:
            self.changes[f"defaulted_{short}"] += 1
            return read(str(column.default), column.type, column.formats)[0]
        if reaction is Reaction.REJECT_ROW:
            self.changes[f"rejected_{short}"] += 1
        return self._refuse(reason, whole=reaction is not Reaction.REJECT_ROW)

    def _refuse(self, reason: str, *, whole: bool) -> None:
        self.refused = (reason, whole)


def convert_slowly(
    plan: ContractPlan, extracts: dict[str, list[dict[str, Any]]]
) -> tuple[dict[str, Any], list[Any], dict[Any, int]]:
    """Tables as rows, (document, reason, line, table.column) of rejections, counts by (table, column, rule)."""
    tables: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    rejections: dict[int, tuple[Any, ...]] = {}
    counted: list[tuple[int, tuple[str, str, str], int]] = []
    for table in plan.tables:
        rows = tables[table.name] = []
        for row in extracts[table.name]:
            document = row["_document"]
            typed = {name: value for name, value in row.items() if name.startswith("_")}
            dropped = False
            for column in table.columns:
                typed[column.name], happened, refused = _cell(column, row[column.name])
                counted += [(document, (table.name, column.name, rule), count) for rule, count in happened.items()]
                for reason, whole in refused:
                    if whole:
                        where = (document, reason, row["_line"], f"{table.name}.{column.name}")
                        rejections.setdefault(document, where)
                    dropped |= not whole
            if dropped:
                counted.append((document, (table.name, "", "row_rejected"), 1))
            else:
                rows.append((document, typed))
    counts: Counter[Any] = Counter()
    for document, key, count in counted:
        if document not in rejections and count:
            counts[key] += count
    kept = {name: [row for document, row in rows if document not in rejections] for name, rows in tables.items()}
    return kept, [rejections[document] for document in sorted(rejections)], dict(counts)


def _cell(column: ColumnPlan, text: Any) -> tuple[Any, Counter[str], list[tuple[str, bool]]]:
    if column.many is not Many.LIST:
        cell = Cell(column, text)
        return cell.value, cell.changes, [cell.refused] if cell.refused else []
    if text is None:
        gap = Cell(replace(column, lookup=None), None)  # only elements are looked up
        return None if gap.value is None else [gap.value], gap.changes, [gap.refused] if gap.refused else []
    element = replace(column, nullable=True, on_missing=Reaction.NULL, many=Many.FIRST)
    cells = [Cell(element, part) for part in text]
    total: Counter[str] = Counter()
    for cell in cells:
        total.update(cell.changes)
    return [cell.value for cell in cells], total, [cell.refused for cell in cells if cell.refused]
