"""Every type of a contract arrives equal in value, in every database and both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest

from loaders.database.write_gate import insert
from loaders.errors import DataError, UnavailableError
from loaders.sink import Part, TableSpec
from tests.loaders.database.targets import Target

EMOJI = "😀"
TZ = pa.timestamp("us", "UTC")
# By name: the type, its values (NULL first), and the SQL of the value that is not NULL, for the oracle to compare with.
VALUES = {
    "bool": (pa.bool_(), [None, True, False], ["1 = 1", "1 = 0"]),
    "int8": (pa.int8(), [None, -128, 127], ["-128", "127"]),
    "int16": (pa.int16(), [None, -32768, 32767], ["-32768", "32767"]),
    "int32": (pa.int32(), [None, -(2**31), 2**31 - 1], ["-2147483648", "2147483647"]),
    "int64": (pa.int64(), [None, -(2**63) + 1, 2**63 - 1], ["-9223372036854775807", "9223372036854775807"]),
    "float64": (pa.float64(), [None, 0.1, -2.5e-300], ["0.1e0", "-2.5e-300"]),
    "decimal": (
        pa.decimal128(38, 10),
        [None, Decimal("-9999999999999999999999999999.9999999999"), Decimal("0E-10"), Decimal("0.0000000001")],
        ["-9999999999999999999999999999.9999999999", "0.0000000000", "0.0000000001"],
    ),
    "small": (pa.decimal128(4, 1), [None, Decimal("-0.5"), Decimal("999.9")], ["-0.5", "999.9"]),
    "string": (pa.string(), [None, "", " x ", f"é{EMOJI}'\"\\;--%?"], ["''", "' x '", f"'é{EMOJI}''\"{{0}};--%?'"]),
    "date": (pa.date32(), [None, date(1, 1, 1), date(9999, 12, 31)], ["'0001-01-01'", "'9999-12-31'"]),
    "time": (pa.time64("us"), [None, time(0), time(23, 59, 59, 999999)], ["'00:00:00.000000'", "'23:59:59.999999'"]),
    "timestamp": (
        pa.timestamp("us"),
        [None, datetime(1, 1, 1), datetime(1969, 12, 31, 23, 59, 59, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)],
        ["'0001-01-01 00:00:00.000000'", "'1969-12-31 23:59:59.000001'", "'9999-12-31 23:59:59.999999'"],
    ),
    "timestamptz": (
        TZ,
        [None, datetime(1, 1, 2, tzinfo=UTC), datetime(2024, 3, 31, 2, 30, 0, 4, UTC)],
        ["'0001-01-02 00:00:00.000000{zone}'", "'2024-03-31 02:30:00.000004{zone}'"],
    ),
}
# Of SQLite a decimal is a text, since it would be a float otherwise.
_TEXTUAL = ("decimal", "small")


def _oracle(target: Target, name: str, sql: str) -> str:
    """How the database's own client writes a value."""
    if name == "string":
        return sql.replace("{0}", "\\\\" if target.name == "mariadb" else "\\")
    if name == "timestamptz":
        return sql.replace("{zone}", {"postgresql": "+00", "sqlite": "Z"}.get(target.name, ""))
    return f"'{sql}'" if name in _TEXTUAL and target.name == "sqlite" else sql


@pytest.mark.parametrize("name", VALUES)
def test_every_type_arrives_equal(target: Target, name: str) -> None:
    kind, values, literals = VALUES[name]
    table = pa.table({"at": pa.array(range(len(values)), pa.int64()), "v": pa.array(values, kind)})
    sink = target.sink()
    sink.prepare([TableSpec("t", table.schema, ("at",))], create=True)
    sink.publish("one", [Part("t", table)])
    assert sink.read("t", ["at", "v"], {}).sort_by("at")["v"].to_pylist() == values
    streamed = pa.Table.from_batches(list(sink.stream("t", ["at", "v"], {}))).sort_by("at")
    assert streamed["v"].to_pylist() == values
    assert target.one("SELECT count(*) FROM t WHERE v IS NULL") == "1"
    for at, literal in enumerate(literals, 1):
        equal = f"SELECT count(*) FROM t WHERE at = {at} AND v = "
        known = "(" + _oracle(target, name, literal) + ")"
        assert target.one(equal + known) == "1", literal


def test_a_null_batch_before_values(target: Target) -> None:
    """A column that begins with many NULLs, where drivers guess types from the first rows."""
    rows = 2_500
    kinds = {name: kind for name, (kind, _, _) in VALUES.items()}
    last = {name: values[-1] for name, (_, values, _) in VALUES.items()}
    columns = {name: pa.array([None] * (rows - 1) + [last[name]], kind) for name, kind in kinds.items()}
    table = pa.table({"at": pa.array(range(rows), pa.int64()), **columns})
    sink = target.sink()
    sink.prepare([TableSpec("wide", table.schema, ("at",))], create=True)
    sink.publish("one", [Part("wide", table)])
    assert sink.count("wide") == rows
    found = sink.read("wide", list(kinds), {"at": rows - 1}).to_pylist()
    assert found == [last]


@pytest.mark.parametrize("length", [3_999, 4_000, 4_001, 2_000_000])
def test_long_texts_arrive_whole(target: Target, length: int) -> None:
    texts = [None, "x" * length, EMOJI * (length // 4), "é" * length, "", "y" * (length - 1) + EMOJI]
    table = pa.table({"at": pa.array(range(len(texts)), pa.int64()), "v": pa.array(texts, pa.string())})
    sink = target.sink()
    sink.prepare([TableSpec("t", table.schema, ("at",))], create=True)
    sink.publish("one", [Part("t", table)])
    assert sink.read("t", ["at", "v"], {}).sort_by("at")["v"].to_pylist() == texts
    characters = "char_length" if target.name != "sqlite" else "length"
    assert target.one(f"SELECT {characters}(v) FROM t WHERE at = 1") == str(length)
    assert target.one(f"SELECT {characters}(v) FROM t WHERE at = 5") == str(length)


def test_bytes_and_uuids(target: Target) -> None:
    uuids = [None, "00000000-0000-0000-0000-000000000000", "fedcba98-7654-3210-0123-456789abcdef"]
    blobs = [None, b"", bytes(range(256)) * 20]
    table = pa.table({"at": pa.array(range(3), pa.int64()), "b": pa.array(blobs, pa.binary()), "u": uuids})
    sink = target.sink()
    sink.prepare([TableSpec("t", table.schema, ("at",), uuids=("u",))], create=True)
    sink.publish("one", [Part("t", table)])
    read = sink.read("t", ["at", "b", "u"], {}).sort_by("at")
    assert (read["b"].to_pylist(), read["u"].to_pylist()) == (blobs, uuids)
    size = {"postgresql": "octet_length"}.get(target.name, "length")
    assert target.one(f"SELECT {size}(b) FROM t WHERE at = 2") == str(256 * 20)
    assert target.one(f"SELECT count(*) FROM t WHERE u = '{uuids[2]}'") == "1"


def test_numbers_at_their_ends(target: Target) -> None:
    """Negative zero is zero in value; MariaDB and SQLite do not print its sign."""
    doubles = [None, -0.0, 1.7976931348623157e308, 5e-324, 2**53 + 1.0]
    table = pa.table(
        {"at": pa.array(range(5), pa.int64()), "d": doubles, "i": pa.array([0, -(2**63), 2**63 - 1, 1, 2])}
    )
    sink = target.sink()
    sink.prepare([TableSpec("t", table.schema, ("at",))], create=True)
    sink.publish("one", [Part("t", table)])
    read = sink.read("t", ["at", "d", "i"], {}).sort_by("at")
    assert (read["d"].to_pylist(), read["i"].to_pylist()) == (doubles, table["i"].to_pylist())
    zero = read["d"][1].as_py()
    assert target.name != "postgresql" or str(zero) == "-0.0"


def test_lists_are_arrays_where_there_are_such(target: Target) -> None:
    lists = pa.array([None, [], ["a", None, '"b,']], pa.list_(pa.string()))
    table = pa.table({"at": pa.array(range(3), pa.int64()), "v": lists})
    spec = TableSpec("t", table.schema, ("at",))
    sink = target.sink()
    if target.address.backend != "postgresql":
        assert sink.mismatches([spec], create=True) == [
            f"t.v: {target.dialect.tables.database} has no type for list<item: string>"  # type: ignore[attr-defined]
        ]
        return
    sink.prepare([spec], create=True)
    sink.publish("one", [Part("t", table)])
    written = target.execute("SELECT array_to_json(v) FROM t ORDER BY at").splitlines()
    assert written[1:] == ["[]", '["a",null,"\\"b,"]']


def test_texts_are_not_cut_at_a_nul(target: Target) -> None:
    """XML has none, SQL may make one: it is refused, and not stored as less."""
    table = pa.table({"at": pa.array([1], pa.int64()), "v": ["a\0b"]})
    sink = target.sink()
    sink.prepare([TableSpec("t", table.schema, ("at",))], create=True)
    with pytest.raises(DataError):
        sink.publish("one", [Part("t", table)])
    assert target.one("SELECT count(*) FROM t") == "0"


class _Cursor:
    """Says what it was asked for: what must never reach turbodbc would crash the process."""

    rowcount = 0

    def executemanycolumns(self, statement: str, columns: pa.Table) -> None:
        self.columns = columns
        self.rowcount = len(columns)


def test_the_gate_lets_pass_what_turbodbc_handles() -> None:
    columns = {
        "i": pa.array([1, None, 3], pa.int8()),
        "f": pa.array([1.5, None, 2.0], pa.float32()),
        "s": pa.array(["a", None, "b"], pa.large_string()),
        "v": pa.array(["a", None, "b"], pa.string_view()),
        "d": pa.array(["a", None, "a"]).dictionary_encode(),
    }
    rows = pa.concat_tables([pa.table(columns).slice(0, 2), pa.table(columns).slice(2)])
    cursor = _Cursor()
    assert insert(cursor, "INSERT …", rows, 1000) == 3
    assert {field.type for field in cursor.columns.schema} == {pa.int64(), pa.float64(), pa.string()}
    assert all(column.num_chunks == 1 for column in cursor.columns.columns)
    assert cursor.columns.to_pydict() == {name: values.to_pylist() for name, values in columns.items()}
    for unknown in (pa.nulls(2), pa.array([1, 2], pa.uint64()), pa.array([Decimal(1)]), pa.array([time(1)])):
        with pytest.raises(UnavailableError, match="nothing to write"):
            insert(cursor, "INSERT …", pa.table({"n": unknown}), 1000)
    with pytest.raises(DataError, match="NUL"):
        insert(cursor, "INSERT …", pa.table({"s": ["x", "a\0"]}).slice(1), 1000)
    assert insert(cursor, "INSERT …", pa.table({"s": ["a\0", "x"]}).slice(1), 1000) == 1
