"""ISO 8601 as columns without `formats` read it: the extended notation, nothing left out but seconds and fractions."""

from __future__ import annotations

from transforms.contract.plan import TypeKind
from transforms.convert.strptime import Layout, Shape

_DATE = "(?P<Y>[0-9]{4})-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12][0-9]|3[01])"
# The first six digits of a fraction are read as %f; whether the next three may be lost is the contract's decision.
_TIME = "(?P<H>[01][0-9]|2[0-3]):(?P<M>[0-5][0-9])(?::(?P<S>[0-5][0-9])(?:[.](?P<f>[0-9]{1,6})(?P<n>[0-9]{0,3}))?)?"
_OFFSET = "(?P<z>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_REST = "(?P<rest>)$"  # nothing is ever left over

_DATE_FIELDS = (("Y", 0, 4), ("m", 5, 2), ("d", 8, 2))
_DATE_LITERALS = ((4, b"-"), (7, b"-"))


def _time(start: int, parts: str) -> tuple[tuple[tuple[int, bytes], ...], tuple[tuple[str, int, int], ...]]:
    """Literals and fields of hours and minutes, and seconds if asked, from that offset."""
    fields = tuple((part, start + 3 * at, 2) for at, part in enumerate(parts))
    return tuple((start + 3 * at + 2, b":") for at in range(len(parts) - 1)), fields


def _clock(parts: str, fraction: int = 0, *, dated: bool = True, zone: str = "", exact: bool = False) -> Shape:
    """A shape with that clock time; `fraction` digits, or up to so many where nothing follows them."""
    start = 11 if dated else 0
    literals, fields = _time(start, parts)
    if dated:
        literals, fields = (*_DATE_LITERALS, (10, b" T"), *literals), (*_DATE_FIELDS, *fields)
    width = start + 3 * len(parts) - 1
    shortest = width
    if fraction:
        literals, fields = (*literals, (width, b".")), (*fields, ("f", width + 1, fraction))
        shortest = width + 2
        width += 1 + fraction
    if zone == "Z":
        literals = (*literals, (width, b"Z"))
    elif zone:
        literals = (*literals, (width, b"+-"), (width + 3, b":"))
        fields = (*fields, ("z", width, 6))
    width += len(zone)
    return Shape(width, shortest if fraction and not exact else width, literals, fields)


_PLAIN = Shape(10, 10, _DATE_LITERALS, _DATE_FIELDS)
_ZONES = ("Z", "+00:00")

ISO_8601 = {
    TypeKind.DATE: Layout(f"^{_DATE}{_REST}", ("Y", "m", "d"), (_PLAIN,)),
    TypeKind.TIME: Layout(
        f"^{_TIME}{_REST}",
        ("H", "M", "S", "f", "n"),
        tuple(_clock(parts, fraction, dated=False) for parts, fraction in (("HMS", 0), ("HM", 0), ("HMS", 6))),
    ),
    TypeKind.TIMESTAMP: Layout(
        f"^{_DATE}(?:[T ]{_TIME})?{_REST}",
        ("Y", "m", "d", "H", "M", "S", "f", "n"),
        (_clock("HMS"), _clock("HMS", 6), _PLAIN, _clock("HM")),
    ),
    TypeKind.TIMESTAMPTZ: Layout(
        f"^{_DATE}[T ]{_TIME}{_OFFSET}{_REST}",
        ("Y", "m", "d", "H", "M", "S", "f", "n", "z"),
        tuple(_clock("HMS", fraction, zone=zone, exact=True) for zone in _ZONES for fraction in (0, 3, 6)),
    ),
}
