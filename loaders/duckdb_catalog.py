"""What an attached DuckDB file has: columns, keys, and whether they take what a contract brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from loaders.duckdb_ddl import column_ddl, ddl_problems
from loaders.duckdb_types import ddl_type, fits
from loaders.names import nearest, place
from loaders.sink import ForeignKeySpec, TableSpec


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as it is. default: its SQL; '' for none."""

    type: str
    nullable: bool
    default: str
    computed: bool

    @property
    def required(self) -> bool:
        """Whether a row that does not bring it is refused."""
        return not self.nullable and not self.default


class DuckDBCatalog:
    """Looks at the tables of an attached file.

    catalog: its name, quoted. schema: of tables that do not name theirs. Every method takes the cursor it works on, so
    that it sees that cursor's transaction.
    """

    def __init__(self, catalog: str, schema: str) -> None:
        self._catalog = catalog.strip('"')
        self._schema = schema

    def columns(self, cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, StoredColumn]:
        """By name, in their order; empty where there is no such table."""
        return self.columns_of(cursor, [table])[table]

    def columns_of(
        self, cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]
    ) -> dict[str, dict[str, StoredColumn]]:
        """Of each table, in one look: a question to the catalogue costs milliseconds, however little it asks for."""
        there: dict[str, dict[str, StoredColumn]] = {table: {} for table in tables}
        names = self._by_place(there)
        rows = cursor.execute(
            "SELECT lower(schema_name), table_name, column_name, data_type, is_nullable, coalesce(column_default, ''),"
            " is_generated FROM duckdb_columns()"
            " WHERE database_name = ? AND list_contains(?, [lower(schema_name), table_name]) ORDER BY column_index",
            [self._catalog, [list(each) for each in names]],
        ).fetchall()
        for schema, table, column, *rest in rows:
            for name in names[schema, table]:
                there[name][column] = StoredColumn(*rest)
        return there

    def _by_place(self, tables: Iterable[str]) -> dict[tuple[str, str], list[str]]:
        """The tables by their schema, in lower case, and name."""
        names: dict[tuple[str, str], list[str]] = {}
        for table in tables:
            schema, name = place(table, self._schema)
            names.setdefault((schema.lower(), name), []).append(table)
        return names

    def _in_the_way(self, cursor: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> dict[str, str]:
        """What has the name of a table and is none that rows can be loaded into: a view, or one that is written
        otherwise, since DuckDB does not tell upper from lower case; tables with nothing in their way are left out."""
        wanted = [(table, *place(table, self._schema)) for table in tables]
        rows = cursor.execute(
            "SELECT lower(schema_name), name, kind FROM (SELECT database_name, schema_name, table_name AS name,"
            " 'table' AS kind FROM duckdb_tables()"
            " UNION ALL SELECT database_name, schema_name, view_name, 'view' FROM duckdb_views())"
            " WHERE database_name = ? AND list_contains(?, [lower(schema_name), lower(name)])",
            [self._catalog, [[schema.lower(), name.lower()] for _, schema, name in wanted]],
        ).fetchall()
        told: dict[str, str] = {}
        for table, own, name in wanted:
            for schema, other, kind in rows:
                if (schema, other.lower()) != (own.lower(), name.lower()):
                    continue
                if kind == "view":
                    told[table] = (
                        f"{table} is a view in the target, and rows are loaded into tables: name another table"
                    )
                elif other != name:
                    told[table] = (
                        f"table {table} is called {other} in the target, and DuckDB does not tell upper from lower"
                        f" case: write {other}"
                    )
        return told

    def notes(self, cursor: duckdb.DuckDBPyConnection, specs: Sequence[TableSpec]) -> list[str]:
        """Keys of the target that are not those of the contract; see Sink.notes."""
        notes = []
        keys = self.unique_keys_of(cursor, [spec.name for spec in specs])
        for spec in specs:
            filled = [key for key in keys[spec.name] if set(key) <= set(spec.schema.names)]
            if filled and set(spec.key) not in [set(key) for key in filled]:
                theirs = " and ".join(f"({', '.join(key)})" for key in filled)
                own = f"({', '.join(spec.key)}) in the contract" if spec.key else "not stated in the contract"
                told = f"table {spec.name}: its key is {theirs} in the target, and {own}"
                notes.append(f"{told}; rows that break the target's go to quarantine (rejected_by_target)")
        return notes

    def unique_keys(self, cursor: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, ...]]:
        """The columns of its primary key and of each unique constraint."""
        return self.unique_keys_of(cursor, [table])[table]

    def unique_keys_of(
        self, cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]
    ) -> dict[str, list[tuple[str, ...]]]:
        """See unique_keys; of each table."""
        found = self._constraints(cursor, tables, "PRIMARY KEY", "UNIQUE")
        return {table: [tuple(columns) for columns, _, _ in rows] for table, rows in found.items()}

    def foreign_keys(self, cursor: duckdb.DuckDBPyConnection, table: str) -> list[ForeignKeySpec]:
        """What it refers to; a table of its own schema, without that schema's name."""
        return self.foreign_keys_of(cursor, [table])[table]

    def foreign_keys_of(
        self, cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]
    ) -> dict[str, list[ForeignKeySpec]]:
        """See foreign_keys; of each table."""
        return {
            table: [ForeignKeySpec(tuple(columns), other, tuple(theirs)) for columns, other, theirs in rows]
            for table, rows in self._constraints(cursor, tables, "FOREIGN KEY").items()
        }

    def _constraints(
        self, cursor: duckdb.DuckDBPyConnection, tables: Iterable[str], *kinds: str
    ) -> dict[str, list[tuple[list[str], str, list[str]]]]:
        there: dict[str, list[tuple[list[str], str, list[str]]]] = {table: [] for table in tables}
        names = self._by_place(there)
        rows = cursor.execute(
            "SELECT lower(schema_name), table_name, constraint_column_names, referenced_table, referenced_column_names"
            " FROM duckdb_constraints()"
            " WHERE database_name = ? AND list_contains(?, [lower(schema_name), table_name])"
            " AND list_contains(?, constraint_type) ORDER BY constraint_index",
            [self._catalog, [list(each) for each in names], list(kinds)],
        ).fetchall()
        for schema, table, columns, other, theirs in rows:
            for name in names[schema, table]:
                there[name].append((columns, other, theirs))
        return there

    def mismatches(self, cursor: duckdb.DuckDBPyConnection, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """Why these tables cannot be made, or cannot take the rows; see Sink.prepare."""
        names = [spec.name for spec in specs]
        there = self.columns_of(cursor, names)
        in_the_way = self._in_the_way(cursor, names)
        foreign_keys = self.foreign_keys_of(cursor, names)
        problems = []
        for spec in specs:
            if spec.name in in_the_way:
                problems.append(in_the_way[spec.name])
            elif there[spec.name]:
                problems += _column_mismatches(spec, there[spec.name])
                problems += self._order_mismatches(spec, specs, foreign_keys[spec.name])
            elif create:
                problems += ddl_problems(spec, schema=self._schema)
                problems += [
                    problem
                    for key in spec.foreign_keys
                    if (problem := self._reference_mismatch(cursor, spec, key, specs, there))
                ]
            else:
                problems.append(f"table {spec.name} does not exist; create: true in the job's target makes it")
        return problems

    def additions(self, cursor: duckdb.DuckDBPyConnection, specs: Sequence[TableSpec]) -> list[str]:
        """What adds the columns that tables lack, those that may be NULL: without semicolons."""
        there = {spec.name: self.columns(cursor, spec.name) for spec in specs}
        return [
            column_ddl(spec, field, schema=self._schema)
            for spec in specs
            for field in spec.schema
            if there[spec.name] and field.nullable and field.name not in there[spec.name]
        ]

    def _order_mismatches(
        self, spec: TableSpec, specs: Sequence[TableSpec], foreign_keys: Sequence[ForeignKeySpec]
    ) -> list[str]:
        """Foreign keys of the target which the contract does not know, and which its order of loading would break."""
        own = place(spec.name, self._schema)[0]
        later = {place(each.name, self._schema): each.name for each in specs[specs.index(spec) + 1 :]}
        names = {later[own, key.table] for key in foreign_keys if (own, key.table) in later}
        return [
            f"{spec.name} refers to {name} in the target, but is loaded before it: state it among the foreign_keys of"
            f" {spec.name}'s target in the contract"
            for name in sorted(names)
        ]

    def _reference_mismatch(
        self,
        cursor: duckdb.DuckDBPyConnection,
        spec: TableSpec,
        key: ForeignKeySpec,
        specs: Sequence[TableSpec],
        there: Mapping[str, Mapping[str, StoredColumn]],
    ) -> str:
        """Why a table that is to be made cannot refer to another; '' where it can."""
        other = next((each for each in specs if each.name == key.table), None)
        stored = there.get(key.table) or self.columns(cursor, key.table)
        if stored:
            keys = self.unique_keys(cursor, key.table)
            types = {name: column.type for name, column in stored.items()}
        elif other is not None:
            keys = [other.key]
            types = {field.name: ddl_type(field.type) for field in other.schema}
        else:
            return f"{spec.name} refers to {key.table}, which does not exist"
        wanted = ", ".join(key.references)
        if set(key.references) not in [set(each) for each in keys]:
            return f"{spec.name} refers to {key.table} ({wanted}), which is no key of it"
        for name, theirs in zip(key.columns, key.references, strict=True):
            mine = ddl_type(spec.schema.field(name).type)
            if types[theirs] != mine:
                return (
                    f"{spec.name}.{name} is {mine} and refers to {key.table}.{theirs}, which is {types[theirs]}: DuckDB"
                    " wants the same type"
                )
        return ""


def _column_mismatches(spec: TableSpec, columns: Mapping[str, StoredColumn]) -> list[str]:
    problems = []
    for field in spec.schema:
        column = columns.get(field.name)
        if column is None:
            hint = nearest(field.name, list(columns), "column")
            problems.append(f"table {spec.name} has no column {field.name}; {hint}")
        elif column.computed:
            problems.append(f"{spec.name}.{field.name} is computed by the target, so nothing can be loaded into it")
        elif not fits(field.type, column.type):
            problems.append(f"{spec.name}.{field.name} is {column.type}, which cannot take {ddl_type(field.type)}")
        elif field.name in spec.database_made and not column.default:
            problems.append(
                f"{spec.name}.{field.name} has no default, so the target cannot make its values (identity: database)"
            )
    given = {*spec.schema.names, *(column.name for column in spec.made)}
    for name, column in columns.items():
        if column.required and not column.computed and name not in given:
            problems.append(f"{spec.name}.{name} is NOT NULL without a default, and the contract does not fill it")
    return problems
