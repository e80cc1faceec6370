"""Which SQL a contract may contain, and what is said about the rest."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.errors import ContractError
from transforms.shred.result import ROW_FIELDS
from transforms.sql import other_databases
from transforms.sql.expression import MAX_LENGTH, read_condition, read_order, read_value
from transforms.sql.functions import known_functions
from transforms.sql.sandbox import SqlError, shared_sandbox
from transforms.sql.scope import Scope

COLUMNS = pa.schema(
    [
        *ROW_FIELDS,
        ("role", pa.string()),
        ("Amount", pa.decimal128(12, 2)),
        ("seen", pa.timestamp("us")),
        ("zoned", pa.timestamp("us", "UTC")),
        ("tags", pa.list_(pa.string())),
        ("odd name", pa.bool_()),
    ]
)


def _problems(check: object, sql: str) -> str:
    with pytest.raises(ContractError) as caught:
        check(sql, Scope(COLUMNS), what="tables.t.where")  # type: ignore[operator]
    assert caught.value.hint
    assert {problem.key for problem in caught.value.problems} == {"tables.t.where"}
    return str(caught.value)


@pytest.mark.parametrize(
    "sql",
    [
        "role = 'PR'",
        "role IS NOT NULL AND ROLE IN ('PR', 'AUTHU')",
        "amount BETWEEN 1 AND 2.5 OR NOT (_position < 3)",
        "_document >= 0 AND _row >= 0 AND _parent IS NULL AND _line > 0",
        '"odd name"',
        "role LIKE 'a%' AND role NOT ILIKE '_' AND role ~ '^a' AND role SIMILAR TO 'a'",
        "role IS DISTINCT FROM 'x' -- the last line may be a comment",
        "role = ')' /* and ( here */ AND role <> '--'",
        "CASE WHEN role = 'a' THEN true END",
        "coalesce(role, nullif(role, 'x'), 'b') = if(true, 'a', split_part(role, '-', 1))",
        "TRY_CAST(role AS INTEGER) > 1 AND amount::VARCHAR LIKE '%.00'",
        "year(seen) = 2020 AND extract(month FROM zoned) = 1 AND seen > DATE '2020-01-01' + INTERVAL 1 DAY",
        "age(seen, TIMESTAMP '2020-01-01') > INTERVAL 1 YEAR",
        "tags[1] = 'a' AND list_contains(tags, 'b') AND len(tags) > 1",
        "true",
    ],
)
def test_expressions_that_are_accepted_also_run(sql: str) -> None:
    read_condition(sql, Scope(COLUMNS), what="w")
    shared_sandbox().query(f"SELECT _row FROM rows WHERE (\n{sql}\n)", {"rows": COLUMNS.empty_table()})


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        # more or less than one expression
        ("", "not SQL"),
        ("-- nothing", "not SQL"),
        ("x) FROM y --", "not SQL"),
        ("role = 'a') OR (role = 'b'", "not SQL"),
        ("role = 'a' /*", "not SQL: unterminated"),
        ("role = 'a", "not SQL"),
        ("role = 'a';", "2 statements"),
        ("role = 'a'; DROP TABLE rows", "not SQL"),
        ("role = 'a' FROM rows; SELECT true", "statements"),
        ("true UNION ALL", "not SQL"),
        ("true FROM rows UNION ALL SELECT true", "not SQL"),
        ("DISTINCT true", "not SQL"),
        ("role = 'a',", "not one expression"),
        ("role = 'a', true", "not one expression"),
        ("true AS yes", "not SQL"),
        ("true yes", "not SQL"),
        ("role = 'a' ORDER BY 1", "not SQL"),
        ("role = 'a' LIMIT 1", "not SQL"),
        ("COPY rows TO 'x'", "not SQL"),
        ("ATTACH 'x'", "tables.t.where: "),
        ("SET threads = 1", "not SQL"),
        ("CREATE TABLE y (a int)", "not SQL"),
        ("INSTALL httpfs", "not SQL"),
        ("PRAGMA version", "not SQL"),
        ("(" * 3000 + "true" + ")" * 3000, "depth"),
        ("true AND " * 2000 + "true", f"at most {MAX_LENGTH}"),
        # more than the row
        ("role IN (SELECT name FROM duckdb_secrets())", "subqueries"),
        ("(SELECT count(*) FROM read_csv('/etc/passwd')) > 0", "subqueries"),
        ("EXISTS (FROM duckdb_settings())", "subqueries"),
        ("sum(amount) > 1", "sum is refused: it is an aggregate"),
        ("count(*) > 1", "aggregate"),
        ("any_value(role) = 'a'", "aggregate"),
        ("row_number() OVER () = 1", "window"),
        ("lag(role) OVER (ORDER BY _row) = 'a'", "window"),
        ("unnest(tags) = 'a'", "rows, not a value"),
        ("read_text('/etc/passwd') = 'a'", "rows, not a value"),
        ("glob('*') = 'a'", "rows, not a value"),
        ("*", "* stands for many columns"),
        ("COLUMNS('r.*') = 'a'", "* stands for many columns"),
        ("role = $1", "parameters"),
        ("role = ?", "parameters"),
        ("#1 = 'a'", "not numbered"),
        ("len(list_filter(tags, lambda t: t = 'a')) > 0", "lambda"),
        ("rows.role = 'a'", "no column 'rows.role'"),
        ("main.lower(role) = 'a'", "named with its schema"),
        # not the same on every run
        ("random() > 0.5", "random is refused: its result depends on more than its arguments"),
        ("uuid()::VARCHAR = role", "uuid is refused"),
        ("gen_random_uuid()::VARCHAR = role", "gen_random_uuid is refused"),
        ("seen < now()", "now is refused"),
        ("seen < today()", "today is refused"),
        ("seen < current_timestamp", "current_timestamp is refused"),
        ("seen < current_date", "current_date is refused"),
        ("seen < current_localtimestamp()", "current_localtimestamp is refused"),
        ("age(seen) > INTERVAL 1 DAY", "age is refused"),
        ("ago(INTERVAL 1 DAY) < zoned", "ago is refused"),
        ("current_user = 'a'", "current_user is refused"),
        ("version() = 'a'", "version is refused"),
        ("current_setting('threads') = '1'", "current_setting is refused"),
        ("getvariable('x') = 1", "getvariable is refused"),
        ("nextval('s') = 1", "nextval is refused"),
        ("current_query() = 'x'", "current_query is refused"),
        ("pg_get_viewdef(1) = 'x'", "pg_get_viewdef is refused"),
        # names and types
        ("rol = 'PR'", "no column 'rol'; did you mean 'role'?"),
        ("amonut = 1", "no column 'amonut'; did you mean 'Amount'?"),
        ("lowr(role) = 'a'", "no function 'lowr'; did you mean 'lower'?"),
        ("getenv('HOME') = 'a'", "no function 'getenv'"),
        ("role", "yields VARCHAR; expected BOOLEAN"),
        ("1", "yields INTEGER; expected BOOLEAN"),
        ("NULL", "expected BOOLEAN"),
        ("lower(seen, 1) = 'a'", "No function matches"),
        ("role::nonsense = 'a'", "nonsense"),
    ],
)
def test_expressions_that_are_refused(sql: str, message: str) -> None:
    assert message in _problems(read_condition, sql)


def test_every_problem_of_an_expression_is_reported() -> None:
    text = _problems(read_condition, "rol = 'a' AND random() > 1 AND lowr(role) = 'b'")
    assert len(text.splitlines()) == 3


def test_a_column_may_be_named_like_a_clock() -> None:
    columns = pa.schema([("current_date", pa.bool_())])
    read_condition("current_date", Scope(columns), what="w")
    rows = pa.table({"current_date": [True, None]})
    assert shared_sandbox().query("SELECT count(*) FROM t WHERE current_date", {"t": rows}).column(0)[0].as_py() == 1


@pytest.mark.parametrize(
    "sql",
    [
        "role",
        "role = 'PR' DESC, _position DESC",
        "amount + 1 ASC NULLS LAST, seen DESC NULLS FIRST, tags",
        "role ASC /* a */, _line -- b",
        'role COLLATE NOCASE, "odd name"',
    ],
)
def test_orders_that_are_accepted_also_run(sql: str) -> None:
    read_order(sql, Scope(COLUMNS), what="w")
    shared_sandbox().query(f"SELECT _row FROM rows ORDER BY\n{sql}\n, _row", {"rows": COLUMNS.empty_table()})


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "not SQL"),
        ("role,", "not SQL"),
        ("role LIMIT 1", "not SQL"),
        ("role OFFSET 1", "not SQL"),
        ("role) --", "not SQL"),
        ("role; SELECT 1", "tables.t.where: "),
        ("ALL", "not SQL"),
        ("1", "a constant orders nothing"),
        ("role, 2 DESC", "a constant orders nothing"),
        ("'role'", "a constant orders nothing"),
        ("role DESC, random()", "random is refused"),
        ("(SELECT 1)", "subqueries"),
        ("count(*)", "aggregate"),
        ("*", "* stands for"),
        ("row_number() OVER ()", "window"),
        ("positio", "no column 'positio'; did you mean '_position'?"),
        ("role + 1 + seen", "tables.t.where"),
    ],
)
def test_orders_that_are_refused(sql: str, message: str) -> None:
    assert message in _problems(read_order, sql)


TOKENS = st.sampled_from(
    [
        *("role", "_row", "true", "1", "'a'", "(", ")", "--", "/*", "*/", ";", ",", "=", "AND", "FROM rows", "SELECT"),
        *("UNION ALL", "WHERE", "ORDER BY", "LIMIT 1", "IN", "$$", '"', "'", "\n", "DESC", "random()", "AS x", "NOT"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, min_size=1, max_size=8).map(" ".join))
def test_what_is_accepted_filters_rows_and_does_nothing_else(sql: str) -> None:
    """Whatever passes keeps a subset of the rows from its place in the query, and leaves the rest intact."""
    try:
        read_condition(sql, Scope(COLUMNS), what="w")
    except ContractError:
        return
    row = dict.fromkeys(COLUMNS.names) | {"_document": 0, "_row": 7, "_position": 1, "_line": 1, "role": "a"}
    rows = pa.Table.from_pylist([row], schema=COLUMNS)
    statement = f'SELECT _row AS "mine" FROM rows WHERE (\n{sql}\n) ORDER BY _row'
    try:
        found = shared_sandbox().query(statement, {"rows": rows})
    except SqlError as error:
        assert "Conversion Error" in error.message  # noqa: PT017  a value that does not convert
        return
    assert found.column_names == ["mine"]
    assert found.column("mine").to_pylist() in ([], [7])


def test_a_function_that_wants_fewer_bits_is_told_how() -> None:
    columns = pa.schema([("_row", pa.int32()), ("seen", pa.date32()), ("days", pa.int16())])
    with pytest.raises(ContractError) as caught:
        read_value("seen + days", Scope(columns), what="tables.t.columns.due.sql")
    [problem] = caught.value.problems
    assert "+(DATE, BIGINT)" in problem.message
    assert problem.expected.startswith("CAST(... AS INTEGER) around a whole number")
    assert read_value("seen + CAST(days AS INTEGER)", Scope(columns), what="w").kind == "DATE"
    assert read_value("days * 12", Scope(columns), what="w").kind == "BIGINT"


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("isnull(role, 'x')", "there is no function 'isnull'; write coalesce(value, other)"),
        ("NVL(role, 'x')", "there is no function 'nvl'; write coalesce(value, other)"),
        ("CONVERT(role, 'x')", "there is no function 'convert'; write CAST(value AS DECIMAL(12,2)) and the like"),
        ("getdate()", "there is no function 'getdate'; write target: {columns: {loaded_at"),
        ("datediff(day, seen, seen)", "there is no column 'day'; as part of a date it is a text: date_diff('day', …)"),
        ("iif(role = 'a', 1, 2)", "there is no function 'iif'; write CASE WHEN … THEN … ELSE … END"),
        ("lowr(role)", "there is no function 'lowr'; did you mean 'lower'?"),
        ("noll(role)", "there is no function 'noll'"),
    ],
)
def test_functions_of_other_databases_are_told_what_to_write(sql: str, told: str) -> None:
    with pytest.raises(ContractError) as caught:
        read_value(sql, Scope(COLUMNS), what="w")
    (problem,) = caught.value.problems
    assert told in str(problem)
    assert ("did you mean" in str(problem)) is ("did you mean" in told)


def test_a_column_called_like_a_part_of_a_date_is_one() -> None:
    columns = pa.schema([("_row", pa.int32()), ("day", pa.date32())])
    assert read_value("day", Scope(columns), what="w").columns == ("day",)
    assert not [name for name in other_databases._INSTEAD if known_functions().knows(name)]
