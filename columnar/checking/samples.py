"""Some documents out of a job's source, for trying its contract on."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from columnar.jobs.job import Job
from columnar.looking.look import look_at_source
from columnar.running.key_names import check_key_names
from columnar.running.reading import source_keys
from loaders.source import EVERYTHING, Key, KeyRange, ReadLimits, Source
from transforms.contract.plan import ContractPlan


@dataclass(frozen=True)
class Samples:
    """documents: source key and content of each, bytes where the column is binary; a NULL or one over the contract's
    limit is empty. keys: the texts that `$key` and `$name` read, one a document."""

    documents: list[tuple[str, bytes | str]]
    keys: dict[str, list[str]]


def sample_documents(job: Job, plan: ContractPlan, count: int) -> Samples:
    """About `count` documents, evenly spread over the source's order; fewer where it holds fewer."""
    samples = Samples([], {name: [] for name in ("key",)})
    with look_at_source(job) as source:
        check_key_names(plan, source)
        total = source.count([EVERYTHING])[0]
        wanted = min(count, total)
        places = dict.fromkeys(1 + number * (total - 1) // max(1, wanted - 1) for number in range(wanted))
        for place in places:
            key = source.key_at(EVERYTHING, place)
            if key is not None:
                _add(samples, source, key, plan.limits.document_bytes)
    return samples


def _add(samples: Samples, source: Source, key: Key, most: int) -> None:
    with source.read(KeyRange(key, key, low_inclusive=True), ReadLimits(most, most)) as read:
        batch = next(iter(read.batches()), None)
        if batch is None or not len(batch):  # gone meanwhile
            return
        content = batch.column("document")[0].as_py()
        binary = pa.types.is_binary(batch.column("document").type)
    text = str(source_keys(pa.table({part.name: [value] for part, value in zip(source.key, key, strict=True)}))[0])
    samples.documents.append((text, content if content is not None else b"" if binary else ""))
    samples.keys["key"].append(text)
    for part, value in zip(source.key, key, strict=True):
        samples.keys.setdefault(part.name, []).append(value)
