"""Whether the tables of a target take what a contract brings: every mismatch of every table at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa

from loaders.database.catalog import StoredTable
from loaders.database.dialect import TableDialect
from loaders.errors import UsageError
from loaders.names import nearest, place
from loaders.sink import ForeignKeySpec, TableSpec


class TargetChecks:
    """Compares tables as they are with what their writer needs.

    look_up: a table of the target by its name in the contract; None where there is none. schema: of tables that do not
    name theirs. can_make_values: whether the target can make the values of a column before their rows are inserted.
    """

    def __init__(
        self,
        tables: TableDialect,
        look_up: Callable[[str], StoredTable | None],
        schema: str,
        can_make_values: Callable[[StoredTable, str], bool],
    ) -> None:
        self._tables = tables
        self._look_up = look_up
        self._schema = schema
        self._can_make_values = can_make_values

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool, known: Sequence[str]) -> list[str]:
        """See Sink.mismatches. known: the tables of the schema, for 'did you mean'."""
        there = {spec.name: self._look_up(spec.name) for spec in specs}
        problems: list[str] = []
        for spec in specs:
            stored = there[spec.name]
            if stored is not None:
                problems += self._of_table(spec, stored)
                problems += self._order_mismatches(spec, stored, specs)
            elif create:
                problems += self._tables.problems([spec], self._schema)
                problems += [wrong for key in spec.foreign_keys if (wrong := self._reference(spec, key, specs, there))]
            else:
                problems.append(self._missing(spec.name, known))
        return problems

    def _missing(self, name: str, known: Sequence[str]) -> str:
        said = f"table {name} does not exist; "
        close = nearest(place(name, self._schema)[1], known, "table") if known else ""
        if close.startswith("did you mean"):
            said += close.removesuffix("?") + ", or "
        return said + "create: true in the job's target makes it"

    def _of_table(self, spec: TableSpec, stored: StoredTable) -> Iterator[str]:
        if stored.kind == "view":
            yield f"{spec.name} is a view in the target, and rows are loaded into tables: name another table"
            return
        if stored.kind != "table":
            yield f"{spec.name} is a {stored.kind}: name another table"
            return
        if stored.name != place(spec.name, self._schema)[1]:
            yield (
                f"table {spec.name} is called {stored.name} in the target, which does not tell upper from lower case:"
                f" write {stored.name}"
            )
            return
        for field in spec.schema:
            if wrong := self._of_column(spec, field, stored):
                yield wrong
        given = {*spec.schema.names, *(column.name for column in spec.made)}
        for column in stored.columns:
            if column.required and column.name not in given:
                yield f"{spec.name}.{column.name} is NOT NULL without a default, and the contract does not fill it"

    def _of_column(self, spec: TableSpec, field: pa.Field, stored: StoredTable) -> str:
        column, place_of = stored.column(field.name), f"{spec.name}.{field.name}"
        if column is None:
            hint = nearest(field.name, [each.name for each in stored.columns], "column")
            return f"table {spec.name} has no column {field.name}; {hint}"
        if column.computed:
            return f"{place_of} is computed by the target, so nothing can be loaded into it"
        length, uuid = spec.length(field.name), field.name in spec.uuids
        if not self._tables.fits(field.type, column, length=length, uuid=uuid):
            return f"{place_of} is {column.type}, which cannot take {self._told(field.type, length, uuid=uuid)}"
        if field.name in spec.database_made:
            if not column.default and not column.identity:
                return f"{place_of} has no default, so the target cannot make its values (identity: database)"
            if not self._can_make_values(stored, field.name):
                return (
                    f"{place_of}: this database gives a number only to a row that is there, and rows that refer to it"
                    " need it before (identity: database); give the column a default of a sequence"
                )
        return ""

    def additions(self, specs: Sequence[TableSpec]) -> list[str]:
        """What adds the columns that tables lack, those that may be NULL: without semicolons."""
        tables = [(spec, self._look_up(spec.name)) for spec in specs]
        return [
            self._tables.column_statement(spec, field, self._schema)
            for spec, stored in tables
            for field in spec.schema
            if stored is not None and stored.kind == "table"
            if field.nullable and stored.column(field.name) is None
        ]

    def _told(self, kind: pa.DataType, length: int | None, *, uuid: bool) -> str:
        try:
            return self._tables.ddl_type(kind, length=length, uuid=uuid)
        except UsageError:  # the database has nothing for it
            return str(kind)

    def _order_mismatches(self, spec: TableSpec, stored: StoredTable, specs: Sequence[TableSpec]) -> list[str]:
        """Foreign keys of the target which the contract does not know, and which its order of loading would break."""
        later = {place(each.name, self._schema): each.name for each in specs[specs.index(spec) + 1 :]}
        names = {later[key.schema, key.table] for key in stored.foreign_keys if (key.schema, key.table) in later}
        return [
            f"{spec.name} refers to {name} in the target, but is loaded before it: state it among the foreign_keys of"
            f" {spec.name}'s target in the contract"
            for name in sorted(names)
        ]

    def _reference(
        self,
        spec: TableSpec,
        key: ForeignKeySpec,
        specs: Sequence[TableSpec],
        there: Mapping[str, StoredTable | None],
    ) -> str:
        """Why a table that is to be made cannot refer to another; '' where it can."""
        other = next((each for each in specs if each.name == key.table), None)
        stored = there.get(key.table) or self._look_up(key.table)
        if stored is not None:
            keys = list(stored.keys)
        elif other is not None:
            keys = [other.key]
        else:
            return f"{spec.name} refers to {key.table}, which does not exist"
        if set(key.references) not in [set(each) for each in keys]:
            return f"{spec.name} refers to {key.table} ({', '.join(key.references)}), which is no key of it"
        return ""

    def notes(self, specs: Sequence[TableSpec]) -> Iterator[str]:
        """See Sink.notes."""
        for spec in specs:
            stored = self._look_up(spec.name)
            if stored is not None:
                yield from _notes(spec, stored)


def _notes(spec: TableSpec, stored: StoredTable) -> Iterator[str]:
    filled = [key for key in stored.keys if set(key) <= set(spec.schema.names)]
    if filled and set(spec.key) not in [set(key) for key in filled]:
        theirs = " and ".join(f"({', '.join(key)})" for key in filled)
        own = f"({', '.join(spec.key)}) in the contract" if spec.key else "not stated in the contract"
        told = f"table {spec.name}: its key is {theirs} in the target, and {own}"
        yield f"{told}; rows that break the target's go to quarantine (rejected_by_target)"
    if stored.triggers:
        names = ", ".join(stored.triggers)
        yield f"table {spec.name}: its triggers ({names}) run for every row that is loaded"
    for field in spec.schema:
        column = stored.column(field.name)
        limited = column is not None and pa.types.is_string(field.type) and column.max_length is not None
        if column is not None and limited and spec.length(field.name) is None and field.name not in spec.uuids:
            told = f"{spec.name}.{field.name} is {column.type}, and the contract sets no limit"
            yield f"{told}; documents with a longer value go to quarantine (rejected_by_target)"
