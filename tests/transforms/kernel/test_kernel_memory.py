"""Memory of columns that were freed, kept for those to come."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pyarrow as pa
import pytest

from tests.differential.shredders import why_not_native
from tests.transforms.kernel.encoded_plans import encoded
from tests.transforms.shred.shred_plans import column, plan, table

if why_not_native():
    pytest.skip(why_not_native(), allow_module_level=True)
kernel: Any = import_module("transforms._kernel")

MOST = 8 * 1024 * 1024
PLAN = kernel.compile(*encoded([plan(table("b", "/a/b", column("k", "@k")))]))
SCHEMA = pa.Schema._import_from_c_capsule(*kernel.schemas(PLAN))


@pytest.fixture(autouse=True)
def _bound() -> Iterator[None]:
    _, before = kernel.kept()
    gc.collect()
    kernel.keep_at_most(0)
    kernel.keep_at_most(MOST)
    if kernel.kept() != (0, MOST):
        pytest.skip("built with sanitizers: nothing is kept")
    yield
    kernel.keep_at_most(before)


def _column(count: int, size: int = 1000) -> pa.Array:
    documents = pa.array([f"<a><b k='{at:0{size}}'/></a>" for at in range(count)])
    ((given,), *_) = kernel.shred(PLAN, [documents.__arrow_c_array__()], None, 1, True, [])
    ((_, address),) = given
    batch = pa.RecordBatch._import_from_c(address, SCHEMA)
    batch.validate(full=True)
    assert batch["k"].to_pylist() == [f"{at:0{size}}" for at in range(count)]
    return batch["k"]


def _place(values: pa.Array) -> int:
    return int(values.buffers()[2].address)


def test_memory_of_a_freed_column_is_taken_again() -> None:
    first = _column(1000)
    place = _place(first)
    before, _ = kernel.kept()
    del first
    kept, _ = kernel.kept()
    assert kept - before >= 1_000_000
    again = _column(990)
    assert _place(again) == place
    assert kernel.kept()[0] <= kept - 900_000
    other = _column(1000)
    assert _place(other) != place


def test_no_more_than_the_bound_is_kept() -> None:
    many = [_column(2000) for _ in range(6)]
    while many:
        many.pop()
        assert kernel.kept()[0] <= MOST
    assert kernel.kept()[0] > MOST // 2
    _column(9000)  # alone more than that
    assert kernel.kept()[0] <= MOST
    kernel.keep_at_most(MOST // 4)
    assert kernel.kept()[0] <= MOST // 4
    kernel.give_back()
    assert kernel.kept() == (0, MOST // 4)
    _column(1000)
    assert kernel.kept()[0] > 0
    kernel.keep_at_most(0)
    _column(1000)
    assert kernel.kept() == (0, 0)


def test_the_oldest_goes_first() -> None:
    small = _column(100)
    del small
    large = _column(7000)
    place = _place(large)
    del large
    assert _place(_column(7000)) == place


def test_a_small_column_leaves_a_large_block_alone() -> None:
    large = _column(4000)
    place = _place(large)
    del large
    small = [_column(500) for _ in range(3)]
    assert place not in map(_place, small)
    assert _place(_column(4000)) == place


def test_columns_are_freed_and_taken_by_all_threads() -> None:
    columns = [_column(1000) for _ in range(4)]
    places = {_place(each) for each in columns}
    freeing = threading.Thread(target=columns.clear)
    freeing.start()
    freeing.join()
    assert _place(_column(1000)) in places

    def work() -> None:
        for at in range(20):
            _column(100 + 40 * at)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert 0 < kernel.kept()[0] <= MOST


def test_a_negative_bound_is_none() -> None:
    with pytest.raises(ValueError, match="-1 bytes cannot be kept"):
        kernel.keep_at_most(-1)
    with pytest.raises(TypeError):
        kernel.keep_at_most("much")
