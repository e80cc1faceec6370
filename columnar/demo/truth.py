"""What was generated, counted: what receipts and reports of a run over it must agree with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from columnar.demo.blueprint import Blueprint, blueprint
from columnar.demo.profile import DUPLICATES, MEASURED, REFUSALS, Kind, Profile


@dataclass(frozen=True, slots=True)
class Truth:
    """Exact counts of generated documents.

    kinds: documents of each kind, ordinary ones included; their sum is `documents`.
    boms, namespaced: among documents that are not NULL or empty.
    blank_contacts, repeated_contacts, references: contact rows that a contract must drop, in documents that load. Each
        reference has one address, which goes with it.
    rows: rows per loaded table that the demo's contract makes of the documents that load.
    """

    documents: int
    kinds: dict[Kind, int]
    boms: int
    namespaced: int
    blank_contacts: int
    repeated_contacts: int
    references: int
    rows: dict[str, int]

    @property
    def refused(self) -> dict[str, int]:
        """Documents that a shredder refuses, by reason."""
        reasons: Counter[str] = Counter()
        for kind, reason in REFUSALS.items():
            reasons[reason] += self.kinds[kind]
        return {reason: count for reason, count in reasons.items() if count}

    @property
    def quarantined(self) -> int:
        """All documents that do not load because they are broken."""
        return sum(self.refused.values())

    @property
    def duplicates(self) -> int:
        """Documents of an application that an earlier document already brought."""
        return sum(self.kinds[kind] for kind in DUPLICATES)

    @property
    def loaded(self) -> int:
        """Documents that load: neither broken nor a duplicate."""
        return self.documents - self.quarantined - self.duplicates

    @property
    def nulled_moments(self) -> int:
        """Values of application.submitted_at that are no moment and become NULL."""
        return self.kinds[Kind.IMPOSSIBLE_DATE] + self.kinds[Kind.LONG_SECOND]


def tally(plans: Iterable[Blueprint]) -> Truth:
    """Count documents from their blueprints."""
    kinds: Counter[Kind] = Counter()
    rows: Counter[str] = Counter()
    boms = namespaced = blank = repeated = references = 0
    for plan in plans:
        kinds[plan.kind] += 1
        if plan.kind not in (Kind.NULL, Kind.EMPTY):
            boms += plan.bom
            namespaced += plan.namespaced
        if plan.kind in REFUSALS or plan.kind in DUPLICATES:
            continue
        rows.update(plan.rows())
        blank += plan.blank_contact
        references += plan.reference
        repeated += plan.kind is Kind.REPEATED_CONTACT
    return Truth(
        documents=kinds.total(),
        kinds={kind: kinds[kind] for kind in Kind},
        boms=boms,
        namespaced=namespaced,
        blank_contacts=blank,
        repeated_contacts=repeated,
        references=references,
        rows=dict(rows),
    )


def truth(documents: int, *, seed: int = 1, profile: Profile = MEASURED) -> Truth:
    """Counts of what `generate` makes for the same arguments, without making it."""
    rng = Random()  # noqa: S311 - invented data, not a secret
    return tally(blueprint(seed, index, profile, rng) for index in range(documents))
