"""Who reads which table, column and join of a plan: SQL, selections, keys and parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transforms.contract.plan import ContractPlan, TablePlan
from transforms.rows.check import program_of
from transforms.rows.delivery import Delivery
from transforms.rows.program import TableProgram
from transforms.sql.expression import Expression


class Uses:
    """What is read in a plan whose SQL is checked.

    columns: (table, column) that something reads. joins: (table, join) that SQL reads. tables: those that are loaded,
    or that serve one that is. deliveries: how the results of SQL come to (table, column).
    """

    def __init__(self, plan: ContractPlan) -> None:
        self._plan = plan
        self.program = program_of(plan)
        self.columns: set[tuple[str, str]] = set()
        self.joins: set[tuple[str, str]] = set()
        self.deliveries: dict[tuple[str, str], Delivery] = {}
        self._served_by: dict[str, set[str]] = {}
        for table in plan.tables:
            self._selections(table)
        for program in self.program.rows:
            self._of_rows(program)
        for each in self.program.sql:
            for name, columns in each.tables.values():
                self.columns |= {(name, column) for column in columns}
                self._serve(name, each.plan.name)
            for place, delivered in each.deliveries.items():
                self.deliveries[each.plan.name, each.plan.columns[place].name] = delivered
        self.tables = self._reached()

    def parent_read(self, table: TablePlan) -> bool:
        """Whether SQL of a table reads a column of its parent."""
        program = next((each for each in self.program.rows if each.plan.name == table.name), None)
        return program is not None and any(title in program.ancestors for title in program.beside)

    def _selections(self, table: TablePlan) -> None:
        names = [*table.key, *table.keep_if_any, *(table.distinct.on if table.distinct else ())]
        names += [str(each.by) for each in (table.distinct.prefer if table.distinct else ())]
        self.columns |= {(table.name, name) for name in names}
        if table.parent:
            self._serve(table.parent, table.name)

    def _of_rows(self, program: TableProgram) -> None:
        table = program.plan
        joined = {join.plan.name: join.table for join in program.joins}
        for expression in expressions_of(program):
            for name in expression.columns:
                relation, _, column = name.rpartition(".")
                read = program.ancestors.get(relation) or joined.get(relation) if relation else table.name
                self.columns.add((str(read), column))
        self.joins |= {(table.name, name) for name in joined if name in program.beside}
        for join in program.joins:
            if join.plan.name not in program.beside:
                continue
            self._serve(join.table, table.name)
            for their, our in join.plan.on:
                self.columns |= {(join.table, their), (table.name, our)}
            for part in (join.where, join.order):
                self.columns |= {(join.table, column) for column in (part.columns if part else ())}
        for made in program.made:
            self.deliveries[table.name, made.plan.name] = made.delivery

    def _serve(self, table: str, to: str) -> None:
        self._served_by.setdefault(to, set()).add(table)

    def _reached(self) -> set[str]:
        waiting = [table.name for table in self._plan.tables if table.load]
        reached: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += self._served_by.get(name, ())
        return reached


def expressions_of(program: TableProgram) -> Iterator[Expression]:
    """The SQL that a table with rows runs over its own rows."""
    parts: Iterable[Expression | None] = (*(each.expression for each in program.made), program.where, program.order)
    for part in parts:
        if part is not None:
            yield part
