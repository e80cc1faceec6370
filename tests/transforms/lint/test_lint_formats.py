"""What lint says of formats, against Python's own strptime."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linted_contracts import found

from transforms.contract.formats import format_fault
from transforms.contract.plan import TypeKind
from transforms.lint import Finding

_PARTS = ["%Y", "%y", "%m", "%d", "%b", "%H", "%M", "%S", "-", "/", ".", " ", "T", ":"]
_LAYOUTS = st.sampled_from(
    [
        *("%Y-%m-%d", "%Y-%d-%m", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d.%m.%Y", "%d.%m.%y", "%Y%m%d", "%d%m%Y"),
        *("%d %b %Y", "%d %B %Y", "%b %d %Y", "%Y-%j", "%Y %m %d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"),
        *("%Y-%m-%dT%H:%M:%S", "%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y-%m-%d %H:%M:%S.%f"),
    ]
) | st.lists(st.sampled_from(_PARTS), min_size=5, max_size=9).map("".join)
_MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2060, 12, 31))


def judged(formats: list[str]) -> list[Finding]:
    shown = ", ".join(f'"{layout}"' for layout in formats)
    contract = (
        "version: 1\nroot: r\ntables:\n  t:\n    rows: /r\n    columns:\n"
        f'      a: {{path: "@a", type: timestamp, formats: [{shown}]}}\n'
    )
    return [each for each in found(contract) if each.code.startswith("format_")]


def usable(layout: str) -> bool:
    return layout == layout.strip() and format_fault(layout, TypeKind.TIMESTAMP) is None


def read(text: str, layout: str) -> datetime | None:
    try:
        return datetime.strptime(text, layout)
    except ValueError:
        return None


@given(_LAYOUTS.filter(usable), _LAYOUTS.filter(usable), _MOMENTS)
def test_shadowed_means_read_alike_and_ambiguous_means_read_otherwise(
    first: str, second: str, moment: datetime
) -> None:
    findings = judged([first, second])
    assert len(findings) <= 1
    text = moment.strftime(second)
    mine, other = read(text, second), read(text, first)
    if not findings:
        assert mine is None or other is None or mine == other
    elif findings[0].code == "format_shadowed":
        assert mine == other
    else:
        example = findings[0].message.split("'")[1]
        one, two = read(example, first), read(example, second)
        assert one is not None
        assert two is not None
        assert one != two


@pytest.mark.parametrize("kind", ["date", "timestamp", "time"])
def test_one_format_is_never_told_of(kind: str) -> None:
    layout = "%H:%M" if kind == "time" else "%d/%m/%Y"
    contract = (
        "version: 1\nroot: r\ntables:\n  t:\n    rows: /r\n    columns:\n"
        f'      a: {{path: "@a", type: {kind}, formats: ["{layout}"]}}\n'
    )
    assert not found(contract)
