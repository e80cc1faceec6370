"""What databases make, check and fill: DDL, foreign keys, identities, defaults, triggers, keys as they compare them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

from columnar.bookkeeping.ledger import BOOKS, DOCUMENT
from loaders.database.address import parse_address
from loaders.errors import DataError, TargetMismatchError, UnavailableError, UsageError
from loaders.sink import ForeignKeySpec, MadeColumnSpec, Part, TableSpec
from tests.loaders.database.targets import SERVERS, Target, on
from tests.loaders.test_sinks import LEDGER, ROWS, ledger_row, rows

INT = pa.int64()
ID = pa.field("id", INT, nullable=False)


def quoted(target: Target, name: str) -> str:
    return target.dialect.reading.quote(name)


def test_books_round_trip(target: Target) -> None:
    """Every bookkeeping table is made once, and read by somebody who did not make it."""
    target.sink().prepare(BOOKS, create=True)
    sink = target.sink()
    sink.prepare(BOOKS, create=True)
    assert sink.statements(BOOKS) == []
    for spec in BOOKS:
        values = {
            pa.string(): "é{}",
            pa.int64(): 2**40,
            pa.int32(): 7,
            pa.bool_(): True,
            pa.timestamp("us", "UTC"): 1_700_000_000_123_456,
        }
        columns = {field.name: pa.array([values[field.type]], field.type) for field in spec.schema}
        sink.publish("x", [Part(spec.name, pa.table(columns))])
        stranger = target.sink()
        found = stranger.read(spec.name, list(columns), {})
        assert found.to_pylist() == pa.table(columns).to_pylist(), spec.name
        assert [found.schema.field(name).type for name in columns] == [
            replace_small(target, field.type) for field in spec.schema
        ]


def replace_small(target: Target, kind: pa.DataType) -> pa.DataType:
    """SQLite's integers are all of one size."""
    return INT if target.name == "sqlite" and kind == pa.int32() else kind


def test_columns_that_a_table_lacks_are_added_as_the_hint_says(target: Target) -> None:
    """Such as one of the books, in a target of an earlier version."""
    older = pa.schema([each for each in DOCUMENT.schema if each.name not in ("content", "line")])
    target.sink().prepare([replace(DOCUMENT, schema=older)], create=True)
    sink = target.sink()
    with pytest.raises(TargetMismatchError, match="has no column content") as caught:
        sink.prepare([DOCUMENT], create=True)
    told, _, statements = caught.value.hint.partition("\n")
    assert told == "add what is missing, or load into another target:"
    for statement in statements.split("\n"):
        target.execute(statement)
    sink.prepare([DOCUMENT], create=True)


def test_mismatches_are_listed_together_and_nothing_is_made(target: Target) -> None:
    name = quoted(target, "rows")
    target.execute(f"CREATE TABLE {name} (id smallint, txt varchar(9), must int NOT NULL, may int NOT NULL DEFAULT 1)")
    sink = target.sink()
    with pytest.raises(TargetMismatchError) as caught:
        sink.prepare([LEDGER, ROWS], create=False)
    told = caught.value.problems
    assert len(told) == 4, told
    assert told[0].startswith("table ledger does not exist")
    assert "rows.id is smallint" in told[1]
    assert told[2] == "table rows has no column text; did you mean 'txt'?"
    assert told[3] == "rows.must is NOT NULL without a default, and the contract does not fill it"
    with pytest.raises(TargetMismatchError):
        sink.prepare([LEDGER, ROWS], create=True)
    assert not sink.has("ledger")
    (missing,) = sink.mismatches([TableSpec("row", pa.schema([ID]))], create=False)
    assert "did you mean 'rows'" in missing


@pytest.mark.parametrize(
    ("kind", "column", "length", "fits"),
    [
        (INT, "bigint", None, True),
        (INT, "int", None, False),
        (pa.int8(), "smallint", None, True),
        (pa.decimal128(10, 2), "decimal(12,2)", None, True),
        (pa.decimal128(10, 2), "decimal(12,3)", None, True),
        (pa.decimal128(10, 2), "decimal(11,4)", None, False),
        (pa.decimal128(10, 3), "decimal(12,2)", None, False),
        (pa.string(), "varchar(20)", 20, True),
        (pa.string(), "varchar(20)", None, True),
        (pa.string(), "varchar(20)", 21, False),
        (pa.string(), "int", 3, False),
        (INT, "varchar(40)", None, False),
        (pa.float64(), "double precision", None, True),
        (pa.float64(), "real", None, False),
        (pa.timestamp("us"), "{ts}(6)", None, True),
        (pa.timestamp("us"), "{ts}(3)", None, False),
        (pa.date32(), "date", None, True),
        (pa.date32(), "{ts}(6)", None, False),
        (pa.time64("us"), "time(3)", None, False),
    ],
)
@on("postgresql-direct", "mariadb-direct", "odbc-direct")
def test_what_columns_take(target: Target, kind: pa.DataType, column: str, length: int | None, fits: bool) -> None:
    made = column.replace("{ts}", "datetime" if target.name == "mariadb" else "timestamp")
    if target.name == "mariadb" and made == "real":
        made = "float"
    target.execute(f"CREATE TABLE t (v {made})")
    lengths = (("v", length),) if length else ()
    problems = target.sink().mismatches([TableSpec("t", pa.schema([("v", kind)]), lengths=lengths)], create=False)
    assert (problems == []) == fits, problems


@pytest.mark.parametrize(
    ("kind", "column", "fits"),
    [
        (INT, "bigint unsigned", True),
        (INT, "int unsigned", False),
        (pa.int32(), "int unsigned", True),
        (pa.decimal128(10, 2), "decimal(10,2) unsigned", True),
        (pa.string(), "enum('a','b')", True),
        (pa.string(), "set('a','b')", False),
        (INT, "bit(64)", False),
        (pa.int16(), "year", False),
    ],
)
@on("mariadb-direct")
def test_what_columns_of_mariadb_take(target: Target, kind: pa.DataType, column: str, *, fits: bool) -> None:
    target.execute(f"CREATE TABLE t (v {column})")
    problems = target.sink().mismatches([TableSpec("t", pa.schema([("v", kind)]))], create=False)
    assert (problems == []) == fits, problems


@on("mariadb-direct", "mariadb-staged")
def test_a_column_without_negative_numbers_refuses_them(target: Target) -> None:
    spec = TableSpec("t", pa.schema([ID]), ("id",))
    target.execute("CREATE TABLE t (id bigint unsigned PRIMARY KEY)")
    sink = target.sink()
    sink.prepare([LEDGER, spec], create=True)
    sink.publish("x", [ledger_row(1), Part("t", pa.table({"id": pa.array([0, 2**63 - 1], INT)}))])
    with pytest.raises(DataError):
        sink.publish("y", [ledger_row(2), Part("t", pa.table({"id": pa.array([5, -1], INT)}))])
    assert target.one("SELECT group_concat(id ORDER BY id) FROM t") == "0,9223372036854775807"


def test_views_and_other_cases_are_told(target: Target) -> None:
    target.execute("CREATE VIEW seen AS SELECT 1 AS id")
    spec = TableSpec("seen", pa.schema([ID]))
    assert target.sink().mismatches([spec], create=False) == [
        "seen is a view in the target, and rows are loaded into tables: name another table"
    ]
    if target.name == "mariadb":
        target.execute("CREATE TABLE old (id bigint) ENGINE=MyISAM")
        (problem,) = target.sink().mismatches([replace(spec, name="old")], create=False)
        assert "MyISAM, which has no transactions" in problem


def test_made_columns_and_foreign_keys(target: Target) -> None:
    """Defaults, computed columns, identities, a key in another order, and another schema where there are such."""
    schema = "" if target.name == "sqlite" else target.database.replace("test", "other") + "."
    pair = TableSpec(
        f"{schema}pair",
        pa.schema([pa.field("x", INT, nullable=False), pa.field("y", pa.string(), nullable=False)]),
        ("x", "y"),
        lengths=(("y", 30),),
    )
    child = TableSpec(
        f"{schema}child",
        pa.schema([ID, ("other_y", pa.string()), ("other_x", INT), ("note", pa.string())]),
        ("id",),
        (ForeignKeySpec(("other_y", "other_x"), f"{schema}pair", ("y", "x")),),
        (
            MadeColumnSpec("at", pa.timestamp("us"), default="current_timestamp", nullable=False),
            MadeColumnSpec("twice", INT, computed="other_x * 2"),
        ),
        ("id",),
        omitted=("other_y", "other_x"),
        lengths=(("other_y", 30),),
    )
    sink = target.sink()
    made = sink.statements([pair, child])
    sink.prepare([LEDGER, pair, child], create=True)
    assert sink.statements([pair, child]) == []
    assert sink.mismatches([pair, child], create=False) == []
    parent = Part(pair.name, pa.table({"x": [1], "y": ["one"]}))
    kin = {"id": [5, 6, 7], "other_x": [1, None, 1], "other_y": ["one", None, "one"], "note": ["a", None, "c"]}
    sink.publish("c1", [ledger_row(1), parent, Part(child.name, pa.table(kin))])
    place = ".".join(quoted(target, each) for each in child.name.split("."))
    assert target.execute(f"SELECT id, twice FROM {place} WHERE other_x = 1 ORDER BY id").split() == [
        "5",
        "2",
        "7",
        "2",
    ]
    assert target.one(f"SELECT count(*) FROM {place} WHERE at IS NOT NULL") == "3"
    orphan = Part(child.name, pa.table({"id": [9], "other_x": [2], "other_y": ["one"]}))
    with pytest.raises(DataError):
        sink.publish("c2", [ledger_row(2), orphan])
    assert len(made) >= 2
    if schema:
        target.execute(
            f"DROP {'DATABASE' if target.name == 'mariadb' else 'SCHEMA'} {schema[:-1]} "
            + ("CASCADE" * (target.name == "postgresql"))
        )


def test_values_that_the_database_makes(target: Target) -> None:
    spec = TableSpec("made", pa.schema([ID, ("v", pa.string())]), ("id",), numbered=("id",), database_made=("id",))
    sink = target.sink()
    if target.name == "sqlite":
        target.execute("CREATE TABLE made (id INTEGER PRIMARY KEY, v text)")
        (problem,) = sink.mismatches([spec], create=False)
        assert "gives a number only to a row that is there" in problem
        with pytest.raises(UsageError):
            sink.next_values("made", "id", 1)
        return
    sink.prepare([LEDGER, spec], create=True)
    given = sink.next_values("made", "id", 1000).to_pylist()
    assert given == list(range(1, 1001))
    part = Part("made", pa.table({"id": given[:3], "v": ["a", "b", "c"]}))
    sink.publish("c1", [ledger_row(1), part])
    again = target.sink()
    again.prepare([LEDGER, spec], create=True)
    assert again.next_values("made", "id", 2).to_pylist()[0] > 1000
    target.execute("INSERT INTO made (v) VALUES ('by hand')")
    assert int(target.one("SELECT id FROM made WHERE v = 'by hand'")) > 1000


@on(*SERVERS, "odbc-direct")
def test_identities_that_are_there(target: Target) -> None:
    spec = TableSpec("made", pa.schema([ID, ("v", pa.string())]), ("id",), numbered=("id",), database_made=("id",))
    sink = target.sink()
    if target.name == "mariadb":
        target.execute("CREATE TABLE made (id bigint AUTO_INCREMENT PRIMARY KEY, v text)")
        (problem,) = sink.mismatches([spec], create=False)
        assert "default of a sequence" in problem
        kept = replace(spec, database_made=())
        sink.prepare([LEDGER], create=True)
        sink.prepare([kept], create=False)
        sink.publish("c1", [ledger_row(1), Part("made", pa.table({"id": [0, 9], "v": ["zero", "nine"]}))])
        assert sink.read("made", ["id"], {})["id"].to_pylist() == [0, 9]
        return
    target.execute("CREATE TABLE made (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text)")
    sink.prepare([LEDGER], create=True)
    sink.prepare([spec], create=False)
    (first, second) = sink.next_values("made", "id", 2).to_pylist()
    sink.publish("c1", [ledger_row(1), Part("made", pa.table({"id": [first], "v": ["a"]}))])
    assert (first, second) == (1, 2)
    assert target.one("SELECT id FROM made") == "1"


def test_defaults_apply_where_a_column_is_left_out(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER], create=True)
    target.execute("CREATE TABLE t (a int DEFAULT 7, b varchar(9) DEFAULT 'none' NOT NULL)")
    spec = TableSpec("t", pa.schema([("a", pa.int32()), ("b", pa.string())]), omitted=("a", "b"))
    part = pa.table({"a": pa.array([1, None, 2, None, None], pa.int32()), "b": ["x", "y", None, None, None]})
    sink.prepare([spec], create=False)
    sink.publish("one", [ledger_row(1), Part("t", part)])
    found = sorted(tuple(row.values()) for row in sink.read("t", ["a", "b"], {}).to_pylist())
    assert found == [(1, "x"), (2, "none"), (7, "none"), (7, "none"), (7, "y")]


def test_rows_of_one_table_that_refer_to_each_other(target: Target) -> None:
    tree = TableSpec("tree", pa.schema([ID, ("up", INT)]), ("id",), (ForeignKeySpec(("up",), "tree", ("id",)),))
    sink = target.sink()
    sink.prepare([LEDGER, tree], create=True)
    family = pa.table({"id": [4, 3, 2, 1, 9], "up": pa.array([3, 2, 1, None, 1], INT)})
    sink.publish("one", [ledger_row(1), Part("tree", family)])
    sink.publish("two", [ledger_row(2), Part("tree", pa.table({"id": [5], "up": [4]}))])
    with pytest.raises(DataError):
        sink.publish("three", [ledger_row(3), Part("tree", pa.table({"id": [7], "up": [8]}))])
    assert sink.count("tree") == 6


def test_notes_name_keys_triggers_and_limits(target: Target) -> None:
    target.execute("CREATE TABLE t (id bigint NOT NULL, x bigint NOT NULL UNIQUE, v varchar(10))")
    bodies = {
        "postgresql": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN NEW.v := 'set'; RETURN NEW; END $$;"
        "CREATE TRIGGER sets BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "mariadb": "CREATE TRIGGER sets BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 'set'",
        "sqlite": "CREATE TRIGGER sets AFTER INSERT ON t BEGIN UPDATE t SET v = 'set' WHERE id = NEW.id; END",
    }
    target.execute(bodies[target.name])
    spec = TableSpec("t", pa.schema([ID, ("x", INT), ("v", pa.string())]), ("id",))
    sink = target.sink()
    key, trigger, *limit = sink.notes([spec])
    assert key.startswith("table t: its key is (x) in the target, and (id) in the contract")
    assert trigger == "table t: its triggers (sets) run for every row that is loaded"
    assert target.name == "sqlite" or "varchar(10)" in limit[0].replace("character varying", "varchar")
    sink.prepare([LEDGER], create=True)
    sink.prepare([spec], create=False)
    sink.publish("c1", [ledger_row(1), Part("t", pa.table({"id": [1, 2], "x": [1, 2], "v": ["a", "b"]}))])
    assert sink.read("t", ["v"], {})["v"].to_pylist() == ["set", "set"]


def test_without_ddl_nothing_is_made_and_all_of_it_is_told(target: Target) -> None:
    sink = target.sink(ddl=False)
    with pytest.raises(TargetMismatchError) as caught:
        sink.prepare([LEDGER, ROWS], create=True)
    assert sum("does not exist" in problem for problem in caught.value.problems) == 2
    assert any("publish: staged" in problem for problem in caught.value.problems) == (target.publish == "staged")
    assert not sink.has("ledger")
    statements = caught.value.hint.partition("\n")[2]
    assert statements.count("CREATE TABLE") == 2
    for statement in statements.split(";\n"):
        target.execute(statement.rstrip(";"))
    if target.publish == "direct":
        sink.prepare([LEDGER, ROWS], create=True)
        sink.publish("c1", [ledger_row(1), rows(1)])
        assert sink.count("rows") == 1


def test_sql_of_made_columns_stays_inside_its_statement(target: Target) -> None:
    cases = {
        "0)); DROP TABLE x; CREATE TABLE y (z BIGINT DEFAULT (0": "closes a bracket",
        "0; DROP TABLE x": "';'",
        "0 -- ": "'--'",
        "'a": "leaves a quote",
        "(1": "leaves a quote or a bracket open",
        r"'\'' || 'x'": "backslash",
    }
    for sql, told in cases.items():
        spec = TableSpec("t", pa.schema([ID]), made=(MadeColumnSpec("m", INT, default=sql),))
        (problem,) = target.sink().mismatches([spec], create=True)
        assert told in problem
    spec = TableSpec("t", pa.schema([ID]), made=(MadeColumnSpec("m", default="0"),))
    assert "has no type" in target.sink().mismatches([spec], create=True)[0]


def test_names_that_need_quotes(target: Target) -> None:
    spec = TableSpec(
        'a "table"`; DROP',
        pa.schema([pa.field('select "', INT, nullable=False), ("from`", pa.string())]),
        ('select "',),
    )
    sink = target.sink()
    sink.prepare([LEDGER, spec], create=True)
    sink.publish("x", [ledger_row(1), Part(spec.name, pa.table({'select "': [1], "from`": ["a"]}))])
    assert sink.read(spec.name, ["from`"], {'select "': 1})["from`"].to_pylist() == ["a"]


COLLATED = {
    "postgresql": "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1', deterministic = false);"
    'CREATE TABLE t (k varchar(20) COLLATE "ci", n decimal(12,4), PRIMARY KEY (k, n))',
    "mariadb": "CREATE TABLE t (k varchar(20) COLLATE utf8mb4_general_ci, n decimal(12,4), PRIMARY KEY (k, n))"
    " CHARSET utf8mb4",
    "sqlite": "CREATE TABLE t (k varchar(20) COLLATE NOCASE, n decimal_text(12,4), PRIMARY KEY (k, n))",
}


def test_keys_look_as_the_target_compares_them(target: Target) -> None:
    """Of equal keys each becomes the one that is there, else the first that comes."""
    for statement in COLLATED[target.name].split(";"):
        target.execute(statement)
    kind = pa.decimal128(6, 2)
    spec = TableSpec("t", pa.schema([("k", pa.string()), ("n", kind)]), ("k", "n"))
    sink = target.sink()
    sink.prepare([LEDGER], create=True)
    sink.prepare([spec], create=False)
    one = pa.array([Decimal("1.50")], kind)
    sink.publish("c1", [ledger_row(1), Part("t", pa.table({"k": ["Ab"], "n": one}))])
    given = ["aB", "x", "X", None, "ab", "y" * 21, "x"]
    numbers = [Decimal(each) for each in ("1.50", "1.00", "1.00", "1.00", "9.00", "1.00", "2.00")]
    seen = sink.as_stored("t", pa.table({"k": pa.array(given, pa.string()), "n": pa.array(numbers, kind)}))
    longer = given[5] if target.name == "sqlite" else None  # which has no limits
    assert seen["k"].to_pylist() == ["Ab", "x", "x", None, "ab", longer, "x"]
    assert seen["n"].type == pa.decimal128(12, 4)
    stored = pa.Table.from_batches(list(sink.stream("t", ["k", "n"], {})))
    assert seen.slice(0, 1).equals(stored.cast(seen.schema))
    with pytest.raises(DataError):
        sink.publish("c2", [ledger_row(2), Part("t", pa.table({"k": ["AB"], "n": one}))])


KEPT = {
    "postgresql": "CREATE TABLE t (k char(5), j varchar(20), n decimal(12,4))",
    "mariadb": "CREATE TABLE t (k char(5) COLLATE utf8mb4_general_ci, j varchar(20) COLLATE utf8mb4_general_ci,"
    " n decimal(12,4)) CHARSET utf8mb4",
    "sqlite": "CREATE TABLE t (k char(5) COLLATE NOCASE, j varchar(20) COLLATE NOCASE, n decimal_text(12,4))",
}


def test_values_look_as_the_target_keeps_them(target: Target) -> None:
    """And never as others that are equal to it: neither those that are there nor those that come with them."""
    target.execute(KEPT[target.name])
    kind = pa.decimal128(6, 2)
    spec = TableSpec("t", pa.schema([("k", pa.string()), ("j", pa.string()), ("n", kind)]), lengths=(("k", 5),))
    sink = target.sink()
    sink.prepare([LEDGER], create=True)
    sink.prepare([spec], create=False)
    numbers = pa.array([Decimal("1.50"), None, Decimal("2.00")], kind)
    given = pa.table({"k": ["Ab", "aB", None], "j": ['{"a": 1}', '{"A": 1}', '{"a":  1}'], "n": numbers})
    kept = sink.as_kept("t", given)
    sink.publish("c1", [ledger_row(1), Part("t", given)])
    stored = pa.Table.from_batches(list(sink.stream("t", ["k", "j", "n"], {})))
    assert kept.to_pydict() == stored.to_pydict()
    assert kept["k"].to_pylist() == ["Ab", "aB", None]
    assert sink.as_kept("t", given).equals(kept), "what is there makes no difference"
    blank = pa.table({"k": ["a  "], "j": ["{}"], "n": pa.array([None], kind)})
    if target.name == "sqlite":
        sink.publish("c2", [ledger_row(2), Part("t", blank)])
        assert sink.read("t", ["k"], {"j": "{}"})["k"].to_pylist() == ["a  "]
        assert sink.as_kept("t", blank)["k"].to_pylist() == ["a  "]
    else:  # blanks that a column would drop are refused
        with pytest.raises(DataError, match="does not keep"):
            sink.publish("c2", [ledger_row(2), Part("t", blank)])
        assert sink.as_kept("t", blank)["k"].to_pylist() == [None]


def test_exact_keys_are_not_asked_for(target: Target) -> None:
    spec = TableSpec("t", pa.schema([pa.field("k", pa.string(), nullable=False), ("i", pa.int8())]), ("k",))
    sink = target.sink()
    sink.prepare([spec], create=True)
    given = pa.table({"k": ["a", "A", "a ", "ä"], "i": pa.array([1, 2, 3, None], pa.int8())})
    seen = sink.as_stored("t", given)
    assert seen.to_pydict() == given.to_pydict()
    sink.prepare([LEDGER], create=True)
    sink.publish("c1", [ledger_row(1), Part("t", given)])
    assert sink.count("t") == 4, "four keys, to the target as well"


@on(*SERVERS)
def test_a_permission_that_is_missing(target: Target, request: pytest.FixtureRequest) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    server, database = request.getfixturevalue(f"{target.name}_server"), target.database
    grants = ["USAGE ON SCHEMA public", "SELECT ON ALL TABLES IN SCHEMA public"]
    if target.name == "mariadb":
        grants = [f"SELECT ON `{database}`.*"]
    account = server.create_user(database, f"reader_{database}", grants=grants)
    limited = replace(target, address=parse_address(account.url)).sink()
    with pytest.raises(UnavailableError, match="denied"):
        limited.publish("c1", [ledger_row(1), rows(1)])
    assert (limited.count("rows"), sink.count("ledger")) == (0, 0)


def test_tables_are_made_together_or_not_at_all(target: Target) -> None:
    """The last of them is wrong in a way that only the database notices. MariaDB commits at each CREATE."""
    wrong = TableSpec("wrong", pa.schema([ID]), made=(MadeColumnSpec("m", INT, computed="no_such_column + 1"),))
    sink = target.sink()
    with pytest.raises(UsageError):
        sink.prepare([LEDGER, ROWS, wrong], create=True)
    assert not sink.has("wrong")
    assert sink.has("rows") == (target.name == "mariadb")
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(1)])
    assert sink.count("rows") == 1
