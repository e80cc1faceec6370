"""The whole contract language against the second program: contracts and documents that Hypothesis makes up, and the
tuned example over the demonstration's documents.

LANGUAGE_EXAMPLES=2000 tries more contracts than the usual run does.
"""

from __future__ import annotations

import os

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from columnar.demo.documents import generate
from columnar.demo.profile import MEASURED, Profile
from tests.oracle.against import differences
from tests.oracle.documents import broken
from tests.oracle.lending import documents
from tests.oracle.lending_contracts import contracts
from tests.pages import REPOSITORY
from transforms.contract import read_contract
from transforms.errors import ContractError

pytestmark = pytest.mark.usefixtures("both_shredders")

EXAMPLES = int(os.environ.get("LANGUAGE_EXAMPLES", "40"))


@pytest.mark.slow
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(data=st.data())
def test_made_up_contracts(data: st.DataObject) -> None:
    contract = data.draw(contracts())
    batch: list[str | None] = list(data.draw(st.lists(documents(), min_size=2, max_size=4)))
    if data.draw(st.integers(0, 3)) == 3:
        batch.insert(1, data.draw(broken(batch[0] or "")))
    try:
        read_contract(contract, name="contract.yaml")
    except ContractError as error:
        event(f"refused by the compiler: {error.problems[0].message[:60]}")
        raise
    assert differences(contract, batch) == []


@pytest.mark.slow
def test_the_tuned_example_over_the_demonstration() -> None:
    contract = (REPOSITORY / "examples" / "loans" / "contract.yaml").read_text(encoding="utf-8")
    for count, profile in ((200, Profile.small()), (4, MEASURED)):
        batch = pa.Table.from_batches(list(generate(count, seed=5, profile=profile)))
        keys = [str(loan) for loan in batch["loan_id"].to_pylist()]
        assert differences(contract, batch["document"].to_pylist(), {"key": keys}) == []
