"""A table while it is compiled."""

from __future__ import annotations

from dataclasses import dataclass, field

from transforms.contract.model import Table
from transforms.contract.plan import ColumnPlan
from transforms.contract.source import Path
from transforms.path.model import RowPath, ValuePath, XPath

SlotPaths = dict[str, ValuePath | XPath]


@dataclass(slots=True)
class Draft:
    """One table. Names of columns with problems are known, so that they cause no others. slots: of the columns that
    differ from slot to slot, their path in each."""

    name: str
    table: Table
    rows: RowPath | None  # None: made by SQL, or the path has problems
    columns: dict[str, ColumnPlan | None]
    slots: dict[str, SlotPaths] = field(default_factory=dict)
    sound: bool = True  # False: its columns or slots have problems
    inherited: dict[str, ColumnPlan | None] = field(default_factory=dict)
    inherits_all: bool = True  # False: the parent has problems, so what it hands down is not known

    @property
    def path(self) -> Path:
        """Its place in the contract."""
        return ("tables", self.name)

    @property
    def by_sql(self) -> bool:
        """Whether its rows are those of a SELECT."""
        return made_by_sql(self.table)

    @property
    def names(self) -> dict[str, ColumnPlan | None]:
        """Every column of the table: the gained ones, then its own."""
        return {**self.inherited, **self.columns}


def made_by_sql(table: Table) -> bool:
    """Whether a table's rows are those of a SELECT."""
    return "sql" in table.model_fields_set and "rows" not in table.model_fields_set
