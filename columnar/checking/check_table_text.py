"""One table of a check as text: where its first rows stand in the documents, their values, what was changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from columnar.checking.check_examples import LEFT_OUT
from columnar.checking.check_report import Cell, ColumnHead, SampleRow, TableSample
from columnar.checking.check_source import shortened
from columnar.checking.text_grid import GAP, fitted, grid, wrapped

_NARROWEST = 14  # cells of a value; fewer rows stand beside each other rather than narrower ones
_WIDEST = 60
_MOST_NAME = 28
_MOST_TYPE = 16
_KEPT = 200  # characters of a value that are looked at


def table_lines(table: TableSample, width: int) -> list[str]:
    """The table: its rows beside each other, the columns below each other, so that wide tables fit too."""
    title = fitted(f"{table.name}: {_counted(table)}", width)
    lines = [title, "-" * cell_len(title), *_origins(table.sample, width)]
    empty = always_null(table)
    shown = [(at, column) for at, column in enumerate(table.columns) if column.name not in empty]
    for start, rows in _blocks(table, width):
        lines += ["", *_values(shown, rows, start, width)]
    if empty and table.sample:
        which = "all of them" if len(table.sample) > 1 else "it"
        lines += wrapped(empty, width, first=f"  NULL in {which}:", indent="    ")
    return [*lines, *_changed(table, width)]


def _counted(table: TableSample) -> str:
    shown, rows = len(table.sample), f"{table.rows:,} row{'' if table.rows == 1 else 's'}"
    where = f"{table.documents:,} document{'' if table.documents == 1 else 's'}"
    first = f", the first {shown}" if 0 < shown < table.rows else ""
    return f"{rows} of {where}{first}" if table.rows else "no rows"


def _origins(sample: Sequence[SampleRow], width: int) -> list[str]:
    """Each row's place in its document, and what stands there."""
    places = []
    for number, row in enumerate(sample, 1):
        place = f"{shortened(row.document, _KEPT)}:{row.line}" + (f":{row.column}" if row.column else "")
        places.append((f"[{number}]", place, row.source))
    lines = grid(places, most=[6, width // 3, width], ends=[1])
    return [fitted(f"  {line}", width) for line in lines]


def _blocks(table: TableSample, width: int) -> Iterator[tuple[int, Sequence[SampleRow]]]:
    """The rows, as many at a time as have room beside each other, and the number of the first."""
    room = width - _head_width(table.columns) - GAP
    beside = max(room // (_NARROWEST + GAP), 1)
    for start in range(0, len(table.sample), beside):
        yield start, table.sample[start : start + beside]


def _head_width(columns: Sequence[ColumnHead]) -> int:
    names = min(max((cell_len(_name(column)) for column in columns), default=0), _MOST_NAME)
    types = min(max((cell_len(column.type) for column in columns), default=0), _MOST_TYPE)
    return names + GAP + types + GAP


def _name(column: ColumnHead) -> str:
    return f"{column.name} *" if column.key else column.name


def _values(columns: Sequence[tuple[int, ColumnHead]], rows: Sequence[SampleRow], start: int, width: int) -> list[str]:
    heads = ["column (* key)" if any(column.key for _, column in columns) else "column", "type"]
    lines = [[*heads, *(f"[{start + number}]" for number in range(1, len(rows) + 1))]]
    lines += [[_name(column), column.type, *(cell_text(row.cells[at]) for row in rows)] for at, column in columns]
    room = width - GAP - _head_width([column for _, column in columns])
    most = min(max(room // len(rows) - GAP, 1), _WIDEST if len(rows) > 1 else width)
    return [fitted(f"  {line}", width) for line in grid(lines, most=[_MOST_NAME, _MOST_TYPE, *[most] * len(rows)])]


def _is_null(cell: Cell) -> bool:
    """NULL, and nothing in the document either."""
    return cell.value is None and not cell.source


def cell_text(cell: Cell) -> str:
    """A value on one line, shortened; with the text of the document where it became NULL."""
    if cell.value is None:
        return f"NULL <- {quoted(cell.source)}" if cell.source else "NULL"
    # what could be taken for something else is put in quotes
    if isinstance(cell.value, str) and (cell.text in ("", "NULL") or cell.text != cell.text.strip()):
        return quoted(cell.text)
    return shortened(cell.text, _KEPT)


def quoted(text: str) -> str:
    """The text in quotes, shortened, on one line."""
    return f"'{shortened(text, _KEPT)}'"


def always_null(table: TableSample) -> list[str]:
    """The columns that have nothing in any row shown."""
    return [
        column.name for at, column in enumerate(table.columns) if all(_is_null(row.cells[at]) for row in table.sample)
    ]


def _changed(table: TableSample, width: int) -> list[str]:
    """Values changed and rows dropped, each with its rule."""
    lines: list[str] = []
    values = [change for change in table.changed if change.column]
    if values:
        half = max((width - 60) // 2, 12)
        rows = []
        for change in values:
            example = _example(*change.example, half) if change.example else ""
            rows.append([change.column, change.rule, f"{change.values:,}", example])
        lines += ["", "  changed:"]
        lines += [fitted(f"    {line}", width) for line in grid(rows, most=[_MOST_NAME, 24, 10, width], right=[2])]
    dropped = [f"{change.values:,} by {change.rule}" for change in table.changed if not change.column]
    if dropped:
        lines += wrapped(dropped, width, first="  rows dropped:", indent="    ")
    return lines


def _example(source: str, became: str, width: int) -> str:
    """What became of a text; of long ones, the part with the first difference. became: '' is NULL."""
    if became == LEFT_OUT:
        return f"'{fitted(shortened(source, _KEPT), width)}' -> {became}"
    pairs = enumerate(zip(source, became, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(source), len(became)))
    start = max(same - width // 3, 0) if max(len(source), len(became)) > width - 2 else 0
    texts = [text[start:] for text in (source, became)]
    before = "…" if start else ""
    one, other = (before + fitted(shortened(text, _KEPT), width - 3) for text in texts)
    return f"'{one}' -> '{other}'" if became else f"'{one}' -> NULL"
