"""The reference shredder: short, obviously right, complete. Any other must return exactly what it returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
from lxml import etree

from transforms.contract.plan import ContractPlan
from transforms.path.model import TerminalKind, ValuePath
from transforms.shred.buffers import document_views, is_text
from transforms.shred.extract import ExtractRows, ExtractShape
from transforms.shred.lines import long_document_lines, source_line
from transforms.shred.parse import DocumentParser
from transforms.shred.refusal import RefusedError, ShredError
from transforms.shred.result import REFUSED_SCHEMA, SEVERAL_SCHEMA, Shredded
from transforms.shred.rows import RowPaths
from transforms.shred.steps import Element, lxml_name


class LxmlShredder:
    """Shreds batches of documents by one contract. Threads may share it: each call is a batch of its own."""

    def __init__(self, plan: ContractPlan) -> None:
        self._plan = plan
        self._root = lxml_name(plan.root)
        self._rows = RowPaths([table.rows for table in plan.tables])
        self._shapes = [ExtractShape.of(table) for table in plan.tables]
        self._parser = DocumentParser(plan.limits, plan.declaration, plan.decode)
        self._key_names = sorted(
            {
                column.path.terminal.text or "key"
                for table in plan.tables
                for column in table.columns
                if isinstance(column.path, ValuePath) and column.path.terminal.kind is TerminalKind.KEY
            }
        )

    def shred(
        self, documents: pa.Array | pa.ChunkedArray, keys: Mapping[str, pa.Array | pa.ChunkedArray] | None = None
    ) -> Shredded:
        """Shred one batch.

        documents: string, large_string, string_view, binary, large_binary or binary_view; NULL is refused as `empty`.
        keys: the source's key columns as text, as long as `documents`, by name; the contract's `$name` paths read them.
        ValueError where the contract reads a key that is not there; ShredError where the shredder itself fails.
        """
        texts = self._key_texts(documents, keys or {})
        batch = _Batch(self._shapes, self._rows, self._root)
        text = is_text(documents)
        for ordinal, raw in enumerate(document_views(documents)):
            try:
                root, source = self._parser.parse(raw, text=text)
                batch.read(ordinal, root, source.data)
            except RefusedError as refused:
                batch.refuse(ordinal, refused)
            except MemoryError as error:
                hint = "give the run more memory, or lower limits.document_bytes"
                raise ShredError(f"out of memory at document {ordinal}", document=ordinal, hint=hint) from error
            except etree.LxmlError as error:
                raise ShredError(f"lxml failed at document {ordinal}: {error}", document=ordinal) from error
        return batch.result(texts)

    def _key_texts(
        self, documents: pa.Array | pa.ChunkedArray, keys: Mapping[str, pa.Array | pa.ChunkedArray]
    ) -> dict[str, pa.Array]:
        texts = {}
        for name in self._key_names:
            if name not in keys:
                raise ValueError(f"the contract reads ${name}, but the batch has no key of that name")
            if len(keys[name]) != len(documents):
                raise ValueError(f"key {name!r} has {len(keys[name])} values for {len(documents)} documents")
            texts[name] = keys[name].cast(pa.string())
        return texts


class _Batch:
    """What was read so far."""

    def __init__(self, shapes: list[ExtractShape], rows: RowPaths, root_name: str) -> None:
        self._rows = rows
        self._root_name = root_name
        self._extracts = {shape.plan.name: ExtractRows(shape) for shape in shapes}
        self._with_children = {shape.plan.parent for shape in shapes}
        self._refused: list[tuple[int, str, int, int, str]] = []
        self._several: Counter[tuple[str, str]] = Counter()

    def read(self, document: int, root: Element, data: bytes) -> None:
        """Read every extract of one document: all of them or, where a RefusedError comes out of one, none."""
        if next(root.iter(self._root_name), None) is not root:
            raise RefusedError("wrong_root", f"the root element is {root.tag}", line=source_line(root))
        sizes = [len(extract) for extract in self._extracts.values()]
        try:
            self._read_extracts(document, root, long_document_lines(root, data))
        except RefusedError:
            for extract, size in zip(self._extracts.values(), sizes, strict=True):
                extract.keep(size)
            raise
        for name, extract in self._extracts.items():
            if extract.several:
                self._several.update((name, column.name) for column in extract.several)
                extract.several.clear()

    def _read_extracts(self, document: int, root: Element, lines: Mapping[Element, int]) -> None:
        rows_of: dict[str, dict[Element, int]] = {}
        for (name, extract), rows in zip(self._extracts.items(), self._rows.select(root), strict=True):
            parent = extract.plan.parent
            if rows:
                extract.read(document, rows, None if parent is None else rows_of[parent], lines)
            if name in self._with_children:
                rows_of[name] = {element: row for row, element in enumerate(rows)}

    def refuse(self, document: int, refused: RefusedError) -> None:
        """Note that a document is not shredded, and why."""
        self._refused.append((document, refused.reason, refused.line, refused.column, refused.detail))

    def result(self, keys: Mapping[str, pa.Array]) -> Shredded:
        """All extracts as Arrow tables."""
        refused = list(zip(*self._refused, strict=True)) or [()] * len(REFUSED_SCHEMA)
        several = [(table, column, cells) for (table, column), cells in sorted(self._several.items())]
        return Shredded(
            extracts={name: extract.table(keys) for name, extract in self._extracts.items()},
            refused=pa.table(
                [pa.array(values, kind.type) for values, kind in zip(refused, REFUSED_SCHEMA, strict=True)],
                schema=REFUSED_SCHEMA,
            ),
            several=pa.table(
                [pa.array([row[index] for row in several], kind.type) for index, kind in enumerate(SEVERAL_SCHEMA)],
                schema=SEVERAL_SCHEMA,
            ),
        )
