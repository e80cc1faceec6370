"""The guarantees once more, where rows are skipped, refer to each other, and get their keys from the database."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from tests.columnar.test_guarantees import EXAMPLES, POISON, Doc, Guarantees, Model

CONTRACT = """
version: 1
root: d
tables:
  price:  # several documents bring the same; the first stays
    rows: /d/app
    columns:
      amount: {path: "@amount", type: int32}
      first_id: {path: "@id", type: int64}
    key: [amount]
    on_conflict: skip
    target: {schema: shared, table: "price list"}
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64, nullable: true}
      amount: {path: "@amount", type: int32}
    where: "id IS NULL OR id >= 0"
  item:
    rows: /d/app/item
    parent: app
    columns:
      item_id: {type: int64, identity: database}
      name: "@name"
    key: [item_id]
  label:
    rows: /d/app/item
    parent: item
    columns:
      label: "@name"
    target: {foreign_keys: [item]}
"""


@dataclass
class TargetModel(Model):
    """prices: amount -> the application whose row stayed. brought: how many rows of prices the loaded documents had."""

    prices: dict[int, int] = field(default_factory=dict)

    def _one(self, key: int, doc: Doc) -> tuple[str, str]:
        became = super()._one(key, doc)
        if became[0] == "loaded":
            self.prices.setdefault(doc.amount, doc.app)
        return became


class TargetGuarantees(Guarantees):
    """Runs, kills, resumes and changes, in any order, with such a contract."""

    def __init__(self) -> None:
        super().__init__()
        (self.world.folder / "contract.yaml").write_text(CONTRACT)
        with self.world.target() as target:
            target.execute("DROP TABLE app")
            target.execute(
                'CREATE SCHEMA shared; CREATE TABLE shared."price list" (amount BIGINT PRIMARY KEY, first_id BIGINT)'
            )
            target.execute('INSERT INTO shared."price list" VALUES (2, 77)')  # there before the first job
            target.execute(f"CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount <> {POISON}))")
            target.execute("INSERT INTO app VALUES (100, 1)")
        self.model = TargetModel(prices={2: 77})

    @invariant()
    def rows_are_skipped_and_numbered_as_the_model_says(self) -> None:
        assert isinstance(self.model, TargetModel)
        prices = self.world.query('SELECT amount, first_id FROM shared."price list"')
        assert dict(prices) == self.model.prices
        assert len(prices) == len(self.model.prices)
        if not self.world.query("SELECT 1 FROM duckdb_tables() WHERE table_name = 'label'"):
            return
        assert self.world.query("SELECT count(*), count(DISTINCT item_id) FROM item") == [(self.model.items,) * 2]
        joined = self.world.query(
            "SELECT count(*) FROM label l JOIN item i ON i.item_id = l.item_id AND i.name = l.label"
        )
        assert joined == self.world.query("SELECT count(*) FROM label") == [(self.model.items,)]


TestTargetGuarantees = pytest.mark.slow(TargetGuarantees.TestCase)
TestTargetGuarantees.settings = settings(
    max_examples=max(1, EXAMPLES // 3), stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
