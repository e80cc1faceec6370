"""The reference shredder: short, obviously right, complete. Any other must return exactly what it returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from lxml import etree

from transforms.contract.extracts import Extract, extracts_of
from transforms.contract.plan import ContractPlan, Route
from transforms.shred.buffers import document_views, is_text
from transforms.shred.extract import ExtractRows, ExtractShape
from transforms.shred.keys import key_names, key_texts
from transforms.shred.lines import long_document_lines
from transforms.shred.parse import DocumentParser, Source
from transforms.shred.refusal import RefusedError, ShredError
from transforms.shred.result import Refusal, Shredded, refused_table, several_table, ways_table
from transforms.shred.routing import Routing
from transforms.shred.rows import RowPaths
from transforms.shred.sharing import Shared
from transforms.shred.shredder import Trees, no_budget
from transforms.shred.steps import Element, Elements


class LxmlShredder:
    """Shreds batches of documents by one contract. Threads may share it: each call is a batch of its own.

    why: it is lxml that reads them, one of WHYS. trees: is asked before each parse; without it nobody counts memory.
    extracts: what is read; without it all that the plan needs.
    """

    def __init__(
        self,
        plan: ContractPlan,
        *,
        why: str = "by_choice",
        trees: Trees = no_budget,
        extracts: Sequence[Extract] | None = None,
    ) -> None:
        self._why = why
        self._trees = trees
        self._routing = Routing(plan)
        self._shared = Shared.of(extracts_of(plan) if extracts is None else extracts)
        extracts = self._shared.read
        self._shapes = [ExtractShape.of(extract) for extract in extracts]
        self._branches = {route: _Branch.of(route, self._routing, extracts) for route in self._routing.routes}
        self._parser = DocumentParser(plan.limits, plan.declaration, plan.decode)
        self._key_names = key_names(extracts, self._routing)
        nothing = {shape.extract.name: shape.without_rows for shape in self._shapes}
        self._without_rows = dict(self._shared.tables(nothing))

    def shred(
        self, documents: pa.Array | pa.ChunkedArray, keys: Mapping[str, pa.Array | pa.ChunkedArray] | None = None
    ) -> Shredded:
        """Shred one batch.

        documents: string, large_string, string_view, binary, large_binary or binary_view; NULL is refused as `empty`.
        keys: the source's key columns as text, as long as `documents`, by name; the contract's `$name` paths read them.
        ValueError where the contract reads a key that is not there; ShredError where the shredder itself fails.
        """
        texts = key_texts(self._key_names, documents, keys or {})
        batch = _Batch(self._shapes, self._branches)
        deciding = {name: texts[name].to_pylist() for name in self._routing.keys}
        text = is_text(documents)
        for ordinal, raw in enumerate(document_views(documents)):
            try:
                source = self._parser.read(raw, text=text)
                with self._trees(len(source.data)):
                    self._read(batch, ordinal, source, {name: values[ordinal] for name, values in deciding.items()})
            except RefusedError as refused:
                batch.refuse(ordinal, refused)
            except MemoryError as error:
                hint = "give the run more memory, or lower document.limits.bytes"
                raise ShredError(f"out of memory at document {ordinal}", document=ordinal, hint=hint) from error
            except etree.LxmlError as error:
                raise ShredError(f"lxml failed at document {ordinal}: {error}", document=ordinal) from error
        return Shredded(
            extracts=batch.tables(texts, self._shared) or dict(self._without_rows),
            refused=batch.refused(),
            several=several_table(self._shared.several(batch.several)),
            ways=ways_table({("lxml", self._why): len(documents)}),
        )

    def _read(self, batch: _Batch, ordinal: int, source: Source, keys: Mapping[str, str | None]) -> None:
        """Parse and read one document; its tree is gone when this returns."""
        root = self._parser.tree(source)
        batch.read(ordinal, self._routing.choose(root, keys), root, source.data)


@dataclass(frozen=True, slots=True)
class _Branch:
    """The extracts that read the documents of one route: their names, and where their rows are."""

    names: tuple[str, ...]
    rows: RowPaths

    @classmethod
    def of(cls, route: Route, routing: Routing, extracts: Sequence[Extract]) -> _Branch:
        own = [extract for extract in extracts if routing.of(extract.route) == route]
        return cls(tuple(extract.name for extract in own), RowPaths([extract.rows for extract in own]))


class _Batch:
    """What was read so far."""

    def __init__(self, shapes: list[ExtractShape], branches: Mapping[Route, _Branch]) -> None:
        self.several: Counter[tuple[str, str]] = Counter()
        self._shapes = shapes
        self._branches = branches
        self._with_children = {shape.extract.parent for shape in shapes}
        self._extracts: dict[str, ExtractRows] = {}  # made for the first document that is read: many batches have none
        self._refused: list[Refusal] = []

    def read(self, document: int, route: Route, root: Element, data: bytes) -> None:
        """Read every extract of one document's route: all of them or, where a RefusedError comes out of one, none."""
        if not self._extracts:
            self._extracts = {shape.extract.name: ExtractRows(shape) for shape in self._shapes}
        branch = self._branches[route]
        extracts = [self._extracts[name] for name in branch.names]
        sizes = [len(extract) for extract in extracts]
        try:
            self._read_extracts(document, extracts, branch.rows.select(root), long_document_lines(root, data))
        except RefusedError:
            for extract, size in zip(extracts, sizes, strict=True):
                extract.keep(size)
            raise
        for extract in extracts:
            if extract.several:
                self.several.update((extract.extract.name, column.name) for column in extract.several)
                extract.several.clear()

    def _read_extracts(
        self, document: int, extracts: list[ExtractRows], found: list[Elements], lines: Mapping[Element, int]
    ) -> None:
        rows_of: dict[str, dict[Element, int]] = {}
        for extract, rows in zip(extracts, found, strict=True):
            parent = extract.parent
            if rows:
                extract.read(document, rows, None if parent is None else rows_of[parent], lines)
            if extract.extract.name in self._with_children:
                rows_of[extract.extract.name] = {element: row for row, element in enumerate(rows)}

    def refuse(self, document: int, refused: RefusedError) -> None:
        """Note that a document is not shredded, and why."""
        self._refused.append((document, refused.reason, refused.line, refused.column, refused.detail))

    def tables(self, keys: Mapping[str, pa.Array], shared: Shared) -> dict[str, pa.Table]:
        """All extracts as Arrow tables; none of them where no document was read."""
        if not self._extracts:
            return {}
        return dict(shared.tables({name: extract.table(keys) for name, extract in self._extracts.items()}))

    def refused(self) -> pa.Table:
        """REFUSED_SCHEMA."""
        return refused_table(self._refused)
