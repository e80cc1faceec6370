"""Writing: every type arrives equal in value, or is refused; publications are whole or nothing, and happen once."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa

from loaders.errors import AlreadyPublishedError, DataError, LoaderError
from loaders.mssql.connect import connect_to_write
from loaders.mssql.statement import quote
from loaders.sink import ForeignKeySpec, MadeColumnSpec, Part, Removal, TableSpec
from tests.mssql_conformance.checking import Check, equal, raises
from tests.mssql_conformance.cutting import Cut, CuttingConnection
from tests.mssql_conformance.server import Server

# Column -> Arrow type and values, NULL first.
VALUES: dict[str, tuple[pa.DataType, list[object]]] = {
    "flag": (pa.bool_(), [None, True, False]),
    "tiny": (pa.int8(), [None, -128, 127]),
    "small": (pa.int16(), [None, -32768, 32767]),
    "medium": (pa.int32(), [None, -(2**31), 2**31 - 1]),
    "big": (pa.int64(), [None, -(2**63), 2**63 - 1]),
    "number": (pa.float64(), [None, 0.1, -1.7976931348623157e308]),
    "amount": (pa.decimal128(12, 2), [None, Decimal("-9999999999.99"), Decimal("0.01")]),
    "exact": (
        pa.decimal128(38, 10),
        [None, Decimal("0.0000000001"), Decimal("-1234567890123456789012345678.0123456789")],
    ),
    "day": (pa.date32(), [None, dt.date(1, 1, 1), dt.date(9999, 12, 31)]),
    "clock": (pa.time64("us"), [None, dt.time(0, 0, 0), dt.time(23, 59, 59, 999_999)]),
    "moment": (pa.timestamp("us"), [None, dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)]),
    "instant": (
        pa.timestamp("us", "UTC"),
        [None, dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(2020, 2, 29, 12, 30, 15, 123_456, dt.UTC)],
    ),
    "bytes": (pa.binary(), [None, b"", b"\0\xff" * 5_000]),
    "short": (pa.string(), [None, "", "é漢😀 '] "]),
    "long": (pa.string(), [None, "x" * 4_000, "😀" * 1_000_000]),
    "uid": (pa.string(), [None, "00000000-0000-0000-0000-000000000000", "0123abcd-ef01-2345-6789-abcdef012345"]),
}
_LEDGER = TableSpec(
    "ledger",
    pa.schema([pa.field("chunk", pa.int64(), nullable=False), pa.field("attempt", pa.string(), nullable=False)]),
    ("chunk",),
)
_ITEM = TableSpec(
    "item",
    pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("name", pa.string())]),
    ("id",),
    lengths=(("name", 20),),
)
# Type of a column, what the contract has -> a value that it holds, and one that it would change.
_EXACT = (
    ("datetime", dt.datetime(2020, 2, 29, 12, 0, 0, 3_000), dt.datetime(2020, 2, 29, 12, 0, 0, 1_000)),
    ("datetime", None, dt.datetime(1752, 12, 31)),
    ("smalldatetime", dt.datetime(2020, 2, 29, 12, 1), dt.datetime(2020, 2, 29, 12, 1, 1)),
    ("datetime2(3)", dt.datetime(2020, 2, 29, 12, 0, 0, 123_000), dt.datetime(2020, 2, 29, 12, 0, 0, 123_456)),
    ("datetime2(7)", dt.datetime(9999, 12, 31, 23, 59, 59, 999_999), None),
    ("varchar(5) COLLATE Latin1_General_CI_AS", "aé€", "漢"),
    ("varchar(5) COLLATE Latin1_General_CI_AS", "abcde", "abcdef"),
    ("varchar(5) COLLATE Latin1_General_CI_AS", "abcd ", "abcde "),
    ("varchar(max) COLLATE Cyrillic_General_CI_AS", "Жя", "é漢"),
    ("nvarchar(4)", "😀😀", "😀😀a"),
    ("text COLLATE Latin1_General_CI_AS", "aé", "漢"),
    ("uniqueidentifier", "0123abcd-ef01-2345-6789-abcdef012345", "0123abcd"),
    ("xml", "<a>x</a>", "<a>"),
    ("varbinary(3)", b"abc", b"abcd"),
    ("tinyint", 127, -1),
    ("money", Decimal("1.23"), None),
    ("bigint SPARSE", 5, None),
    ("time(3)", dt.time(1, 2, 3, 456_000), dt.time(1, 2, 3, 456_789)),
)


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module."""
    yield "every type arrives equal", _round_trip
    for kind, good, bad in _EXACT:
        yield f"{kind} holds a value or refuses it", _exact(kind, good, bad)
    yield "a publication is whole, and happens once", _publish
    yield "duplicates and missing parents are the documents' fault", _data_errors
    yield "cut before each call in turn", _cut(before=True)
    yield "cut after each call in turn", _cut(before=False)
    yield "more rows than one statement moves", _many_rows
    yield "rows are found, replaced and deleted by keys", _removals
    yield "triggers, defaults, computed columns", _made_columns
    yield "identity: kept, and made by the server", _identity
    yield "GUIDs made by the server", _uuids
    yield "keys are compared as the target's collation has them", _as_stored
    yield "a table with a history, and names with brackets", _special_tables
    yield "a key longer than any index is no key, and no end of the run", _long_key


def part(spec: TableSpec, *rows: Sequence[object]) -> Part:
    """Rows for a table."""
    columns = list(zip(*rows, strict=True)) or [()] * len(spec.schema)
    arrays = [pa.array(list(values), field.type) for values, field in zip(columns, spec.schema, strict=True)]
    return Part(spec.name, pa.Table.from_arrays(arrays, schema=spec.schema))


def _named(spec: TableSpec, prefix: str) -> TableSpec:
    keys = tuple(replace(key, table=prefix + key.table) for key in spec.foreign_keys)
    return replace(spec, name=prefix + spec.name, foreign_keys=keys)


def _round_trip(server: Server) -> None:
    schema = pa.schema(
        [pa.field("n", pa.int64(), nullable=False), *(pa.field(name, kind) for name, (kind, _) in VALUES.items())]
    )
    spec = TableSpec("every_type", schema, ("n",), lengths=(("short", 20),), uuids=("uid",))
    ledger = _named(_LEDGER, "types_")
    rows = [[at, *(values[at] for _, values in VALUES.values())] for at in range(3)]
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        equal(sink.mismatches([ledger, spec], create=False), [], "mismatches of what was just made")
        sink.publish("types", [part(ledger, [1, "a"]), part(spec, *rows)])
        found = pa.Table.from_batches(list(sink.stream("every_type", schema.names, {}))).sort_by("n")
        for name, values in zip(schema.names, zip(*rows, strict=True), strict=True):
            equal(found[name].to_pylist(), list(values), name)
    finally:
        sink.close()


def _exact(kind: str, good: object, bad: object) -> Check:
    def check(server: Server) -> None:
        table = f"exact_{_EXACT.index((kind, good, bad))}"
        arrow = pa.array([good if good is not None else bad]).type
        arrow = {"tinyint": pa.int8(), "money": pa.decimal128(12, 2)}.get(kind, arrow)
        spec = TableSpec(table, pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("a", arrow)]), ("id",))
        ledger = _named(_LEDGER, f"{table}_")
        server.run(f"CREATE TABLE {server.named(table)} (id bigint NOT NULL PRIMARY KEY, a {kind} NULL)")
        sink = server.sink()
        try:
            sink.prepare([ledger, spec], create=True)
            sink.publish("good", [part(ledger, [1, "a"]), part(spec, [1, good], [2, None])])
            equal(sink.read(table, ["a"], {"id": 1})["a"].to_pylist(), [good])
            if bad is not None:
                raises(DataError, lambda: sink.probe([part(ledger, [2, "b"]), part(spec, [3, bad])]))
                raises(DataError, lambda: sink.publish("bad", [part(ledger, [2, "b"]), part(spec, [3, bad])]))
                equal(sink.count(table), 2, "rows after a refused publication")
                equal(sink.count(ledger.name), 1, "ledger rows after a refused publication")
        finally:
            sink.close()

    return check


def _publish(server: Server) -> None:
    ledger, item = _named(_LEDGER, "once_"), _named(_ITEM, "once_")
    sink = server.sink()
    try:
        sink.prepare([ledger, item], create=True)
        parts = [part(ledger, [1, "a"]), part(item, [1, "x"], [2, None])]
        sink.probe(parts)
        equal((sink.count(ledger.name), sink.count(item.name)), (0, 0), "rows after a probe")
        sink.publish("p1", parts)
        again = [part(ledger, [1, "b"]), part(item, [3, "y"])]
        raises(AlreadyPublishedError, lambda: sink.publish("p1", again))
        equal((sink.count(ledger.name), sink.count(item.name)), (1, 2), "rows")
        equal(sink.read(ledger.name, ["attempt"], {"chunk": 1})["attempt"].to_pylist(), ["a"])
        sink.publish("p2", [part(ledger, [2, "c"]), part(item)])
        equal(server.staged_tables(), 0, "staging tables")
    finally:
        sink.close()


def _data_errors(server: Server) -> None:
    ledger, item = _named(_LEDGER, "refused_"), _named(_ITEM, "refused_")
    child = TableSpec(
        "refused_child",
        pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("item", pa.int64(), nullable=False)]),
        ("id",),
        foreign_keys=(ForeignKeySpec(("item",), item.name, ("id",)),),
    )
    sink = server.sink()
    try:
        sink.prepare([ledger, item, child], create=True)
        sink.publish("ok", [part(ledger, [1, "a"]), part(item, [1, "x"]), part(child, [1, 1])])
        told = raises(DataError, lambda: sink.publish("key", [part(ledger, [2, "a"]), part(item, [5, "y"], [1, "z"])]))
        assert "PRIMARY KEY" in told.message, told.message
        raises(DataError, lambda: sink.publish("parent", [part(ledger, [2, "a"]), part(child, [2, 99])]), "FOREIGN KEY")
        long = [part(ledger, [2, "a"]), part(item, [6, "x" * 41])]
        raises(DataError, lambda: sink.publish("long", long), "cannot hold")
        equal((sink.count(ledger.name), sink.count(item.name), sink.count(child.name)), (1, 1, 1), "rows")
        equal(server.staged_tables(), 0, "staging tables")
    finally:
        sink.close()


def _cut(*, before: bool) -> Check:
    """The n-th call of publishing fails, and the connection with it; then it is tried again, and is whole."""

    def check(server: Server) -> None:
        prefix = "before_" if before else "after_"
        ledger, item = _named(_LEDGER, prefix), _named(_ITEM, prefix)
        whole = server.sink()
        whole.prepare([ledger, item], create=True)
        try:
            for at in range(1, 200):
                cut = Cut(at, before=before)
                parts = [part(ledger, [at, "a"]), part(item, *([at * 10 + row, "x"] for row in range(3)))]
                sink = server.sink(lambda rows, cut=cut: CuttingConnection(connect_to_write(server.address), cut))
                try:
                    cut.armed = True
                    sink.publish(f"p{at}", parts)
                except LoaderError:
                    pass
                finally:
                    cut.armed = False
                    sink.close()
                _check_whole(whole, ledger, item, at)
                with contextlib.suppress(AlreadyPublishedError):
                    whole.publish(f"p{at}", parts)
                _check_whole(whole, ledger, item, at, published=True)
                if not cut.reached:
                    break
            whole.prepare([ledger, item], create=True)
            equal(server.staged_tables(), 0, "staging tables after the next run began")
        finally:
            whole.close()

    return check


def _check_whole(sink: object, ledger: TableSpec, item: TableSpec, at: int, *, published: bool = False) -> None:
    rows = len(sink.read(ledger.name, ["attempt"], {"chunk": at}))  # type: ignore[attr-defined]
    items = sink.count(item.name) - 3 * (at - 1)  # type: ignore[attr-defined]
    assert (rows, items) in ([(1, 3)] if published else [(0, 0), (1, 3)]), (
        f"cut {at}: {rows} ledger rows, {items} items"
    )


def _many_rows(server: Server) -> None:
    ledger, item = _named(_LEDGER, "many_"), _named(_ITEM, "many_")
    sink = server.sink()
    try:
        sink.prepare([ledger, item], create=True)
        rows = 20_001
        ids = pa.array(range(rows), pa.int64())
        table = pa.Table.from_arrays([ids, pa.array(["x"] * rows)], schema=item.schema)
        sink.publish("many", [part(ledger, [1, "a"]), Part(item.name, table)])
        equal(sink.count(item.name), rows, "rows")
    finally:
        sink.close()


def _removals(server: Server) -> None:
    ledger, item = _named(_LEDGER, "removed_"), _named(_ITEM, "removed_")
    sink = server.sink()
    try:
        sink.prepare([ledger, item], create=True)
        ids = pa.array(range(5_000), pa.int64())
        table = pa.Table.from_arrays([ids, pa.array(["old"] * len(ids))], schema=item.schema)
        sink.publish("first", [part(ledger, [1, "a"]), Part(item.name, table)])
        assert sink.deletes_at_once([item.name])
        keys = pa.table({"id": pa.array([1, 3, 99_999], pa.int64())})
        found = [row for batch in sink.select(item.name, ["id", "name"], keys) for row in batch.to_pylist()]
        equal(sorted(row["id"] for row in found), [1, 3], "rows found by keys")
        replaced = part(item, [1, "new"], [3, "new"])
        sink.publish("second", [part(ledger, [2, "a"]), replaced], [Removal(item.name, keys)])
        equal(sink.read(item.name, ["name"], {"id": 3})["name"].to_pylist(), ["new"])
        sink.delete([Removal(item.name, pa.table({"id": ids.slice(0, 4_500)}))])
        equal(sink.count(item.name), 500, "rows that are left")
    finally:
        sink.close()


def _made_columns(server: Server) -> None:
    ledger = _named(_LEDGER, "made_")
    spec = TableSpec(
        "made",
        pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("state", pa.string())]),
        ("id",),
        made=(
            MadeColumnSpec("loaded_at", pa.timestamp("us"), default="SYSUTCDATETIME()", nullable=False),
            MadeColumnSpec("twice", computed="[id] * 2"),
        ),
        omitted=("state",),
        lengths=(("state", 10),),
    )
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        table = server.named("made")
        trigger = (
            f"CREATE TRIGGER {server.named('made_log')} ON {table} AFTER INSERT AS"
            f" INSERT INTO {server.named('made_seen')} SELECT id FROM inserted"
        )
        server.run(
            f"ALTER TABLE {table} ADD CONSTRAINT made_state DEFAULT N'new' FOR state",
            f"CREATE TABLE {server.named('made_seen')} (id bigint NOT NULL)",
            "EXEC(N'" + trigger.replace("'", "''") + "')",
        )
        notes = sink.notes([ledger, spec])
        assert any("made_log" in note for note in notes), notes
        sink.publish("made", [part(ledger, [1, "a"]), part(spec, [1, None], [2, "old"], [3, None])])
        states = server.texts("state", f"FROM {table} WHERE loaded_at IS NOT NULL AND twice = id * 2 ORDER BY id")
        equal(states, ["new", "old", "new"])
        equal(server.number("COUNT_BIG(*)", f"FROM {server.named('made_seen')}"), 3, "rows the trigger saw")
    finally:
        sink.close()


def _identity(server: Server) -> None:
    ledger = _named(_LEDGER, "numbers_")
    made = TableSpec(
        "numbers_made",
        pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("a", pa.int32())]),
        ("id",),
        numbered=("id",),
        database_made=("id",),
    )
    kept = replace(made, name="numbers_there")
    server.run(f"CREATE TABLE {server.named('numbers_there')} (id int IDENTITY(10,5) NOT NULL PRIMARY KEY, a int NULL)")
    sink = server.sink()
    try:
        sink.prepare([ledger, made, kept], create=True)
        for at, spec in enumerate((made, kept)):
            first = sink.next_values(spec.name, "id", 3).to_pylist()
            server.run(f"INSERT INTO {server.named(spec.name)} (a) VALUES (0)")
            second = sink.next_values(spec.name, "id", 1_500).to_pylist()
            equal(len({*first, *second}), 1_503, "distinct numbers")
            equal(second, sorted(second), "numbers in order")
            rows = [[number, 1] for number in (*first, *second)]
            sink.publish(spec.name, [part(ledger, [at, "a"]), part(spec, *rows)])
            server.run(f"INSERT INTO {server.named(spec.name)} (a) VALUES (0)")
            equal(sink.count(spec.name), 1_505, "rows")
    finally:
        sink.close()


def _as_stored(server: Server) -> None:
    spec = TableSpec("folded", pa.schema([pa.field("k", pa.string(), nullable=False)]), ("k",), lengths=(("k", 20),))
    ledger = _named(_LEDGER, "folded_")
    server.run(
        f"CREATE TABLE {server.named('folded')} (k nvarchar(40) COLLATE Latin1_General_CI_AI NOT NULL PRIMARY KEY)"
    )
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        sink.publish("folded", [part(ledger, [1, "a"]), part(spec, ["É"])])
        rows = part(spec, ["e"], ["A"], ["a "], ["b"], ["x" * 41]).rows
        equal(sink.as_stored("folded", rows)["k"].to_pylist(), ["É", "A", "A", "b", None])
        equal(sink.as_kept("folded", rows)["k"].to_pylist()[:4], ["e", "A", "a ", "b"])
    finally:
        sink.close()


def _special_tables(server: Server) -> None:
    """What fills itself is left alone; and a name may hold whatever ends a name elsewhere."""
    ledger, odd = _named(_LEDGER, "special_"), "odd ].[ 'name\""
    fields = [pa.field("id", pa.int64(), nullable=False), pa.field("a", pa.int32()), pa.field(odd, pa.string())]
    spec = TableSpec("special", pa.schema(fields), ("id",), lengths=((odd, 20),))
    server.run(
        f"CREATE TABLE {server.named('special')} (id bigint NOT NULL PRIMARY KEY, a int NULL,"
        f" {quote(odd)} nvarchar(40) NULL, since datetime2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,"
        " until datetime2 GENERATED ALWAYS AS ROW END HIDDEN NOT NULL, PERIOD FOR SYSTEM_TIME (since, until))"
        f" WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = {server.named('special_history')}))"
    )
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        sink.publish("first", [part(ledger, [1, "a"]), part(spec, [1, None, "x"], [2, 2, None])])
        keys = pa.table({"id": pa.array([1], pa.int64())})
        sink.publish("second", [part(ledger, [2, "a"]), part(spec, [1, 3, "y"])], [Removal("special", keys)])
        equal(sink.read("special", ["a", odd], {"id": 1}).to_pylist(), [{"a": 3, odd: "y"}])
        equal(server.number("COUNT_BIG(*)", f"FROM {server.named('special_history')}"), 1, "rows of the history")
    finally:
        sink.close()


def _long_key(server: Server) -> None:
    ledger, spec = _named(_LEDGER, "endless_"), replace(_ITEM, name="endless_item", key=("name",), lengths=())
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        sink.publish("one", [part(ledger, [1, "a"]), part(spec, [1, "k"])])
        keys = pa.table({"name": ["K", "x" * 5_000, None, "😀" * 2_001]})
        equal(
            sink.as_stored(spec.name, keys)["name"].to_pylist()[1:], [None, None, None], "keys that the target refuses"
        )
    finally:
        sink.close()


def _uuids(server: Server) -> None:
    ledger, names = _named(_LEDGER, "uuids_"), ("id", "other")
    fields = [pa.field(name, pa.string(), nullable=False) for name in names]
    spec = TableSpec("uuids", pa.schema(fields), ("id",), uuids=names, database_made=names)
    server.run(
        f"CREATE TABLE {server.named('uuids')} (id uniqueidentifier NOT NULL DEFAULT (NEWSEQUENTIALID()) PRIMARY KEY,"
        " other uniqueidentifier NOT NULL DEFAULT (NEWID()))"
    )
    sink = server.sink()
    try:
        sink.prepare([ledger, spec], create=True)
        made = [
            [value for count in (3, 1_500) for value in sink.next_values("uuids", name, count).to_pylist()]
            for name in names
        ]
        equal([len(set(each)) for each in made], [1_503, 1_503], "distinct GUIDs")
        sink.publish("uuids", [part(ledger, [1, "a"]), part(spec, *zip(*made, strict=True))])
        equal(sink.count("uuids"), 1_503, "rows")
    finally:
        sink.close()
