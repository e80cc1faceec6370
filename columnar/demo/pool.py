"""Pieces of documents, made once per seed and spliced together from then on: what makes the generator fast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from columnar.demo import elements, filler, values

# Different pieces of each kind: enough for a hundred distinct values in a column whose type allows them.
VARIANTS = 160
# Bytes of the fillers. Large ones make large documents cheap, small ones let a document end near its wanted size. 80 of
# 16 KB exceed a processor's level 2 cache, so that reading them is no easier than reading real documents.
LARGE, MIDDLE, TINY = 16_000, 3_000, 250


@dataclass(frozen=True, slots=True)
class Pool:
    """Pieces of documents as UTF-8. Attribute pieces begin with a space; the others are whole elements."""

    request: tuple[bytes, ...]
    application: tuple[bytes, ...]
    contact: tuple[bytes, ...]
    report: tuple[bytes, ...]
    collateral: tuple[bytes, ...]
    terms: tuple[bytes, ...]
    address: tuple[bytes, ...]
    employment: tuple[bytes, ...]
    income: tuple[bytes, ...]
    score: tuple[bytes, ...]
    vehicle: tuple[bytes, ...]
    insurance: tuple[bytes, ...]
    dealer: tuple[bytes, ...]
    decision: tuple[bytes, ...]
    exception: tuple[bytes, ...]
    event: tuple[bytes, ...]
    note: tuple[bytes, ...]
    submitted: tuple[bytes, ...]
    born: tuple[bytes, ...]
    sparse: tuple[bytes, ...]  # tradelines, TINY
    large: tuple[tuple[bytes, ...], tuple[bytes, ...]]  # dense, verbose
    middle: tuple[tuple[bytes, ...], tuple[bytes, ...]]
    tiny: tuple[tuple[bytes, ...], tuple[bytes, ...]]


def _made(rng: Random, make: Callable[[Random], str], count: int = VARIANTS) -> tuple[bytes, ...]:
    return tuple([make(rng).encode() for _ in range(count)])


def _attributes(rng: Random, fields: tuple[values.Field, ...]) -> tuple[bytes, ...]:
    return _made(rng, lambda rng: elements.attributes(fields, rng))


def _element(rng: Random, tag: str, fields: tuple[values.Field, ...]) -> tuple[bytes, ...]:
    return _made(rng, lambda rng: f"<{tag}{elements.attributes(fields, rng)}/>\n")


def _fillers(rng: Random, size: int, count: int) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    dense = tuple([filler.fragment(rng, "dense", size) for _ in range(count)])
    return dense, tuple([filler.fragment(rng, "verbose", size) for _ in range(count)])


@lru_cache(maxsize=2)
def pool(seed: int) -> Pool:
    """The pieces for this seed (about 2.5 MB, made in a quarter of a second)."""
    rng = Random(seed)  # noqa: S311 - invented data, not a secret
    return Pool(
        request=_attributes(rng, elements.REQUEST),
        application=_attributes(rng, elements.APPLICATION),
        contact=_attributes(rng, elements.CONTACT),
        report=_attributes(rng, elements.REPORT),
        collateral=_attributes(rng, elements.COLLATERAL),
        terms=_element(rng, "terms", elements.TERMS),
        address=_element(rng, "address", elements.ADDRESS),
        employment=_element(rng, "employment", elements.EMPLOYMENT),
        income=_element(rng, "income", elements.INCOME),
        score=_element(rng, "score", elements.SCORE),
        vehicle=_element(rng, "vehicle", elements.VEHICLE),
        insurance=_element(rng, "insurance", elements.INSURANCE),
        dealer=_element(rng, "dealer", elements.DEALER),
        decision=_element(rng, "decision", elements.DECISION),
        exception=_element(rng, "exception", elements.EXCEPTION),
        event=_element(rng, "event", elements.EVENT),
        note=_made(rng, elements.note),
        submitted=_made(rng, elements.submission_moments),
        born=_made(rng, elements.birth_dates),
        sparse=tuple([filler.fragment(rng, "sparse", TINY) for _ in range(VARIANTS)]),
        large=_fillers(rng, LARGE, 40),
        middle=_fillers(rng, MIDDLE, 40),
        tiny=_fillers(rng, TINY, VARIANTS),
    )
