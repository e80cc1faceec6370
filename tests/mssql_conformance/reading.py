"""Reading: documents of any length and type, keys of any type and collation, snapshots, the catalogue."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pyarrow as pa

from loaders.mssql.dialect import MSSQL
from loaders.mssql.statement import literal
from loaders.source import EVERYTHING, NULL_KEYS
from tests.mssql_conformance.checking import Check, equal
from tests.mssql_conformance.server import LIMITS, Server, Skipped

# Around turbodbc's buffers, in UTF-16 units; then what needs a buffer of its own.
_LENGTHS = [at + by for at in (2_048, 4_000, 8_000, 32_768, 131_072, 524_288) for by in (-1, 0, 1)]
_HUGE = 10_000_000
# Latin characters that are in code page 1252 and take one byte there, two in UTF-8.
_ENDS = {"nvarchar(max)": ("x", "é", "漢", "😀"), "varchar(max)": ("x", "é", "€"), "xml": ("x", "é", "😀")}

# Type -> values as T-SQL, in the order of the server; those of collated text are written in another one.
_KEYS = {
    "int": ["-2147483648", "-1", "0", "1", "2147483647"],
    "bigint": ["-9223372036854775808", "0", "9223372036854775807"],
    "tinyint": ["0", "255"],
    "decimal(12,2)": ["-9999999999.99", "0.00", "0.01", "9999999999.99"],
    "decimal(38,10)": ["-1234567890123456789012345678.0123456789", "0.0000000001"],
    "money": ["-922337203685477.5808", "0.0001", "922337203685477.5807"],
    "float": ["-1.7976931348623157e308", "0.1", "0.30000000000000004", "2.2250738585072014e-308"],
    "real": ["0.1", "3.4e38"],
    "date": ["'0001-01-01'", "'9999-12-31'"],
    "datetime": ["'1753-01-01T00:00:00'", "'2020-02-29T23:59:59.997'", "'2020-02-29T12:00:00.003'"],
    "smalldatetime": ["'1900-01-01T00:00:00'", "'2079-06-06T23:59:00'"],
    "datetime2(7)": ["'0001-01-01T00:00:00.0000001'", "'9999-12-31T23:59:59.9999999'", "'2020-01-01T00:00:00'"],
    "datetime2(3)": ["'2020-01-01T00:00:00.001'", "'2020-01-01T00:00:00.002'"],
    "datetimeoffset(7)": ["'2020-01-01T00:00:00.1234567+14:00'", "'2020-01-01T00:00:00-14:00'"],
    "time(7)": ["'00:00:00'", "'23:59:59.9999999'"],
    "uniqueidentifier": [
        "'00000000-0000-0000-0000-000000000001'",
        "'01000000-0000-0000-0000-000000000000'",
        "'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'",
    ],
    "varchar(20) COLLATE Latin1_General_CI_AI": ["'b'", "N'É'", "'a'", "'Z'", "'ab'", "'x y'", "''''"],
    "nvarchar(20) COLLATE Latin1_General_100_CI_AS_SC": ["N'b'", "N'É'", "N'😀'", "N'漢字'", "N''", "N'a-b'"],
    "varchar(20) COLLATE Cyrillic_General_CI_AS": ["N'Ж'", "N'я'", "'a'"],
    "nvarchar(20) COLLATE Latin1_General_100_BIN2": ["N'a'", "N'A'", "N'é'"],
    "char(5) COLLATE Latin1_General_CI_AS": ["'a'", "'abcde'"],
    "nchar(5) COLLATE Latin1_General_CI_AS": ["N'a'", "N'漢'"],
    "varbinary(8)": ["0x", "0x00FF", "0xFFFFFFFFFFFFFFFF"],
    "binary(4)": ["0x00000001", "0xFF000000"],
}


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module, for each reader."""
    for reader in server.readers:
        for kind in _ENDS:
            yield f"{reader}: {kind} of every length", _lengths(reader, kind)
        yield f"{reader}: binary documents", _binary(reader)
        yield f"{reader}: half surrogate pairs", _half_pairs(reader)
        for kind in _KEYS:
            yield f"{reader}: key {kind}", _key(reader, kind)
        yield f"{reader}: composite key, NULL keys", _composite(reader)
    yield "one state of the database while it is read", _snapshot
    yield "the catalogue", _catalogue


def _lengths(reader: str, kind: str) -> Check:
    def check(server: Server) -> None:
        table = f"length_{kind.partition('(')[0]}_{reader.replace('-', '')}"
        texts = [None, "" if kind != "xml" else "<a/>"]
        for end in _ENDS[kind]:
            units = len(end.encode("utf-16-le")) // 2
            texts += [_document(kind, length - units) + _closed(kind, end) for length in _LENGTHS]
        texts.append(_document(kind, _HUGE) + _closed(kind, "x"))
        collation = " COLLATE Latin1_General_CI_AS" if kind.startswith("varchar") else ""
        given = f"{table}_given"
        server.run(
            f"CREATE TABLE {server.named(table)} (id int NOT NULL PRIMARY KEY, document {kind}{collation} NULL)",
            f"CREATE TABLE {server.named(given)} (id int NOT NULL, document nvarchar(max) NULL)",
        )
        server.copy(given, pa.table({"id": pa.array(range(len(texts)), pa.int32()), "document": texts}))
        value = "CONVERT(xml, document)" if kind == "xml" else "document"
        server.run(f"INSERT INTO {server.named(table)} SELECT id, {value} FROM {server.named(given)}")
        found = server.documents(reader, table, "id")
        for at, text in enumerate(texts):
            equal(found[(str(at),)], text, f"document {at} of {0 if text is None else len(text):,} characters")

    return check


def _document(kind: str, length: int) -> str:
    return "<a>" + "x" * max(0, length - 7) if kind == "xml" else "x" * length


def _closed(kind: str, end: str) -> str:
    return end + "</a>" if kind == "xml" else end


def _binary(reader: str) -> Check:
    def check(server: Server) -> None:
        table = f"binary_{reader.replace('-', '')}"
        values = [None, b"", b"\0\xff", gzip.compress(b"<a/>", mtime=0), b"\0" * 70_000, "<é/>".encode("utf-16")]
        server.run(f"CREATE TABLE {server.named(table)} (id int NOT NULL PRIMARY KEY, document varbinary(max) NULL)")
        server.copy(
            table, pa.table({"id": pa.array(range(len(values)), pa.int32()), "document": pa.array(values, pa.binary())})
        )
        found = server.documents(reader, table, "id")
        equal([found[(str(at),)] for at in range(len(values))], values)

    return check


def _half_pairs(reader: str) -> Check:
    """Half a pair is no text; U+FFFD itself, and pairs, are."""

    def check(server: Server) -> None:
        table = f"half_{reader.replace('-', '')}"
        server.run(
            f"CREATE TABLE {server.named(table)} (id int NOT NULL PRIMARY KEY, document nvarchar(max) NULL)",
            f"INSERT INTO {server.named(table)} VALUES (0, N'<a/>'), (1, N'<' + CAST(0x00D8 AS nchar(1)) + N'>'),"
            f" (2, N'<' + CAST(0xFDFF AS nchar(1)) + N'>'), (3, N'<😀>'), (4, CAST(0x00DC AS nchar(1))),"
            f" (5, N'😀' + CAST(0x00D8 AS nchar(1))), (6, NULL)",
        )
        found = server.documents(reader, table, "id")
        texts = [found[(str(at),)] for at in range(7)]
        equal(texts, ["<a/>", None, "<\ufffd>", "<😀>", None, None, None])

    return check


def _key(reader: str, kind: str) -> Check:
    def check(server: Server) -> None:
        table = f"key_{list(_KEYS).index(kind)}_{reader.replace('-', '')}"
        server.run(
            f"CREATE TABLE {server.named(table)} (k {kind} NOT NULL PRIMARY KEY, document nvarchar(max) NULL)",
            *(
                f"INSERT INTO {server.named(table)} (k, document) VALUES ({value}, N'<{at}/>')"
                for at, value in enumerate(_KEYS[kind])
            ),
        )
        _check_ranges(server, reader, table, ("k",), len(_KEYS[kind]))

    return check


def _composite(reader: str) -> Check:
    def check(server: Server) -> None:
        table = f"composite_{reader.replace('-', '')}"
        server.run(
            f"CREATE TABLE {server.named(table)} (a varchar(10) COLLATE Latin1_General_CI_AI NULL, b int NULL,"
            " document nvarchar(max) NULL)",
            f"INSERT INTO {server.named(table)} VALUES ('a', 1, N'<a/>'), ('A', 2, N'<b/>'), ('b', 1, N'<c/>'),"
            " (N'á', 3, N'<d/>'), (NULL, 1, N'<e/>'), ('c', NULL, N'<f/>')",
        )
        _check_ranges(server, reader, table, ("a", "b"), 4)
        with server.source(reader, table, "a", "b") as source, source.read(NULL_KEYS, LIMITS) as read:
            equal(sum(len(batch) for batch in read.batches()), 2, "rows with NULL in their key")

    return check


def _check_ranges(server: Server, reader: str, table: str, key: tuple[str, ...], rows: int) -> None:
    """Ranges of one row: together they hold each row once, and read by themselves they are what they are together."""
    with server.source(reader, table, *key) as source:
        ranges = [each.range for each in source.cut(EVERYTHING, rows=1, total_bytes=1 << 30)]
        equal(source.count(ranges), [1] * len(ranges), "rows of each range")
        equal(len(ranges), rows, "ranges")
        keys, found = [], []
        for each in ranges:
            with source.read(each, LIMITS) as read:
                keys += list(zip(*(column.to_pylist() for column in read.keys.columns), strict=True))
                found += [text for batch in read.batches() for text in batch["document"].to_pylist()]
                equal(source.measure([each])[0], read.found, "the digest of a range")
        equal(source.rank(keys), list(range(1, rows + 1)), "ranks")
        equal(len(set(found)), rows, "distinct documents")
        equal(source.key_at(EVERYTHING, rows), keys[-1], "the last key")
        with source.read(EVERYTHING, LIMITS) as read:
            equal(list(zip(*(column.to_pylist() for column in read.keys.columns), strict=True)), keys, "keys in order")


def _snapshot(server: Server) -> None:
    state = server.number(
        "COALESCE((SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()), 0)"
    )
    if state != 1:
        raise Skipped("ALLOW_SNAPSHOT_ISOLATION is off: ranges are read under READ COMMITTED")
    server.run(
        f"CREATE TABLE {server.named('moving')} (id int NOT NULL PRIMARY KEY, document nvarchar(max) NULL)",
        f"INSERT INTO {server.named('moving')} VALUES (1, N'<a/>'), (2, N'<b/>')",
    )
    with server.source("mssql-python", "moving", "id") as source, source.read(EVERYTHING, LIMITS) as read:
        equal(len(read.keys), 2)
        server.run(
            f"UPDATE {server.named('moving')} SET document = N'<c/>'",
            f"DELETE FROM {server.named('moving')} WHERE id = 2",
        )
        texts = [text for batch in read.batches() for text in batch["document"].to_pylist()]
        equal(sorted(texts), ["<a/>", "<b/>"], "documents as they were when reading began")


def _catalogue(server: Server) -> None:
    parent, child = server.named("parent"), server.named("child")
    trigger = f"CREATE TRIGGER {server.named('child_inserted')} ON {child} AFTER INSERT AS SET NOCOUNT ON"
    server.run(
        f"CREATE TABLE {parent} (id int NOT NULL PRIMARY KEY,"
        " name nvarchar(20) COLLATE Latin1_General_CI_AS NULL UNIQUE)",
        f"CREATE TABLE {child} (id int IDENTITY(5,5) NOT NULL PRIMARY KEY,"
        f" parent_id int NOT NULL REFERENCES {parent} (id), amount decimal(12,2) NOT NULL DEFAULT (1),"
        " twice AS (amount * 2), seen_at datetime2(3) NULL, stamp rowversion)",
        f"EXEC({literal(trigger)})",
    )
    with server.writing() as connection:
        found = MSSQL.tables.look_up(connection, server.schema, "child")
        other = MSSQL.tables.look_up(connection, server.schema, "parent")
        equal(MSSQL.tables.look_up(connection, server.schema, "nobody"), None)
        assert "child" in MSSQL.tables.table_names(connection, server.schema)
        query = f"(SELECT p.name, COUNT(*) AS n FROM {parent} AS p GROUP BY p.name) AS q"
        described = MSSQL.tables.described(connection, query)
    assert found is not None
    assert other is not None
    types = [found.columns[at].type for at in (0, 1, 2, 4, 5)]
    equal(types, ["int", "int", "decimal(12,2)", "datetime2(3)", "timestamp"])
    equal([column.identity for column in found.columns], [True, False, False, False, False, False])
    equal([column.computed for column in found.columns], [False, False, False, True, False, True])
    equal([bool(column.default) for column in found.columns], [False, False, True, False, False, False])
    equal(found.keys, (("id",),))
    keys = [(key.columns, key.schema, key.table, key.references) for key in found.foreign_keys]
    equal(keys, [(("parent_id",), server.schema, "parent", ("id",))])
    equal(found.triggers, ("child_inserted",))
    equal(other.keys, (("id",), ("name",)))
    equal(other.columns[1].collation, "Latin1_General_CI_AS")
    equal([(column.name, column.type) for column in described], [("name", "nvarchar(20)"), ("n", "int")])
