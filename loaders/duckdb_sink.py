"""DuckDB as target: rows, bookkeeping and ledger row in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loaders.duckdb_catalog import DuckDBCatalog, StoredColumn
from loaders.duckdb_ddl import statements
from loaders.duckdb_engine import DuckDBEngine, duckdb_errors, first_row
from loaders.duckdb_replacing import (
    LEFTOVER,
    Place,
    come_again,
    delete_leftover,
    leftovers,
    note_leftover,
    update_sql,
)
from loaders.duckdb_types import ddl_type
from loaders.errors import (
    AlreadyPublishedError,
    DataError,
    TargetMismatchError,
    TransientError,
    UnavailableError,
    addition_hint,
)
from loaders.insert_order import in_groups, without_nulls
from loaders.names import place
from loaders.sink import ForeignKeySpec, Part, Removal, TableSpec
from loaders.sql import quote


class DuckDBSink:
    """See loaders.sink.Sink.

    path: the database file, made if missing. schema: of every table that does not name its own, made by
    `prepare(create=True)`.
    read_only: only look at what is there; other processes may look at the same time.
    """

    def __init__(self, engine: DuckDBEngine, path: Path, *, schema: str = "main", read_only: bool = False) -> None:
        self._engine = engine
        self._path = path
        self._schema = schema
        self._read_only = read_only
        self._catalog = engine.attach(path, read_only=read_only)
        self._cursor = engine.cursor()
        self._tables = DuckDBCatalog(self._catalog, schema)
        self._specs: dict[str, TableSpec] = {}
        self._stored: dict[str, dict[str, StoredColumn]] = {}
        self._self_keys: dict[str, list[ForeignKeySpec]] = {}

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return f"duckdb:{self._path.resolve()}#{self._schema}"

    @property
    def has_defaults(self) -> bool:
        """See Sink.has_defaults."""
        return True

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare."""
        problems = self.mismatches(specs, create=create)
        if problems:
            with duckdb_errors(self._path.name):
                additions = self._tables.additions(self._cursor, specs)
            hint = addition_hint(additions) if len(additions) == len(problems) else ""
            raise TargetMismatchError(problems, hint=hint)
        names = [spec.name for spec in specs]
        with duckdb_errors(self._path.name):
            there = self._tables.columns_of(self._cursor, names)
            missing = [spec for spec in specs if not there[spec.name]]
            if missing:
                self._make(missing, [spec for spec in specs if there[spec.name]])
                there = self._tables.columns_of(self._cursor, names)
            self._stored |= there
            self._self_keys |= self._own_references_of(names)
        self._specs |= {spec.name: spec for spec in specs}
        self._sweep()

    def _make(self, missing: Sequence[TableSpec], there: Sequence[TableSpec]) -> None:
        """Make tables; those that are there have their key in the order that it has in the target."""
        keys = self._tables.unique_keys_of(self._cursor, [spec.name for spec in there])
        others = [
            replace(spec, key=next((key for key in keys[spec.name] if set(key) == set(spec.key)), spec.key))
            for spec in there
        ]
        with self._transaction():
            for statement in statements(missing, schema=self._schema, catalog=self._catalog, others=others):
                self._cursor.execute(statement)

    def _own_references(self, table: str) -> list[ForeignKeySpec]:
        """The table's foreign keys to itself, whether or not the contract knows of them."""
        return self._own_references_of([table])[table]

    def _own_references_of(self, tables: Sequence[str]) -> dict[str, list[ForeignKeySpec]]:
        found = self._tables.foreign_keys_of(self._cursor, tables)
        return {
            table: [key for key in keys if key.table == place(table, self._schema)[1]] for table, keys in found.items()
        }

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """See Sink.mismatches."""
        with duckdb_errors(self._path.name):
            return self._tables.mismatches(self._cursor, specs, create=create)

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes."""
        with duckdb_errors(self._path.name):
            return self._tables.notes(self._cursor, specs)

    def has(self, table: str) -> bool:
        """See Sink.has."""
        with duckdb_errors(table):
            return bool(self._tables.columns(self._cursor, table))

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

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select."""
        cursor = self._engine.cursor()
        try:
            with duckdb_errors(table):
                names = ", ".join(f"t.{quote(name)}" for name in columns)
                among = self._among(cursor, table, keys)
                sql = f"SELECT {names} FROM {self._table(table)} AS t WHERE {among}"
                yield from cursor.sql(sql).to_arrow_reader(65_536)
        finally:
            cursor.close()

    def _among(self, cursor: duckdb.DuckDBPyConnection, table: str, keys: pa.Table) -> str:
        """The condition that a row `t` equals one of the keys, which are registered with the cursor."""
        cursor.register("columnar_keys", keys)
        types = self._tables.columns(cursor, table)
        names = keys.column_names
        casts = ", ".join(f"TRY_CAST({quote(name)} AS {types[name].type}) AS {quote(name)}" for name in names)
        equal = " AND ".join(f"t.{quote(name)} = k.{quote(name)}" for name in names)
        return f"EXISTS (SELECT 1 FROM (SELECT {casts} FROM columnar_keys) AS k WHERE {equal})"

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored: a cast by the engine itself, where the column's type is not the rows' own."""
        stored = self._stored[table]
        casts = {
            field.name: stored[field.name].type
            for field in rows.schema
            if field.name in stored and ddl_type(field.type) != stored[field.name].type
        }
        if not casts:
            return rows
        names = [
            f"TRY_CAST({quote(name)} AS {casts[name]}) AS {quote(name)}" if name in casts else quote(name)
            for name in rows.column_names
        ]
        view = "columnar_rows_to_compare"
        with duckdb_errors(table):
            self._cursor.register(view, rows)
            try:
                return self._cursor.sql(f"SELECT {', '.join(names)} FROM {view}").to_arrow_table()
            finally:
                self._cursor.unregister(view)

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept: the cast changes no text, whatever its collation."""
        return self.as_stored(table, rows)

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values: the column's default, evaluated so often. A sequence remembers what it gave out even
        where the transaction that loads the rows is undone, or the process killed."""
        default = self._stored[table][column].default
        kind = self._specs[table].schema.field(column).type
        schema = place(table, self._schema)[0]
        cursor = self._engine.cursor()
        try:
            with duckdb_errors(f"{table}.{column}"):
                # As when a row is inserted: names in the default are those of the file.
                path = f"{self._catalog}.{quote(schema)},{self._catalog}.{quote('main')}".replace("'", "''")
                cursor.execute(f"SET search_path = '{path}'")
                made = cursor.sql(f"SELECT CAST(({default}) AS {ddl_type(kind)}) AS made FROM range({int(count)})")
                values = made.to_arrow_table()["made"].combine_chunks()
        except DataError as error:  # no document is to blame
            raise UnavailableError(f"the target makes no more values for {error.message}") from error
        finally:
            cursor.close()
        return values.take(pc.sort_indices(values))

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish. DuckDB's bulk path runs inside the transaction, so nothing needs staging."""
        first = parts[0]
        try:
            with duckdb_errors(first.table), self._transaction():
                self._insert(first)
                self._exchange(parts[1:], removals)
        except (DataError, TransientError):
            if self._taken(first):
                raise AlreadyPublishedError(f"{name} is published already") from None
            raise
        if not self._holds(first):
            raise UnavailableError(f"{name}: the target accepted the commit, but its row in {first.table} is not there")
        if removals:
            self._sweep()

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once: loaders.duckdb_replacing has the way."""
        return True

    def _exchange(self, parts: Sequence[Part], removals: Sequence[Removal]) -> None:
        """Delete rows, and insert others; where others refer to them, update them in place."""
        in_place: dict[str, tuple[Place, list[pa.Table]]] = {}
        rest = list(parts)
        referred = self._referred([removal.table for removal in removals])
        for turn, removal in enumerate(removals):
            key = self._primary_key(removal.table)
            if place(removal.table, self._schema) not in referred or not key:
                self._remove(removal)
                continue
            with duckdb_errors(removal.table):
                here = self._place(removal.table, key, self._among(self._cursor, removal.table, removal.keys))
                at = next((at for at, part in enumerate(rest) if part.table == removal.table), None)
                rows = rest[at].rows if at is not None else pa.table({name: pa.nulls(0) for name in key})
                again, others = come_again(self._cursor, here, rows)
                note_leftover(self._cursor, self._home, here, again, turn)
                if at is not None:
                    rest[at] = Part(removal.table, others)
                in_place.setdefault(removal.table, (here, []))[1].append(again)
                self._cursor.unregister("columnar_keys")
        for part in rest:
            for here, again in [in_place[part.table]] if part.table in in_place else []:
                for rows in again:
                    self._update(here, rows)
            self._insert(part)

    def _update(self, here: Place, rows: pa.Table) -> None:
        if not len(rows):
            return
        spec = self._specs[here.name]
        view = "columnar_rows_to_update"
        with duckdb_errors(here.name):
            for some in without_nulls(rows, spec.omitted):
                self._cursor.register(view, some)
                self._cursor.execute(update_sql(here, some.column_names, rows.column_names, view))
                self._cursor.unregister(view)

    def _sweep(self) -> None:
        """Delete what a publication left over, a transaction for each table."""
        with duckdb_errors(self._path.name):
            if self._read_only or not self.has(LEFTOVER):
                return
            for turn, name in leftovers(self._cursor, self._home):
                here = self._place(name, self._primary_key(name), "true")
                with self._transaction():
                    delete_leftover(self._cursor, self._home, here, turn)

    @property
    def _home(self) -> str:
        return f"{self._catalog}.{quote(self._schema)}"

    def _primary_key(self, table: str) -> tuple[str, ...]:
        """The columns of the table's own key, by which the contract knows it too."""
        spec = self._specs.get(table)
        keys = self._tables.unique_keys(self._cursor, table)
        return next((key for key in keys if spec is None or set(key) == set(spec.key)), ())

    def _place(self, table: str, key: tuple[str, ...], among: str) -> Place:
        types = {name: column.type for name, column in self._tables.columns(self._cursor, table).items()}
        return Place(table, self._table(table), key, types, among)

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once. DuckDB refuses to delete a row in the transaction that deleted what referred to it
        (seen with 2.0.1)."""
        return not {place(table, self._schema) for table in tables} & self._referred(tables)

    def _referred(self, tables: Sequence[str]) -> set[tuple[str, str]]:
        """The places that foreign keys of these tables refer to."""
        with duckdb_errors(self._path.name):
            found = self._tables.foreign_keys_of(self._cursor, tables)
        return {(place(table, self._schema)[0], key.table) for table, keys in found.items() for key in keys}

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete: a transaction each. Of a table that refers to itself, one for each generation of rows."""
        for removal in removals:
            more = True
            while more:
                with duckdb_errors(removal.table), self._transaction():
                    more = bool(self._remove(removal)) and bool(self._own_references(removal.table))

    def _remove(self, removal: Removal) -> int:
        """Delete the rows that nothing of their own table refers to; how many that were."""
        table = self._table(removal.table)
        with duckdb_errors(removal.table):
            among = self._among(self._cursor, removal.table, removal.keys)
            for key in self._own_references(removal.table):
                pairs = zip(key.columns, key.references, strict=True)
                refers = " AND ".join(f"c.{quote(mine)} = t.{quote(theirs)}" for mine, theirs in pairs)
                among += f" AND NOT EXISTS (SELECT 1 FROM {table} AS c WHERE {refers})"
            done = first_row(self._cursor, f"DELETE FROM {table} AS t WHERE {among}")
            self._cursor.unregister("columnar_keys")
        return int(done[0]) if done else 0

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe."""
        with duckdb_errors(self._path.name), self._transaction(commit=False):
            self._exchange(parts, removals)

    def close(self) -> None:
        """See Sink.close."""
        self._cursor.close()

    def _insert(self, part: Part) -> None:
        """Insert by name, and check the counts that the database reports."""
        if not len(part.rows):
            return
        spec = self._specs.get(part.table)
        with duckdb_errors(part.table):
            for rows in in_groups(part.rows, self._self_keys.get(part.table, ()), spec.omitted if spec else ()):
                self._insert_rows(part.table, rows)

    def _insert_rows(self, table: str, rows: pa.Table) -> None:
        names = ", ".join(quote(name) for name in rows.column_names)
        if not names:  # every column was left out
            for _ in range(len(rows)):
                self._cursor.execute(f"INSERT INTO {self._table(table)} DEFAULT VALUES")
            return
        view = "columnar_rows_to_insert"
        self._cursor.register(view, rows)
        done = first_row(self._cursor, f"INSERT INTO {self._table(table)} ({names}) SELECT {names} FROM {view}")
        self._cursor.unregister(view)  # after an error the whole connection is given up
        if done is None or int(done[0]) != len(rows):
            raise UnavailableError(f"{table}: {len(rows)} rows were sent and {done} arrived")

    def _taken(self, part: Part) -> bool:
        """Whether the key of this row stands in the table already."""
        row = part.rows.slice(0, 1).to_pylist()[0]
        spec = self._specs.get(part.table)
        key = {name: row[name] for name in (spec.key if spec else ())}
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
        schema, table = place(name, self._schema)
        return f"{self._catalog}.{quote(schema)}.{quote(table)}"
