"""Made-up plans with paths of the whole language, over the names that made-up documents have."""

from __future__ import annotations

from random import Random

import pyarrow as pa

from tests.differential.vocabulary import ATTRIBUTES, KEYS, LOCALS, NAMESPACES, REGIONS, ROOTS, VALUES
from transforms.contract.plan import (
    ColumnPlan,
    ColumnType,
    ContractPlan,
    Declaration,
    Limits,
    Many,
    Route,
    TablePlan,
    TypeKind,
)
from transforms.path.model import ANY, NameTest, ValuePath, XPath
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.path.xpath import parse_xpath

Namespaces = dict[str, str]

_ANY_ROOT = NameTest(ANY, ANY)
_POSITIONS = ("1", "1", "2", "3", "last()", "last()")
_WHOLE = ("position()", "'constant'", '"it\'s"', "'é'", "$key", "$region", ".", ".", "text()", "xml()")
_STARTS = (
    "",
    "",
    "",
    "",
    "./",
    ".//",
    ".//",
    "../",
    "../",
    "..//",
    "../../",
    "../../../",
    "ancestor",
    "/",
    "//",
    "/*/",
    "//*/",
)
_ENDS = ("", "", ".", "text()", "xml()")
_XPATHS = (
    "count(*)",
    "..",
    "*/@*",
    "following-sibling::*[1]",
    "normalize-space(.)",
    "name()",
    "text()",
    "1 div 3",
    "//*[2]",
)
# Those that the kernel reads, and some that look like these.
_NAMES = (
    "local-name()",
    "local-name(..)",
    "local-name( . )",
    "local-name(ancestor-or-self::*[last() - 1])",
    "local-name(ancestor-or-self::*[last() - 2])",
    "local-name(*)",
)
_FUNCTIONS = (
    "substring(self::*[starts-with(., 'x')], 2, 3)",
    "self::*[contains(., 'y') or string-length(.) > 3]",
    "translate(normalize-space(), 'xyé', 'XY')",
    "string-length(.) * 2",
    "number(.) - 1",
    ". = 'x'",
    "concat('(', ., ')')",
    "not(self::*[. != 'x'])",
    "substring-before(concat(., '|'), 'y')",
    "string(*)",
    "starts-with(., @k)",
)
_SMALL_LIMITS = (
    *(Limits(depth=2), Limits(depth=4), Limits(text_bytes=3), Limits(attributes=2), Limits(name_bytes=2)),
    *(Limits(document_bytes=60), Limits(document_bytes=5), Limits(depth=2048)),
)


def plan(random: Random) -> ContractPlan:
    """One to four tables; seldom several routes, a root of its own, other limits, `xpath:`."""
    xpath = random.randrange(6) == 0
    routes: list[Route | None] = [None]
    if random.randrange(4) == 0:
        routes = [_route(random) for _ in range(random.randint(1, 3))]
    tables: list[TablePlan] = []
    for number in range(random.choice((1, 1, 2, 3, 4))):
        route = random.choice(routes)
        namespaces = random.choice(NAMESPACES)
        columns = tuple(
            _column(random, f"c{number}{at}", namespaces, xpath=xpath) for at in range(random.randint(0, 7))
        )
        parents = [None, *(table.name for table in tables if table.route == route)]
        rows = parse_row_path(row_path(random, namespaces), namespaces)
        tables.append(TablePlan(f"t{number}", rows, random.choice(parents), (), columns, route=route))
    return ContractPlan(
        random.choice(ROOTS) if random.randrange(10) == 0 else _ANY_ROOT,
        tuple(tables),
        limits=random.choice(_SMALL_LIMITS) if random.randrange(10) == 0 else Limits(),
        declaration=random.choice(list(Declaration)) if random.randrange(5) == 0 else Declaration.AUTO,
    )


def keys(count: int) -> dict[str, pa.Array]:
    """The key columns of a batch of so many documents."""
    return {
        KEYS[0]: pa.array([f"k{at}" for at in range(count)], pa.string()),
        KEYS[1]: pa.array([REGIONS[at % len(REGIONS)] for at in range(count)], pa.string()),
    }


def _route(random: Random) -> Route:
    root = random.choice((*ROOTS, _ANY_ROOT, _ANY_ROOT, _ANY_ROOT))
    taken = random.choice(((), (), (("region", "north"),), (("region", "süd"), ("region", ""))))
    return Route(root, taken)


def _column(random: Random, name: str, namespaces: Namespaces, *, xpath: bool) -> ColumnPlan:
    many = random.choice((Many.FIRST, Many.FIRST, Many.FIRST, Many.LAST, Many.JOIN, Many.LIST, Many.LIST))
    if random.randrange(25) == 0:
        many = Many.ERROR
    path: ValuePath | XPath
    if xpath and random.randrange(3) == 0:
        path = parse_xpath(xpath_text(random, namespaces), namespaces)
    else:
        path = parse_value_path(value_path(random, namespaces), namespaces)
    separator = random.choice((",", "; ", "", "é")) if many is Many.JOIN else ""
    return ColumnPlan(name, path, ColumnType(TypeKind.STRING), many=many, separator=separator)


def xpath_text(random: Random, namespaces: Namespaces) -> str:
    """XPath 1.0: what the kernel may read of it, and other things."""
    kind = random.randrange(8)
    if kind < 2:
        return random.choice((*_XPATHS, *_NAMES, *_FUNCTIONS))
    if kind == 2:
        return random.choice((*_NAMES, *_FUNCTIONS))
    ways = [_down(random, namespaces) for _ in range(random.choice((1, 2, 2, 3)))]
    union = random.choice((" | ", "|")).join(ways)
    if kind < 6:
        return union
    if kind == 6:
        return f"({union})[1]/{_attribute(random, namespaces)}"
    return f"{ways[0]}/{_attribute(random, namespaces)}"


def _down(random: Random, namespaces: Namespaces) -> str:
    """A way through children, from a row that may have to have a name."""
    steps = "/".join(_step(random, namespaces) for _ in range(random.choice((1, 1, 2, 3))))
    name = _prefix(random, namespaces) + random.choice(LOCALS)
    return random.choice(("", "", f"self::{name}/", f"self::*[not(self::{name})]/")) + steps


def row_path(random: Random, namespaces: Namespaces) -> str:
    """A path of elements, mostly one that documents have."""
    start = random.choice(("//", "//", "//", "/*/", "/*//", "/", "/*"))
    return start if start == "/*" else start + _steps(random, namespaces, 1, 2)


def value_path(random: Random, namespaces: Namespaces) -> str:
    """A column's path: every start, every step and every end of the language."""
    if random.randrange(6) == 0:
        return random.choice(_WHOLE)
    start = random.choice(_STARTS)
    if start == "ancestor":
        start = f"ancestor::{_test(random, namespaces)}[1]{random.choice(('/', '/', '//'))}"
    steps = _steps(random, namespaces, 1 if start.endswith("//") or start == "/" else 0, 3)
    end = _attribute(random, namespaces) if random.randrange(2) else random.choice(_ENDS)
    return (f"{start}{steps}/{end}" if steps else f"{start}{end}").rstrip("/") or "."


def _steps(random: Random, namespaces: Namespaces, least: int, most: int) -> str:
    steps = ""
    for _ in range(random.randint(least, most)):
        steps += (random.choice(("/", "/", "/", "//")) if steps else "") + _step(random, namespaces)
    return steps


def _step(random: Random, namespaces: Namespaces) -> str:
    step = _test(random, namespaces)
    for _ in range(random.choice((0, 0, 0, 0, 1, 1, 2))):
        step += f"[{_condition(random, namespaces, 2) if random.randrange(2) else random.choice(_POSITIONS)}]"
    return step


def _prefix(random: Random, namespaces: Namespaces) -> str:
    prefix = random.choice(["", "", "", *namespaces])
    return f"{prefix}:" if prefix else ""


def _test(random: Random, namespaces: Namespaces) -> str:
    local = "*" if random.randrange(3) == 0 else random.choice(LOCALS)
    return _prefix(random, namespaces) + local


def _attribute(random: Random, namespaces: Namespaces) -> str:
    if random.randrange(12) == 0:
        return "@xml:lang"
    return f"@{_prefix(random, namespaces)}{random.choice(ATTRIBUTES)}"


def _condition(random: Random, namespaces: Namespaces, depth: int) -> str:
    if depth and random.randrange(3) == 0:
        shape = random.choice(("not({})", "{} and {}", "{} or {}", "({} or {}) and {}", "not({} and {})"))
        return shape.format(*(_condition(random, namespaces, depth - 1) for _ in range(shape.count("{}"))))
    operand = random.choice((_attribute(random, namespaces), _test(random, namespaces), "text()", "."))
    if operand != "." and random.randrange(2):
        return operand
    literal = random.choice(VALUES)
    quote = '"' if "'" in literal else "'"
    return f"{operand}{random.choice(('=', '=', '!='))}{quote}{literal}{quote}"
