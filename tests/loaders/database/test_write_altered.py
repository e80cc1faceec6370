"""A value that a column would change without a word is refused: before it is sent, or by the server."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from loaders.database.altered_values import one_of
from loaders.database.catalog import StoredColumn
from loaders.database.written_columns import written_rows
from loaders.errors import DataError, TargetMismatchError
from loaders.sink import Part, TableSpec
from tests.loaders.database.targets import SERVERS, Target, on
from tests.servers.mariadb import MariaDBServer

TEXT = pa.string()
UUID = "abcdef00-0000-0000-0000-000000000001"
# By database: a column's type, what is loaded, and its values: that it keeps, and that it would change.
CHANGED: dict[str, dict[str, tuple[pa.DataType, list[object], list[object]]]] = {
    "postgresql": {
        "char(5)": (TEXT, ["", "a", " a", "abcde"], ["a ", "abcde ", "abcdef"]),
        "varchar(3)": (TEXT, ["", "a  ", "abc"], ["ab  ", "abcd"]),
        "uuid": (TEXT, [UUID], [UUID.upper(), UUID.replace("-", ""), "x"]),
    },
    "mariadb": {
        "char(5)": (TEXT, ["", "a", " a", "abcde"], ["a ", "abcde ", "abcdef"]),
        "varchar(3)": (TEXT, ["", "a  ", "😀 😀"], ["ab  ", "abcd"]),
        "tinytext": (TEXT, ["x" * 255, "é" * 127], ["x" * 300, "a" + " " * 255, "é" * 100 + " " * 56]),
        "text": (TEXT, ["x" * 65_535], ["x" * 70_000]),
        "tinyblob": (pa.binary(), [b"x" * 255], [b"x" * 300]),
        "enum('a','b','it''s','')": (TEXT, ["a", "b", "it's", ""], ["A", "1", "zz", "b "]),
        "varchar(9) CHARACTER SET latin1": (TEXT, ["é€"], ["Ω", "😀"]),
        "uuid": (TEXT, [UUID], [UUID.upper(), "x"]),
        "tinyint(1)": (pa.int8(), [5, -3, 0, 127], []),
        "decimal(65,10)": (pa.decimal128(12, 2), [Decimal("1.25")], []),
        "double": (pa.float64(), [0.1], [float("nan"), float("inf")]),
    },
    "sqlite": {"double": (pa.float64(), [0.1, float("inf")], [float("nan")])},
}


@on(*SERVERS, "sqlite-direct", "odbc-direct")
def test_a_value_arrives_as_it_is_or_is_refused(target: Target) -> None:
    kinds = CHANGED[target.name]
    names = [f"c{at}" for at in range(len(kinds))]
    target.execute(
        f"CREATE TABLE t (at bigint PRIMARY KEY, {', '.join(map(' '.join, zip(names, kinds, strict=True)))})"
    )
    schema = pa.schema([("at", pa.int64()), *zip(names, (kind for kind, _, _ in kinds.values()), strict=True)])
    sink = target.sink()
    sink.prepare([TableSpec("t", schema, ("at",))], create=False)
    at = 0
    for name, (declared, (kind, kept, changed)) in zip(names, kinds.items(), strict=True):
        for value in kept:
            at += 1
            sink.publish("p", [Part("t", pa.table({"at": [at], name: pa.array([value], kind)}))])
            assert sink.read("t", [name], {"at": at})[name].to_pylist() == [value], declared
        for value in changed:
            with pytest.raises(DataError):
                sink.publish("p", [Part("t", pa.table({"at": [-1], name: pa.array([value], kind)}))])
    assert sink.count("t") == at


@on("mariadb-direct")
def test_a_column_that_rounds_is_a_mismatch(target: Target) -> None:
    target.execute("CREATE TABLE t (at bigint PRIMARY KEY, v double(10,2))")
    schema = pa.schema([("at", pa.int64()), ("v", pa.float64())])
    with pytest.raises(TargetMismatchError, match=r"double\(10,2\), which cannot take double"):
        target.sink().prepare([TableSpec("t", schema, ("at",))], create=False)


def test_members_with_characters_of_regular_expressions() -> None:
    members = ["a.b", "(c)", "d|e", "f g", "#-&~", "é", ""]
    column = StoredColumn("v", "enum", TEXT, nullable=True, kept=one_of(members))
    rows = pa.table({"v": [*members, None]})
    assert written_rows(rows, [(column, TEXT)], "t")["v"].to_pylist() == [*members, None]
    for other in ("axb", "c", "d", "d|e ", "fg", "A.B", "é\n"):
        with pytest.raises(DataError, match=r"t\.v"):
            written_rows(pa.table({"v": ["a.b", other]}), [(column, TEXT)], "t")


@on("mariadb-direct", "mariadb-staged")
def test_more_than_the_server_takes_at_once(target: Target, mariadb_server: MariaDBServer) -> None:
    """Rows are sent in packets that it takes; one that is longer is refused, as a document's fault."""
    mariadb_server.execute("SET GLOBAL max_allowed_packet = 1048576")
    try:
        sink = target.sink()
        texts = ["x" * 30_000] * 100 + [None] + ["y" * 1_000_000] + ["z"] * 10
        rows = pa.table({"at": pa.array(range(len(texts)), pa.int64()), "v": pa.array(texts, TEXT)})
        sink.prepare([TableSpec("t", rows.schema, ("at",))], create=True)
        sink.publish("one", [Part("t", rows)])
        assert sink.count("t") == len(texts)
        assert target.one("SELECT sum(length(v)) FROM t") == str(sum(len(text or "") for text in texts))
        with pytest.raises(DataError, match="longer than what the server takes"):
            sink.publish("two", [Part("t", pa.table({"at": [-1], "v": ["x" * 1_100_000]}))])
    finally:
        mariadb_server.execute("SET GLOBAL max_allowed_packet = 268435456")


@on("postgresql-direct", "postgresql-staged", "odbc-direct")
def test_tables_are_made_in_the_default_schema(target: Target) -> None:
    """Whatever schema the user's search_path begins with."""
    target.execute("CREATE SCHEMA other")
    target.execute(f"ALTER DATABASE {target.database} SET search_path = other")
    schema = pa.schema([pa.field("at", pa.int64(), nullable=False)])
    parent, child = TableSpec("t", schema, ("at",), numbered=("at",)), TableSpec("other.t", schema, ("at",))
    sink = target.sink()
    sink.prepare([parent, child], create=True)
    sink.publish("one", [Part("t", pa.table({"at": [1]})), Part("other.t", pa.table({"at": [2, 3]}))])
    assert [target.one(f"SELECT count(*) FROM {name}.t") for name in ("public", "other")] == ["1", "2"]
    assert (sink.count("t"), sink.count("other.t")) == (1, 2)
