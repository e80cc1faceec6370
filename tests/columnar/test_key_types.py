"""Keys of every type lead from the target's rows to their documents and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from columnar.explaining.explain import explain_row
from columnar.lineage.key_values import read_back
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from tests.columnar.policy_world import now
from tests.columnar.world import World
from transforms.duplicates import canonical_keys

VALUES = {
    "name": (pa.string(), ["Ää", "[x]"]),
    "number": (pa.int64(), [-17, 2**62]),
    "amount": (pa.decimal128(20, 4), [Decimal("10.5000"), Decimal("-0.0001")]),
    "ratio": (pa.float64(), [6.089590190364036e-05, -1e300]),
    "flag": (pa.bool_(), [True, False]),
    "day": (pa.date32(), [date(2024, 2, 29), date(1582, 1, 1)]),
    "clock": (pa.time64("us"), [time(23, 59, 59, 999999), time(0)]),
    "local": (pa.timestamp("us"), [datetime(2024, 3, 1, 12, 0, 0, 1), datetime(1900, 1, 1)]),
    "zoned": (pa.timestamp("us", "UTC"), [datetime(2024, 3, 1, 12, 0, 0, 1, UTC), datetime(1900, 1, 1, tzinfo=UTC)]),
    "raw": (pa.binary(), [b"", b"\x00\xff"]),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_is_told_of_a_key_can_be_read_back(name: str) -> None:
    kind, values = VALUES[name]
    column = pa.array(values, kind)
    texts = [text[2:-2] for text in canonical_keys(pa.table({name: column}), [name]).to_pylist()]
    assert read_back(texts, kind).equals(column)


CONTRACT = """
version: 1
root: r
tables:
  r:
    rows: /r
    key: [at, raw, uid, day, amount]
    columns:
      at: {path: "@at", type: timestamptz}
      raw: {path: "@raw", type: binary}
      uid: {path: "@uid", type: uuid}
      day: {path: "@day", type: date}
      amount: {path: "@amount", type: "decimal(9,2)"}
"""
BY_KEY = {"duplicates": {"fingerprint": "off"}}
UID = "5D9DC9F8-1818-E811-892F-902BD23F0824"


def test_from_row_to_document_and_back(tmp_path: Path) -> None:
    world = World(tmp_path, contract=CONTRACT)
    for key, raw in ((1, "AP8="), (2, "AP8="), (3, "AA==")):
        text = f'<r at="2024-03-01T12:00:00+02:00" raw="{raw}" uid="{UID}" day="2024-03-01" amount="1.5"/>'
        world.insert((key, text))
    world.run(**BY_KEY)
    assert not reconcile_job(world.job(**BY_KEY), ReconcileOptions(sample=None)).counts
    [(told,)] = world.query("SELECT root_key FROM columnar_document WHERE source_key = '3'")
    assert explain_row(world.job(**BY_KEY), "r", told).source_key == "3"
    assert explain_row(world.job(**BY_KEY), "r", f"raw=00ff, uid={UID}").source_key == "1"
    assert purge_job(world.job(**BY_KEY), PurgeOptions(keys=("3",))).plan.rows == {"r": 1}
    world.run(**BY_KEY)
    assert {key: outcome for key, (outcome, *_) in now(world).items()} == {
        "1": "loaded",
        "2": "duplicate",
        "3": "loaded",
    }
