"""DuckDB as target: rows, bookkeeping and ledger row in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors, first_row
from loaders.duckdb_types import ddl_type, fits, table_ddl
from loaders.errors import AlreadyPublishedError, DataError, TargetMismatchError, TransientError, UnavailableError
from loaders.names import nearest
from loaders.sink import Part, TableSpec
from loaders.sql import quote


class DuckDBSink:
    """See loaders.sink.Sink.

    path: the database file, made if missing. schema: the schema of every table, made by `prepare(create=True)`.
    read_only: only look at what is there; other processes may look at the same time.
    """

    def __init__(self, engine: DuckDBEngine, path: Path, *, schema: str = "main", read_only: bool = False) -> None:
        self._engine = engine
        self._path = path
        self._schema = schema
        self._catalog = engine.attach(path, read_only=read_only)
        self._cursor = engine.cursor()
        self._keys: dict[str, tuple[str, ...]] = {}

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return f"duckdb:{self._path.resolve()}#{self._schema}"

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare."""
        self._keys |= {spec.name: spec.key for spec in specs}
        problems = [problem for spec in specs for problem in self._mismatches(spec, create=create)]
        if problems:
            raise TargetMismatchError(problems)
        missing = [spec for spec in specs if not self.has(spec.name)]
        with duckdb_errors(self._path.name), self._transaction():
            if missing and self._schema != "main":
                self._cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {self._catalog}.{quote(self._schema)}")
            for spec in missing:
                self._cursor.execute(table_ddl(self._table(spec.name), spec))

    def _mismatches(self, spec: TableSpec, *, create: bool) -> list[str]:
        columns = self._columns(spec.name)
        if not columns:
            return [] if create else [f"table {spec.name} does not exist; create: true in the job's target makes it"]
        problems = []
        for field in spec.schema:
            if field.name not in columns:
                problems.append(
                    f"table {spec.name} has no column {field.name}; {nearest(field.name, list(columns), 'column')}"
                )
            elif not fits(field.type, columns[field.name][0]):
                problems.append(
                    f"{spec.name}.{field.name} is {columns[field.name][0]}, which cannot take {ddl_type(field.type)}"
                )
        for name, (_, required) in columns.items():
            if required and name not in spec.schema.names:
                problems.append(f"{spec.name}.{name} is NOT NULL without a default, and the contract does not fill it")
        return problems

    def _columns(self, table: str) -> dict[str, tuple[str, bool]]:
        """Name -> type, and whether a row without it is refused."""
        with duckdb_errors(self._path.name):
            rows = self._cursor.execute(
                "SELECT column_name, data_type, NOT is_nullable AND column_default IS NULL FROM duckdb_columns()"
                " WHERE database_name = ? AND schema_name = ? AND table_name = ? ORDER BY column_index",
                [self._catalog.strip('"'), self._schema, table],
            ).fetchall()
        return {name: (kind, bool(required)) for name, kind, required in rows}

    def has(self, table: str) -> bool:
        """See Sink.has."""
        return bool(self._columns(table))

    def count(self, table: str) -> int:
        """See Sink.count."""
        with duckdb_errors(table):
            found = first_row(self._cursor, f"SELECT count(*) FROM {self._table(table)}")
        return int(found[0]) if found else 0

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read."""
        with duckdb_errors(table):
            return self._select(self._cursor, table, columns, equal).to_arrow_table()

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream."""
        cursor = self._engine.cursor()
        try:
            with duckdb_errors(table):
                yield from self._select(cursor, table, columns, equal).to_arrow_reader(65_536)
        finally:
            cursor.close()

    def _select(
        self, cursor: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], equal: Mapping[str, str | int]
    ) -> duckdb.DuckDBPyRelation:
        names = ", ".join(quote(name) for name in columns)
        where = " AND ".join(f"{quote(name)} = ?" for name in equal) or "true"
        return cursor.sql(f"SELECT {names} FROM {self._table(table)} WHERE {where}", params=list(equal.values()))

    def publish(self, name: str, parts: Sequence[Part]) -> None:
        """See Sink.publish. DuckDB's bulk path runs inside the transaction, so nothing needs staging."""
        first = parts[0]
        try:
            with duckdb_errors(first.table), self._transaction():
                for part in parts:
                    self._insert(part)
        except (DataError, TransientError):
            if self._taken(first):
                raise AlreadyPublishedError(f"{name} is published already") from None
            raise
        if not self._holds(first):
            raise UnavailableError(f"{name}: the target accepted the commit, but its row in {first.table} is not there")

    def probe(self, parts: Sequence[Part]) -> None:
        """See Sink.probe."""
        with duckdb_errors(self._path.name), self._transaction(commit=False):
            for part in parts:
                self._insert(part)

    def close(self) -> None:
        """See Sink.close."""
        self._cursor.close()

    def _insert(self, part: Part) -> None:
        """Insert by name, and check the count that the database reports."""
        if not len(part.rows):
            return
        names = ", ".join(quote(name) for name in part.rows.column_names)
        view = "columnar_rows_to_insert"
        with duckdb_errors(part.table):
            self._cursor.register(view, part.rows)
            done = first_row(
                self._cursor, f"INSERT INTO {self._table(part.table)} ({names}) SELECT {names} FROM {view}"
            )
            self._cursor.unregister(view)  # after an error the whole connection is given up
        if done is None or int(done[0]) != len(part.rows):
            raise UnavailableError(f"{part.table}: {len(part.rows)} rows were sent and {done} arrived")

    def _taken(self, part: Part) -> bool:
        """Whether the key of this row stands in the table already."""
        row = part.rows.slice(0, 1).to_pylist()[0]
        key = {name: row[name] for name in self._keys.get(part.table, ())}
        return bool(key) and len(self.read(part.table, list(key)[:1], key)) > 0

    def _holds(self, part: Part) -> bool:
        """Whether this row (all of its text and integer values) stands in the table."""
        row = part.rows.slice(0, 1).to_pylist()[0]
        equal = {
            name: value for name, value in row.items() if isinstance(value, str | int) and not isinstance(value, bool)
        }
        return len(self.read(part.table, part.rows.column_names[:1], equal)) > 0

    @contextmanager
    def _transaction(self, *, commit: bool = True) -> Iterator[None]:
        """On any error, roll back and go on with a fresh connection."""
        self._cursor.execute("BEGIN TRANSACTION")
        try:
            yield
            self._cursor.execute("COMMIT" if commit else "ROLLBACK")
        except BaseException:
            broken, self._cursor = self._cursor, self._engine.cursor()
            broken.close()  # which rolls back
            raise

    def _table(self, name: str) -> str:
        return f"{self._catalog}.{quote(self._schema)}.{quote(name)}"
