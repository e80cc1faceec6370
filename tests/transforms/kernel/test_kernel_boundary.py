"""Between Python and the kernel: Arrow arrays in and out through capsules, plans, errors, memory, threads."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
from importlib import import_module
from typing import Any

import polars as pl
import psutil
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.shredders import why_not_native
from tests.transforms.kernel.encoded_plans import encoded
from tests.transforms.kernel.raw_arrow import RawArray, capsules, release_of, structure_of
from tests.transforms.shred.shred_plans import column, plan, table

if why_not_native():
    pytest.skip(why_not_native(), allow_module_level=True)
kernel: Any = import_module("transforms._kernel")

_TABLES = (
    table("b", "/a/b", column("k", "@k"), column("all", "c/text()", many="list")),
    table("d", "/a/d", column("k", "@k")),
)
_TEXTS = (pa.string(), pa.large_string(), pa.string_view())
_BYTES = (pa.binary(), pa.large_binary(), pa.binary_view())
_LAYOUTS = (*_TEXTS, *_BYTES)


(_PLAN,) = encoded([plan(*_TABLES)])
PLAN = kernel.compile(_PLAN)


class _Pair:
    """Capsules as an object that Arrow libraries import."""

    def __init__(self, pair: Any) -> None:
        self._pair = pair

    def __arrow_c_array__(self, requested_schema: object = None) -> Any:
        return self._pair


def _shred(arrays: list[Any], routes: Any = None, threads: int = 1, text: bool = True) -> Any:
    return kernel.shred(PLAN, [each.__arrow_c_array__() for each in arrays], routes, threads, text, [])


def _batches(given: list[Any], extract: int = 0, plan: Any = PLAN) -> list[pa.RecordBatch]:
    read = [pa.record_batch(_Pair((kernel.schemas(plan)[extract], array))) for array, _ in given]
    for each in read:
        each.validate(full=True)
    return read


def _keys(arrays: list[Any], **options: Any) -> list[str | None]:
    (rows, _), _, _, _ = _shred(arrays, **options)
    return [key for batch in _batches(rows) for key in batch["k"].to_pylist()]


def _documents(count: int, layout: pa.DataType, first: int = 0) -> pa.Array:
    texts = [f"<a><b k='{at}'>{'.' * (at % 50)}</b></a>" for at in range(first, first + count)]
    return pa.array(texts if layout in _TEXTS else [each.encode() for each in texts], layout)


@pytest.mark.parametrize("layout", _LAYOUTS, ids=str)
def test_every_layout_with_offsets_nulls_and_chunks(layout: pa.DataType) -> None:
    whole = _documents(40, layout)
    with_nulls = pa.array([None if at % 3 == 0 else each for at, each in enumerate(whole.to_pylist())], layout)
    expected = [str(at) for at in range(40)]
    assert _keys([whole]) == expected
    assert _keys([whole.slice(0, 7), whole.slice(7, 0), whole.slice(7)]) == expected
    assert _keys([with_nulls.slice(5, 9)]) == [str(at) for at in range(5, 14) if at % 3]
    assert _keys([with_nulls], threads=3) == [key for at, key in enumerate(expected) if at % 3]
    for nothing in (whole.slice(40), pa.array([], layout), with_nulls.slice(3, 1), pa.nulls(3, layout)):
        assert _keys([nothing]) == []


@pytest.mark.parametrize("layout", _LAYOUTS, ids=str)
def test_short_documents_lie_in_their_views(layout: pa.DataType) -> None:
    texts = ["<a/>", "<a><b/></a>", "<a> <b/></a>", "<a>  <b/></a>"]  # 4, 11, 12 and 13 bytes
    assert _keys([pa.array(texts if layout in _TEXTS else [each.encode() for each in texts], layout)]) == [None] * 3


def test_null_documents_of_the_null_type_are_refused_one_by_one() -> None:
    _, refused, _, _ = _shred([pa.nulls(3)])
    assert [(document, reason) for document, reason, *_ in refused] == [(0, "empty"), (1, "empty"), (2, "empty")]


def test_documents_are_numbered_through_all_chunks() -> None:
    chunks = [pa.array(["<a/>", "<a"]), pa.array([], pa.large_string()), pa.array([b"<a>", b"<a><b k='1'/></a>"])]
    (rows, _), refused, declined, several = _shred(chunks)
    assert [row for batch in _batches(rows) for row in batch["_document"].to_pylist()] == [3]
    assert [document for document, *_ in refused] == [1, 2]
    assert declined == several == []


def test_no_chunks_and_no_rows_are_tables_of_no_rows() -> None:
    for arrays in ([], [pa.array([], pa.string())], [pa.array(["<a/>"])]):
        extracts, refused, _, _ = _shred(arrays)
        assert refused == []
        assert [sum(batch.num_rows for batch in _batches(given, at)) for at, given in enumerate(extracts)] == [0, 0]


@pytest.mark.parametrize("threads", [1, 2])
def test_columns_whose_beginning_is_unlike_the_rest(threads: int) -> None:
    """After some documents there is room for more like these: it is too much or too little for others."""
    sizes = [9000] * 40 + [0] * 2000 + [9000] * 40
    for ordered in (sizes, sorted(sizes), sorted(sizes, reverse=True)):
        expected = [f"{at}{'x' * size}" for at, size in enumerate(ordered)]
        assert _keys([pa.array([f"<a><b k='{key}'/></a>" for key in expected])], threads=threads) == expected


def test_lists_of_values_come_out_nested() -> None:
    (rows, _), _, _, _ = _shred([pa.array(["<a><b><c>1</c><c>2</c></b><b/><b><c>3</c></b></a>", "<a><b/></a>"])])
    (batch,) = _batches(rows)
    assert batch["all"].to_pylist() in ([["1", "2"], [], ["3"], []], [["1", "2"], None, ["3"], None])
    assert pl.DataFrame(pl.from_arrow(batch))["all"].list.len().fill_null(0).to_list() == [2, 0, 1, 0]


def test_buffers_are_there_even_where_they_are_empty() -> None:
    (rows, _), _, _, _ = _shred([pa.array(["<a><b/><b k=''/></a>"])])
    batch = structure_of(rows[0][0], RawArray)
    assert (batch.n_buffers, bool(batch.buffers[0])) == (1, False)
    columns = [batch.children[at].contents for at in range(batch.n_children)]
    assert [each.buffers[at] for each in columns for at in range(1, each.n_buffers)].count(None) == 0


def test_columns_outlive_their_batch_and_their_call() -> None:
    (rows, _), _, _, _ = _shred([_documents(2000, pa.string())])
    (batch,) = _batches(rows)
    kept = batch["k"]
    del batch, rows
    gc.collect()
    _keys([_documents(2000, pa.string(), 5000)])
    assert kept.to_pylist() == [str(at) for at in range(2000)]


def test_a_column_taken_out_by_hand_outlives_its_batch() -> None:
    """The interface lets a reader move a child away and release the rest."""
    (rows, _), _, _, _ = _shred([_documents(3, pa.string())])
    batch = structure_of(rows[0][0], RawArray)
    at = _batches(_shred([_documents(1, pa.string())])[0][0])[0].schema.names.index("k")
    child = RawArray()
    ctypes.memmove(ctypes.byref(child), batch.children[at], ctypes.sizeof(RawArray))
    batch.children[at].contents.release = release_of(0)
    batch.release(ctypes.byref(batch))
    assert not batch.release
    del rows
    gc.collect()
    assert (child.length, child.null_count) == (3, 0)
    assert ctypes.string_at(child.buffers[2], 3) == b"012"
    child.release(ctypes.byref(child))
    assert not child.release


def test_what_nobody_takes_out_is_freed_and_inputs_are_released() -> None:
    documents = _documents(500, pa.string())
    before = pa.total_allocated_bytes()
    resident = []
    for _ in range(3):
        for _ in range(100):
            _shred([documents.slice(0)])
            _keys([documents])
        gc.collect()
        resident.append(_resident())
    assert pa.total_allocated_bytes() == before
    if "asan" not in os.environ.get("LD_PRELOAD", ""):  # which keeps what is freed, to see who uses it
        assert resident[2] - resident[1] < 3_000_000


def _resident() -> int:
    return int(psutil.Process().memory_info().rss)


def test_other_threads_run_while_documents_are_shredded() -> None:
    documents = pa.array([f"<a>{'<x/>' * 100_000}</a>"] * 20)
    interval = sys.getswitchinterval()
    # None gives way by itself any more: only a call that releases the lock lets others in.
    sys.setswitchinterval(1000)
    try:
        assert any(_meanwhile(documents) for _ in range(20))
    finally:
        sys.setswitchinterval(interval)


def _meanwhile(documents: pa.Array) -> bool:
    """Whether this thread ran before another one was done with shredding."""
    begun, done = threading.Event(), []
    arrays = [documents.__arrow_c_array__()]  # before: it may release the lock, too

    def work() -> None:
        begun.set()
        kernel.shred(PLAN, arrays, None, 1, True, [])
        done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()
    meanwhile = not done
    thread.join()
    return meanwhile


def test_plans_are_shared_by_threads() -> None:
    documents = [_documents(300, layout) for layout in _LAYOUTS]
    expected = [str(at) for at in range(300)]
    wrong: list[Any] = []

    def work(own: pa.Array) -> None:
        wrong.extend(found for found in (_keys([own], threads=2) for _ in range(10)) if found != expected)

    threads = [threading.Thread(target=work, args=(each,)) for each in documents]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_routes_are_bits_of_each_document() -> None:
    documents = _documents(3, pa.string())
    bits = b"".join(each.to_bytes(8, "little") for each in (1, 0, 3))
    (rows, _), refused, _, _ = _shred([documents], routes=bits)
    assert [key for batch in _batches(rows) for key in batch["k"].to_pylist()] == ["0", "2"]
    assert [(document, reason) for document, reason, *_ in refused] == [(1, "no_contract")]
    assert _keys([documents], routes=memoryview(bytearray(bits))) == ["0", "2"]
    assert _keys([], routes=b"") == []


_WHOLE = (
    column("at", "position()"),
    column("k", "@k"),
    column("one", "$one"),
    column("fixed", "'ä'"),
    column("other", "$other"),
)


def _with_keys(documents: pa.Array, *keys: pa.Array, threads: int = 1) -> pa.Table:
    (encoded_plan,) = encoded([plan(table("b", "/a/b", *_WHOLE), table("c", "/a/c", column("one", "$one")))])
    read = kernel.compile(encoded_plan)
    arrays = [each.__arrow_c_array__() for each in keys]
    (rows, _), *_ = kernel.shred(read, [documents.__arrow_c_array__()], None, threads, True, arrays)
    return pa.Table.from_batches(_batches(rows, plan=read))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_columns_that_are_not_read_from_elements(threads: int) -> None:
    counts = [0, 1, 1203, 2]
    documents = pa.array(["<a>" + "<b k='.'/>" * count + "</a>" for count in counts])
    one = pa.array(["0", "", None, "x" * 70])
    other = pa.array(["not this", *one.to_pylist()[::-1]], pa.large_string()).slice(1)
    found = _with_keys(documents, one, other, threads=threads)
    documents_of_rows = [at for at, count in enumerate(counts) for _ in range(count)]
    positions = [str(at + 1) for count in counts for at in range(count)]
    assert found["_document"].to_pylist() == documents_of_rows
    assert found.column_names[5:] == ["at", "k", "one", "fixed", "other"]
    assert found["at"].to_pylist() == positions
    assert found["one"].to_pylist() == [one[at].as_py() for at in documents_of_rows]
    assert found["other"].to_pylist() == [other[at].as_py() for at in documents_of_rows]
    assert found["fixed"].unique().to_pylist() == ["ä"]
    assert found["k"].unique().to_pylist() == ["."]


def test_keys_are_as_many_as_the_plan_has_and_as_long_as_the_documents() -> None:
    documents, two = _documents(2, pa.string()), pa.array(["x", "y"])
    assert len(_with_keys(documents, two, two)) == 2
    with pytest.raises(ValueError, match="there are 1 keys; the plan has 2"):
        _with_keys(documents, two)
    with pytest.raises(ValueError, match="a key has 1 values for 2 documents"):
        _with_keys(documents, two, two.slice(1))
    with pytest.raises(ValueError, match="text or bytes were expected"):
        _with_keys(documents, two, pa.array([1, 2]))


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (pa.array([1]), "'l'; text or bytes were expected"),
        (pa.array([["<a/>"]]), "'+l'"),
        (pa.array(["<a/>"]).dictionary_encode(), "dictionary encoded"),
        (pa.array([b"<a/>"], pa.binary(4)), "'w:4'"),
    ],
)
def test_other_types_are_refused(array: pa.Array, said: str) -> None:
    with pytest.raises(ValueError, match="text or bytes") as told:
        _shred([array])
    assert said in str(told.value)


def test_what_is_no_argument_is_said() -> None:
    documents = _documents(1, pa.string())
    with pytest.raises(ValueError, match="threads is 0; at least 1"):
        _shred([documents], threads=0)
    with pytest.raises(ValueError, match="routes hold 7 bytes; 8 a document were expected, for 1"):
        _shred([documents], routes=b"1234567")
    with pytest.raises(TypeError, match="bytes-like"):
        _shred([documents], routes=3)
    with pytest.raises(TypeError, match="pair of capsules"):
        kernel.shred(PLAN, [documents.__arrow_c_array__(), 1], None, 1, True, [])
    with pytest.raises(ValueError, match="incorrect name"):
        kernel.shred(PLAN, [documents.__arrow_c_array__()[::-1]], None, 1, True, [])
    with pytest.raises(ValueError, match="PyCapsule"):
        kernel.shred(None, [], None, 1, True, [])
    with pytest.raises(TypeError):
        kernel.shred(PLAN)
    pair = documents.__arrow_c_array__()
    kernel.shred(PLAN, [pair], None, 1, True, [])
    with pytest.raises(ValueError, match="emptied before"):
        kernel.shred(PLAN, [pair], None, 1, True, [])


def test_plans_that_are_none_are_refused() -> None:
    for wrong in (b"", b"CLK1", b"x" + _PLAN[1:], _PLAN + b"x", *(_PLAN[:end] for end in range(0, len(_PLAN), 3))):
        with pytest.raises(ValueError, match="plan"):
            kernel.compile(wrong)
    with pytest.raises(TypeError):
        kernel.compile("text")


@given(st.data())
def test_damaged_plans_are_refused_or_read(data: st.DataObject) -> None:
    damaged = bytearray(_PLAN)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.sampled_from((0, 1, 2, 0x7F, 0xFF)))
    try:
        read = kernel.compile(bytes(damaged))
        kernel.schemas(read)
        kernel.shred(read, [pa.array(["<a><b k='1'/><d k='2'><b/></d></a>"]).__arrow_c_array__()], None, 1, True, [])
    except ValueError:  # also where it has keys now
        return


def test_how_it_was_built() -> None:
    built = kernel.build_info()
    assert sorted(built) == ["abi", "compiler", "plan", "simd", "version"]
    assert built["simd"] in ("avx2", "sse2", "neon", "portable")


_MOST = 2**31 - 1
_VALID = (b"<a/>", b"<a><b k='x'/></a>")


def _offsets(*values: int, width: int = 4) -> bytes:
    return b"".join(value.to_bytes(width, "little", signed=True) for value in values)


def _view(size: int, place: int, offset: int) -> bytes:
    return _offsets(size) + b"<a><" + _offsets(place, offset)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"buffers": (None, _offsets(0, 4, 3), b"<a/>")}, "offsets that descend"),
        ({"buffers": (None, _offsets(-1, 4, 4), b"<a/>")}, "negative offset"),
        ({"buffers": (None, _offsets(0, -4, 4), b"<a/>")}, "offsets that descend"),
        ({"buffers": (None, _offsets(0, 4, 8), None)}, "lacks its data"),
        ({"buffers": (None, None, b"<a/>")}, "lacks its offsets"),
        ({"buffers": (None, _offsets(0, 4, 8))}, "lacks buffers"),
        ({"null_count": 1}, "no validity buffer"),
        ({"length": -1}, "length or offset"),
        ({"offset": -1}, "length or offset"),
        ({"offset": 2**62}, "length or offset"),
        ({"length": 2**63 - 1, "offset": 1}, "length or offset"),
        ({"layout": b"U", "buffers": (None, _offsets(0, 4, 3, width=8), b"<a/>")}, "offsets that descend"),
        ({"layout": b"vu", "buffers": (None, _view(13, 1, 0) * 2, b"." * 20, _offsets(20, width=8))}, "not there"),
        ({"layout": b"vu", "buffers": (None, _view(13, -1, 0) * 2, b"." * 20, _offsets(20, width=8))}, "not there"),
        ({"layout": b"vu", "buffers": (None, _view(13, 0, 8) * 2, b"." * 20, _offsets(20, width=8))}, "outside"),
        ({"layout": b"vz", "buffers": (None, _view(13, 0, -1) * 2, b"." * 20, _offsets(20, width=8))}, "outside"),
        (
            {"layout": b"vz", "buffers": (None, _view(2**31 - 1, 0, 2**31 - 1) * 2, b".", _offsets(1, width=8))},
            "outside",
        ),
        ({"layout": b"vz", "buffers": (None, _view(13, 0, 0) * 2, None, _offsets(20, width=8))}, "outside"),
        ({"layout": b"vz", "buffers": (None, _view(-1, 0, 0) * 2, b".", _offsets(1, width=8))}, "negative size"),
        ({"layout": b"vz", "buffers": (None, None, _offsets(0, width=8))}, "lacks its views"),
        ({"layout": b"vz", "buffers": (None, _view(13, 0, 0) * 2, b".", None)}, "lacks the sizes"),
    ],
)
def test_arrays_that_cannot_be_right_are_refused_and_released(fields: dict[str, Any], said: str) -> None:
    released: list[str] = []
    with pytest.raises(ValueError, match=said):
        kernel.shred(PLAN, [capsules(released, **{**_TWO, **fields})], None, 1, True, [])
    assert sorted(released) == ["array", "schema"]


_TWO: dict[str, Any] = {"layout": b"u", "length": 2, "buffers": (None, _offsets(0, 4, 21), b"".join(_VALID))}


@pytest.mark.parametrize(
    "fields",
    [
        {"null_count": -1},
        {"null_count": 0},
        {"buffers": (b"\x03", _offsets(0, 4, 21), b"".join(_VALID)), "null_count": -1},
        {"buffers": (b"\x00", _offsets(0, 4, 21), b"".join(_VALID)), "null_count": 0},
        {"buffers": (b"\x06", _offsets(9, 9, 13, 30), b"." * 9 + b"".join(_VALID)), "offset": 1, "null_count": -1},
        {"layout": b"Z", "buffers": (None, _offsets(0, 4, 21, width=8), b"".join(_VALID))},
    ],
)
def test_arrays_of_other_programs_are_read_and_released_once(fields: dict[str, Any]) -> None:
    released: list[str] = []
    rows = kernel.shred(PLAN, [capsules(released, **{**_TWO, **fields})], None, 1, True, [])[0][0]
    assert [batch["k"].to_pylist() for batch in _batches(rows)] == [["x"]]
    assert sorted(released) == ["array", "schema"]


def test_empty_arrays_may_lack_all_their_buffers() -> None:
    for layout in (b"u", b"U", b"z", b"Z", b"vu", b"vz"):
        released: list[str] = []
        extracts, _, _, _ = kernel.shred(
            PLAN, [capsules(released, layout=layout, length=0, buffers=(None, None, None))], None, 1, True, []
        )
        assert sum(batch.num_rows for at, given in enumerate(extracts) for batch in _batches(given, at)) == 0
        assert sorted(released) == ["array", "schema"]


def test_inputs_are_released_after_an_error_elsewhere_and_the_error_stays() -> None:
    released: list[str] = []
    with pytest.raises(TypeError, match="pair of capsules"):
        kernel.shred(PLAN, [capsules(released, **_TWO), "no array"], None, 1, True, [])
    assert sorted(released) == ["array", "schema"]


def test_capsules_are_freed_alone_and_in_any_order() -> None:
    for first in (0, 1):
        (rows, _), _, _, _ = _shred([_documents(50, pa.string())])
        pair = list(rows[0])
        del rows
        del pair[first]
        gc.collect()
        del pair


@pytest.mark.slow
@pytest.mark.parametrize("many", ["list", "join"])
def test_a_cell_that_found_no_room_leaves_nothing_behind(many: str) -> None:
    if psutil.virtual_memory().available < 5 << 30:
        pytest.skip("needs some 2 GB of memory")
    # each level's string value has all of the text: together more than the offsets of a column reach
    levels, text = 230, b"x" * 9_500_000
    large = b"<a>" + b"<b>" * levels + text + b"</b>" * levels + b"</a>"
    (compiled,) = encoded([plan(table("a", "/a", column("b", ".//b", many=many)))])
    documents = pa.array([large, b"<a><b>small</b></a>"], pa.binary())
    read = kernel.compile(compiled)
    extracts, refused, declined, _ = kernel.shred(read, [documents.__arrow_c_array__()], None, 1, False, [])
    assert (refused, declined) == ([], [(0, "limit")])
    (batch,) = _batches(extracts[0], plan=read)
    assert batch.column("_document").to_pylist() == [1]
    assert batch.column("b").to_pylist() == ([["small"]] if many == "list" else ["small"])
