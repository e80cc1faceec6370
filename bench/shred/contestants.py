"""Who shreds: the native kernel, the reference, and what others do with the same documents."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from bench.shred.cases import Case
from bench.shred.xml2arrow_mapping import JOINED_ROOT, mapping_of
from bench.shred.xpath import XPathShredder
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.choose import why_not_native
from transforms.shred.shredder import Shredder

NATIVE, NATIVE_2, NATIVE_WORKERS = "native", "native, 2 threads", "native, 2 workers"
REFERENCE, REFERENCE_2 = "reference", "reference, 2 threads"
XPATH, PARSE = "lxml XPath", "lxml parse alone"
XML2ARROW, XML2ARROW_JOINED = "xml2arrow", "xml2arrow, one file"
OF_TWO_THREADS = frozenset({NATIVE_2, NATIVE_WORKERS, REFERENCE_2})
# The slow ones read every so manieth of MANY documents or more: that takes them as long as the others take for all.
SLOW, STEP, MANY = frozenset({XPATH, XML2ARROW}), 4, 400
# A mapping that can say less of the contract's columns than this does another job.
LEAST_MAPPED = 0.5

Run = Callable[[], object]


class SkippedError(Exception):
    """A contestant that cannot take part; the message says why."""


@dataclass(frozen=True)
class Contestant:
    """One that takes part. run: shred everything once; what it returns is its output. bytes: of what it reads."""

    name: str
    run: Run
    bytes: int


def native_shredder(plan: ContractPlan, *, threads: int = 1) -> Shredder:
    """The kernel's shredder; SkippedError where it was not built."""
    why = why_not_native()
    if why:
        raise SkippedError(f"not built: {why}")
    from transforms.shred.native.native_shredder import NativeShredder

    return NativeShredder(plan, threads=threads)


def contestant(name: str, case: Case, folder: Path) -> Contestant:
    """One by name, ready to run. folder: for files that it wants. SkippedError where it cannot take part."""
    if name in SLOW and len(case.documents) >= MANY:
        case = case.every(STEP)
    return Contestant(name, _MAKERS[name](case, folder), case.size * (2 if name == NATIVE_WORKERS else 1))


def _native(case: Case, threads: int) -> Callable[[], Shredded]:
    shredder, documents, keys = native_shredder(case.plan, threads=threads), case.documents, case.keys
    return lambda: shredder.shred(documents, keys)


def _native_workers(case: Case) -> Run:
    """As the workers of a job: two Python threads, and a batch for each."""
    run = _native(case, 1)
    return lambda: _at_once([run, run])


def _reference(case: Case) -> Run:
    shredder, documents, keys = LxmlShredder(case.plan), case.documents, case.keys
    return lambda: shredder.shred(documents, keys)


def _reference_of_two(case: Case) -> Run:
    """Two Python threads, half of the bytes each, as near as documents allow."""
    shredder, keys = LxmlShredder(case.plan), case.keys
    half = _middle(case)
    parts = [(0, half), (half, len(case.documents) - half)]

    def one(part: tuple[int, int]) -> Shredded:
        some = {name: each.slice(*part) for name, each in keys.items()}
        return shredder.shred(case.documents.slice(*part), some)

    return lambda: _at_once([partial(one, part) for part in parts])


def _at_once(runs: Sequence[Callable[[], Shredded]]) -> list[Shredded]:
    """What they return, each in a thread of its own."""
    found: list[Shredded] = []
    threads = [threading.Thread(target=lambda run=run: found.append(run())) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _middle(case: Case) -> int:
    seen = 0
    for number, document in enumerate(case.texts()):
        seen += len(document)
        if 2 * seen >= case.size:
            return number
    return len(case.documents)


def _xpath(case: Case) -> Run:
    shredder, texts = XPathShredder(case.plan), case.texts()
    return lambda: shredder.shred(texts)


def _parse(case: Case) -> Run:
    texts = case.texts()

    def run() -> None:
        parser = etree.XMLParser(encoding="utf-8", resolve_entities=False)
        for text in texts:
            etree.fromstring(text, parser)

    return run


def _xml2arrow(case: Case, folder: Path) -> Run:
    parser, texts = _xml2arrow_parser(case, folder, joined=False), case.texts()
    return lambda: [parser.parse(text) for text in texts]


def _xml2arrow_joined(case: Case, folder: Path) -> Run:
    parser = _xml2arrow_parser(case, folder, joined=True)
    root = JOINED_ROOT.encode()
    joined = b"<%s>%s</%s>" % (root, b"\n".join(case.texts()), root)
    return lambda: [parser.parse(joined)]


def _xml2arrow_parser(case: Case, folder: Path, *, joined: bool) -> Any:
    mapping = mapping_of(case.plan, joined=joined)
    if mapping is None:
        raise SkippedError("its mapping cannot say what this contract reads")
    if mapping.columns < LEAST_MAPPED * mapping.of:
        raise SkippedError(f"its mapping can say {mapping.columns} of the {mapping.of} columns only")
    try:
        module = importlib.import_module("xml2arrow")
    except ImportError as error:
        raise SkippedError("not installed: python -m pip install --group bench") from error
    file = folder / f"xml2arrow{'_joined' if joined else ''}.yaml"
    file.write_text(mapping.text)
    return module.XmlToArrowParser(str(file))


_MAKERS: dict[str, Callable[[Case, Path], Run]] = {
    NATIVE: lambda case, _: _native(case, 1),
    NATIVE_2: lambda case, _: _native(case, 2),
    NATIVE_WORKERS: lambda case, _: _native_workers(case),
    REFERENCE: lambda case, _: _reference(case),
    REFERENCE_2: lambda case, _: _reference_of_two(case),
    XPATH: lambda case, _: _xpath(case),
    PARSE: lambda case, _: _parse(case),
    XML2ARROW: _xml2arrow,
    XML2ARROW_JOINED: _xml2arrow_joined,
}
NAMES = tuple(_MAKERS)


def output_bytes(output: Any) -> int:
    """Bytes of the Arrow buffers in what a contestant returned."""
    if isinstance(output, Shredded):
        return sum(table.nbytes for table in output.extracts.values())
    if isinstance(output, dict):
        return sum(table.nbytes for table in output.values())
    return sum(map(output_bytes, output)) if isinstance(output, list) else 0
