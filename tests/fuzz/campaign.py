"""Batches of mutants, one after the other: what is counted, and what is kept of each disagreement.

A batch follows from the seed and its number alone, so that one that ended the process can be run again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.differential.agree import Disagreement, smallest
from tests.differential.compare import Difference, differences
from tests.differential.plans import keys
from tests.differential.records import records
from tests.differential.shredders import Make, Shredder, make_native, shred_array
from tests.fuzz.mutate import mutate
from tests.fuzz.plans import PLANS, is_for_records, numbered
from tests.fuzz.seeds import seeds
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder

BATCH = 400  # mutants in one call of each shredder
_PLANS_KEPT = 200
_ALIKE = 2  # disagreements kept that read alike


@dataclass(frozen=True)
class Batch:
    """Mutants, the plan that reads them, and whether they are a column of text."""

    documents: tuple[bytes, ...]
    plan_number: int
    text: bool

    @property
    def plan(self) -> ContractPlan:
        """The plan itself."""
        return numbered(self.plan_number)


def batch(seed: int, number: int, size: int = BATCH) -> Batch:
    """The batch of that number."""
    random = Random(f"{seed}/{number}")
    plan = random.randrange(PLANS)
    make = _record if is_for_records(plan) else _mutant
    documents = tuple(make(random) for _ in range(size))
    return Batch(documents, plan, bool(random.randrange(2)))


def _mutant(random: Random) -> bytes:
    return mutate(random, seeds())


def _record(random: Random) -> bytes:
    """Half of them without damage: it is by these that the kernel comes to expect something."""
    one = records(random)
    return mutate(random, (one,), made=False) if random.randrange(2) else one


@dataclass
class Campaign:
    """What was found so far. kinds: disagreements by kind; kept: the smallest cases of the first of each sort."""

    mutants: int = 0
    accepted: int = 0
    handed_over: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    kept: list[Disagreement] = field(default_factory=list)
    reference: Make = LxmlShredder
    native: Make = make_native
    most: int = 40  # kept at most
    _shredders: dict[int, tuple[Shredder, Shredder]] = field(default_factory=dict)
    _alike: Counter[str] = field(default_factory=Counter)

    def run(self, one: Batch, before_smallest: Callable[[], None] = lambda: None) -> None:
        """Compare the shredders on one batch. before_smallest: called before a case is made small, which takes long."""
        if one.plan_number not in self._shredders:
            if len(self._shredders) >= _PLANS_KEPT:
                self._shredders.clear()
            self._shredders[one.plan_number] = self.reference(one.plan), self.native(one.plan)
        reference, native = self._shredders[one.plan_number]
        documents, values = shred_array(list(one.documents), text=one.text), keys(len(one.documents))
        self.mutants += len(one.documents)
        expected = reference.shred(documents, values)
        self.accepted += len(one.documents) - len(expected.refused)
        try:
            found = native.shred(documents, values)
        except Exception as error:  # noqa: BLE001  whatever it is, it is a finding
            different = [Difference("raises", None, "", "nothing raised", repr(error))]
        else:
            different = differences(expected, found, len(one.documents))
            self.handed_over += sum(row["documents"] for row in found.ways.to_pylist() if row["way"] != "native")
        for difference in different:
            self.kinds[difference.kind] += 1
            before_smallest()
            self._keep(one, difference)

    def _keep(self, one: Batch, difference: Difference) -> None:
        alike = f"{difference.sort} {one.plan_number if difference.kind == 'value' else ''}"
        self._alike[alike] += 1
        if self._alike[alike] > _ALIKE or len(self.kept) >= self.most:
            return
        values = keys(len(one.documents))
        for at in range(len(one.documents)) if difference.document is None else [difference.document]:
            case_keys = {name: column.slice(at, 1) for name, column in values.items()}
            found = smallest(
                one.plan, one.documents[at], case_keys, text=one.text, reference=self.reference, native=self.native
            )
            if found:
                break
        self.kept.append(found or Disagreement((difference,), None, one.plan, one.text))
