"""Measures generated documents, so that the figures of docs/demo.md can be checked:

python -m columnar.demo.figures 2000
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from columnar.demo.documents import generate
from columnar.demo.job import CONTRACT_FILE, contract_text
from columnar.demo.profile import MEASURED, REFUSALS, Profile
from columnar.demo.truth import truth
from transforms.contract import ContractPlan, read_contract
from transforms.path.model import Parents, TerminalKind, ValuePath
from transforms.shred.choose import make_shredder

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What documents are like. Quantiles stand at 0, 25, 50, 75, 95 and 100%; of documents not refused.

    mapped: bytes of the attributes and notes that the contract reads, quotes and names included, of all bytes (0 to 1).
    rows: rows that the contract's loaded tables have per document, before any is dropped.
    """

    documents: int
    bytes: tuple[int, ...]
    mean_bytes: float
    elements: tuple[int, ...]
    attributes: tuple[int, ...]
    empty_attributes: float
    depth: int
    rows: tuple[int, ...]
    boms: float
    namespaced: float
    mapped: float


def measure(documents: int, *, seed: int = 1, profile: Profile = MEASURED) -> Figures:
    """Generate documents and look at them, one batch at a time."""
    plan = read_contract(contract_text(), name=CONTRACT_FILE)
    shredder = make_shredder(plan)
    sizes: list[int] = []
    elements: list[int] = []
    attributes: list[int] = []
    rows: list[int] = []
    empty = depth = mapped = boms = namespaced = 0
    for batch in generate(documents, seed=seed, profile=profile):
        texts = batch.column("document")
        shredded = shredder.shred(texts, {"key": batch.column("loan_id").cast(pa.string())})
        mapped += sum(_mapped(plan, name, extract) for name, extract in shredded.extracts.items())
        rows += _rows(plan, shredded.extracts)
        refused = set(shredded.refused.column("document").to_pylist())
        for index, text in enumerate(texts):
            if index in refused:
                continue
            document = text.as_buffer().to_pybytes()
            sizes.append(len(document))
            boms += document.startswith(b"\xef\xbb\xbf")
            root = etree.fromstring(document, etree.XMLParser(encoding="utf-8"))
            shape = _Shape.of(root)
            elements.append(shape.elements)
            attributes.append(shape.attributes)
            empty += shape.empty
            depth = max(depth, shape.depth)
            namespaced += bool(root.nsmap)
    return Figures(
        documents=documents,
        bytes=_quantiles(sizes),
        mean_bytes=sum(sizes) / len(sizes),
        elements=_quantiles(elements),
        attributes=_quantiles(attributes),
        empty_attributes=empty / sum(attributes),
        depth=depth,
        rows=_quantiles(rows),
        boms=boms / len(sizes),
        namespaced=namespaced / len(sizes),
        mapped=mapped / sum(sizes),
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """Counts of one parsed document."""

    elements: int
    attributes: int
    empty: int
    depth: int

    @classmethod
    def of(cls, root: etree._Element) -> _Shape:
        elements = attributes = empty = deepest = depth = 0
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if event == "end":
                depth -= 1
                continue
            depth += 1
            deepest = max(deepest, depth)
            elements += 1
            values = element.attrib.values()
            attributes += len(values)
            empty += sum(not value for value in values)
        return cls(elements, attributes, empty, deepest)


def _quantiles(values: Sequence[int]) -> tuple[int, ...]:
    ordered = sorted(values)
    return tuple(ordered[min(int(len(ordered) * quantile), len(ordered) - 1)] for quantile in QUANTILES)


def _rows(plan: ContractPlan, extracts: dict[str, pa.Table]) -> Iterable[int]:
    """Rows per document, over all tables that are loaded."""
    rows: Counter[int] = Counter()
    for table in plan.tables:
        if table.load:
            rows.update(extracts[table.name].column("_document").to_pylist())
    return rows.values()


def _mapped(plan: ContractPlan, name: str, extract: pa.Table) -> int:
    """Bytes of a document that the columns of a table read; what columns read a second time counts once."""
    total = 0
    seen: set[object] = set()
    for column in plan.table(name).columns:
        path = column.path
        if not isinstance(path, ValuePath) or not isinstance(path.start, Parents) or path.start.levels:
            continue
        terminal = path.terminal
        if terminal.kind not in (TerminalKind.ATTRIBUTE, TerminalKind.STRING) or (path.steps, terminal) in seen:
            continue
        seen.add((path.steps, terminal))
        values = extract.column(column.name).drop_null()
        written = len(terminal.name.local) + len(' =""') if terminal.name else 0
        total += (pc.sum(pc.binary_length(values)).as_py() or 0) + len(values) * written
    return total


def main(arguments: Sequence[str]) -> None:
    """Print the figures of so many documents, and the truth about them."""
    documents = int(arguments[0]) if arguments else 2000
    started = perf_counter()
    size = sum(batch.nbytes for batch in generate(documents))
    seconds = perf_counter() - started
    figures = measure(documents)
    out = sys.stdout.write
    for field in Figures.__slots__:
        out(f"{field:17} {getattr(figures, field)}\n")
    counts = truth(documents)
    for kind, count in counts.kinds.items():
        out(f"{kind.value:22} {count:6}  {REFUSALS.get(kind, '')}\n")
    out(f"generated at {size / seconds / 1e6:.0f} MB/s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
