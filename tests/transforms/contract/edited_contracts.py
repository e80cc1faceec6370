"""Right contracts with one or two places replaced, removed or added to: as JSON data, for Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from transforms.contract.column import CLEAN_STEPS, Column, Defaults
from transforms.contract.model import Contract, Table
from transforms.contract.selection import DistinctSection, JoinSection, PickSection
from transforms.contract.target import ForeignKeySection, MadeColumnSection, TargetSection

SECTIONS = (
    *(Contract, Table, Column, Defaults, PickSection, JoinSection, DistinctSection),
    *(TargetSection, ForeignKeySection, MadeColumnSection),
)
WORDS = sorted(
    {key for section in SECTIONS for key in section.model_fields}
    | {*CLEAN_STEPS, "schema", "1..3", "{slot}", "$slot", "omit", "skip", "database"}
    | {
        "int64",
        "string(3)",
        "decimal(5,2)",
        "date",
        "@a",
        "/r",
        "r",
        "//x",
        "$key",
        "%Y-%m-%d",
        "null",
        "first",
        "",
        "1",
    }
)

RICH: dict[str, object] = {
    "version": 1,
    "root": "p:r",
    "namespaces": {"p": "urn:p"},
    "document": {"decode": ["gzip"], "limits": {"bytes": "1MiB"}},
    "lookups": {"flag": {"Y": True, "N": None}},
    "defaults": {"trim": True, "formats": {"date": ["%Y-%m-%d"]}},
    "tables": {
        "a": {"rows": "/p:r", "columns": {"id": {"path": "@id", "type": "int64"}, "x": "@x"}, "key": ["id"]},
        "b": {
            "rows": "/p:r/c",
            "parent": "a",
            "columns": {
                "flag": {"path": "@f", "type": "bool", "lookup": "flag", "on_unknown": None, "ignore_case": True},
                "day": {"path": "d", "type": "date", "default": "2020-01-01", "on_invalid": "default"},
                "n": {"path": "n", "clean": ["digits", {"number": {"decimal": ","}}, {"replace": {"pattern": "x"}}]},
                "t": {"path": "t", "type": "string(3)", "many": "join", "separator": ",", "on_too_long": "truncate"},
                "s": {"xpath": "count(*)", "type": "decimal(5,2)", "nullable": False, "null_words": ["none"]},
            },
            "where": "n > 1",
            "distinct": {"on": ["flag"], "order": "n", "prefer": {"n": [1, "x"]}, "take": "last"},
            "keep_if_any": ["flag", "n"],
            "load": True,
        },
        "d": {
            "rows": "/p:r/d",
            "parent": "a",
            "picks": {
                "e": "e[@x]",
                "f": {"path": "//f", "of": "e", "match": {"@a": "@b"}, "prefer": {"@r": ["A", "B"]}, "take": "last"},
                "g": {"path": "g", "require": "@a", "require_any": ["@b", "@c"], "filled": True},
            },
            "joins": {
                "h": "b",
                "i": {"table": "b", "on": {"n": "x"}, "where": "n > 1", "prefer": {"n": [1]}, "take": "last"},
            },
            "columns": {
                "no": {"identity": "database", "type": "int32"},
                "x": {"path": "@x", "of": "f", "on_null": "omit", "clean": [{"number": {"sign": "drop"}}]},
                "y": {"path": "@y", "of": "g", "load": False},
                "z": {"sql": "upper(x) || h.n", "type": "string(9)"},
            },
            "key": ["id", "no"],
        },
        "s": {
            "rows": "/p:r/s",
            "parent": "a",
            "slots": {"A": "@a", "B": {"v": "@b", "w": "@w"}, "C": {"v": "@c"}},
            "columns": {"name": "$slot", "v": {"type": "int32"}, "w": "w{slot}", "u": "@u"},
            "key": ["id", "name"],
            "on_conflict": "skip",
        },
        "n": {"rows": "/p:r/s", "slots": "1..3", "columns": {"v": {"xpath": "item[{slot}]"}}},
        "q": {
            "sql": "SELECT _document, id, count(*) AS n FROM b GROUP BY ALL",
            "columns": {"id": {"type": "int64", "identity": "keep"}, "n": {"type": "int64"}},
            "key": ["id"],
            "target": {
                "table": "totals",
                "schema": "app",
                "foreign_keys": ["a", {"table": "a", "columns": ["n"], "references": ["id"]}],
                "columns": {"at": {"type": "timestamp", "default": "now()"}, "n2": {"computed": "n * 2"}},
            },
        },
    },
}


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def edited(value: object, path: tuple[str | int, ...], new: object) -> object:
    """A copy with `new` at `path`; without the path's end where `new` is Ellipsis."""
    if not path:
        return {} if new is ... else new
    key, *rest = path
    items = dict(value.items() if isinstance(value, dict) else enumerate(value))  # type: ignore[attr-defined, arg-type]
    if not rest and new is ...:
        items.pop(key, None)
    else:
        items[key] = edited(items.get(key), tuple(rest), new)
    return items if isinstance(value, dict) else list(items.values())


ANYTHING = st.recursive(
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def edited_contracts(draw: st.DrawFn) -> object:
    contract: object = RICH
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.sampled_from(places(contract)))
        if draw(st.booleans()) and place and isinstance(place[-1], str):
            place = (*place[:-1], draw(st.sampled_from(WORDS)))
        contract = edited(contract, place, draw(ANYTHING | st.just(...)))
    return contract
