"""The question of every differential test: do the two shredders agree? If not, the smallest case that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from tests.differential.compare import Difference, differences
from tests.differential.shredders import Make, Shredder, make_native, shred_array
from tests.differential.shrink import shrink_bytes, shrink_sequence
from transforms.contract.plan import ContractPlan, Many, TablePlan
from transforms.path.model import ANY, NameTest
from transforms.shred import LxmlShredder
from transforms.shred.buffers import document_views, is_text
from transforms.shred.refusal import ShredError

Keys = Mapping[str, pa.Array]


@dataclass(frozen=True)
class Disagreement:
    """What differs, and the smallest case found.

    document: None where it takes the whole batch to show it. plan: what is left of the plan.
    """

    found: tuple[Difference, ...]
    document: bytes | None
    plan: ContractPlan
    text: bool

    @property
    def kind(self) -> str:
        """The kind of the first difference."""
        return self.found[0].kind

    def __str__(self) -> str:
        lines = [str(each) for each in self.found[:5]]
        if self.document is None:
            lines.append("(only in its batch)")
        else:
            lines.append(f"{'text' if self.text else 'binary'} {self.document!r}")
        return "\n".join([*lines, *describe(self.plan)])


def agree(
    plan: ContractPlan,
    documents: pa.Array | pa.ChunkedArray,
    keys: Keys | None = None,
    *,
    reference: Make = LxmlShredder,
    native: Make = make_native,
) -> None:
    """AssertionError, with the smallest case, where the native shredder does not do what the reference does."""
    found = find_disagreement(plan, documents, keys, reference=reference, native=native)
    assert found is None, f"the shredders disagree\n{found}"


def find_disagreement(
    plan: ContractPlan,
    documents: pa.Array | pa.ChunkedArray,
    keys: Keys | None = None,
    *,
    reference: Make = LxmlShredder,
    native: Make = make_native,
) -> Disagreement | None:
    """The first difference between the shredders in a batch, with plan and document made as small as it stays."""
    found = batch_differences(reference(plan), native(plan), documents, keys)
    if not found:
        return None
    views = list(document_views(documents))
    first = found[0].document
    for at in range(len(views)) if first is None else [first, *range(len(views))]:
        view = views[at]
        alone = {name: _chunk(values).slice(at, 1) for name, values in (keys or {}).items()}
        data = None if view is None else bytes(view)
        case = smallest(plan, data, alone, text=is_text(documents), reference=reference, native=native)
        if case is not None:
            return case
    return Disagreement(tuple(found), None, plan, is_text(documents))


def smallest(
    plan: ContractPlan,
    document: bytes | None,
    keys: Keys,
    *,
    text: bool,
    reference: Make = LxmlShredder,
    native: Make = make_native,
) -> Disagreement | None:
    """The smallest case of one document on which the shredders disagree; None where they agree on it alone."""
    case = _Case(reference, native, text, keys)
    return case.smallest(plan, document) if case.fails_alone(plan, document) else None


def batch_differences(
    reference: Shredder, native: Shredder, documents: pa.Array | pa.ChunkedArray, keys: Keys | None
) -> list[Difference]:
    """All that differs; that one fails as a whole and the other does not, too."""
    try:
        expected = reference.shred(documents, keys)
    except ShredError as error:
        try:
            native.shred(documents, keys)
        except ShredError:
            return []
        return [Difference("raises", error.document, "", repr(error), "nothing raised")]
    try:
        found = native.shred(documents, keys)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the answer
        return [Difference("raises", None, "", "nothing raised", repr(error))]
    return differences(expected, found, len(documents))


def _chunk(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


@dataclass(frozen=True)
class _Case:
    """One document on which two shredders differ, while it is made smaller."""

    reference: Make
    native: Make
    text: bool
    keys: Keys
    made: dict[int, tuple[ContractPlan, Shredder, Shredder]] = field(default_factory=dict)

    def _shredders(self, plan: ContractPlan) -> tuple[Shredder, Shredder]:
        """The last plan's shredders are used again: a document is tried thousands of times."""
        if id(plan) not in self.made:
            self.made.clear()
            self.made[id(plan)] = (plan, self.reference(plan), self.native(plan))
        return self.made[id(plan)][1:]

    def fails_alone(self, plan: ContractPlan, document: bytes | None) -> bool:
        return bool(self._found(plan, document))

    def smallest(self, plan: ContractPlan, document: bytes | None) -> Disagreement:
        sort = self._found(plan, document)[0].sort

        def stays(smaller: ContractPlan) -> bool:
            return any(each.sort == sort for each in self._found(smaller, document))

        plan = _smaller_plan(plan, stays)
        if document is not None:
            whole = document
            document = shrink_bytes(whole, lambda candidates: self._which_fail(plan, candidates, sort))
            if not self._found(plan, document):  # what failed beside others does not fail alone
                document = shrink_bytes(
                    whole, lambda candidates: [self._alone(plan, one, sort) for one in candidates], tries=500
                )
        return Disagreement(tuple(self._found(plan, document)), document, plan, self.text)

    def _alone(self, plan: ContractPlan, document: bytes, sort: str) -> bool:
        return any(each.sort == sort for each in self._found(plan, document))

    def _found(self, plan: ContractPlan, document: bytes | None) -> list[Difference]:
        documents = shred_array([document], text=self.text)
        return batch_differences(*self._shredders(plan), documents, self.keys)

    def _which_fail(self, plan: ContractPlan, candidates: list[bytes], sort: str) -> list[bool]:
        documents = shred_array(list(candidates), text=self.text)
        keys = {name: pa.repeat(values[0], len(candidates)) for name, values in self.keys.items()}
        found = batch_differences(*self._shredders(plan), documents, keys)
        failing = {each.document for each in found if each.sort == sort}
        if failing and None not in failing:
            return [at in failing for at in range(len(candidates))]
        if not found:
            return [False] * len(candidates)
        return [self._alone(plan, one, sort) for one in candidates]  # of the batch


def _smaller_plan(plan: ContractPlan, stays: Callable[[ContractPlan], bool]) -> ContractPlan:
    """Leave out tables, then columns, picks and slots."""

    def with_tables(tables: Sequence[TablePlan]) -> ContractPlan | None:
        names = {table.name for table in tables}
        whole = all(table.parent is None or table.parent in names for table in tables)
        return replace(plan, tables=tuple(tables)) if whole and tables else None

    def tables_stay(tables: tuple[TablePlan, ...]) -> bool:
        candidate = with_tables(tables)
        return candidate is not None and stays(candidate)

    plan = replace(plan, tables=shrink_sequence(plan.tables, tables_stay))
    for at in range(len(plan.tables)):

        def changed(table: TablePlan, at: int = at, plan: ContractPlan = plan) -> ContractPlan:
            return replace(plan, tables=(*plan.tables[:at], table, *plan.tables[at + 1 :]))

        table = plan.tables[at]
        bare = replace(table, picks=(), columns=tuple(column for column in table.columns if column.of is None))
        if table.picks and stays(changed(bare)):
            table = bare
        kept = shrink_sequence(table.columns, lambda columns, t=table: stays(changed(replace(t, columns=columns))))  # type: ignore[misc]
        plan = changed(replace(table, columns=kept))
    return plan


def describe(plan: ContractPlan) -> Iterator[str]:
    """A plan in a few lines."""
    root = plan.root
    if root != NameTest(ANY, ANY):
        yield f"root {{{root.uri or ''}}}{root.local}"
    for table in plan.tables:
        rows = table.rows.source if table.rows else "sql"
        yield f"{table.name}: {rows}" + (f", parent {table.parent}" if table.parent else "")
        for column in table.columns:
            source = column.path.source if column.path else "none"
            many = "" if column.many is Many.FIRST else f", many {column.many.value} {column.separator!r}"
            yield f"  {column.name}: {source}{many}" + (f", of {column.of}" if column.of else "")
        for slot in table.slots:
            yield f"  slot {slot.name}: " + ", ".join(f"{name} {path.source}" for name, path in slot.paths)
        for pick in table.picks:
            yield f"  pick {pick.name}: {pick.rows.source}"
