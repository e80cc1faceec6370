"""The shredder against lxml's parse alone and against one XPath a cell; and two threads against one."""

from __future__ import annotations

import threading

import pyarrow as pa
from lxml import etree

from bench.loans import documents, keys, plan
from bench.measure import interleaved, median_ratio, show
from bench.peer import Table
from transforms.shred import LxmlShredder

COUNTS = {"5 KB": 2000, "230 KB": 150}


def main() -> None:
    """Measure and print."""
    for profile, count in COUNTS.items():
        _one(profile, count)


def _one(profile: str, count: int) -> None:
    batch, names = documents(profile, count), keys(count)
    texts = [(text or "").lstrip("\ufeff").encode() for text in batch.to_pylist()]
    shredder = LxmlShredder(plan())
    cases = {
        "lxml, parse alone": lambda: _parse(texts),
        "shredder": lambda: shredder.shred(batch, names),
        "shredder, 2 threads": lambda: _two(shredder, batch, names),
    }
    show(f"documents of {profile}", interleaved(cases), "lxml, parse alone", amount=batch.nbytes / 1e6, unit="MB/s")
    tables = [Table(table) for table in plan().tables]
    few = max(1, count // 3)
    some = {name: each.slice(0, few) for name, each in names.items()}
    both = interleaved(
        {"xpath": lambda: _xpath(texts[:few], tables), "shredder": lambda: shredder.shred(batch.slice(0, few), some)},
        rounds=3,
    )
    times = median_ratio(both["xpath"], both["shredder"])
    print(f"  {'one XPath a cell':34} {times:8.1f} times as long as the shredder")


def _parse(texts: list[bytes]) -> None:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False)
    for text in texts:
        try:
            etree.fromstring(text, parser)
        except etree.XMLSyntaxError:
            continue


def _xpath(texts: list[bytes], tables: list[Table]) -> None:
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False)
    for text in texts:
        try:
            root = etree.fromstring(text, parser)
        except etree.XMLSyntaxError:
            continue
        for table in tables:
            table.read(root, "1")


def _two(shredder: LxmlShredder, batch: pa.Array, names: dict[str, pa.Array]) -> None:
    half = len(batch) // 2
    parts = [(0, half), (half, len(batch) - half)]
    threads = [
        threading.Thread(
            target=shredder.shred, args=(batch.slice(*part), {name: each.slice(*part) for name, each in names.items()})
        )
        for part in parts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
