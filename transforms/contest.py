"""Which of several documents stays, where a later one may take the place of an earlier one, or must not come at all.

Where every duplicate is simply left out, `transforms.duplicates.decide` says it all. Here a policy is asked each time
that a document meets the one that has its key: one after the other, in the order of the source, so that the outcome
depends on nothing else. Only documents that meet another one are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import polars as pl
import pyarrow as pa

from transforms.duplicates import DECISION_SCHEMA, code_if_repeated, match_staged


class Policy(Enum):
    """What becomes of a document whose key another one has."""

    SKIP = "skip"  # it is a duplicate
    FAIL = "fail"  # the run ends
    QUARANTINE = "quarantine"
    REPLACE = "replace"  # it takes the other's place
    BEST = "best"  # the one of greater merit has the place; of equals the earlier one


@dataclass(frozen=True, slots=True)
class Policies:
    """same: where the content is the same, or not known. different: where it is not."""

    same: Policy = Policy.SKIP
    different: Policy = Policy.SKIP

    @property
    def only_skip(self) -> bool:
        """Whether nothing ever takes a place, and nothing fails."""
        return self.same is Policy.SKIP and self.different is Policy.SKIP

    @property
    def replaces(self) -> bool:
        """Whether a document may take the place of one that was loaded before."""
        return bool({self.same, self.different} & {Policy.REPLACE, Policy.BEST})


# Which of the staged keys lose their place, and to which candidate; class as in DECISION_SCHEMA.
REPLACED_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("key", pa.string(), nullable=False),
        pa.field("source_key", pa.string()),
        pa.field("fingerprint", pa.binary()),
        pa.field("class", pa.string(), nullable=False),
    ]
)


@dataclass(frozen=True)
class Contest:
    """How a contest ended.

    decisions: DECISION_SCHEMA, where `outcome` may also be `conflict` (it goes to quarantine) or `fail`.
    replaced: REPLACED_SCHEMA.
    """

    decisions: pa.Table
    replaced: pa.Table


# The order of one that was loaded before.
BEFORE = -1


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who has a key. order: of the candidate, or BEFORE."""

    order: int
    source_key: str | None
    fingerprint: bytes | None
    merit: int
    where: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What became of a candidate. met: who has its place; None: itself."""

    outcome: str = "load"
    rule: str | None = None
    met: _Holder | None = None
    key: str | None = None


@dataclass
class _Round:
    """The state of a contest: which candidate has which key, and which contents are there."""

    policies: Policies
    holders: dict[str, _Holder] = field(default_factory=dict)
    contents: dict[bytes, _Holder] = field(default_factory=dict)
    verdicts: dict[int, _Verdict] = field(default_factory=dict)
    replaced: dict[str, _Holder] = field(default_factory=dict)  # key -> who was loaded before

    def meet(self, row: Mapping[str, object], *, by_fingerprint: bool) -> None:
        """One more candidate."""
        own = _Holder(
            _number(row["order"]), _text(row["source_key"]), _print(row["fingerprint"]), _number(row["merit"]), "chunk"
        )
        key = _text(row["key"])
        holder = self._holder(key, row) if key is not None else None
        if key is not None and holder is not None:
            self._contested(own, key, holder)
            return
        twin = self._twin(own, row) if by_fingerprint else None
        if twin is None:
            self._load(own, key)
        else:
            outcome = "fail" if self.policies.same is Policy.FAIL else "duplicate"
            self.verdicts[own.order] = _Verdict(outcome, "fingerprint", twin)

    def _holder(self, key: str, row: Mapping[str, object]) -> _Holder | None:
        """Who has the key: a candidate, or one that was loaded before; where several were, the one that this candidate
        is most like."""
        where = row["staged_where"]
        if key in self.holders or where is None:
            return self.holders.get(key)
        print_, merit = _print(row["staged_fingerprint"]), _number(row["staged_merit"])
        return _Holder(BEFORE, _text(row["staged_key"]), print_, merit, str(where))

    def _twin(self, own: _Holder, row: Mapping[str, object]) -> _Holder | None:
        """Who has the same content, as far as it has not lost its place."""
        if own.fingerprint is not None and own.fingerprint in self.contents:
            return self.contents[own.fingerprint]
        where = row["content_where"]
        if where is None or _text(row["content_of"]) in self.replaced:
            return None
        return _Holder(BEFORE, _text(row["content_key"]), own.fingerprint, 0, str(where))

    def final(self, verdict: _Verdict) -> _Holder:
        """Who has the place in the end."""
        if verdict.key in self.holders and verdict.key is not None and verdict.outcome == "duplicate":
            return self.holders[verdict.key]
        met = verdict.met
        assert met is not None  # noqa: S101 (only asked of those that met somebody)
        while met.order != BEFORE and (beyond := self.verdicts[met.order].met) is not None:
            met = beyond
        return met

    def _contested(self, own: _Holder, key: str, holder: _Holder) -> None:
        told = compared(own.fingerprint, holder.fingerprint)
        policy = self.policies.different if told == "different_content" else self.policies.same
        better = policy is Policy.BEST and own.merit > holder.merit
        if better or (policy is Policy.REPLACE and told != "same_content"):
            self._replace(own, key, holder)
        else:
            outcome = {Policy.FAIL: "fail", Policy.QUARANTINE: "conflict"}.get(policy, "duplicate")
            self.verdicts[own.order] = _Verdict(outcome, "key", holder, key)

    def _replace(self, own: _Holder, key: str, holder: _Holder) -> None:
        if holder.order == BEFORE:
            self.replaced[key] = holder
        else:
            self.verdicts[holder.order] = _Verdict("duplicate", "key", own, key)
        if holder.fingerprint is not None and self.contents.get(holder.fingerprint) is holder:
            del self.contents[holder.fingerprint]
        self._load(own, key)

    def _load(self, own: _Holder, key: str | None) -> None:
        self.verdicts[own.order] = _Verdict()
        if key is not None:
            self.holders[key] = own
        if own.fingerprint is not None:
            self.contents.setdefault(own.fingerprint, own)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _print(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def compared(one: bytes | None, other: bytes | None) -> str:
    """Two fingerprints: same_content, different_content or unknown_content."""
    if one is None or other is None:
        return "unknown_content"
    return "same_content" if one == other else "different_content"


def contest(candidates: pa.Table, staged: pa.Table, policies: Policies, *, by_fingerprint: bool = False) -> Contest:
    """Which candidates load, which take whose place, and which are left out.

    candidates, staged, by_fingerprint: as for `decide`; candidates may have an int64 column `merit` beside, and staged
    too, which Policy.BEST compares: the greater has the place.

    A document that meets the one that has its key is judged by the policy for the same or for different content. One
    with the same content never replaces: there is nothing to be gained. One whose place was taken is a duplicate of who
    took it. A document that meets another by its content alone is a duplicate of it, or fails where `same` says so.
    """
    frame = _with_merit(pl.DataFrame(candidates))
    known = _with_merit(pl.DataFrame(staged))
    columns = ["document", "source_key", "key", "fingerprint", "merit"]
    frame = frame.select(columns).with_row_index("order").pipe(match_staged, known, by_fingerprint)
    merits = known.filter(pl.col("key").is_not_null()).group_by("key").agg(staged_merit=pl.col("merit").max())
    frame = frame.join(merits, on="key", how="left", maintain_order="left")
    meets = pl.col("staged_where").is_not_null() | code_if_repeated("key").is_not_null()
    if by_fingerprint:
        meets = meets | pl.col("content_where").is_not_null() | code_if_repeated("fingerprint").is_not_null()
    round_ = _Round(policies)
    for row in frame.filter(meets).iter_rows(named=True):
        round_.meet(row, by_fingerprint=by_fingerprint)
    return Contest(_decisions(frame, round_), _replaced(frame, round_))


def _with_merit(frame: pl.DataFrame) -> pl.DataFrame:
    return frame if "merit" in frame.columns else frame.with_columns(merit=pl.lit(0, pl.Int64))


def _decisions(frame: pl.DataFrame, round_: _Round) -> pa.Table:
    """DECISION_SCHEMA. Who lost to one that lost its own place later is a duplicate of the one that has it now."""
    own = dict(frame.select("order", "fingerprint").rows()) if round_.verdicts else {}
    lost = []
    for order, verdict in round_.verdicts.items():
        if verdict.met is not None:
            winner = round_.final(verdict)
            told = compared(own[order], winner.fingerprint)
            lost.append((order, verdict.outcome, told, winner.where, winner.source_key, verdict.rule))
    names = ["order", "outcome", "class", "place", "winner_source_key", "rule"]
    schema: dict[str, pl.DataType] = {"order": frame.schema["order"], **dict.fromkeys(names[1:], pl.String())}
    losers = pl.DataFrame(lost, schema=schema, orient="row")
    joined = frame.select("order", "document").join(losers, on="order", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("outcome").fill_null("load"))
    return joined.select(DECISION_SCHEMA.names).to_arrow().cast(DECISION_SCHEMA)


def _replaced(frame: pl.DataFrame, round_: _Round) -> pa.Table:
    """REPLACED_SCHEMA, in the order of those who have the places now."""
    documents = dict(frame.select("order", "document").rows()) if round_.replaced else {}
    rows = []
    for key, before in round_.replaced.items():
        now = round_.holders[key]
        told = compared(now.fingerprint, before.fingerprint)
        rows.append((documents[now.order], key, before.source_key, before.fingerprint, told))
    columns = list(zip(*sorted(rows), strict=True)) if rows else [()] * len(REPLACED_SCHEMA)
    return pa.table(
        [pa.array(column, each.type) for column, each in zip(columns, REPLACED_SCHEMA, strict=True)],
        schema=REPLACED_SCHEMA,
    )
