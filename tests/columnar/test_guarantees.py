"""The guarantees, against a model: whatever is killed, resumed, changed or sent twice, the target holds what it must.

The model is told which chunks a run published (from the ledger) and works out, from the source as it was then, what
each document of those chunks must have become and what every target table must hold.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from columnar.bookkeeping.ledger import OUTCOMES
from columnar.errors import ExitCode
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import list_quarantine
from columnar.looking.report import equation
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import Run
from tests.columnar.world import CONTRACT as WORLD
from tests.columnar.world import World, document

KEYS = st.integers(0, 14)
APPS = st.integers(0, 5)
# `make check-guarantees` sets more.
EXAMPLES = int(os.environ.get("GUARANTEES_EXAMPLES", "25"))
# What the target refuses by a CHECK of its own.
POISON = 666
# Rows of items have what leads to their document, so that they can be purged.
CONTRACT = WORLD.replace('name: "@name"', 'name: "@name"\n      id: {path: "../@id", type: int64}')


class Killed(BaseException):
    """Raised in the middle of a run, where a kill would hit it."""


@dataclass(frozen=True)
class Doc:
    """A source row, as the model knows it. kind: good, broken, empty, keyless, null."""

    kind: str
    app: int = 0
    amount: int = 1
    items: int = 0

    @property
    def text(self) -> str | None:
        if self.kind == "null":
            return None
        if self.kind == "broken":
            return f"<d><app id='{self.app}'>"
        if self.kind == "empty":
            return f"<d note='{self.amount}'/>"
        if self.kind == "keyless":
            return document(None, self.amount)
        return document(self.app, self.amount, [f"i{n}" for n in range(self.items)])


DOCS = st.one_of(
    st.builds(Doc, st.just("good"), APPS, st.sampled_from([1, 2, POISON]), st.integers(0, 2)),
    st.builds(Doc, st.sampled_from(["good", "good", "broken", "empty", "keyless", "null"]), APPS),
)


@dataclass
class Model:
    """What the target must hold. winners, documents: app id -> (source key, text), document. outcomes: chunk -> sorted
    (key, outcome, detail)."""

    winners: dict[int, tuple[int, str | None]] = field(default_factory=dict)
    documents: dict[int, Doc] = field(default_factory=dict)
    outcomes: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    rows: list[tuple[int, int]] = field(default_factory=list)
    items: int = 0

    def now(self) -> dict[str, list[tuple[str, str]]]:
        """Every source key with the outcome and detail of its documents, as the newest chunk has them."""
        found: dict[str, list[tuple[str, str]]] = {}
        for chunk in sorted(self.outcomes, key=lambda each: -min(each, 0)):
            mine: dict[str, list[tuple[str, str]]] = {}
            for key, *became in self.outcomes[chunk]:
                mine.setdefault(key, []).append((became[0], became[1]))
            found |= mine
        return found

    def quarantined(self, detail: str | None = None) -> set[str]:
        """The source keys that can be tried again."""
        return {
            key
            for key, became in self.now().items()
            if key and became[0][0] == "quarantined" and detail in (None, became[0][1])
        }

    def publish(self, chunk: int, rows: list[tuple[int | None, Doc]]) -> None:
        """A chunk of these rows, in source order."""
        became: list[tuple[str, str, str]] = []
        for key, group in _by_key(rows):
            if key is None:
                became += [("", "quarantined", "null_key")] * len(group)
                continue
            if len({doc.text for doc in group}) > 1:
                became += [(str(key), "quarantined", "duplicate_source_key")] * len(group)
                continue
            outcome = self._one(key, group[0])
            became.append((str(key), *outcome))
            copies = outcome if outcome[0] == "quarantined" else ("duplicate", "source_key same_content")
            became += [(str(key), *copies)] * (len(group) - 1)
        self.outcomes[chunk] = sorted(became)

    def purge(self, chunk: int, keys: set[str]) -> None:
        """All documents under these keys go into quarantine, and their rows away."""
        before = self.now()
        for app, (key, _) in list(self.winners.items()):
            if str(key) in keys:
                del self.winners[app]
                doc = self.documents.pop(app)
                self.rows.remove((app, doc.amount))
                self.items -= doc.items
        self.outcomes[chunk] = sorted((key, "quarantined", "purged") for key in keys for _ in before[key])

    def _one(self, key: int, doc: Doc) -> tuple[str, str]:
        if doc.kind == "null":
            return "quarantined", "empty"
        if doc.kind == "broken":
            return "quarantined", "truncated"
        if doc.kind == "keyless":
            return "quarantined", "null_key"
        if doc.kind == "empty":
            return "empty", ""
        if doc.app in self.winners:
            same = self.winners[doc.app][1] == doc.text
            return "duplicate", f"key {'same' if same else 'different'}_content"
        if doc.amount == POISON:
            return "quarantined", "rejected_by_target"
        self.winners[doc.app] = (key, doc.text)
        self.documents[doc.app] = doc
        self.rows.append((doc.app, doc.amount))
        self.items += doc.items
        return "loaded", ""


def _by_key(rows: list[tuple[int | None, Doc]]) -> list[tuple[int | None, list[Doc]]]:
    groups: dict[int | None, list[Doc]] = {}
    for key, doc in sorted(rows, key=lambda row: (row[0] is None, row[0] or 0)):
        groups.setdefault(key, []).append(doc)
    return list(groups.items())


class Guarantees(RuleBasedStateMachine):
    """Runs, kills, resumes and changes, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Path(tempfile.mkdtemp(prefix="columnar-guarantees-")), CONTRACT)
        with self.world.target() as target:
            target.execute(f"CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount <> {POISON}))")
            target.execute("INSERT INTO app VALUES (100, 1)")  # there before the first job
        self.model = Model()
        self.rows: list[tuple[int | None, Doc]] = []

    def teardown(self) -> None:
        shutil.rmtree(self.world.folder)

    @initialize(rows=st.lists(st.tuples(KEYS, DOCS), max_size=15))
    def begin(self, rows: list[tuple[int | None, Doc]]) -> None:
        self.rows = list(rows)
        self._store()

    @rule(rows=st.lists(st.tuples(st.one_of(KEYS, st.integers(15, 30), st.none()), DOCS), min_size=1, max_size=4))
    def add(self, rows: list[tuple[int | None, Doc]]) -> None:
        self.rows += rows
        self._store()

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), key=st.one_of(st.none(), KEYS))
    def copy(self, data: st.DataObject, key: int | None) -> None:
        """The same document once more, under its own key or another."""
        own, doc = data.draw(st.sampled_from(self.rows))
        self.rows.append((own if key is None else key, doc))
        self._store()

    @precondition(lambda self: self.rows)
    @rule(data=st.data(), doc=DOCS)
    def change(self, data: st.DataObject, doc: Doc) -> None:
        at = data.draw(st.integers(0, len(self.rows) - 1))
        self.rows[at] = (self.rows[at][0], doc)
        self._store()

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        del self.rows[data.draw(st.integers(0, len(self.rows) - 1))]
        self._store()

    @rule(step=st.integers(1, 40), chunk=st.integers(1, 7), workers=st.integers(1, 3))
    def killed(self, step: int, chunk: int, workers: int) -> None:
        taken = 0

        def on_step(_: str) -> None:
            nonlocal taken
            taken += 1
            if taken >= step:
                raise Killed

        with suppress(Killed):
            self.world.run(RunOptions(on_step=on_step, workers=workers), chunk={"rows": chunk})
        self._follow()

    @rule(chunk=st.integers(1, 7), limit=st.integers(1, 10))
    def limited(self, chunk: int, limit: int) -> None:
        self.world.run(RunOptions(limit=limit), chunk={"rows": chunk})
        self._follow()

    @rule(chunk=st.integers(1, 7), low=KEYS, width=st.integers(0, 10))
    def selected(self, chunk: int, low: int, width: int) -> None:
        where = ((str(low),), (str(low + width),))
        self.world.run(RunOptions(where_key=where), chunk={"rows": chunk})
        self._follow()
        ranges = self._ranges()
        for key, _ in self.rows:
            assert key is None or not low <= key <= low + width or any(_within(key, each) for each in ranges)

    @rule(chunk=st.integers(1, 7), workers=st.integers(1, 3))
    def complete(self, chunk: int, workers: int) -> None:
        run = self.world.run(RunOptions(workers=workers), chunk={"rows": chunk})
        self._follow()
        self._check_proof(run)
        assert run.proof.pending == 0
        assert run.proof.uncovered == 0
        assert run.proof.source == len(self.rows)
        assert run.exit_code is (ExitCode.QUARANTINE if run.proof.quarantined else ExitCode.CLEAN)
        again = self.world.run()
        assert again.chunks == 0, "nothing is left to do"

    @precondition(lambda self: self.model.outcomes)
    @rule(step=st.integers(1, 30), chunk=st.integers(1, 5), workers=st.integers(1, 3))
    def killed_retry(self, step: int, chunk: int, workers: int) -> None:
        taken = 0

        def on_step(_: str) -> None:
            nonlocal taken
            taken += 1
            if taken >= step:
                raise Killed

        with suppress(Killed):
            self.world.retry(RetryOptions(on_step=on_step, workers=workers), chunk={"rows": chunk})
        self._follow()

    @precondition(lambda self: self.model.outcomes)
    @rule(chunk=st.integers(1, 5), data=st.data())
    def retried(self, chunk: int, data: st.DataObject) -> None:
        reasons = sorted({became[0][1] for key, became in self.model.now().items() if key in self.model.quarantined()})
        reason = data.draw(st.sampled_from([None, *reasons]))
        wanted = self.model.quarantined(reason)
        retry = self.world.retry(RetryOptions(reasons=() if reason is None else (reason,)), chunk={"rows": chunk})
        before = set(self.model.outcomes)
        self._follow()
        tried = {key for each in set(self.model.outcomes) - before for key, *_ in self.model.outcomes[each]}
        there = {str(key) for key, _ in self.rows}
        assert tried == wanted & there
        assert set(retry.gone) == wanted - there
        self._check_proof(retry.run)

    @precondition(lambda self: self.model.outcomes)
    @rule(data=st.data(), step=st.integers(1, 12))
    def purged(self, data: st.DataObject, step: int) -> None:
        known = sorted(key for key, became in self.model.now().items() if key and became[0][0] != "quarantined")
        if not known:
            return
        keys = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique=True))
        taken = 0

        def on_step(_: str) -> None:
            nonlocal taken
            taken += 1
            if taken >= step:
                raise Killed

        with suppress(Killed):
            purge_job(self.world.job(), PurgeOptions(keys=tuple(keys), on_step=on_step))
        self._follow()

    @invariant()
    def target_is_what_the_model_says(self) -> None:
        with self.world.target() as target:
            apps = target.execute("SELECT id, amount FROM app ORDER BY id").fetchall()
        assert apps == sorted([*self.model.rows, (100, 1)])
        assert len({app for app, _ in apps}) == len(apps), "an application is there twice"

    def _check_proof(self, run: Run) -> None:
        """It holds, and counts what the model counts."""
        assert run.proof.holds
        assert equation(run.proof).holds
        counts = Counter(outcome for became in self.model.now().values() for outcome, _ in became)
        assert {name: getattr(run.proof, name) for name in OUTCOMES} == {name: counts[name] for name in OUTCOMES}
        listed = list_quarantine(self.world.job(), limit=100)
        assert Counter(each.source_key or "" for each in listed.documents) == Counter(
            key for key, became in self.model.now().items() for outcome, _ in became if outcome == "quarantined"
        )

    def _store(self) -> None:
        with self.world.source() as source:
            source.execute("DELETE FROM docs")
        self.world.insert(*((key, doc.text) for key, doc in self.rows))

    def _ranges(self) -> list[tuple[int, str | None, str | None, bool, bool, bool]]:
        return self.world.query(
            "SELECT chunk, low->>0, high->>0, low_inclusive, high_inclusive, null_keys"
            " FROM columnar_range ORDER BY chunk"
        )

    def _follow(self) -> None:
        """Let the model publish what the ledger says was published, in source order; compare every document."""
        tables = {row[0] for row in self.world.query("SELECT table_name FROM duckdb_tables()")}
        if "columnar_ledger" not in tables:
            return
        ranges = self._ranges()
        for key, _ in self.rows:
            assert sum(_within(key, each) for each in ranges) <= 1, "ranges overlap"
        done = [row[0] for row in self.world.query("SELECT chunk FROM columnar_ledger ORDER BY published_at")]
        by_chunk = {each[0]: each for each in ranges}
        found: dict[int, list[tuple[str, str, str]]] = {chunk: [] for chunk in done}
        for chunk, *outcome in self.world.query(
            "SELECT chunk, coalesce(source_key, ''), outcome, coalesce(reason, rule || ' ' || class, '')"
            " FROM columnar_document"
        ):
            found[chunk].append(tuple(outcome))
        for chunk in (each for each in done if each not in self.model.outcomes):
            keys = {row[0] for row in found[chunk]}
            if chunk > 0:
                within = by_chunk[chunk]
                self.model.publish(chunk, [row for row in self.rows if _within(row[0], within)])
                continue
            if {reason for _, _, reason in found[chunk]} == {"purged"}:
                self.model.purge(chunk, keys)
                continue
            assert keys <= self.model.quarantined(), "only what is in quarantine is tried again"
            self.model.publish(chunk, [row for row in self.rows if str(row[0]) in keys])
        assert {chunk: sorted(rows) for chunk, rows in found.items()} == self.model.outcomes
        assert self.world.query("SELECT count(*) FROM item") == [(self.model.items,)]


def _within(key: int | None, within: tuple[int, str | None, str | None, bool, bool, bool]) -> bool:
    _, low, high, low_inclusive, high_inclusive, null_keys = within
    if key is None or null_keys:
        return key is None and null_keys
    above = low is None or key > int(low) or (low_inclusive and key == int(low))
    return above and (high is None or key < int(high) or (high_inclusive and key == int(high)))


TestGuarantees = pytest.mark.slow(Guarantees.TestCase)
TestGuarantees.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
