"""What rules look at: a contract as it is written, what it compiles to, and who uses what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from transforms.contract.column import Column
from transforms.contract.lookup import LookupSection
from transforms.contract.model import Contract, Table
from transforms.contract.plan import ColumnPlan, ContractPlan, TablePlan
from transforms.contract.problems import Problems, dotted
from transforms.contract.source import Path, Source, read_source
from transforms.lint.codes import CODES
from transforms.lint.finding import Finding
from transforms.lint.uses import Uses


@dataclass(frozen=True)
class Subject:
    """A contract that compiles. plan: of this contract alone, so that its tables have their own names."""

    name: str
    source: Source
    contract: Contract
    plan: ContractPlan

    @classmethod
    def of(cls, text: str, plan: ContractPlan, *, name: str) -> Subject:
        """text: that `plan` was compiled from."""
        source = read_source(text, problems=Problems(name))
        return cls(name, source, Contract.model_validate(source.value), plan)

    @cached_property
    def uses(self) -> Uses:
        """Which tables, columns and joins are read by what."""
        return Uses(self.plan)

    @cached_property
    def columns(self) -> tuple[StatedColumn, ...]:
        """The columns of all tables, in the plan's order, as stated and as compiled."""
        return tuple(
            StatedColumn(
                table, self.contract.tables[table.name], column, self.contract.tables[table.name].columns[column.name]
            )
            for table in self.plan.tables
            for column in table.columns
        )

    def entries(self, lookup: str) -> tuple[Path, dict[str, str | None]]:
        """Where the entries of a lookup stand, and what they are."""
        stated = self.contract.lookups[lookup]
        if isinstance(stated, LookupSection):
            return ("lookups", lookup, "entries"), stated.entries
        return ("lookups", lookup), stated

    def finding(self, code: str, path: Path, message: str, advice: str = "", *, value: bool = False) -> Finding:
        """A finding at a key, or at the value behind it; at the nearest one that is written."""
        known = path
        while known and known not in self.source.values:
            known = known[:-1]
        line, column = self.source.value_position(known) if value else self.source.key_position(known)
        return Finding(code, CODES[code].severity, message, advice, self.name, line, column, dotted(known))


@dataclass(frozen=True, slots=True)
class StatedColumn:
    """One column of one table. said: the keys that it states itself."""

    table: TablePlan
    stated_table: Table
    plan: ColumnPlan
    stated: Column

    @property
    def path(self) -> Path:
        """Its place in the contract."""
        return ("tables", self.table.name, "columns", self.plan.name)

    @property
    def said(self) -> set[str]:
        """The keys that it states itself."""
        return self.stated.model_fields_set

    @property
    def name(self) -> str:
        """`table.column`."""
        return f"{self.table.name}.{self.plan.name}"
