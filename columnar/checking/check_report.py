"""What `check` found, as data; check_text.py makes it readable."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from transforms.coverage import Coverage

Json = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value. text: as people read it, '' for NULL. source: the document's text, where it is another; None: it is
    not, or the column is a key of the parent table. Long ones are cut."""

    column: str
    value: Json
    text: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One row beside its origin: where in the document its element begins (1-based; column 0: not known), and the
    document's text from there to the end of the line, shortened."""

    document: str
    line: int
    column: int
    source: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """Values that are not what the documents say, by column and rule; for rules about rows, `column` is '' and it
    counts the rows dropped. example: the text in a document and what became of it; None: there is none to show."""

    column: str
    rule: str
    values: int
    example: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """A column as the contract has it; `inherited` ones are the keys of the parent table."""

    name: str
    type: str
    path: str
    key: bool
    inherited: bool


@dataclass(frozen=True, slots=True)
class TableSample:
    """What one table gets: `rows` rows from `documents` documents, of which `sample` holds the first."""

    name: str
    path: str
    load: bool
    rows: int
    documents: int
    columns: tuple[ColumnHead, ...]
    sample: tuple[SampleRow, ...]
    changed: tuple[Changed, ...]

    def __repr__(self) -> str:
        return f"<TableSample {self.name!r}: {self.rows:,} rows of {self.documents:,} documents>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.check_html import table_html

        return table_html(self)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document that would not load. line, column: 1-based, 0 where not known. source: what stands there."""

    document: str
    reason: str
    line: int
    column: int
    detail: str
    source: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that gives something else alone than with the others; table: '' where it loads only in one way."""

    document: str
    table: str
    alone: str
    together: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """What the contract's `$key` reads here, where there is no source to read it from."""

    key: str
    what: str
    first: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A contract run over sample documents.

    documents: how many. compared: with how many of them it was run a second time, all together; those whose SQL fails
    are left out, and a single one is run together with a copy of itself.
    """

    documents: int
    bytes: int
    tables: tuple[TableSample, ...]
    quarantined: tuple[Quarantined, ...]
    coverage: Coverage
    compared: int
    differences: tuple[Difference, ...]
    stand_ins: tuple[StandIn, ...]

    def __repr__(self) -> str:
        refused = len(self.quarantined)
        told = f"{self.documents:,} documents, {self.documents - refused:,} would load, {refused:,} would not"
        return f"<CheckReport: {told}, {len(self.differences):,} differ alone and together>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.check_html import check_html

        return check_html(self)

    def as_dict(self) -> dict[str, object]:
        """Everything, in types that JSON has."""
        return asdict(self)
