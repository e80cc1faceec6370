"""The native shredder: what LxmlShredder returns, by the kernel of transforms/kernel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from transforms import _kernel
from transforms.contract.extracts import Extract, extracts_of
from transforms.contract.plan import ContractPlan
from transforms.convert.beside import as_pairs
from transforms.convert.simple import typed_columns
from transforms.shred.buffers import Documents, is_text, require_documents
from transforms.shred.decode import is_trusted
from transforms.shred.keys import key_names, key_texts
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.native.columns import is_left_to_lxml, kernel_columns, whole_keys
from transforms.shred.native.decoding import Group, groups
from transforms.shred.native.encode import encode
from transforms.shred.native.kernel_tables import Views, import_schema, import_table
from transforms.shred.native.merge import Parts, in_order, without
from transforms.shred.native.trie import Trie
from transforms.shred.refusal import ShredError
from transforms.shred.result import Shredded, refused_table, several_table, ways_table
from transforms.shred.routing import Routing
from transforms.shred.sharing import Shared
from transforms.shred.shredder import Trees, no_budget

Keys = Mapping[str, pa.Array]
_Several = list[tuple[int, int, int]]  # extract, column, cells


class NativeShredder:
    """Shreds batches of documents by one contract, as LxmlShredder does and with the same result.

    Single documents that the kernel leaves alone go to lxml, and so do `xpath:` columns that it cannot read
    (xpath_reads.py), of the documents that have rows for them. Threads may share it; Python's lock is released while
    the kernel works.

    threads: of the kernel, for one batch; it is split by bytes. trees: is asked before lxml parses a document.
    typed: read the cells of the columns of convert.simple as their type; their extracts have pairs of columns, see
    convert.beside. UnsupportedPlanError: a plan that the kernel cannot hold.
    """

    def __init__(self, plan: ContractPlan, *, threads: int = 1, trees: Trees = no_budget, typed: bool = False) -> None:
        self._plan = plan
        self._threads = threads
        self._trees = trees
        self._routing = Routing(plan)
        self._routes = self._routing.routes
        extracts = extracts_of(plan)
        self._types = typed_columns(plan) if typed else {}
        self._shared = Shared.of(extracts, self._types)
        self._read = self._shared.read
        self._key_names = key_names(self._read, self._routing)
        routes = [self._routes.index(self._routing.of(extract.route)) for extract in self._read]
        codes = {column: kind.code for column, kind in self._shared.types.items()}
        trie = Trie.of(self._read, routes, len(self._routes), codes)
        self._kernel_keys = whole_keys(self._read)
        self._kernel_plan = _kernel.compile(encode(trie, self._routes, plan.limits, self._kernel_keys))
        schemas = list(map(import_schema, _kernel.schemas(self._kernel_plan)))
        self._views = Views(self._shared, schemas)
        self._kernel_columns = [[column.name for column in kernel_columns(extract)] for extract in self._read]
        self._references: dict[str, LxmlShredder] = {}
        self._nothing_found = [schema.empty_table() for schema in schemas]
        self._without_rows = self._views.without_rows(self._nothing_found)
        self._left_to_lxml = [at for at, each in enumerate(self._read) if any(map(is_left_to_lxml, each.columns))]
        by_xpath = [own for own in map(_only_xpaths, self._read) if own.columns]
        self._xpaths = LxmlShredder(plan, trees=trees, extracts=by_xpath) if by_xpath else None

    def shred(self, documents: Documents, keys: Keys | None = None) -> Shredded:
        """Shred one batch: see LxmlShredder.shred."""
        require_documents(documents)
        texts = key_texts(self._key_names, documents, keys or {})
        parts = Parts({name: [] for name in self._shared.views})
        text = is_text(documents)
        for group in groups(documents, self._plan.decode, self._plan.limits):
            try:
                self._shred_group(group, documents, text, texts, parts)
            except MemoryError as error:
                raise ShredError(
                    f"out of memory at {len(group):,} documents from document {group.first} on",
                    document=group.first,
                    hint="give the run more memory, or lower document.limits.bytes",
                ) from error
        for name, tables in parts.tables.items():
            if not tables:
                tables.append(self._without_rows[name])
        return Shredded(
            extracts={name: in_order(tables) for name, tables in parts.tables.items()},
            refused=refused_table(parts.refused),
            several=several_table(parts.several),
            ways=ways_table(parts.ways),
        )

    def _shred_group(self, group: Group, documents: Documents, text: bool, texts: Keys, parts: Parts) -> None:
        plan, first, count = self._plan, group.first, len(group)
        if not count:
            return
        own = {name: column.slice(first, count) for name, column in texts.items()}
        trusted = is_trusted(plan.declaration, plan.decode, text=text)
        found, refused, declined, several = self._read_by_kernel(group.documents, own, trusted=trusted)
        tables = list(map(import_table, found, self._nothing_found))
        parts.refused += [
            (
                first + document,
                reason,
                line,
                column,
                self._explained(reason, _placed(detail, offset, column), own, document),
            )
            for document, reason, offset, line, column, detail in refused
            if first + document not in group.refused
        ]
        parts.refused += [
            (document, error.reason, error.line, error.column, error.detail)
            for document, error in group.refused.items()
        ]
        counts = self._counted(several)
        xpaths: dict[str, pa.Table] = {}
        by_both = self._with_xpaths(tables)
        parts.ways["native", "xpath"] += len(by_both)
        parts.ways["native", ""] += count - len(declined) - len(by_both)
        if self._xpaths is not None and by_both:
            xpaths, also_gone = self._read_xpaths(self._xpaths, by_both, group, documents, own, parts, counts)
            if also_gone:
                tables = [without(table, also_gone) for table in tables]
                counts.subtract(self._counted(self._several_of(sorted(also_gone), group, own, trusted=trusted)))
        parts.several.update(self._shared.several(counts))
        try:
            for name, table in self._tables(tables, xpaths):
                parts.tables[name].append(_later(table, first))
        except etree.LxmlError as error:  # of an xpath that is evaluated at values: lxml knows the document
            LxmlShredder(self._plan, trees=self._trees).shred(documents, texts)
            raise ShredError(f"lxml failed: {error}", document=first) from error
        self._ask_lxml([(first + document, why) for document, why in declined], documents, texts, parts)

    def _with_xpaths(self, tables: Sequence[pa.Table]) -> list[int]:
        """The documents that have rows with columns that lxml reads. tables: of each extract, what the kernel found."""
        found: set[int] = set()
        for at in self._left_to_lxml:
            found.update(pc.unique(tables[at].column(0)).to_pylist())
        return sorted(found)

    def _several_of(self, ordinals: list[int], group: Group, keys: Keys, *, trusted: bool) -> _Several:
        """What the kernel counted of some documents of a group. ordinals: rising."""
        documents = _chosen(pa.chunked_array(group.documents), ordinals)
        own = {name: column.take(pa.array(ordinals, pa.int64())) for name, column in keys.items()}
        *_, several = self._read_by_kernel(documents.chunks, own, trusted=trusted)
        return several

    def _read_by_kernel(
        self, documents: Sequence[pa.Array], keys: Keys, *, trusted: bool
    ) -> tuple[list[list[tuple[Any, int]]], list[tuple[int, str, int, int, int, str]], list[tuple[int, str]], _Several]:
        """See transforms/_kernel.pyi."""
        arrays = [chunk.__arrow_c_array__() for chunk in documents]
        routes = _words(self._routing.open_routes(keys))
        own = [keys[name].__arrow_c_array__() for name in self._kernel_keys]
        return _kernel.shred(self._kernel_plan, arrays, routes, self._threads, not trusted, own)

    def _counted(self, several: _Several) -> Counter[tuple[str, str]]:
        return Counter(
            {
                (self._read[extract].name, self._kernel_columns[extract][column]): cells
                for extract, column, cells in several
            }
        )

    def _tables(self, tables: Sequence[pa.Table], xpaths: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
        """The tables that are asked for and have rows. tables: of each extract that is read, what the kernel found."""
        for found, extract in zip(tables, self._read, strict=True):
            beside = xpaths.get(extract.name)
            if beside is not None and not _same_rows(found, beside):
                raise ShredError(f"lxml and the kernel found different rows of {extract.name}", document=0)
        return self._views.tables(tables, xpaths)

    def _read_xpaths(
        self,
        lxml: LxmlShredder,
        kept: Sequence[int],
        group: Group,
        documents: Documents,
        keys: Keys,
        parts: Parts,
        counts: Counter[tuple[str, str]],
    ) -> tuple[dict[str, pa.Table], set[int]]:
        """Let lxml read the xpath columns of some documents: their tables, and the documents that lxml refused."""
        ordinals = pa.array(kept, pa.int64())
        found = lxml.shred(
            _chosen(documents, [group.first + document for document in kept]),
            {name: column.take(ordinals) for name, column in keys.items()},
        )
        for row in found.several.to_pylist():
            counts[row["table"], row["column"]] += row["cells"]
        refused = found.refused.to_pylist()
        for row in refused:
            document = group.first + kept[row["document"]]
            parts.refused.append((document, row["reason"], row["line"], row["column"], row["detail"]))
        tables = {
            name: table.set_column(0, table.schema.field(0), ordinals.take(table.column(0).combine_chunks()))
            for name, table in found.extracts.items()
        }
        return tables, {kept[row["document"]] for row in refused}

    def _ask_lxml(self, declined: Sequence[tuple[int, str]], documents: Documents, keys: Keys, parts: Parts) -> None:
        """Let lxml read whole documents. declined: their ordinals in the batch, and why."""
        for why in sorted({why for _, why in declined}):
            ordinals = [document for document, other in declined if other == why]
            at = pa.array(ordinals, pa.int64())
            if why not in self._references:
                self._references[why] = LxmlShredder(self._plan, why=why, trees=self._trees)
            own = {name: column.take(at) for name, column in keys.items()}
            parts.add(self._paired(self._references[why].shred(_chosen(documents, ordinals), own)), ordinals)

    def _paired(self, shredded: Shredded) -> Shredded:
        """What lxml read, with the columns that the kernel returns."""
        if not self._types:
            return shredded
        tables = {}
        for name, table in shredded.extracts.items():
            kinds = {column: kind.arrow for (extract, column), kind in self._types.items() if extract == name}
            tables[name] = as_pairs(table, kinds)
        return replace(shredded, extracts=tables)

    def _explained(self, reason: str, detail: str, keys: Keys, document: int) -> str:
        if reason != "no_contract":
            return detail
        return f"{detail} with {self._routing.described({name: keys[name][document].as_py() for name in keys})}"


def _placed(detail: str, offset: int, column: int) -> str:
    """With the place in bytes, of what has one: an editor finds a column of millions as hard as a line of thousands."""
    return f"{detail}, at byte {offset}" if column else detail


def _words(values: pa.Array | None) -> pa.Buffer | None:
    return None if values is None else values.buffers()[1].slice(0, 8 * len(values))


def _only_xpaths(extract: Extract) -> Extract:
    """An extract as lxml reads it beside the kernel: without a parent, which only numbers its rows."""
    columns = tuple(column for column in extract.columns if is_left_to_lxml(column))
    return replace(extract, parent=None, columns=columns)


def _same_rows(one: pa.Table, other: pa.Table) -> bool:
    return all(one.column(at).equals(other.column(at)) for at in (0, 1))


def _chosen(documents: Documents, ordinals: Sequence[int]) -> pa.ChunkedArray:
    """Some documents of a batch, where they lie. ordinals: rising."""
    runs: list[tuple[int, int]] = []
    for ordinal in ordinals:
        if runs and sum(runs[-1]) == ordinal:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((ordinal, 1))
    slices = [documents.slice(*run) for run in runs]
    chunks = [chunk for part in slices for chunk in (part.chunks if isinstance(part, pa.ChunkedArray) else [part])]
    return pa.chunked_array(chunks, documents.type)


def _later(table: pa.Table, first: int) -> pa.Table:
    """The rows of a group that begins at another document."""
    if not first:
        return table
    return table.set_column(0, table.schema.field(0), pc.add(table.column(0), first))
