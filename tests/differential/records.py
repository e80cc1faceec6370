"""Documents as programs write them, and plans that fit: records of the same fields in the same order, nearly always.

The native shredder expects elements to be like the last ones of their kind. So these are alike, but now and then have
another order, an attribute more or less, the same name under another parent or in another namespace.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, TablePlan, TypeKind
from transforms.path.model import ANY, NameTest
from transforms.path.parse import parse_row_path, parse_value_path

_RECORDS = ("r", "s", "p:r")
_FIELDS = ("b", "c", "p:b", "amount", "p:amount", "r", "longer-than-sixteen-letters", "é")
_ATTRIBUTES = ("k", "id", "p:k", "longer-than-sixteen-letters")
_VALUES = ("x", "x", "y", "", "1", "12.50", "é", "x y", "größe 12345678901234567", "&amp;", "x &lt;y", "x\ny", "—" * 30)
_TEXTS = (*_VALUES, "]", "]]", "<![CDATA[x]]>", "x<!--c-->y", "<b>x</b>", "<c/>")
_URIS = ("urn:one", "urn:one", "urn:two")
_NAMESPACES = {"p": "urn:one", "q": "urn:two"}


def records(random: Random) -> bytes:
    """One document, well-formed."""
    fields = random.sample(_FIELDS, random.randint(1, 5))
    attributes = random.sample(_ATTRIBUTES, random.choice((0, 1, 1, 2, 4)))
    between = random.choice(("", "\n", "\n    ", " ", "\r\n  ", "\n" + " " * 40))
    rare = random.choice((3, 10, 40))
    written: list[str] = []
    for _ in range(random.randint(1, 20)):
        record = random.choice(_RECORDS) if random.randrange(rare) == 0 else _RECORDS[0]
        written.append(f"{between}<{record}{_attributes(random, attributes, rare)}{_declared(random, rare)}>")
        written += [f"{between}{_field(random, field, attributes, rare)}" for field in fields if random.randrange(rare)]
        if random.randrange(rare) == 0:
            written.append(f"{between}{_field(random, random.choice(_FIELDS), attributes, rare)}")
        written.append(f"{between}</{record}>")
    default = f' xmlns="{random.choice(_URIS)}"' if random.randrange(4) == 0 else ""
    return f'<a xmlns:p="{random.choice(_URIS)}"{default}>{"".join(written)}{between}</a>'.encode()


def _field(random: Random, name: str, attributes: Sequence[str], rare: int) -> str:
    more = _attributes(random, attributes, rare) if random.randrange(rare) == 0 else ""
    more += _declared(random, 2 * rare)
    if random.randrange(rare) == 0:
        return f"<{name}{more}/>"
    return f"<{name}{more}>{random.choice(_VALUES if random.randrange(rare) else _TEXTS)}</{name}>"


def _attributes(random: Random, names: Sequence[str], rare: int) -> str:
    written = [f' {name}="{random.choice(_VALUES)}"' for name in names if random.randrange(rare)]
    if random.randrange(2 * rare) == 0:
        random.shuffle(written)
    return "".join(written)


def _declared(random: Random, rare: int) -> str:
    if random.randrange(rare):
        return ""
    return f' {random.choice(("xmlns", "xmlns:p"))}="{random.choice(_URIS)}"'


def record_plan(random: Random) -> ContractPlan:
    """Tables of the records, whose columns are fields and attributes."""
    rows = random.choice(("/*/r", "/*/p:r", "/*/*", "/*/*", "/*/s", "//r"))
    tables = [_table(random, "t0", rows, None)]
    if random.randrange(3) == 0:
        child = f"{rows}/{random.choice(('b', 'r', 'p:amount', '*'))}"
        tables.append(_table(random, "t1", child, random.choice((None, "t0"))))
    if random.randrange(3) == 0:
        tables.append(_table(random, "t2", random.choice(("/*", "/*/s", "//c")), None))
    return ContractPlan(NameTest(ANY, ANY), tuple(tables))


def _table(random: Random, name: str, rows: str, parent: str | None) -> TablePlan:
    columns = tuple(_column(random, f"{name}c{at}") for at in range(random.randint(1, 6)))
    return TablePlan(name, parse_row_path(rows, _NAMESPACES), parent, (), columns)


def _column(random: Random, name: str) -> ColumnPlan:
    steps = (random.choice((*_FIELDS, "q:b", "*", "..")), "@" + random.choice((*_ATTRIBUTES, "q:k")))
    path = random.choice((steps[0], steps[0], steps[0], steps[1], steps[1], "/".join(steps), ".", "text()", "../@k"))
    many = random.choice((Many.FIRST, Many.FIRST, Many.FIRST, Many.LAST, Many.JOIN, Many.LIST))
    return ColumnPlan(name, parse_value_path(path, _NAMESPACES), ColumnType(TypeKind.STRING), many=many)
