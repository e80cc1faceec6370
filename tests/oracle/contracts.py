"""Hypothesis strategies: random contracts over the names of `documents`, in the path language of docs/paths.md."""

from __future__ import annotations

import json

from hypothesis import strategies as st

from tests.oracle.documents import ATTRIBUTES, LOCALS, Name

NAMESPACES: tuple[dict[str, str], ...] = (
    {},
    {"n": "urn:one", "m": "urn:two"},
    {"": "urn:one", "m": "urn:two"},
    {"": "urn:two", "n": "urn:one", "again": "urn:one"},
)
_VALUES = ("x", "x", "xx", "", "y", "1", " x ", "x&<>", "é😀")


def _prefixes(namespaces: dict[str, str]) -> list[str]:
    return ["", "", "", *(f"{prefix}:" for prefix in namespaces if prefix)]


@st.composite
def _test(draw: st.DrawFn, namespaces: dict[str, str]) -> str:
    """An element name as a path writes it."""
    prefix = draw(st.sampled_from(_prefixes(namespaces)))
    local = draw(st.sampled_from(("b", "b", "b", *LOCALS, "*", "*")))
    return f"{prefix}{local}"


@st.composite
def _attribute(draw: st.DrawFn, namespaces: dict[str, str]) -> str:
    if draw(st.integers(0, 9)) == 7:
        return "@xml:lang"
    return "@" + draw(st.sampled_from(_prefixes(namespaces))) + draw(st.sampled_from(ATTRIBUTES))


@st.composite
def _condition(draw: st.DrawFn, namespaces: dict[str, str], depth: int) -> str:
    if depth and draw(st.integers(0, 2)) == 2:
        inner = _condition(namespaces, depth - 1)
        shape = draw(st.sampled_from(("not({})", "{} and {}", "{} or {}", "({} or {}) and {}", "not({} and {})")))
        return shape.format(*(draw(inner) for _ in range(shape.count("{}"))))
    child = draw(st.sampled_from(_prefixes(namespaces))) + draw(st.sampled_from(LOCALS))
    operand = draw(
        st.one_of(_attribute(namespaces), st.just(child), st.just("text()"), st.sampled_from(("text()", ".")))
    )
    if operand != "." and draw(st.booleans()):
        return operand
    literal = draw(st.sampled_from(_VALUES))
    quote = draw(st.sampled_from("'\""))
    blank = draw(st.sampled_from(("", "", " ")))
    return f"{operand}{blank}{draw(st.sampled_from(('=', '=', '!=')))}{blank}{quote}{literal}{quote}"


@st.composite
def _step(draw: st.DrawFn, namespaces: dict[str, str]) -> str:
    position = st.sampled_from(("[1]", "[2]", "[3]", "[last()]"))
    condition = _condition(namespaces, 1).map("[{}]".format)
    predicates = draw(st.lists(st.one_of(position, condition), max_size=2)) if draw(st.integers(0, 2)) == 2 else []
    return draw(_test(namespaces)) + "".join(predicates)


@st.composite
def _steps(draw: st.DrawFn, namespaces: dict[str, str], least: int, most: int) -> str:
    steps = draw(st.lists(_step(namespaces), min_size=least, max_size=most))
    return "".join(step + draw(st.sampled_from(("/", "/", "//"))) for step in steps).rstrip("/")


@st.composite
def row_paths(draw: st.DrawFn, namespaces: dict[str, str], root: str) -> str:
    """An absolute path of elements, most of the time one that the documents have."""
    start = draw(st.sampled_from((f"/{root}", f"/{root}/", f"/{root}//", "//", "//", "/*/", "/")))
    return start + draw(_steps(namespaces, 1, 2)) if start.endswith("/") else start


@st.composite
def value_paths(draw: st.DrawFn, namespaces: dict[str, str], root: str) -> str:
    """A column's path: every start and every terminal of the language."""
    whole = ("position()", "'constant'", '"it\'s"', "$key", "$region", ".", "text()", "xml()")
    if draw(st.integers(0, 5)) == 5:
        return draw(st.sampled_from(whole))
    start = draw(
        st.sampled_from(("", "", "", "./", ".//", "../", "..//", "../../", "ancestor", "//", f"/{root}/", f"/{root}//"))
    )
    if start == "ancestor":
        start = f"ancestor::{draw(_test(namespaces))}[1]{draw(st.sampled_from(('/', '/', '//')))}"
    steps = draw(_steps(namespaces, 1 if start.endswith("//") else 0, 3))
    terminal = draw(st.one_of(st.sampled_from(("", "", ".", "text()", "xml()")), _attribute(namespaces)))
    path = f"{start}{steps}/{terminal}" if steps else f"{start}{terminal}"
    return draw(_spaced(path.rstrip("/") or "."))


@st.composite
def _spaced(draw: st.DrawFn, path: str) -> str:
    """The path, now and then with blanks between its tokens, where they mean nothing."""
    if draw(st.integers(0, 7)) != 7 or "'" in path or '"' in path:
        return path
    for symbol in ("/", "[", "]", "@", "::", "(", ")"):
        path = path.replace(symbol, draw(st.sampled_from(("{}", " {}", "{} "))).format(symbol))
    return path.replace("/ /", "//").replace("/  /", "//").strip()


_XPATHS = (
    *(
        "count(*)",
        "string-length(.)",
        "1 div 3",
        "count(*) div 0",
        "not(a)",
        "name()",
        "normalize-space(a)",
        "/*/@k",
        "..",
        "a | b",
    ),
    *(
        "following-sibling::*[1]",
        "preceding-sibling::*",
        "*/@*",
        "text()",
        "comment()",
        "a[b/c]",
        "a[position() > 1]",
        "@k = 'x'",
    ),
)


@st.composite
def contracts(draw: st.DrawFn) -> tuple[str, Name]:
    """A contract (JSON is YAML) of one to three tables, and the root element that it wants."""
    namespaces = draw(st.sampled_from(NAMESPACES))
    root = draw(st.sampled_from(_prefixes(namespaces))) + draw(st.sampled_from(LOCALS))
    prefix, _, local = root.rpartition(":")
    tables: dict[str, object] = {}
    for index in range(draw(st.integers(1, 3))):
        columns = {}
        for number in range(draw(st.integers(1, 4))):
            column: dict[str, object] = {"path": draw(value_paths(namespaces, root))}
            if draw(st.integers(0, 9)) == 9:
                column = {"xpath": draw(st.sampled_from(_XPATHS))}
            if draw(st.booleans()):
                column["many"] = draw(
                    st.sampled_from(("first", "last", "last", "join", "join", "list", "list", "error"))
                )
            if column.get("many") == "join":
                column["separator"] = draw(st.sampled_from((",", "; ", "")))
            columns[f"c{index}{number}"] = column
        table: dict[str, object] = {"rows": draw(row_paths(namespaces, root)), "columns": columns}
        has_parent = draw(st.booleans())
        if tables and has_parent:
            table["parent"] = draw(st.sampled_from(sorted(tables)))
        tables[f"t{index}"] = table
    contract = {"version": 1, "root": root, "namespaces": namespaces, "tables": tables}
    return json.dumps(contract, ensure_ascii=False, indent=1), (namespaces.get(prefix, ""), local)


# Every form of a path at once, for documents without namespaces: each document tries them all.
_FORMS = (
    *(
        "//b[text()='x']",
        "//b[text()]",
        "//*[text()!='x']/@k",
        ".//b[not(text())]",
        "b[.='x']",
        "b[@k='x'][2]",
        "//b[last()]",
        "//b[2]",
    ),
    *(
        "*[b]/text()",
        "*[b='x' or @k]",
        "*[not(@k='x') and text()='x']",
        "*[@k!='x']/@k",
        "b//b",
        "*/*/@id",
        "..//b",
        "../../b/@k",
    ),
    *(
        "ancestor::b[1]/@k",
        "ancestor::*[1]/text()",
        "//*[1]/text()",
        "*[last()][text()]",
        ".//*[@k][1]",
        "text()",
        ".",
        "xml()",
    ),
)


def every_form(many: str) -> str:
    """A contract with every form of path, `many` for all columns, on the rows of two tables inside each other."""
    columns = {f"c{index}": {"path": path, "many": many} for index, path in enumerate(_FORMS)}
    if many == "join":
        columns = {name: {**column, "separator": " + "} for name, column in columns.items()}
    tables = {
        "outer": {"rows": "//b", "columns": columns},
        "inner": {"rows": "//*[text()='x']", "parent": "outer", "columns": columns},
        "within": {"rows": "//b", "parent": "outer", "columns": {"position": {"path": "position()"}}},
    }
    return json.dumps({"version": 1, "root": "a", "tables": tables})
