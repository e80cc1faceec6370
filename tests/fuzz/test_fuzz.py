"""A short campaign of the fuzzer, and whether it would find something: `make fuzz` runs a long one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.differential.shredders import make_native
from tests.fuzz import native
from tests.fuzz.campaign import BATCH, Campaign, batch
from tests.fuzz.plans import PLANS, documented, numbered
from tests.fuzz.seeds import examples, seeds
from tests.transforms.kernel.encoded_plans import encoded
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.buffers import document_views

MUTANTS = int(os.environ.get("FUZZ", "12000"))


class Careless:
    """The reference, but that it ends a document behind a second root element."""

    def __init__(self, of: ContractPlan) -> None:
        self._shredder = LxmlShredder(of)

    def shred(self, documents: pa.Array, keys: Mapping[str, Any] | None = None) -> Shredded:
        views = [bytes(view or b"").replace(b"/><", b"/> <").removesuffix(b"x") for view in document_views(documents)]
        return self._shredder.shred(pa.array(views, pa.large_binary()), keys)


def test_mutants() -> None:
    make_native(numbered(0))  # skips where there is no kernel
    campaign = Campaign(most=5)
    for number in range(-(-MUTANTS // BATCH)):
        campaign.run(batch(2026, number))
    assert not campaign.kinds, "\n\n".join(map(str, campaign.kept))
    assert campaign.accepted > campaign.mutants // 10
    assert campaign.handed_over < campaign.mutants // 3


def test_a_careless_shredder_is_found_out() -> None:
    campaign = Campaign(native=Careless, most=2)
    for number in range(3):
        one = batch(1, number, size=150)
        campaign.run(replace(one, text=False))
    assert campaign.mutants == 450
    assert {"accepts", "value"} & set(campaign.kinds)
    assert campaign.kept
    assert all(case.document is not None and len(case.document) < 200 for case in campaign.kept)


def test_what_raises_is_a_finding() -> None:
    class Raises(Careless):
        def shred(self, documents: pa.Array, keys: Mapping[str, Any] | None = None) -> Shredded:
            raise RuntimeError("broken")

    campaign = Campaign(native=Raises, most=1)
    campaign.run(batch(1, 0, size=3))
    assert campaign.kinds == {"raises": 1}
    assert "RuntimeError" in str(campaign.kept[0])


def test_a_batch_follows_from_its_number() -> None:
    assert batch(1, 5, size=20) == batch(1, 5, size=20)
    assert batch(1, 5, size=20) != batch(1, 6, size=20) != batch(2, 6, size=20)


def test_there_are_seeds_and_plans_of_every_kind() -> None:
    page = (Path(__file__).parents[2] / "docs" / "paths.md").read_text(encoding="utf-8")
    assert len(examples()) == page.count("\ndocument: ")
    assert len(seeds()) > 600
    assert len(documented().tables) > 40
    assert all(numbered(number).tables for number in range(0, PLANS, 97))
    assert numbered(77) == numbered(77) != numbered(78)


def test_the_fuzzer_of_the_kernel_alone_has_the_plans_of_the_shredder() -> None:
    plans = [numbered(number) for number in range(0, PLANS, 30)]
    make_native(plans[0])  # skips where there is no kernel
    assert [native.encoded(each) for each in plans] == encoded(plans)
