"""SELECTs that an SQL table may be made of: they yield what they say, alone and together, on one thread and several."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from transforms.shred.result import ROW_FIELDS
from transforms.sql.sandbox import Sandbox, shared_sandbox
from transforms.sql.statement import read_statement

ORDER = pa.schema([*ROW_FIELDS, ("id", pa.int64()), ("total", pa.decimal128(12, 2))])
ITEM = pa.schema(
    [
        *ROW_FIELDS,
        ("id", pa.int64()),
        ("name", pa.string()),
        ("price", pa.decimal128(12, 2)),
        ("weight", pa.float64()),
        ("tags", pa.list_(pa.string())),
    ]
)
SCHEMAS = {"order": ORDER, "item": ITEM}


def _row(document: int, row: int, **values: Any) -> dict[str, Any]:
    return {"_document": document, "_row": row, "_parent": 0, "_position": row + 1, "_line": 5 + row, **values}


ORDERS = pa.Table.from_pylist([_row(0, 0, id=1, total=10), _row(1, 0, id=2, total=None)], ORDER)
ITEMS = pa.Table.from_pylist(
    [
        _row(0, 0, id=1, name="b", price=3, weight=0.5, tags=["x", "y"]),
        _row(0, 1, id=1, name="a", price=3, weight=None, tags=[]),
        _row(0, 2, id=2, name="c", price=4, weight=2.0, tags=None),
        _row(1, 0, id=2, name="a", price=None, weight=1.0, tags=["z"]),
    ],
    ITEM,
)
TABLES = {"order": ORDERS, "item": ITEMS}

ACCEPTED: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("SELECT _document, name FROM item WHERE price > 3", [(0, "c")]),
    ("FROM item SELECT _document, upper(name) WHERE id = 2", [(0, "C"), (1, "A")]),
    (
        "SELECT * EXCLUDE (_row, _parent, _position, _line, tags, weight, price, id) FROM item WHERE _row = 0",
        [(0, "b"), (1, "a")],
    ),
    ("SELECT _document, count(*) FROM item GROUP BY _document;", [(0, 3), (1, 1)]),
    ("SELECT _document, count(*) AS n FROM item GROUP BY ALL", [(0, 3), (1, 1)]),
    ("SELECT _document, id, sum(price)::INT FROM item GROUP BY 1, 2", [(0, 1, 6), (0, 2, 4), (1, 2, None)]),
    ("SELECT i._document, count(*) FROM item AS i GROUP BY i._document HAVING count(*) > 1", [(0, 3)]),
    (
        "SELECT _document, count(DISTINCT price), count(price) FILTER (price > 3) FROM item GROUP BY 1",
        [(0, 2, 1), (1, 0, 0)],
    ),
    ("SELECT _document, min(name), max(name) FROM item GROUP BY _document", [(0, "a", "c"), (1, "a", "a")]),
    ("SELECT _document, sum(weight::DECIMAL(9,2))::VARCHAR FROM item GROUP BY 1", [(0, "2.50"), (1, "1.00")]),
    ("SELECT _document, avg(id)::DECIMAL(9,2)::VARCHAR FROM item GROUP BY 1", [(0, "1.33"), (1, "2.00")]),
    ("SELECT _document, median(id)::INT, bool_or(price > 3) FROM item GROUP BY 1", [(0, 1, True), (1, 2, None)]),
    ("SELECT _document, string_agg(name, '-' ORDER BY name) FROM item GROUP BY 1", [(0, "a-b-c"), (1, "a")]),
    ("SELECT _document, string_agg(name, '' ORDER BY price DESC, _row) FROM item GROUP BY 1", [(0, "cba"), (1, "a")]),
    ("SELECT _document, first(name ORDER BY price, name) FROM item GROUP BY 1", [(0, "a"), (1, "a")]),
    ("SELECT _document, array_to_string(list(name ORDER BY _row), '+') FROM item GROUP BY 1", [(0, "b+a+c"), (1, "a")]),
    ("SELECT _document, last(name ORDER BY _row) FROM item GROUP BY _document", [(0, "c"), (1, "a")]),
    (
        'UNPIVOT (SELECT _document, id, total::INT AS total FROM "order") ON id, total INTO NAME n VALUE v',
        [(0, "id", 1), (0, "total", 10), (1, "id", 2)],
    ),
    (
        'SELECT * FROM (SELECT _document, id, total::BIGINT AS total FROM "order") '
        "UNPIVOT INCLUDE NULLS (v FOR n IN (id, total))",
        [(0, "id", 1), (0, "total", 10), (1, "id", 2), (1, "total", None)],
    ),
    (
        "SELECT _document, 'id' AS n, id FROM \"order\" UNION ALL SELECT _document, 'row', _row FROM item",
        [(0, "id", 1), (0, "row", 0), (0, "row", 1), (0, "row", 2), (1, "id", 2), (1, "row", 0)],
    ),
    (
        "SELECT _document, name FROM item UNION BY NAME SELECT 'o' AS name, _document FROM \"order\"",
        [(0, "a"), (0, "b"), (0, "c"), (0, "o"), (1, "a"), (1, "o")],
    ),
    ("SELECT _document, name FROM item EXCEPT SELECT _document, 'a' FROM item", [(0, "b"), (0, "c")]),
    ("SELECT DISTINCT _document, price::INT FROM item", [(0, 3), (0, 4), (1, None)]),
    (
        'SELECT i._document, o.total::INT FROM item i JOIN "order" o ON i._document = o._document AND i.id = o.id',
        [(0, 10), (0, 10), (1, None)],
    ),
    (
        'SELECT _document, name, total::INT FROM item JOIN "order" USING (_document, id)',
        [(0, "a", 10), (0, "b", 10), (1, "a", None)],
    ),
    (
        'SELECT o._document, i.name FROM "order" o LEFT JOIN item i ON i._document = o._document AND i.price > o.total',
        [(0, None), (1, None)],
    ),
    ('SELECT i._document, i.name FROM item i, "order" o WHERE i._document = o._document AND i.id > o.id', [(0, "c")]),
    (
        'SELECT i._document, name FROM item i SEMI JOIN "order" o ON i._document = o._document AND i.id = o.id',
        [(0, "a"), (0, "b"), (1, "a")],
    ),
    (
        'SELECT i._document, name FROM item i ANTI JOIN "order" o ON i._document = o._document AND i.id = o.id',
        [(0, "c")],
    ),
    (
        'SELECT _document, name FROM item NATURAL JOIN (SELECT _document, id FROM "order")',
        [(0, "a"), (0, "b"), (1, "a")],
    ),
    ("WITH dear AS (SELECT * FROM item WHERE price > 3) SELECT _document, name FROM dear", [(0, "c")]),
    (
        "WITH n AS (SELECT _document, count(*) AS n FROM item GROUP BY 1) "
        'SELECT o._document, id, n FROM "order" o JOIN n ON n._document = o._document',
        [(0, 1, 3), (1, 2, 1)],
    ),
    (
        'SELECT _document, (SELECT count(*) FROM item i WHERE i._document = o._document) FROM "order" o',
        [(0, 3), (1, 1)],
    ),
    (
        'SELECT _document FROM "order" o WHERE EXISTS (SELECT 1 FROM item i WHERE i._document = o._document '
        "AND price = 4)",
        [(0,)],
    ),
    (
        'SELECT _document, name FROM item WHERE (_document, id) IN (SELECT _document, id FROM "order")',
        [(0, "a"), (0, "b"), (1, "a")],
    ),
    (
        'SELECT o._document, x.name FROM "order" o, LATERAL (SELECT max(name) AS name FROM item i '
        "WHERE i._document = o._document) x",
        [(0, "c"), (1, "a")],
    ),
    (
        "SELECT _document, name, row_number() OVER (PARTITION BY _document ORDER BY price, _row) FROM item",
        [(0, "a", 2), (0, "b", 1), (0, "c", 3), (1, "a", 1)],
    ),
    (
        "SELECT _document, name, rank() OVER (PARTITION BY _document ORDER BY price) FROM item",
        [(0, "a", 1), (0, "b", 1), (0, "c", 3), (1, "a", 1)],
    ),
    (
        "SELECT _document, name, sum(id) OVER (PARTITION BY _document)::INT FROM item",
        [(0, "a", 4), (0, "b", 4), (0, "c", 4), (1, "a", 2)],
    ),
    (
        "SELECT _document, name, lag(name) OVER w FROM item WINDOW w AS (PARTITION BY _document ORDER BY _row)",
        [(0, "a", "b"), (0, "b", None), (0, "c", "a"), (1, "a", None)],
    ),
    (
        "SELECT _document, name FROM item QUALIFY row_number() OVER (PARTITION BY _document "
        "ORDER BY price DESC, _row) = 1",
        [(0, "c"), (1, "a")],
    ),
    (
        "SELECT i._document, i.name, row_number() OVER (PARTITION BY i._document ORDER BY i.name DESC, i._row, o._row) "
        'FROM item i JOIN "order" o ON i._document = o._document',
        [(0, "a", 3), (0, "b", 2), (0, "c", 1), (1, "a", 1)],
    ),
    (
        "SELECT _document, id, row_number() OVER (PARTITION BY _document ORDER BY count(*) DESC, id) FROM item "
        "GROUP BY _document, id",
        [(0, 1, 1), (0, 2, 2), (1, 2, 1)],
    ),
    (
        "SELECT _document, name, sum(id) OVER (PARTITION BY _document ORDER BY _row ROWS UNBOUNDED PRECEDING)::INT "
        "FROM item",
        [(0, "a", 2), (0, "b", 1), (0, "c", 4), (1, "a", 2)],
    ),
    (
        "WITH n AS (SELECT *, row_number() OVER (PARTITION BY _document ORDER BY name, _row) AS n FROM item) "
        "SELECT _document, name, lead(name) OVER (PARTITION BY _document ORDER BY n, _row) FROM n",
        [(0, "a", "b"), (0, "b", "c"), (0, "c", None), (1, "a", None)],
    ),
    ("SELECT _document, unnest(tags) FROM item", [(0, "x"), (0, "y"), (1, "z")]),
    ("SELECT i._document, t.tag FROM item i, unnest(i.tags) AS t(tag)", [(0, "x"), (0, "y"), (1, "z")]),
    ('SELECT _document, slot FROM "order", range(1, 3) AS r(slot)', [(0, 1), (0, 2), (1, 1), (1, 2)]),
    (
        "SELECT _document, v.code FROM item JOIN (VALUES ('a', 'A1'), ('b', 'B1')) AS v(name, code) USING (name)",
        [(0, "A1"), (0, "B1"), (1, "A1")],
    ),
    (
        "SELECT _document, name FROM item ORDER BY name -- a comment",
        [(0, "a"), (0, "b"), (0, "c"), (1, "a")],
    ),
    (
        "SELECT _document, max(CASE WHEN name = 'a' THEN id END), max(CASE WHEN name = 'b' THEN id END) "
        "FROM item GROUP BY 1",
        [(0, 1, 1), (1, 2, None)],
    ),
    (
        "SELECT _document, NULL, name || '; DROP TABLE item' FROM item WHERE name = 'c' /* ; */",
        [(0, None, "c; DROP TABLE item")],
    ),
]


def _found(statement: str, tables: dict[str, pa.Table], sandbox: Sandbox | None = None) -> list[tuple[Any, ...]]:
    found = (sandbox or shared_sandbox()).query(f"FROM (\n{statement}\n)", tables)
    rows = zip(*(column.to_pylist() for column in found.columns), strict=True)
    return sorted(rows, key=lambda row: [(value is not None, value) for value in row])


@pytest.mark.parametrize(("sql", "expected"), ACCEPTED)
def test_statements_that_are_accepted_yield_what_they_say(sql: str, expected: list[tuple[Any, ...]]) -> None:
    statement = read_statement(sql, SCHEMAS, what="tables.t.sql")
    used = {name: TABLES[name].select(list(columns)) for name, columns in statement.tables.items()}
    assert _found(statement.sql, used) == expected
    alone = []
    for document in (0, 1):
        own = {name: each.filter(pc.equal(each["_document"], document)) for name, each in used.items()}
        alone += _found(statement.sql, own)
    assert alone == expected


def test_only_the_columns_that_are_used_are_read() -> None:
    statement = read_statement("SELECT _document, name FROM item i WHERE i.price > 1", SCHEMAS, what="w")
    assert dict(statement.tables) == {"item": ("_document", "name", "price")}
    assert dict(statement.columns) == {"_document": "BIGINT", "name": "VARCHAR"}
    whole = read_statement("SELECT _document, hash(i)::VARCHAR AS h FROM item i", SCHEMAS, what="w")
    assert whole.tables["item"] == tuple(ITEM.names)
