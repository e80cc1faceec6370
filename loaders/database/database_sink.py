"""A database as target: rows, bookkeeping and ledger row in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.bulk import Connect
from loaders.database.catalog import StoredTable
from loaders.database.connections import PARAMETER_ROWS, Connections
from loaders.database.dialect import Dialect
from loaders.database.direct_publish import DirectPublish
from loaders.database.keyed_pages import pages, paging_key
from loaders.database.row_removal import RowRemoval
from loaders.database.row_selection import selects
from loaders.database.select import Select, integers
from loaders.database.staged_publish import StagedPublish
from loaders.database.staging_area import StagingArea
from loaders.database.stored_keys import StoredKeys
from loaders.database.stored_values import StoredValues
from loaders.database.target_checks import TargetChecks
from loaders.database.target_tables import TargetTables
from loaders.errors import (
    AlreadyPublishedError,
    DataError,
    TargetMismatchError,
    TransientError,
    UnavailableError,
    UsageError,
    addition_hint,
)
from loaders.sink import Part, Removal, TableSpec


@dataclass(frozen=True, kw_only=True)
class DatabaseSinkOptions:
    """Where and how rows are loaded.

    connect: opens connections, all to one database. identity: of that database, free of secrets. schema: of tables
    that do not name theirs; default the dialect's own. publish: `direct`, inserting inside the transaction, or
    `staged`, copying into staging tables first; default what is right for the database. staging_schema: of the staging
    tables; default `schema`. ddl: whether anything may be created; without, `prepare` says what has to be there.
    memory: bytes that a driver's buffers may take.
    """

    dialect: Dialect
    connect: Connect
    identity: str
    schema: str = ""
    publish: str | None = None
    staging_schema: str = ""
    ddl: bool = True
    memory: int = 64_000_000


class DatabaseSink:
    """See loaders.sink.Sink. For one thread at a time."""

    def __init__(self, options: DatabaseSinkOptions) -> None:
        self._options = options
        dialect = self._dialect = options.dialect
        self._schema = options.schema or dialect.tables.default_schema
        self._connections = Connections(options.connect, dialect.writing.session())
        self._tables = TargetTables(dialect, self._connections, self._schema)
        self._area = StagingArea(dialect, options.staging_schema or self._schema, self._connections.new)
        self._checks = TargetChecks(dialect.tables, self._tables.look_up, self._schema, self._can_make_values)
        self._keys = StoredKeys(dialect, self._tables)
        self._values = StoredValues(dialect, self._tables)
        self._removal = RowRemoval(dialect, self._tables)
        self._strategy = self._chosen_strategy()
        with self._connections.reading():  # so that a wrong password is told at once
            pass

    def _chosen_strategy(self) -> DirectPublish | StagedPublish:
        possible = self._dialect.writing.strategies
        chosen = self._options.publish or possible[0]
        if chosen not in possible:
            raise UsageError(
                f"{self._dialect.name}: rows cannot be published `{chosen}`", hint="there is " + ", ".join(possible)
            )
        memory = self._options.memory
        if chosen == "direct":
            return DirectPublish(self._dialect, self._tables, self._connections, memory)
        return StagedPublish(self._dialect, self._tables, self._connections, self._area, memory)

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return f"{self._options.identity}#{self._schema}"

    @property
    def has_defaults(self) -> bool:
        """See Sink.has_defaults."""
        return True

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """See Sink.mismatches."""
        problems = self._checks.mismatches(specs, create=create and self._options.ddl, known=self._tables.names())
        if not self._options.ddl and isinstance(self._strategy, StagedPublish):
            problems.append(
                f"publish: staged makes tables in the schema {self._area.schema} while it runs, and ddl: false forbids"
                " it: allow it, with a staging_schema of its own"
            )
        return problems

    def statements(self, specs: Sequence[TableSpec]) -> list[str]:
        """What `prepare` runs to make those of the tables that are not there; without semicolons."""
        there = {spec.name: self._tables.look_up(spec.name) for spec in specs}
        missing = [spec for spec in specs if there[spec.name] is None]
        stored = [table for table in there.values() if table is not None]
        made = self._dialect.tables.statements(missing, self._schema, stored) if missing else []
        if isinstance(self._strategy, StagedPublish):
            made += [each for each in self._dialect.tables.schema_statements(self._area.schema) if each not in made]
        return made

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes."""
        return list(self._checks.notes(specs))

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare. Also drops what runs that ended early left staged."""
        problems = self.mismatches(specs, create=create)
        if problems:
            raise TargetMismatchError(problems, hint=self._hint(specs, problems))
        if self._options.ddl:
            self._make(specs)
            self._sweep()
        self._tables.prepared(specs)

    def _hint(self, specs: Sequence[TableSpec], problems: Sequence[str]) -> str:
        additions = self._checks.additions(specs)
        if len(additions) == len(problems):
            return addition_hint(additions)
        if self._options.ddl or self._dialect.tables.problems(specs, self._schema):
            return ""
        statements = self.statements(specs)
        return "ddl: false leaves it to you to run:\n" + ";\n".join(statements) + ";" if statements else ""

    def _make(self, specs: Sequence[TableSpec]) -> None:
        """All of it or nothing, where the database can undo it."""
        statements = self.statements(specs)
        with self._connections.reading() as connection:
            connection.begin()
            try:
                for statement in statements:
                    connection.run(statement)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def _sweep(self) -> None:
        if "staged" in self._dialect.writing.strategies:
            with self._connections.reading() as connection:
                self._area.sweep(connection)

    def has(self, table: str) -> bool:
        """See Sink.has."""
        return self._tables.look_up(table) is not None

    def count(self, table: str) -> int:
        """See Sink.count."""
        tail = f" FROM {self._tables.quoted(table)}"
        with self._connections.reading() as connection:
            found = connection.table(integers([("n", self._dialect.writing.count)], tail))
        return int(found["n"][0].as_py())

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read."""
        select = self._select(table, columns, equal)
        with self._connections.reading() as connection:
            return self._typed(table, connection.table(select))

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream: on a connection of its own; in pages where its driver holds a whole result, and the table
        has a key."""
        select = self._select(table, columns, equal)
        key = paging_key(self._tables.stored(table))
        connection = self._connections.new()
        try:
            if key and not connection.streams:
                found = pages(connection, self._dialect.reading, select, key)
            else:
                found = (pa.Table.from_batches([batch]) for batch in connection.fetch(select))
            for rows in found:
                yield from self._typed(table, rows).to_batches()
        finally:
            connection.close()

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select: on a connection of its own."""
        if len(keys) and not self._keys.is_plain(table, keys.schema):
            keys = self.as_stored(table, keys)
        connection = self._connections.new()
        try:
            for select in selects(self._dialect, self._tables, table, columns, keys):
                yield from self._typed(table, connection.table(select)).to_batches()
        finally:
            connection.close()

    def _select(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Select:
        reading = self._dialect.reading
        selected = tuple(self._tables.selected(table, column) for column in self._tables.columns(table, columns))
        compared = self._tables.columns(table, list(equal))
        where = " AND ".join(f"{reading.quote(column.name)} = {reading.bound(column)}" for column in compared)
        tail = f" FROM {self._tables.quoted(table)} WHERE {where or '1 = 1'}"
        return Select(selected, tail, tuple(str(value) for value in equal.values()))

    def _typed(self, table: str, rows: pa.Table) -> pa.Table:
        """Integers and booleans in their own types."""
        return rows.cast(pa.schema([pa.field(each, self._kind(table, each)) for each in rows.column_names]))

    def _kind(self, table: str, column: str) -> pa.DataType:
        return self._tables.kind(table, self._tables.columns(table, [column])[0])

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored: the columns together are taken for a key. Of keys that are equal to the target (by
        collation, padding or case) each becomes the one that is there, else the first of the rows."""
        if not len(rows) or self._keys.is_plain(table, rows.schema):
            return self._values.as_read(table, rows)
        with self._connections.reading() as connection:
            return self._keys.compared(connection, table, rows, self._comparison_place())

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept: few types have to be asked about."""
        kept = self._values.as_read(table, rows)
        names = self._values.in_doubt(table, rows.schema) if len(rows) else []
        if not names:
            return kept
        with self._connections.reading() as connection:
            found = self._values.read_back(connection, table, rows.select(names), self._comparison_place())
        for name in names:
            kept = kept.set_column(kept.schema.get_field_index(name), found.schema.field(name), found[name])
        return kept

    def _comparison_place(self) -> str:
        if self._dialect.writing.temporary_tables:
            return self._dialect.writing.temporary("")
        return self._area.quoted(self._area.new_names("keys", 1)[0])

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values."""
        stored = self._tables.stored(table)
        (made_for,) = self._tables.columns(table, [column])
        select = self._dialect.writing.next_values(stored, made_for, count)
        if select is None:
            raise UsageError(f"{table}.{column}: the target makes no values before their rows are inserted")
        try:
            with self._connections.reading() as connection:
                values = connection.table(select)["made"].combine_chunks()
            values = values.cast(self._tables.specs[table].schema.field(column).type)
        except (DataError, pa.ArrowInvalid) as error:  # no document is to blame
            raise UnavailableError(f"the target makes no more values for {table}.{column}: {error}") from error
        return values.take(pc.sort_indices(values))

    def _can_make_values(self, table: StoredTable, column: str) -> bool:
        made_for = table.column(column)
        return made_for is not None and self._dialect.writing.next_values(table, made_for, 1) is not None

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish."""
        first = parts[0]
        try:
            self._strategy.publish(name, parts, removals)
        except (DataError, TransientError):
            if self._taken(first):
                raise AlreadyPublishedError(f"{name} is published already") from None
            raise
        if not self._holds(first):
            # Some drivers say that a commit succeeded on a connection that was lost. Publishing again is safe.
            raise TransientError(f"{name}: the target accepted the commit, but its row in {first.table} is not there")

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once."""
        return True

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete: a transaction each."""
        for removal in removals:
            with (
                self._connections.writing(PARAMETER_ROWS[0]) as connection,
                self._removal.ready(connection, [removal]) as ready,
            ):
                connection.begin()
                self._removal.remove(connection, ready[0])
                connection.commit()

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once."""
        return True

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe."""
        self._strategy.publish("probe", parts, removals, commit=False)

    def _taken(self, part: Part) -> bool:
        """Whether the key of this row stands in the table already."""
        spec = self._tables.specs.get(part.table)
        return spec is not None and bool(spec.key) and self._stands(part, spec.key)

    def _holds(self, part: Part) -> bool:
        """Whether this row (all of its text and integer values) stands in the table, seen from a connection that did
        not write it."""
        first = part.rows.slice(0, 1).to_pylist()[0]
        return self._stands(part, [name for name, value in first.items() if _compares(value)])

    def _stands(self, part: Part, names: Sequence[str]) -> bool:
        """Whether a row of the table has the same values as the part's first one."""
        row = part.rows.slice(0, 1).select(list(names)).to_pylist()[0]
        spec = self._tables.specs.get(part.table)
        key = {name: row[name] for name in (spec.key if spec else names) if name in row and _compares(row[name])}
        return row in self.read(part.table, list(row), key).to_pylist()

    def close(self) -> None:
        """See Sink.close."""
        self._area.close()
        self._connections.close()


def _compares(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)
