"""What document number i is: its kind, keys, size and rows, decided before a byte of it is written.

Everything follows from the seed and i alone, so documents can be made in any order and in batches of any size.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import NamedTuple

from columnar.demo.profile import BLOCK, DUPLICATES, Kind, Profile
from columnar.demo.values import between

# How far back the original of a duplicate may be: past the end of any chunk of ordinary documents.
REACH = 2000
# Below these sizes documents have few rows, and some.
FEW_ROWS, SOME_ROWS = 20_000, 150_000

# Lowest and highest count of rows in documents with few, some and many of them. In all, 4 to 40 rows of loaded tables.
_ADDRESSES = ((0, 1), (1, 2), (1, 2))
_EMPLOYMENTS = ((0, 1), (1, 1), (1, 2))
_INCOMES = ((0, 0), (0, 1), (1, 1))
_REPORTS = ((0, 0), (1, 2), (2, 3))
_SCORES = ((0, 0), (1, 1), (1, 2))
_COLLATERALS = ((0, 1), (1, 2), (1, 1))
_DEALERS = ((0, 0), (0, 1), (1, 1))
_DECISIONS = ((1, 1), (1, 1), (1, 2))
_EXCEPTIONS = ((0, 0), (1, 2), (3, 3))
_EVENTS = ((0, 2), (3, 5), (5, 6))
_NOTES = ((0, 0), (0, 1), (2, 2))


class Contact(NamedTuple):
    """How many children a contact has."""

    addresses: int
    employments: int
    incomes: int


class Blueprint(NamedTuple):
    """One document before it is written. (A NamedTuple: frozen dataclasses cost eight times as much to make.)"""

    number: int
    kind: Kind
    original: int  # the document whose application this is: `number` unless this is a duplicate
    size: int  # bytes wanted
    bom: bool
    namespaced: bool
    blank_contact: bool
    reference: bool
    contacts: tuple[Contact, ...]
    reports: tuple[int, ...]  # scores of each
    collaterals: int  # each with one vehicle and, where there are many rows, one insurance
    insured: bool
    dealers: int
    decisions: int
    exceptions: int
    events: int
    notes: int

    @property
    def loan_id(self) -> int:
        """The source key: rises with the number, with gaps."""
        return 1_000_003 + self.number * 7 + self.number * 2_654_435_761 % 2**32 % 7

    @property
    def application_id(self) -> int:
        """Different for each original, in no order."""
        return 1_000_000_000 + self.original * 48_271 % 2_147_483_647

    def rows(self) -> dict[str, int]:
        """Rows of this document in each table that the demo's contract loads, if the document loads at all."""
        return {
            "application": 1,
            "application_terms": 1,
            "contact": len(self.contacts),
            "contact_address": sum([contact.addresses for contact in self.contacts]),
            "contact_employment": sum([contact.employments for contact in self.contacts]),
            "contact_income": sum([contact.incomes for contact in self.contacts]),
            "bureau_report": len(self.reports),
            "bureau_score": sum(self.reports),
            "collateral": self.collaterals,
            "vehicle": self.collaterals,
            "insurance": self.collaterals if self.insured else 0,
            "dealer": self.dealers,
            "decision": self.decisions,
            "policy_exception": self.exceptions,
            "history_event": self.events,
            "note": self.notes,
        }


@lru_cache(maxsize=16)
def _dealt(seed: int, block: int, profile: Profile) -> tuple[tuple[Kind, ...], tuple[int, ...]]:
    """For a block of documents: the kind of each, and the rank of its size among the block's."""
    rng = Random((seed << 80) + (1 << 79) + block)  # noqa: S311 - invented data, not a secret
    places = sorted(range(BLOCK), key=lambda _: rng.random())
    kinds = [Kind.ORDINARY] * BLOCK
    for kind, count in profile.specials.items():
        for place in places[:count]:
            kinds[place] = kind
        places = places[count:]
    return tuple(kinds), tuple(sorted(range(BLOCK), key=lambda _: rng.random()))


def _original(seed: int, index: int, profile: Profile, rng: Random) -> int:
    """An earlier ordinary document; `index` itself where there is none."""
    candidate = index - 1 - int(rng.random() * min(index, REACH))
    while candidate >= 0 and _dealt(seed, candidate // BLOCK, profile)[0][candidate % BLOCK] is not Kind.ORDINARY:
        candidate -= 1
    return candidate if candidate >= 0 else index


def blueprint(seed: int, index: int, profile: Profile, rng: Random) -> Blueprint:
    """What document `index` is; leaves `rng` where the writing of the document goes on with it.

    An exact duplicate is its original's blueprint under its own number and kind, and leaves `rng` as the original does.
    """
    kinds, ranks = _dealt(seed, index // BLOCK, profile)
    kind, rank = kinds[index % BLOCK], ranks[index % BLOCK]
    rng.seed((seed << 40) + index)
    original = index
    if kind in DUPLICATES:
        original = _original(seed, index, profile, rng)
        if original == index:
            kind = Kind.ORDINARY
        elif kind is Kind.EXACT_DUPLICATE:
            return blueprint(seed, original, profile, rng)._replace(number=index, kind=kind)
    size = profile.size((rank + rng.random()) / BLOCK)
    level = 0 if size < FEW_ROWS else 1 if size < SOME_ROWS else 2
    first = Contact(
        between(rng, *_ADDRESSES[level]), between(rng, *_EMPLOYMENTS[level]), between(rng, *_INCOMES[level])
    )
    second = rng.random() < profile.second_contact and size > 2 * profile.sizes[0][1]
    reports = tuple([between(rng, *_SCORES[level]) for _ in range(between(rng, *_REPORTS[level]))])
    return Blueprint(
        number=index,
        kind=kind,
        original=original,
        size=size,
        bom=rng.random() < profile.bom,
        namespaced=rng.random() < profile.namespaces,
        blank_contact=rng.random() < profile.blank_contact_key,
        reference=rng.random() < profile.reference,
        contacts=(first, first) if second else (first,),
        reports=reports,
        collaterals=between(rng, *_COLLATERALS[level]),
        insured=level == 2,
        dealers=between(rng, *_DEALERS[level]),
        decisions=between(rng, *_DECISIONS[level]),
        exceptions=between(rng, *_EXCEPTIONS[level]),
        events=between(rng, *_EVENTS[level]),
        notes=between(rng, *_NOTES[level]),
    )
