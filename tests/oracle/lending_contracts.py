"""Hypothesis strategies: contracts for the documents of `lending`, with every construct of the language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

Says = dict[str, Any]  # a part of a contract as it is written

_NUMBER_TYPES = ("int8", "int16", "int32", "int64", "decimal(5,2)", "decimal(12,3)", "float64", "string", "string(4)")
_TEXT_TYPES = ("string", "string", "string(2)", "string(4)")
_DATE_TYPES = ("date", "timestamp", "timestamptz", "time", "string")
_FLAG_TYPES = ("bool", "int8", "string(3)")
_DEFAULTS = {
    "bool": "false",
    "date": "2000-01-01",
    "timestamp": "2000-01-01",
    "time": "12:30",
    "string": "d",
    "binary": "AA==",
}
_FORMATS = {
    "date": ["%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y"],
    "timestamp": ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%m/%d/%Y"],
    "time": ["%H:%M", "%H:%M:%S"],
}
_KINDS = {"n": "number", "m": "number", "a1": "number", "a2": "number", "d": "date", "flag": "flag"}
_LOOKUPS: dict[str, dict[str, Any]] = {
    "flag": {"Y": True, "N": False, "": None},
    "code": {"Y": 1, "N": 0, "TRUE": 1, "": 9},
    "word": {"x": "ex", "Ann": "A", "y": None},
    "long": {"entries": {"PR": 1, "AUTHU": 2, "x": None}, "ignore_case": True, "else": 0},
    "null": {"entries": {"x": "X", "": "-"}, "else": None},
}
_ATTRIBUTES = {
    "app": ("n", "m", "d", "s", "t", "flag", "ref", "a1"),
    "contact": ("role", "n", "d", "s", "t", "flag"),
    "address": ("type", "s", "t", "n"),
    "party": ("s", "n"),
}


def family(type_: str) -> str:
    """What SQL may do with a type."""
    if type_.startswith(("int", "decimal", "float")):
        return "number"
    return type_ if type_ in ("date", "timestamp", "bool") else "text" if type_.startswith("string") else "other"


@st.composite
def rules(draw: st.DrawFn, type_: str, *, looked_up: bool = False, has_else: bool = False) -> Says:
    """A column's rules for what does not fit its type, mostly mild: a refused document shows little."""
    says: Says = {}
    base = type_.partition("(")[0]
    default = draw(st.integers(0, 3)) == 3 and base != "timestamptz"
    if default:
        says["default"] = _DEFAULTS.get(base, "1")
    mild = [*["null"] * 6, "reject_row", *(["default"] * 2 if default else [])]
    reaction = st.sampled_from(mild)
    if base != "string" or looked_up or "(" in type_:
        says["on_invalid"] = draw(st.sampled_from([*mild, *mild, "reject_document"]))
    if "(" in type_ and base == "string":
        says["on_too_long"] = draw(st.sampled_from([*mild, *["truncate"] * 3, "reject_document"]))
    if base.startswith(("int", "decimal")) or base in ("time", "timestamp", "timestamptz"):
        says["on_inexact"] = draw(st.sampled_from([*mild, "round_half_up", "round_half_up"]))
    if looked_up and not has_else:
        says["on_unknown"] = draw(st.sampled_from([*mild, "keep", "keep"]))
    if draw(st.integers(0, 5)) == 5:
        says["on_missing"] = draw(reaction)
    if draw(st.integers(0, 99)) == 57 or (default and draw(st.booleans())):
        says["nullable"] = False
        if says.get("on_missing") == "null":
            del says["on_missing"]
    if draw(st.integers(0, 3)) == 3:
        says["trim"] = True
    if draw(st.integers(0, 7)) == 7:
        says["blank_as_null"] = False
    if draw(st.integers(0, 5)) == 5:
        says["null_words"] = draw(st.sampled_from((["null"], ["n/a", "x"], [])))
    return says


@st.composite
def _typed(draw: st.DrawFn, attribute: str) -> Says:
    """Type, lookup, cleaning and rules of a column that reads an attribute."""
    kind = _KINDS.get(attribute, "text")
    types = {"number": _NUMBER_TYPES, "date": _DATE_TYPES, "flag": _FLAG_TYPES, "text": _TEXT_TYPES}[kind]
    says: Says = {"type": draw(st.sampled_from(types))}
    if kind == "flag" and says["type"] != "bool":
        says["lookup"] = "code"
    elif kind == "flag" or (kind == "text" and draw(st.integers(0, 5)) == 5):
        says["lookup"] = "flag" if kind == "flag" else draw(st.sampled_from(("word", "word", "long", "null")))
    if "lookup" in says and draw(st.booleans()):
        says["ignore_case"] = True
    if kind == "number" and draw(st.booleans()):
        german: Says = {"number": {"decimal": ",", "group": "."}}
        steps: tuple[Any, ...] = ("number", "digits", {"number": {"sign": "drop"}}, german)
        says["clean"] = [draw(st.sampled_from(steps))]
    if kind == "text" and draw(st.integers(0, 3)) == 3:
        step = st.sampled_from(
            ("upper", "lower", "collapse", "trim", {"replace": {"pattern": "[b-y]", "replacement": "_"}})
        )
        says["clean"] = draw(st.lists(step, min_size=1, max_size=2))
    if says["type"] in _FORMATS and draw(st.booleans()):
        says["formats"] = _FORMATS[says["type"]]
    has_else = "else" in _LOOKUPS.get(says.get("lookup", ""), {})
    return says | draw(rules(says["type"], looked_up="lookup" in says, has_else=has_else))


@st.composite
def columns(draw: st.DrawFn, element: str, prefix: str, of: str | None = None, most: int = 4) -> dict[str, Says]:
    """Columns that read an element's attributes and text, by names with the prefix."""
    found: dict[str, Says] = {}
    for attribute in draw(st.lists(st.sampled_from(_ATTRIBUTES[element]), unique=True, min_size=1, max_size=most)):
        found[f"{prefix}_{attribute}"] = {"path": f"@{attribute}", **draw(_typed(attribute))}
    extra = draw(st.integers(0, 5))
    if extra == 3:
        found[f"{prefix}_text"] = {"path": draw(st.sampled_from((".", "text()", "'constant'"))), "type": "string"}
    if extra == 4 and of is None:
        found[f"{prefix}_place"] = {"path": "position()", "type": "int16"}
    if extra == 5 and element in ("app", "contact"):
        many = draw(st.sampled_from(("first", "last", "join", "list")))
        found[f"{prefix}_many"] = {"path": "address/@s", "many": many, "type": "string", "load": draw(st.booleans())}
    if of is not None:
        found = {name: {**column, "of": of} for name, column in found.items()}
    return found


@st.composite
def picks(draw: st.DrawFn) -> tuple[Says, dict[str, Says]]:
    """Picks of an application, and the columns that read them."""
    found: Says = {}
    read: dict[str, Says] = {}
    borrower = draw(st.sampled_from(("contact", "contact", "contact[@role='PR']", ".//contact", "contact[2]")))
    found["borrower"] = {"path": borrower, **draw(_choice(("@role", "@s"), ("@id", "@s")))}
    read |= draw(columns("contact", "b", of="borrower", most=3))
    if not found["borrower"].get("filled") and draw(st.booleans()):
        found["home"] = {"path": draw(st.sampled_from(("address", "./address[@type]"))), "of": "borrower"}
        found["home"] |= draw(_choice(("@type",), ("@s", "@t")))
        read |= draw(columns("address", "h", of="home", most=2))
    if draw(st.booleans()):
        found["party"] = {"path": draw(st.sampled_from(("//party", "/loans/party"))), "match": {"@id": "@ref"}}
        if "home" in found and draw(st.booleans()):
            found["party"] = {"path": "//party", "of": "borrower", "match": {"@id": "@id"}}
        found["party"] |= draw(_choice(("@s",), ("@n",)))
        read |= draw(columns("party", "p", of="party", most=2))
    return found, read


@st.composite
def _choice(draw: st.DrawFn, prefers: Sequence[str], required: Sequence[str]) -> Says:
    says: Says = {}
    if draw(st.booleans()):
        says["prefer"] = {
            draw(st.sampled_from(prefers)): draw(st.sampled_from((["PR", "AUTHU"], ["CURR"], ["x", "abc"])))
        }
        if draw(st.integers(0, 3)) == 3:
            says["ignore_case"] = True
    if draw(st.booleans()):
        says[draw(st.sampled_from(("require", "require_any")))] = [draw(st.sampled_from(required))]
    if draw(st.integers(0, 2)) == 2:
        says["require_any"] = list(required)
    if draw(st.booleans()):
        says["take"] = draw(st.sampled_from(("first", "last")))
    if draw(st.integers(0, 3)) == 3:
        says["filled"] = True
    return says


def _expressions(seen: Mapping[str, str], beside: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
    """SQL over the columns that are there, and the type that a column of it may have."""
    by: dict[str, list[str]] = {}
    for name, type_ in seen.items():
        by.setdefault(family(type_), []).append(name)
    for relation, theirs in beside.items():
        for name, type_ in theirs.items():
            by.setdefault(family(type_), []).append(f"{relation}.{name}")
    found = [("_position * 10 + _row", "int32"), ("'  a  ' || _line", "string(4)"), ("NULL", "int16"), ("''", "string")]
    for name in by.get("number", []):
        found += [(f"{name} * 2", "int16"), (f"{name} / 3", "decimal(12,3)"), (f"{name} / 4", "float64")]
        found += [(f"CASE WHEN {name} > 3 THEN 'large' WHEN {name} <= 3 THEN 'small' END", "string(4)")]
        found += [
            (f"coalesce({name}, -1)", "decimal(12,3)"),
            (f"{name} > 2", "bool"),
            (f"CAST({name} AS VARCHAR)", "string"),
        ]
        found += [(f"1 // ({name} - 2)", "int8"), (f"CAST({name} AS TINYINT)", "int8")]
    for name in by.get("text", []):
        found += [
            (f"upper({name})", "string(2)"),
            (f"{name} || '-' || _row", "string"),
            (f"nullif({name}, 'x')", "string"),
        ]
        found += [
            (f"length({name})", "int8"),
            (f"TRY_CAST({name} AS INTEGER)", "int32"),
            (f"' ' || {name}", "string(4)"),
        ]
        found += [
            (f"CASE WHEN {name} = 'abc' THEN CAST({name} AS INTEGER) END", "int32"),
            (f"encode({name})", "binary"),
        ]
    for name in by.get("date", []):
        found += [(f"CAST({name} + INTERVAL 1 MONTH AS DATE)", "date"), (f"strftime({name}, '%d/%m/%Y')", "date")]
        found += [(f"{name}", "timestamp"), (f"date_diff('day', {name}, DATE '2026-06-01')", "int8")]
        found += [(f"CAST({name} AS TIMESTAMP WITH TIME ZONE)", "timestamptz")]
    for name in by.get("timestamp", []):
        found += [
            (f"CAST({name} AS DATE)", "date"),
            (f"{name} + INTERVAL 90 MINUTE", "timestamp"),
            (f"CAST({name} AS TIME)", "time"),
        ]
    for name in by.get("bool", []):
        found += [
            (f"NOT {name}", "bool"),
            (f"coalesce({name}, false)", "bool"),
            (f"{name}", "int8"),
            (f"{name}", "string"),
        ]
    return found


@st.composite
def sql_columns(
    draw: st.DrawFn, seen: Mapping[str, str], beside: Mapping[str, Mapping[str, str]], prefix: str
) -> dict[str, Says]:
    """Up to three columns made by SQL, later ones over earlier ones too."""
    there = dict(seen)
    found: dict[str, Says] = {}
    for at in range(draw(st.integers(0, 3))):
        name = f"{prefix}_sql{at}"
        sql, type_ = draw(st.sampled_from(_expressions(there, beside)))
        if at and draw(st.booleans()):
            only = {other: kind for other, kind in there.items() if other in found}
            sql, type_ = draw(st.sampled_from(_expressions(only, {})))
        says: Says = {"sql": sql, "type": type_}
        if type_ == "date" and "strftime" in sql:
            says["formats"] = ["%d/%m/%Y", "%Y-%m-%d"]
        elif type_ == "date" and draw(st.booleans()):
            says["formats"] = ["%m/%d/%Y", "%Y-%m-%d"]
        if family(type_) == "number" and draw(st.integers(0, 5)) == 5:
            says["clean"] = [{"number": {"sign": "drop"}}]
        if type_ == "string" and draw(st.integers(0, 3)) == 3:
            says |= {"lookup": "word", "clean": ["trim"]}
        found[name] = says | draw(rules(type_, looked_up="lookup" in says))
        there[name] = type_
    return found


@st.composite
def selection(draw: st.DrawFn, seen: Mapping[str, str], on: Sequence[str], table: Mapping[str, Any]) -> Says:
    """where, distinct and keep_if_any."""
    never_null = [
        *table.get("key", ()),
        *(name for name, says in table["columns"].items() if {"nullable", "default"} & set(says)),
    ]
    may_be_null = sorted(set(seen) - set(never_null))
    says: Says = {}
    numbers = [name for name, type_ in seen.items() if family(type_) == "number"]
    texts = [name for name, type_ in seen.items() if family(type_) == "text"]
    conditions = [f"{name} > 1 OR {name} IS NULL" for name in numbers] + [f"{name} <> 'x'" for name in texts]
    conditions += [f"{name} IN ('PR', 'x', 'CURR') OR _position > 1" for name in texts]
    conditions += [f"10 // {name} > 0 OR {name} = 0" for name in numbers]
    if conditions and draw(st.integers(0, 2)) == 2:
        says["where"] = draw(st.sampled_from(conditions))
    if on and draw(st.integers(0, 1)):
        says["distinct"] = {"on": draw(st.lists(st.sampled_from(on), min_size=1, max_size=2, unique=True))}
        if texts and draw(st.integers(0, 3)):
            says["distinct"]["prefer"] = {draw(st.sampled_from(texts)): ["PR", "x"]}
        if draw(st.integers(0, 3)):
            orders = [f"{name} DESC NULLS LAST" for name in numbers] + [f"{name} NULLS FIRST" for name in texts]
            orders += [f"length({name}) DESC NULLS LAST, _position DESC" for name in texts] + ["_line"]
            says["distinct"]["order"] = draw(st.sampled_from(orders))
        if draw(st.booleans()):
            says["distinct"]["take"] = draw(st.sampled_from(("first", "last")))
    if may_be_null and draw(st.integers(0, 3)) == 3:
        says["keep_if_any"] = draw(st.lists(st.sampled_from(may_be_null), min_size=1, max_size=2, unique=True))
    return says


def _types(columns_: Mapping[str, Says]) -> dict[str, str]:
    """The types of columns by name, lists left out."""
    return {name: says.get("type", "string") for name, says in columns_.items() if says.get("many") != "list"}


@st.composite
def _slots(draw: st.DrawFn) -> Says:
    """A table with slots over the applications, in one of the three forms, now and then with a pick."""
    value = draw(_typed("a1"))
    form = draw(st.integers(0, 4))
    says: Says = {"rows": "/loans/app", "parent": "app"}
    numbered = {"s_no": {"path": "$slot", "type": "int8"}}
    if form == 0:
        own: Says = {"s_a": {"path": "@a{slot}", **value}, "s_b": {"path": "@b{slot}", **draw(_typed("s"))}}
        says |= {"slots": "1..3", "columns": {**numbered, **own, "s_s": "@s"}}
    elif form == 1:
        says |= {"slots": ["PR", "AUTHU", "none"]}
        path = "contact[@role=$slot]/@n"
        says["columns"] = {
            "s_name": "$slot",
            "s_n": {"path": path, **value},
            "s_place": {"path": "position()", "type": "int16"},
        }
    elif form == 2:
        says |= {
            "slots": {"A": "@a1", "B": "@a2", "C D": "contact/@n"},
            "columns": {"s_name": "$slot", "s_value": value},
        }
    elif form == 3:
        slots: Says = {"A": {"s_v": "@a1", "s_w": "'of A'"}, "B": {"s_w": "@b2"}, "C": {"s_v": "@m", "s_x": "@t"}}
        own = {"s_v": value, "s_w": draw(_typed("s")), "s_x": "@s"}
        says |= {"slots": slots, "columns": {"s_name": "$slot", **own}}
    else:
        says["picks"] = {"who": {"path": "contact", **draw(_choice(("@role",), ("@id",)))}}
        own = {"s_v": {"of": "who", **value}, "s_s": {"path": "@s", "of": "who", "type": "string"}}
        says |= {"slots": {"N": "@n", "D": "@d"}, "columns": {"s_name": "$slot", **own}}
    types = _types({name: {"path": each} if isinstance(each, str) else each for name, each in says["columns"].items()})
    says["columns"] |= draw(sql_columns(types, {"app": {"app_id": "int64"}}, "s"))
    return says | draw(selection(types, sorted(types), says))


@st.composite
def _sql_table(draw: st.DrawFn, types: Mapping[str, Mapping[str, str]]) -> Says:
    """A table made by SQL over those that are there."""
    name = draw(st.sampled_from(sorted(types)))
    there = types[name]
    exact = [column for column, type_ in there.items() if family(type_) == "number" and type_ != "float64"]
    numbers = [column for column in exact if column != "of_row"]
    texts = [column for column, type_ in there.items() if family(type_) == "text"]
    ways = ["count", "number"]
    ways += ["sum", "unpivot"] if numbers else []
    ways += ["cast", "group"] if texts else []
    way = draw(st.sampled_from(ways))
    counted: Says = {"n": {"type": "int16"}}
    if way == "count":
        return {"sql": f"SELECT _document, count(*) AS n FROM {name} GROUP BY ALL", "columns": counted}
    if way == "number":
        over = "row_number() OVER (PARTITION BY _document ORDER BY _row DESC)"
        return {"sql": f"SELECT _document, _line, {over} AS n FROM {name}", "columns": counted}
    if way == "sum":
        sql = f"SELECT _document, _parent AS owner, sum({numbers[0]}) AS total FROM {name} GROUP BY _document, _parent"
        column = {"type": "int16", **draw(rules("int16"))}
        return {"sql": sql, "columns": {"owner": {"type": "int32"}, "total": column}}
    if way == "unpivot":
        cast = ", ".join(f"CAST({column} AS DECIMAL(30,3)) AS {column}" for column in numbers)
        inner = f"SELECT _document, _row AS of_row, {cast} FROM {name}"
        sql = f"UNPIVOT ({inner}) ON {', '.join(numbers)} INTO NAME what VALUE v"
        value = {"type": "decimal(5,2)", **draw(rules("decimal(5,2)"))}
        return {"sql": sql, "columns": {"of_row": {"type": "int32"}, "what": {"type": "string"}, "v": value}}
    if way == "cast":
        failing = f"CASE WHEN {texts[0]} <> 'abc' THEN 1 ELSE CAST({texts[0]} AS INTEGER) END"
        made = {"type": "string(2)", **draw(rules("string(2)"))}
        return {"sql": f"SELECT _document, CAST({failing} AS VARCHAR) AS v FROM {name}", "columns": {"v": made}}
    sql = f"SELECT _document, {texts[0]} AS what, count(*) AS n FROM {name} GROUP BY ALL HAVING count(*) < 9"
    return {"sql": sql, "columns": {"what": {"type": "string"}, **counted}}


@st.composite
def contracts(draw: st.DrawFn) -> str:
    """A contract (JSON is YAML)."""
    tables: dict[str, Says] = {}
    types: dict[str, dict[str, str]] = {}
    app_rows = draw(st.sampled_from(("/loans/app", "/loans/app", "//app")))
    chosen, read = draw(picks()) if draw(st.booleans()) else ({}, {})
    app_id: Says = {"path": "@id", "type": "int64", "on_invalid": "reject_row", "on_missing": "reject_row"}
    app: dict[str, Says] = {"app_id": app_id, **draw(columns("app", "a")), **read}
    joined = draw(st.booleans())
    beside: dict[str, dict[str, str]] = {}
    party: dict[str, Says] = {
        "party_id": {"path": "@id", "type": "string", "trim": True},
        **draw(columns("party", "p")),
    }
    contact: dict[str, Says] = {
        "contact_id": {"path": "@id", "type": "int64", "on_invalid": "null"},
        "role": "@role",  # type: ignore[dict-item]  # the short form
        **draw(columns("contact", "c")),
    }
    own_contact = _types({name: {"path": says} if isinstance(says, str) else says for name, says in contact.items()})
    joins: Says = {}
    if joined:
        app["join_id"] = {"path": "@ref", "type": "string", "trim": True, "load": False}
        joins["dealer"] = {"table": "party", "on": {"party_id": "join_id"}, **draw(_join(_types(party)))}
        joins["best"] = {"table": "contact", **draw(_join(own_contact))}
        beside = {"dealer": _types(party), "best": own_contact}
    app |= draw(sql_columns(_types(app), beside, "a"))
    if joins and not any("sql" in says for says in app.values()):
        app["a_sql"] = {"sql": "dealer.party_id || best.role", "type": "string"}
    types["app"] = _types(app)
    tables["app"] = {"rows": app_rows, "columns": app, "key": ["app_id"], **({"joins": joins} if joins else {})}
    if chosen:
        tables["app"]["picks"] = chosen
    tables["app"] |= draw(selection(types["app"], ["app_id", *list(types["app"])[1:3]], tables["app"]))
    contact |= draw(sql_columns(own_contact | {"app_id": "int64"}, {"app": types["app"]}, "c"))
    types["contact"] = _types(
        {name: {"path": says} if isinstance(says, str) else says for name, says in contact.items()}
    )
    tables["contact"] = {
        "rows": draw(st.sampled_from(("//contact", "/loans/app/contact"))),
        "parent": "app",
        "columns": contact,
    }
    if draw(st.booleans()):
        tables["contact"]["key"] = ["app_id", "contact_id"]
        contact["contact_id"] = {**contact["contact_id"], "on_invalid": "reject_row", "on_missing": "reject_row"}
    tables["contact"] |= draw(selection(types["contact"], ["contact_id", "role", "app_id"], tables["contact"]))
    tables["party"] = {"rows": "//party", "columns": party, "load": draw(st.booleans())}
    types["party"] = _types(party)
    if draw(st.booleans()):
        address = draw(columns("address", "d"))
        seen = {"app": types["app"], "contact": types["contact"]}
        address |= draw(sql_columns(_types(address), seen, "d"))
        tables["address"] = {"rows": "//address", "parent": "contact", "columns": address, "load": draw(st.booleans())}
        types["address"] = _types(address)
        tables["address"] |= draw(selection(types["address"], list(types["address"]), tables["address"]))
    if draw(st.booleans()):
        tables["slot"] = draw(_slots())
    for at in range(draw(st.integers(0, 2))):
        name = f"made{at}"
        tables[name] = draw(_sql_table(types))
        types[name] = _types(tables[name]["columns"])
    defaults: Says = {}
    if draw(st.integers(0, 2)) == 2:
        defaults = {"null_words": ["null", "n/a"], "trim": draw(st.booleans())}
    contract = {"version": 1, "root": "loans", "lookups": _LOOKUPS, "defaults": defaults, "tables": tables}
    return json.dumps(contract, ensure_ascii=False, indent=1)


@st.composite
def _join(draw: st.DrawFn, theirs: Mapping[str, str]) -> Says:
    says: Says = {}
    texts = [name for name, type_ in theirs.items() if family(type_) == "text"]
    if draw(st.booleans()):
        says["where"] = draw(st.sampled_from([f"{name} IS NOT NULL" for name in theirs]))
    if texts and draw(st.booleans()):
        says["prefer"] = {draw(st.sampled_from(texts)): ["PR", "x", "1"]}
    if draw(st.booleans()):
        says["take"] = "last"
    return says
