"""The statements that make tables in DuckDB, and what DuckDB cannot make."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from loaders.duckdb_types import ddl_type
from loaders.names import place
from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec
from loaders.sql import quote

DEFAULT_SCHEMA = "main"


def statements(
    specs: Sequence[TableSpec], *, schema: str = DEFAULT_SCHEMA, catalog: str = "", others: Sequence[TableSpec] = ()
) -> list[str]:
    """What makes these tables, in their order: schemas, sequences, tables; without semicolons.

    others: tables that are there, which foreign keys may refer to. catalog: the quoted name of an attached database,
    for every name that needs it; '': the statements are for a connection to the file itself.
    """
    prefix = f"{catalog}." if catalog else ""
    schemas = dict.fromkeys(place(spec.name, schema)[0] for spec in specs)
    made = [f"CREATE SCHEMA IF NOT EXISTS {prefix}{quote(each)}" for each in schemas if each != DEFAULT_SCHEMA]
    sequence = "CREATE SEQUENCE IF NOT EXISTS"  # one that outlived its table goes on where it was
    for spec in specs:
        own = place(spec.name, schema)[0]
        made += [f"{sequence} {prefix}{_named(own, _sequence(spec, column))}" for column in spec.numbered]
        made.append(table_ddl(spec, (*specs, *others), schema=schema, catalog=catalog))
    return made


def table_ddl(spec: TableSpec, specs: Sequence[TableSpec], *, schema: str = DEFAULT_SCHEMA, catalog: str = "") -> str:
    """CREATE TABLE alone. specs: with the tables that its foreign keys refer to."""
    own, name = place(spec.name, schema)
    lines = [f"{quote(field.name)} {_column(spec, field, own)}" for field in spec.schema]
    lines += [f"{quote(column.name)} {_made(column)}" for column in spec.made]
    if spec.key:
        lines.append(f"PRIMARY KEY ({_list(spec.key)})")
    lines += [_reference(key, specs, schema) for key in spec.foreign_keys]
    whole = f"{catalog}.{quote(own)}.{quote(name)}" if catalog else _named(own, name)
    return f"CREATE TABLE {whole} (\n  " + ",\n  ".join(lines) + "\n)"


def column_ddl(spec: TableSpec, field: pa.Field, *, schema: str = DEFAULT_SCHEMA) -> str:
    """What adds one of its columns to a table that is there."""
    own, name = place(spec.name, schema)
    return f"ALTER TABLE {_named(own, name)} ADD COLUMN {quote(field.name)} {_column(spec, field, own)}"


def _named(schema: str, name: str) -> str:
    return quote(name) if schema == DEFAULT_SCHEMA else f"{quote(schema)}.{quote(name)}"


def _sequence(spec: TableSpec, column: str) -> str:
    return f"{spec.name.rpartition('.')[2]}_{column}_seq"


def _column(spec: TableSpec, field: pa.Field, schema: str) -> str:
    text = ddl_type(field.type)
    if field.name in spec.numbered:
        # With the schema and without the database, whose name is another wherever the file is opened.
        sequence = f"{quote(schema)}.{quote(_sequence(spec, field.name))}".replace("'", "''")
        text += f" DEFAULT nextval('{sequence}')"
    return text if field.nullable else text + " NOT NULL"


def _made(column: MadeColumnSpec) -> str:
    kind = ddl_type(column.type) if column.type is not None else ""
    if column.computed:  # never stored, and without constraints: DuckDB has nothing else
        return f"{kind} GENERATED ALWAYS AS ({column.computed}) VIRTUAL".lstrip()
    default = f" DEFAULT ({column.default})" if column.default else ""
    return kind + default + ("" if column.nullable else " NOT NULL")


def _reference(key: ForeignKeySpec, specs: Sequence[TableSpec], schema: str) -> str:
    """The table's schema is left out: DuckDB has no foreign keys across schemas. The columns stand in the order of the
    other table's key, since DuckDB matches them by place."""
    order = _key_of(key.table, specs, schema)
    pairs = dict(zip(key.references, key.columns, strict=True))
    references = order if set(order) == set(key.references) else key.references
    columns = [pairs[name] for name in references]
    return f"FOREIGN KEY ({_list(columns)}) REFERENCES {quote(place(key.table, schema)[1])} ({_list(references)})"


def _key_of(table: str, specs: Sequence[TableSpec], schema: str) -> tuple[str, ...]:
    return next((spec.key for spec in specs if place(spec.name, schema) == place(table, schema)), ())


def _list(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names)


def ddl_problems(spec: TableSpec, *, schema: str = DEFAULT_SCHEMA) -> list[str]:
    """Why DuckDB cannot make this table, whatever else is there."""
    problems = []
    for column in spec.made:
        if column.computed:
            if not column.nullable:
                problems.append(f"{spec.name}.{column.name} is computed, and DuckDB has no NOT NULL for such a column")
        elif column.type is None:
            problems.append(f"{spec.name}.{column.name} has no type in the contract's target, so it cannot be made")
    own = place(spec.name, schema)[0]
    problems += [
        f"{spec.name} refers to {key.table} in another schema: DuckDB has no such foreign keys; put both tables into"
        " one schema, or leave the foreign key out"
        for key in spec.foreign_keys
        if place(key.table, schema)[0] != own
    ]
    if not problems:
        problems += _injected(spec)
    return problems


def _injected(spec: TableSpec) -> list[str]:
    """The SQL of made columns must stay inside its statement."""
    alone = TableSpec(spec.name, spec.schema, made=spec.made)
    try:
        count = len(duckdb.extract_statements(table_ddl(alone, [alone])))
    except duckdb.Error as error:
        first = str(error).strip().partition("\n")[0]
        return [f"{spec.name}: the SQL of its made columns is wrong: {first}"]
    return [] if count == 1 else [f"{spec.name}: the SQL of its made columns is more than an expression"]
