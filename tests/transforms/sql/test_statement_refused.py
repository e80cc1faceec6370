"""SELECTs that an SQL table may not be made of, and what is said about each."""

from __future__ import annotations

import pyarrow as pa
import pytest

from transforms.errors import ContractError
from transforms.shred.result import ROW_FIELDS
from transforms.sql.statement import MAX_LENGTH, read_statement

TABLES = {
    "dated": pa.schema([*ROW_FIELDS, ("current_date", pa.date32())]),
    "order": pa.schema([*ROW_FIELDS, ("id", pa.int64()), ("placed", pa.date32()), ("total", pa.decimal128(12, 2))]),
    "item": pa.schema(
        [
            *ROW_FIELDS,
            ("id", pa.int64()),
            ("name", pa.string()),
            ("price", pa.decimal128(12, 2)),
            ("weight", pa.float64()),
            ("tags", pa.list_(pa.string())),
        ]
    ),
}
ITEM = "SELECT _document, name FROM item"

REFUSED = [
    # no SELECT, or more than one
    ("", "no statement"),
    ("   ", "no statement"),
    ("-- nothing", "no statement"),
    (f"{ITEM}; {ITEM}", "2 statements"),
    (f"{ITEM}; DROP TABLE item", "something else stands beside the SELECT"),
    ("DROP TABLE item", "DROP is refused"),
    ("CREATE TABLE x AS SELECT 1", "CREATE is refused"),
    ("CREATE MACRO m(x) AS x", "CREATE is refused"),
    ("INSERT INTO item VALUES (1)", "INSERT is refused"),
    ("UPDATE item SET name = 'a'", "UPDATE is refused"),
    ("DELETE FROM item", "DELETE is refused"),
    ("COPY item TO 'x.csv'", "COPY is refused"),
    ("ATTACH 'x.duckdb'", "ATTACH is refused"),
    ("DETACH memory", "DETACH is refused"),
    ("INSTALL httpfs", "INSTALL is refused"),
    ("LOAD httpfs", "LOAD is refused"),
    ("SET threads = 1", "SET is refused"),
    ("RESET threads", "RESET is refused"),
    ("PRAGMA database_list", "PRAGMA is refused"),
    ("CALL pragma_version()", "CALL is refused"),
    ("EXPLAIN SELECT 1", "EXPLAIN is refused"),
    ("EXPORT DATABASE 'x'", "EXPORT is refused"),
    ("USE memory", "USE is refused"),
    ("CHECKPOINT", "CHECKPOINT is refused"),
    ("VACUUM", "VACUUM is refused"),
    ("BEGIN", "BEGIN is refused"),
    ("EXECUTE x", "EXECUTE is refused"),
    (f"{ITEM}) AS t --", "not SQL"),
    (f"{ITEM} ) UNION ALL (SELECT 1, 'a'", "not SQL"),
    ("SELEC x", "not SQL"),
    ("SELECT _document, '" + "x" * MAX_LENGTH + "' AS name FROM item", f"at most {MAX_LENGTH}"),
    # other tables, files, and what tells about the machine
    ("SELECT * FROM itm", "no table 'itm' that this one may read; did you mean 'item'?"),
    ("SELECT * FROM 'secret.csv'", "no table 'secret.csv'"),
    ("SELECT * FROM read_csv('/etc/passwd')", "read_csv is refused"),
    ("SELECT * FROM read_text('/etc/passwd')", "read_text is refused"),
    ("SELECT * FROM glob('*')", "glob is refused"),
    ("SELECT * FROM duckdb_settings()", "duckdb_settings is refused"),
    ("SELECT * FROM duckdb_functions()", "duckdb_functions is refused"),
    ("SELECT * FROM duckdb_secrets()", "duckdb_secrets is refused"),
    ("SELECT * FROM duckdb_settings", "no table 'duckdb_settings'"),
    ("SELECT * FROM sqlite_master", "no table 'sqlite_master'"),
    ("SELECT * FROM information_schema.tables", "named with its schema"),
    ("SELECT * FROM pg_catalog.pg_settings", "named with its schema"),
    ("SELECT * FROM main.item", "named with its schema"),
    ("SELECT * FROM memory.main.item", "named with its schema"),
    ("SELECT * FROM pragma_version()", "pragma_version is refused"),
    ("SELECT * FROM pragma_table_info('item')", "pragma_table_info is refused"),
    ("SELECT * FROM query('SELECT 1')", "query is refused"),
    ("SELECT * FROM query_table('item')", "query_table is refused"),
    ("SELECT * FROM json_execute_serialized_sql('{}')", "json_execute_serialized_sql is refused"),
    ("SELECT * FROM seq_scan('item')", "seq_scan is refused"),
    ("SELECT * FROM arrow_scan(1, 2, 3)", "arrow_scan is refused"),
    ("SELECT * FROM test_all_types()", "test_all_types is refused"),
    ("SELECT * FROM pg_timezone_names()", "pg_timezone_names is refused"),
    ("SELECT * FROM no_such_function(1)", "no function 'no_such_function'"),
    ("SELECT _document, (SELECT count(*) FROM read_csv('x')) AS name FROM item", "read_csv is refused"),
    ("WITH s AS (FROM read_text('x')) SELECT _document, name FROM item", "read_text is refused"),
    ("SHOW TABLES", "SHOW, DESCRIBE and SUMMARIZE are refused"),
    ("DESCRIBE item", "SHOW, DESCRIBE and SUMMARIZE are refused"),
    ("SUMMARIZE item", "SHOW, DESCRIBE and SUMMARIZE are refused"),
    ("SELECT * FROM (DESCRIBE item)", "SHOW, DESCRIBE and SUMMARIZE are refused"),
    ("SELECT * FROM item AT (VERSION => 1)", "AT is refused"),
    ("SELECT _document, current_setting('threads') AS name FROM item", "current_setting is refused"),
    ("SELECT _document, version() AS name FROM item", "version is refused"),
    ("SELECT _document, current_user AS name FROM item", "current_user is refused"),
    ("SELECT _document, getenv('HOME') AS name FROM item", "no function 'getenv'"),
    (
        "SELECT _document, (SELECT current_date FROM range(1)) AS d, i.current_date FROM dated i",
        "current_date is refused",
    ),
    ("SELECT _document, getvariable('x') AS name FROM item", "getvariable is refused"),
    ("SELECT _document, main.lower(name) AS name FROM item", "named with its schema"),
    # another result on every run
    ("SELECT _document, random() AS name FROM item", "random is refused"),
    ("SELECT _document, uuid() AS name FROM item", "uuid is refused"),
    ("SELECT _document, now() AS name FROM item", "now is refused"),
    ("SELECT _document, current_date AS name FROM item", "current_date is refused"),
    ("SELECT _document, name FROM item WHERE placed < today()", "today is refused"),
    ("SELECT * FROM item USING SAMPLE 10%", "a sample is another one"),
    ("SELECT * FROM item TABLESAMPLE reservoir(5 ROWS)", "a sample is another one"),
    ("SELECT _document, first(name) AS name FROM item GROUP BY _document", "first needs an order"),
    ("SELECT _document, any_value(name) AS name FROM item GROUP BY _document", "any_value needs an order"),
    ("SELECT _document, list(name)[1] AS name FROM item GROUP BY _document", "list needs an order"),
    ("SELECT _document, string_agg(name) AS name FROM item GROUP BY _document", "string_agg needs an order"),
    ("SELECT _document, string_agg(name ORDER BY price) AS name FROM item GROUP BY _document", "string_agg needs"),
    (
        "SELECT _document, string_agg(name, tags[1] ORDER BY _row) AS n FROM item GROUP BY _document",
        "between the values",
    ),
    ("SELECT _document, arg_max(name, price) AS name FROM item GROUP BY _document", "first(x ORDER BY y DESC, x)"),
    ("SELECT _document, max_by(name, price) AS name FROM item GROUP BY _document", "max_by is refused"),
    ("SELECT _document, mode(name) AS name FROM item GROUP BY _document", "mode is refused"),
    ("SELECT _document, approx_count_distinct(name) AS n FROM item GROUP BY 1", "count(DISTINCT x)"),
    ("SELECT _document, reservoir_quantile(price, 0.5) AS n FROM item GROUP BY 1", "reservoir_quantile is refused"),
    ("SELECT _document, stddev(price) AS n FROM item GROUP BY 1", "stddev is refused"),
    ("SELECT _document, product(price) AS n FROM item GROUP BY 1", "product is refused"),
    ("SELECT _document, geomean(price) AS n FROM item GROUP BY 1", "geomean is refused"),
    ("SELECT _document, sum(weight) AS n FROM item GROUP BY _document", "sum over DOUBLE depends on the order"),
    ("SELECT _document, sum(price / 2) AS n FROM item GROUP BY _document", "sum over DOUBLE"),
    ("SELECT _document, avg(sqrt(price)) AS n FROM item GROUP BY _document", "avg over DOUBLE"),
    ("SELECT _document, sum(weight) OVER (PARTITION BY _document) AS n FROM item", "sum over DOUBLE"),
    ("WITH w AS (SELECT _document, weight * 2 AS w FROM item) SELECT _document, sum(w) FROM w GROUP BY 1", "sum over"),
    ("SELECT _document, sum(price::FLOAT) AS n FROM item GROUP BY _document", "sum over DOUBLE"),
    ("SELECT _document, name COLLATE nocase AS name FROM item", "COLLATE"),
    ("PIVOT item ON name USING sum(price) GROUP BY _document", "PIVOT is refused"),
    ("SELECT * FROM item PIVOT (sum(price) FOR name IN ('a') GROUP BY _document)", "PIVOT is refused"),
    ('SELECT * FROM item ASOF JOIN "order" USING (_document, id)', "ASOF JOIN is refused"),
    ('SELECT * FROM item POSITIONAL JOIN "order"', "POSITIONAL JOIN is refused"),
    # windows
    ("SELECT _document, row_number() OVER () AS n FROM item", "reaches over all documents"),
    ("SELECT _document, row_number() OVER (ORDER BY _row) AS n FROM item", "reaches over all documents"),
    ("SELECT _document, row_number() OVER (PARTITION BY name ORDER BY _row) AS n FROM item", "all documents"),
    ("SELECT _document, row_number() OVER (PARTITION BY _document) AS n FROM item", "needs an order"),
    ("SELECT _document, row_number() OVER (PARTITION BY _document ORDER BY price) AS n FROM item", "needs an order"),
    ("SELECT _document, lag(name) OVER (PARTITION BY _document ORDER BY price) AS n FROM item", "needs an order"),
    ("SELECT _document, rank() OVER (PARTITION BY _document) AS n FROM item", "ranks nothing"),
    ("SELECT _document, list(name) OVER (PARTITION BY _document)[1] AS n FROM item", "needs an order"),
    (
        "SELECT _document, sum(price) OVER (PARTITION BY _document ORDER BY name ROWS 1 PRECEDING) AS n FROM item",
        "needs an order",
    ),
    (
        "SELECT i._document, row_number() OVER (PARTITION BY i._document ORDER BY i._row) AS n "
        'FROM item i JOIN "order" o ON i._document = o._document',
        "of every table in the FROM",
    ),
    # one document meets another
    ("SELECT max(_document) AS _document FROM item", "nothing else may be called so"),
    ("SELECT 1 AS _document, name FROM item", "nothing else may be called so"),
    ("SELECT _document + 1 AS _document, name FROM item", "nothing else may be called so"),
    ("SELECT * REPLACE (1 AS _document) FROM item", "nothing else may be called so"),
    ("SELECT * EXCLUDE (_document) FROM item", "must return _document"),
    ("SELECT * RENAME (_document AS d) FROM item", "must return _document"),
    ("SELECT name FROM item", "must return _document"),
    ("SELECT * FROM (SELECT id, name FROM item) t(_document, name)", "nothing else may be called so"),
    ("WITH t(_document, name) AS (SELECT id, name FROM item) SELECT * FROM t", "nothing else may be called so"),
    ("SELECT count(*) AS n FROM item", "counts over all documents"),
    ("SELECT name, count(*) AS n FROM item GROUP BY name", "counts over all documents"),
    ("SELECT _document, name, count(*) FROM item GROUP BY CUBE (_document, name)", "counts over all documents"),
    ('SELECT _document, (SELECT max(price) FROM item) AS n FROM "order"', "counts over all documents"),
    ("SELECT _document, name FROM item WHERE price = (SELECT max(price) FROM item)", "counts over all documents"),
    ('SELECT _document, name FROM item WHERE id IN (SELECT id FROM "order")', "tied to its document"),
    ('SELECT _document, name FROM item WHERE EXISTS (SELECT 1 FROM "order" o WHERE o.id = item.id)', "tied to its"),
    ('SELECT _document, name FROM item i WHERE EXISTS (SELECT 1 FROM "order" o WHERE _document = _document)', "tied"),
    ('SELECT i._document, o.total FROM item i, "order" o', "i and o are not joined on _document"),
    ('SELECT i._document, o.total FROM item i JOIN "order" o ON i.id = o.id', "not joined on _document"),
    ('SELECT i._document, o.total FROM item i JOIN "order" o USING (id)', "not joined on _document"),
    ('SELECT i._document FROM item i JOIN "order" o ON i._document = o._document OR true', "not joined"),
    ('SELECT i._document FROM item i JOIN "order" o ON i._document > o._document', "not joined"),
    ('SELECT i._document FROM item i SEMI JOIN "order" o ON i.id = o.id', "not joined"),
    ("SELECT i._document, x.n FROM item i, (SELECT DISTINCT name AS n FROM item) x", "must return _document"),
    ("SELECT _document, name FROM item ORDER BY price LIMIT 1", "LIMIT and OFFSET count over all documents"),
    ("SELECT _document, name FROM item OFFSET 1", "LIMIT and OFFSET"),
    ("SELECT _document, name FROM item LIMIT 10%", "LIMIT and OFFSET"),
    ("SELECT DISTINCT ON (_document) _document, name FROM item ORDER BY price", "DISTINCT ON is refused"),
    ("SELECT _document, name FROM item UNION SELECT id, name FROM item", "must return _document"),
    ("SELECT _document, id FROM item UNION SELECT id, _document FROM item", "different places"),
    ("UNPIVOT (SELECT _document, id FROM item) ON _document, id INTO NAME n VALUE v", "cannot be unpivoted"),
    ('UNPIVOT (SELECT id, total FROM "order") ON total INTO NAME n VALUE _document', "nothing else may"),
    # what may never end, or fill the memory
    ("WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT * FROM r", "WITH RECURSIVE is refused"),
    ("SELECT _document, repeat(name, 1000000000) AS name FROM item", "repeat is refused"),
    ("SELECT _document, repeat('x', id) AS name FROM item", "repeat is refused"),
    ("SELECT _document, lpad(name, 2000000000, ' ') AS name FROM item", "lpad is refused"),
    ("SELECT _document, replace(name, 'x', name) AS n FROM item", "texts of documents would multiply"),
    ("SELECT _document, len(range(1000000000000)) AS n FROM item", "range is refused"),
    ("SELECT _document, printf('%999999999d', id) AS n FROM item", "printf is refused"),
    ("SELECT _document, levenshtein(name, name) AS n FROM item", "levenshtein is refused"),
    # what is not there
    ("SELECT _document, nam FROM item", "there is no column 'nam'; did you mean 'name'?"),
    ("SELECT _document, i.nam FROM item i", "there is no column 'nam'; did you mean 'name'?"),
    ("SELECT _document, lowr(name) AS n FROM item", "no function 'lowr'; did you mean 'lower'?"),
    ("SELECT _document, $1 AS n FROM item", "parameters are not supported"),
    ("SELECT _document, #1 AS n FROM item", "not numbered"),
    ("SELECT _document, COLUMNS('n.*') FROM item", "COLUMNS"),
    ("SELECT _document, list_filter(tags, lambda t: t = 'a')[1] AS n FROM item", "lambda"),
    ("SELECT _document, lower(price, 1) AS n FROM item", "No function matches"),
]


@pytest.mark.parametrize(("sql", "message"), REFUSED)
def test_statements_that_are_refused(sql: str, message: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_statement(sql, TABLES, what="tables.t.sql")
    assert {problem.key for problem in caught.value.problems} == {"tables.t.sql"}
    assert message in str(caught.value)
    assert caught.value.hint


def test_every_problem_is_told_at_once() -> None:
    sql = "SELECT random() AS x, lowr(name) FROM item LIMIT 3"
    with pytest.raises(ContractError) as caught:
        read_statement(sql, TABLES, what="tables.t.sql")
    assert len(caught.value.problems) == 4
