"""Cells that a shredder has read as their type already, and the texts of the others beside them.

A shredder may read the cells of a column that are in the plainest form of its type (`12`, `2020-02-29`), where reading
them counts nothing and asks no policy. Its extract then has two columns instead of one: `x`, of the column's type, null
where a cell is not in that form; and `x` with a suffix, text, null where it is, or where there is no cell. A cell in
that form but for white space at its ends is in both: it is counted as trimmed, but not read again. A cell that is null
in both is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

_SUFFIX = "\x1ftext"  # no name of a contract can have a control character


def beside_name(column: str) -> str:
    """The name of the texts beside a typed column."""
    return column + _SUFFIX


def as_pairs(extract: pa.Table, types: Mapping[str, pa.DataType]) -> pa.Table:
    """An extract of text with a pair of columns for each that `types` names: nothing read yet, all texts beside.

    Thus what one shredder read as text can stand behind what another read as values.
    """
    columns: list[pa.ChunkedArray] = []
    fields: list[pa.Field] = []
    for field, values in zip(extract.schema, extract.columns, strict=True):
        if field.name not in types:
            columns.append(values)
            fields.append(field)
            continue
        kind = types[field.name]
        columns += [pa.chunked_array([pa.nulls(len(chunk), kind) for chunk in values.chunks], kind), values]
        fields += [pa.field(field.name, kind), pa.field(beside_name(field.name), field.type)]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def in_step(values: pa.ChunkedArray, texts: pa.ChunkedArray | None) -> Iterator[tuple[pa.Array, pa.Array | None]]:
    """The chunks of values and of the texts beside them, cut at the same rows."""
    if texts is None:
        yield from ((chunk, None) for chunk in values.chunks)
    elif [len(chunk) for chunk in values.chunks] == [len(chunk) for chunk in texts.chunks]:
        yield from zip(values.chunks, texts.chunks, strict=True)
    else:
        for batch in pa.Table.from_arrays([values, texts], ["values", "texts"]).to_batches():
            yield batch.column(0), batch.column(1)
