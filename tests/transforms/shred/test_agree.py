"""Whether the comparison of the two shredders finds what it should: a reference that is made wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tests.differential import agree, find_disagreement
from tests.differential.compare import differences
from tests.differential.documents import stored, well_formed
from tests.differential.plans import keys, plan
from tests.differential.shredders import shred_array
from tests.differential.shrink import shrink_bytes, shrink_sequence
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.buffers import document_views


class Altered:
    """The reference, which gets to see other documents than it is given."""

    def __init__(self, of: ContractPlan, alter: Callable[[bytes], bytes]) -> None:
        self._shredder = LxmlShredder(of)
        self._alter = alter

    def shred(self, documents: pa.Array, keys: Mapping[str, Any] | None = None) -> Shredded:
        views = [None if view is None else self._alter(bytes(view)) for view in document_views(documents)]
        return self._shredder.shred(pa.array(views, pa.large_binary()), keys)


def disagreement(alter: Callable[[bytes], bytes], documents: list[bytes | None], seed: int) -> str:
    made = plan(Random(seed))
    found = find_disagreement(
        made,
        shred_array(documents, text=False),
        keys(len(documents)),
        native=lambda each: Altered(each, alter),
    )
    return str(found)


def test_the_reference_agrees_with_itself() -> None:
    random = Random(1)
    for _ in range(40):
        documents = [stored(random) for _ in range(10)]
        agree(plan(random), shred_array(documents, text=False), keys(10), native=LxmlShredder)


def _found(alter: Callable[[bytes], bytes], kind: str) -> str:
    """The first disagreement of a kind with an altered reference."""
    random = Random(7)
    made = (stored(random) for _ in range(20_000))
    altered = [data for data in made if data is not None and alter(data) != data]
    for seed in range(100):
        documents: list[bytes | None] = list(altered[seed::100])
        shown = disagreement(alter, documents, seed)
        if f": {kind}:" in shown:
            return shown
    raise AssertionError(f"nothing of kind {kind} was found")


@pytest.mark.parametrize(
    ("alter", "kind", "shrunk"),
    [
        (lambda data: data.replace(b"&amp;", b"&lt;"), "value", b"&amp;"),
        (lambda data: data.replace(b"<!-- -- -->", b""), "accepts", b"<!-- -- -->"),
        (lambda data: data.replace(b"<![CDATA[", b"<!"), "refuses", b"<![CDATA["),
        (lambda data: data.replace(b"zz:", b""), "accepts", b"zz:"),
        (lambda data: data.replace(b"\xc3", b"\xff"), "refuses", b"\xc3"),
        (lambda data: data.replace(b"<!DOCTYPE", b"<!XXXTYPE"), "reason", b"<!DOCTYPE"),
    ],
)
def test_what_is_wrong_is_found_and_made_small(alter: Callable[[bytes], bytes], kind: str, shrunk: bytes) -> None:
    shown = _found(alter, kind)
    (line,) = [line for line in shown.splitlines() if line.startswith("binary b")]
    assert repr(shrunk)[2:-1] in line
    assert len(line) < 80
    assert shown.count("\n") < 8


def drop_rows(result: Shredded) -> Shredded:
    return replace(result, extracts={name: extract.slice(0, 1) for name, extract in result.extracts.items()})


def count_again(result: Shredded) -> Shredded:
    return replace(result, several=result.several.slice(1))


def swap_order(result: Shredded) -> Shredded:
    return replace(result, refused=result.refused.slice(1))


def without_nulls(result: Shredded) -> Shredded:
    extracts = {
        name: extract.cast(pa.schema([field.with_type(_wide(field.type)) for field in extract.schema]))
        for name, extract in result.extracts.items()
    }
    return replace(result, extracts=extracts)


def _wide(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if kind == pa.string() else kind


@pytest.mark.parametrize(
    ("change", "kind"),
    [(drop_rows, "rows"), (count_again, "several"), (swap_order, "accepts"), (without_nulls, "schema")],
)
def test_results_that_are_wrong_in_other_ways(change: Callable[[Shredded], Shredded], kind: str) -> None:
    random, kinds = Random(3), set()
    for seed in range(60):
        documents: list[bytes | None] = [well_formed(random).encode() for _ in range(8)] + [b"<", b"x"]
        reference = LxmlShredder(plan(Random(seed))).shred(shred_array(documents, text=False), keys(10))
        kinds |= {each.kind for each in differences(reference, change(reference), 10)}
    assert kind in kinds


def test_what_raises_is_told() -> None:
    def fail(data: bytes) -> bytes:
        if b"b" in data:
            raise RuntimeError("broken")
        return data

    with pytest.raises(AssertionError, match=r"(?s)raises.*RuntimeError.*binary b'b'"):
        agree(
            plan(Random(1)),
            shred_array([b"<a/>", b"<a><b/></a>"], text=False),
            keys(2),
            native=lambda each: Altered(each, fail),
        )


def test_shrinking() -> None:
    assert (
        shrink_bytes(bytes(range(256)), lambda them: [b"\x07" in each and b"\xf0" in each for each in them])
        == b"\x07\xf0"
    )
    assert shrink_bytes(b"abc", lambda them: [True for _ in them]) == b""
    assert shrink_sequence(range(100), lambda kept: {3, 70} <= set(kept)) == (3, 70)
