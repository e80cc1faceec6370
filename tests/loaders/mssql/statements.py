"""Every T-SQL text that the program sends to SQL Server, by file and name: `python -m tests.loaders.mssql.statements`
writes the golden files anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredForeignKey, StoredTable
from loaders.database.key_table import KeyTable
from loaders.database.row_selection import selects
from loaders.database.select import Select, Selected
from loaders.database.stored_keys import StoredKeys
from loaders.database.target_tables import TargetTables
from loaders.mssql import catalog_sql
from loaders.mssql.dialect import MSSQL
from loaders.mssql.half_pairs import second_look
from loaders.mssql.mssql_python_connection import limited
from loaders.mssql.session import COMMIT, ROLLBACK, SNAPSHOT_STATE, before_select, begin_sql, session_sql
from loaders.mssql.statement import select_sql
from loaders.mssql.tables import MssqlTables
from loaders.mssql.types import arrow_type
from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec
from tests.loaders.mssql.range_statements import page_statements, range_statements

GOLDEN = Path(__file__).parent / "golden"
Statements = Iterator[tuple[str, str]]

COLLATION = "Latin1_General_100_CI_AS"
TYPES = (
    *("bit", "tinyint", "smallint", "int", "bigint", "decimal(12,2)", "numeric(38,10)", "money", "smallmoney"),
    *("float", "real", "date", "datetime", "smalldatetime", "datetime2(7)", "datetime2(3)", "datetimeoffset(6)"),
    *("time(7)", "uniqueidentifier", "char(5)", "varchar(20)", "varchar(8000)", "varchar(max)", "text", "nchar(5)"),
    *("nvarchar(20)", "nvarchar(max)", "ntext", "xml", "binary(8)", "varbinary(20)", "varbinary(max)", "image"),
    "timestamp",
)


def column(kind: str, name: str = "a", **more: object) -> StoredColumn:
    """A column of a type, text under a collation."""
    bare = kind.partition("(")[0]
    collation = COLLATION if bare in ("char", "varchar", "text", "nchar", "nvarchar", "ntext") else ""
    return replace(StoredColumn(name, kind, arrow_type(kind), True, collation=collation), **more)


SPECS = (
    TableSpec(
        "application",
        pa.schema(
            [
                pa.field("application_id", pa.int64(), nullable=False),
                pa.field("branch", pa.string(), nullable=False),
                pa.field("received_at", pa.timestamp("us")),
                pa.field("seen_at", pa.timestamp("us", "UTC")),
                pa.field("opens", pa.time64("us")),
                pa.field("amount", pa.decimal128(12, 2)),
                pa.field("rate", pa.float64()),
                pa.field("small", pa.int8()),
                pa.field("approved", pa.bool_()),
                pa.field("born", pa.date32()),
                pa.field("photo", pa.binary()),
                pa.field("note", pa.string()),
                pa.field("uid", pa.string()),
            ]
        ),
        key=("application_id", "branch"),
        made=(
            MadeColumnSpec("loaded_at", pa.timestamp("us"), default="SYSUTCDATETIME()", nullable=False),
            MadeColumnSpec("cents", computed="CAST([amount] * 100 AS bigint)"),
        ),
        lengths=(("note", 200), ("branch", 10)),
        uuids=("uid",),
    ),
    TableSpec(
        "sales.contact",
        pa.schema(
            [
                pa.field("contact_id", pa.int64(), nullable=False),
                pa.field("application_id", pa.int64(), nullable=False),
                pa.field("branch", pa.string(), nullable=False),
            ]
        ),
        key=("contact_id",),
        foreign_keys=(ForeignKeySpec(("application_id", "branch"), "application", ("application_id", "branch")),),
        numbered=("contact_id",),
    ),
    TableSpec(
        "columnar_ledger",
        pa.schema(
            [
                pa.field("job", pa.string(), nullable=False),
                pa.field("generation", pa.int32(), nullable=False),
                pa.field("chunk", pa.int64(), nullable=False),
                pa.field("receipt", pa.string()),
            ]
        ),
        key=("job", "generation", "chunk"),
    ),
    TableSpec(
        "it's a ]strange name",
        pa.schema([pa.field("a", pa.string()), pa.field("b", pa.string())]),
        key=("a", "b"),
        lengths=(("a", 300), ("b", 300)),
    ),
)
TABLE = StoredTable(
    "dbo",
    "target",
    "table",
    tuple(column(kind, f"c{at}") for at, kind in enumerate(TYPES) if kind != "timestamp"),
)
STAGED = "[columnar].[columnar_0123456789ab_job_g1_c000000001_1_0]"


def reading() -> Statements:
    """Values as text, keys as parameters, documents, digests, paging."""
    dialect = MSSQL.reading
    for kind in TYPES:
        each = column(kind)
        yield f"as_text {kind}", f"SELECT {dialect.as_text('t.[a]', each)} FROM [dbo].[t] AS t"
        if kind not in ("xml", "text", "ntext", "image"):
            yield f"bound {kind}", f"SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > {dialect.bound(each)}"
        if dialect.is_text(each) or dialect.is_binary(each):
            document = dialect.document("t.[a]", each)
            yield f"document {kind}", f"SELECT {document}, {dialect.length(document)} FROM [dbo].[t] AS t"
    yield "as_integer", f"SELECT {dialect.as_integer('t.[a]', column('int'))} FROM [dbo].[t] AS t"
    texts = [dialect.as_text("t.[a]", column("int")), dialect.as_text("t.[b]", column("varchar(20)"))]
    yield "keys_digest one", f"SELECT {dialect.keys_digest(texts[:1])} FROM [dbo].[t] AS t"
    yield "keys_digest two", f"SELECT {dialect.keys_digest(texts)} FROM [dbo].[t] AS t"
    yield "first", f"SELECT 1 FROM [dbo].[t] AS t ORDER BY t.[a] {dialect.first(1, 41)}"


def documents() -> Statements:
    """A SELECT of documents, with its limit, and the second look at those with U+FFFD."""
    columns = (
        Selected("id", "CAST(t.[id] AS bigint)", pa.int64()),
        Selected("document", MSSQL.reading.document("t.[xml]", column("xml")), pa.string()),
    )
    select = Select(columns, "FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)", ("1",), document="document")
    yield "select", select_sql(select)
    yield "limited", select_sql(limited(replace(select, longest=1_000_000)))
    yield "second look", select_sql(second_look(limited(replace(select, longest=1_000_000))))
    yield "over turbodbc", before_select() + select_sql(select)
    yield "over turbodbc, snapshot", before_select(isolation="snapshot") + select_sql(select)


def session() -> Statements:
    """Settings and transactions."""
    yield "session", session_sql()
    yield "snapshot state", f"SELECT {SNAPSHOT_STATE}"
    yield "begin", begin_sql(snapshot=False)
    yield "begin reading", begin_sql(snapshot=True)
    yield "commit", COMMIT
    yield "rollback", ROLLBACK


def tables() -> Statements:
    """CREATE statements."""
    for at, statement in enumerate(MssqlTables().statements(SPECS, "loans")):
        yield f"create {at}", statement
    yield "staging schema", MssqlTables().schema_statements("columnar's")[0]


def catalogue() -> Statements:
    """What sys.* is asked."""
    for name, texts, integers, tail, order in (
        ("relation", catalog_sql.RELATION_TEXTS, {"id": "CAST(o.object_id AS bigint)"}, catalog_sql.RELATION, ""),
        ("tables", {"name": "CAST(t.name AS nvarchar(128))"}, {}, catalog_sql.TABLES, " ORDER BY t.name"),
        (
            "columns",
            catalog_sql.COLUMN_TEXTS,
            catalog_sql.COLUMN_INTEGERS,
            catalog_sql.COLUMNS,
            " ORDER BY c.column_id",
        ),
        ("keys", catalog_sql.KEY_TEXTS, catalog_sql.KEY_INTEGERS, catalog_sql.KEYS, catalog_sql.KEYS_ORDER),
        (
            "foreign keys",
            catalog_sql.FOREIGN_KEY_TEXTS,
            catalog_sql.FOREIGN_KEY_INTEGERS,
            catalog_sql.FOREIGN_KEYS,
            catalog_sql.FOREIGN_KEYS_ORDER,
        ),
        ("triggers", {"name": "CAST(t.name AS nvarchar(128))"}, {}, catalog_sql.TRIGGERS, " ORDER BY t.name"),
        (
            "described",
            catalog_sql.DESCRIBED_TEXTS,
            catalog_sql.DESCRIBED_INTEGERS,
            catalog_sql.DESCRIBED.format("N'SELECT * FROM (SELECT a FROM dbo.t) AS q'"),
            " ORDER BY r.column_ordinal",
        ),
    ):
        columns = [Selected(each, text, pa.string()) for each, text in texts.items()]
        columns += [Selected(each, text, pa.int64()) for each, text in integers.items()]
        yield name, select_sql(Select(tuple(columns), tail, order=order))


def writing() -> Statements:
    """Staging, moving, locks, identities."""
    dialect = MSSQL.writing
    yield "create staging", dialect.create_staging(STAGED, TABLE.columns)
    for each in TABLE.columns:
        yield f"move {each.type}", dialect.move(TABLE, [each], STAGED, 2001, 4000)
    yield "move several", dialect.move(TABLE, TABLE.columns[:4], STAGED, 1, 2000)
    yield "move no columns", dialect.move(TABLE, [], STAGED, 1, 3)
    yield "insert", dialect.insert(TABLE, [each for each in TABLE.columns if each.type != "xml"])
    yield "insert defaults", dialect.insert(TABLE, [])
    comparable = [each for each in TABLE.columns if each.type not in ("xml", "text", "ntext", "image")]
    yield "create comparison", dialect.create_comparison(TABLE, comparable, f"[{dialect.temporary_name}]")
    keys = "[#columnar_compared_0]"
    own = replace(TABLE, foreign_keys=(StoredForeignKey(("c2",), "dbo", "target", ("c3",)),))
    yield "delete", dialect.delete(TABLE, ["c3", "c20"], keys)
    yield "delete from a table that refers to itself", dialect.delete(own, ["c3"], keys)
    numbered = column("int", "id", identity=True)
    for name, statements in zip(("before", "after"), dialect.around(TABLE, [numbered]), strict=True):
        yield f"identity {name}", statements[0]
    yield "lock", select_sql(Select((dialect.lock("columnar_0123456789ab"),), ""))
    yield "unlock", select_sql(Select((dialect.unlock("columnar_0123456789ab"),), ""))


def made_values() -> Statements:
    """Numbers and defaults before rows need them."""
    for name, each in (
        ("identity", column("int", identity=True)),
        ("sequence", column("bigint", default="(NEXT VALUE FOR [dbo].[numbers])")),
        ("newid", column("uniqueidentifier", default="(newid())")),
        ("newsequentialid", column("uniqueidentifier", default="(newsequentialid())")),
    ):
        select = MSSQL.writing.next_values(TABLE, each, 1234)
        assert select is not None
        yield name, select_sql(select)


def ranges() -> Statements:
    """What is asked of sources by keys of several types, and of tables in pages."""
    text, number = column("varchar(20)", "branch"), column("int", "number")
    document = column("nvarchar(max)", "xml")
    yield from range_statements([column("bigint", "id")], document, "bigint")
    yield from range_statements([column("uniqueidentifier", "id")], column("xml", "xml"), "uniqueidentifier")
    yield from range_statements([column("datetime2(7)", "at")], column("varbinary(max)", "xml"), "datetime2(7)")
    yield from range_statements([text, number], document, "composite")
    yield from page_statements([text, number])


def selection() -> Statements:
    """Rows that are found by keys, and keys as the target stores them."""
    tables = _Targets()
    keys = pa.table({"c3": pa.array([1, 2], pa.int32()), "c20": ["a", "b"]})
    for names in (["c3"], ["c3", "c20"]):
        for each in selects(MSSQL, tables, "target", ["c3", "c25"], keys.select(names)):  # type: ignore[arg-type]
            yield f"by {' and '.join(names)}", select_sql(each)
    compared = StoredKeys(MSSQL, tables)  # type: ignore[arg-type]
    columns = [each for each in TABLE.columns if each.name in ("c3", "c20")]
    yield "as stored", select_sql(compared.select("target", TABLE, columns, "[#columnar_compared]"))
    key_table = KeyTable(MSSQL, tables, "[#columnar_compared]")  # type: ignore[arg-type]
    yield "keys", key_table.statement(columns)


class _Targets(TargetTables):
    """The one table, which nobody has to look for."""

    def __init__(self) -> None:
        super().__init__(MSSQL, None, "dbo")  # type: ignore[arg-type]
        self._stored["target"] = TABLE


FILES = {
    each.__name__: each
    for each in (reading, documents, session, tables, catalogue, writing, made_values, ranges, selection)
}


def text(statements: Statements) -> str:
    """As a golden file has them."""
    return "".join(f"-- {name}\n{sql.rstrip()}\nGO\n" for name, sql in statements)


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for file, statements in FILES.items():
        (GOLDEN / f"{file}.sql").write_text(text(statements()), encoding="utf-8")
