"""Which shredder serves, what it says of the way that documents took, and how lxml asks for memory."""

from __future__ import annotations

import gzip
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from tests.transforms.shred.shred_plans import ANY_ROOT, SMALL, column, plan, reasons, table, values
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, TypeKind
from transforms.path.model import XPath
from transforms.shred import LxmlShredder, NoKernelError, Shredder, ShredderKind, make_shredder, why_not_native
from transforms.shred.choose import Choice, choose
from transforms.shred.native.encode import MAGIC
from transforms.shred.refusal import RefusedError
from transforms.shred.result import WAYS_SCHEMA, ways_table

KERNEL, NATIVE = "transforms._kernel", "transforms.shred.native.native_shredder"
PLAN = plan(*SMALL)


class FakeNative:
    """What make_shredder is to make, without a kernel."""

    def __init__(self, plan: ContractPlan, **options: Any) -> None:
        self.plan, self.options = plan, options


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, KERNEL, None)


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType(NATIVE)
    monkeypatch.setattr(module, "NativeShredder", FakeNative, raising=False)
    built = ModuleType(KERNEL)
    monkeypatch.setattr(built, "build_info", lambda: {"plan": MAGIC.decode()}, raising=False)
    monkeypatch.setitem(sys.modules, KERNEL, built)
    monkeypatch.setitem(sys.modules, NATIVE, module)


def with_xpath() -> ContractPlan:
    evaluated = ColumnPlan("sum", XPath("sum(b/@k)", ()), ColumnType(TypeKind.STRING))
    return plan(table("a", "/a", evaluated), *SMALL)


def test_lxml_counts_every_document_once_with_its_reason() -> None:
    documents = pa.array(["<a/>", None, "<a", "<a><b/></a>"])
    assert LxmlShredder(PLAN).shred(documents).ways.to_pylist() == [{"way": "lxml", "why": "by_choice", "documents": 4}]
    ways = LxmlShredder(PLAN, why="no_kernel").shred(documents.slice(1, 2)).ways
    assert ways.schema.equals(WAYS_SCHEMA)
    assert ways.to_pylist() == [{"way": "lxml", "why": "no_kernel", "documents": 2}]


def test_an_empty_batch_took_no_way() -> None:
    ways = LxmlShredder(PLAN).shred(pa.array([], pa.string())).ways
    assert ways.schema.equals(WAYS_SCHEMA)
    assert ways.num_rows == 0


def test_the_ways_stand_in_one_order_whatever_was_counted_first() -> None:
    counts = {("native", ""): 3, ("lxml", "limit"): 1, ("lxml", "doctype"): 2, ("lxml", "encoding"): 0}
    rows = [tuple(row.values()) for row in ways_table(counts).to_pylist()]
    assert rows == [("lxml", "doctype", 2), ("lxml", "limit", 1), ("native", "", 3)]


@pytest.mark.usefixtures("no_kernel")
def test_without_a_kernel_lxml_serves_and_says_why() -> None:
    assert choose(PLAN) == Choice("lxml", "no_kernel")
    shredder = make_shredder(PLAN)
    assert isinstance(shredder, LxmlShredder)
    assert shredder.shred(pa.array(["<a/>"])).ways["why"].to_pylist() == ["no_kernel"]
    assert "not built" in why_not_native()


@pytest.mark.usefixtures("no_kernel")
def test_asking_for_a_kernel_that_is_not_there_is_an_error_with_a_hint() -> None:
    with pytest.raises(NoKernelError, match="not built") as raised:
        make_shredder(PLAN, "native")
    assert "auto" in raised.value.hint
    assert raised.value.code == "no_kernel"
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301
    assert (type(again), again.message, again.hint) == (NoKernelError, raised.value.message, raised.value.hint)


@pytest.mark.parametrize("missing", [KERNEL, "something.else"])
def test_a_kernel_that_cannot_be_loaded_says_what_is_wrong(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> ModuleType:
        if missing == KERNEL:
            raise ImportError("undefined symbol: clk_scan", name=name)
        raise ModuleNotFoundError("No module named 'something.else'", name=missing)

    monkeypatch.setattr("transforms.shred.choose.import_module", broken)
    assert why_not_native().startswith("it cannot be loaded: ")
    assert choose(PLAN) == Choice("lxml", "no_kernel")


def test_a_kernel_of_another_version_does_not_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    older = SimpleNamespace(build_info=lambda: {"version": "0.1.0", "abi": "cp311-abi3"})
    monkeypatch.setattr("transforms.shred.choose.import_module", lambda name: older)
    assert "another version" in why_not_native()
    assert choose(PLAN) == Choice("lxml", "no_kernel")


@pytest.mark.usefixtures("kernel")
def test_with_a_kernel_the_native_shredder_serves_unless_lxml_is_asked_for() -> None:
    assert why_not_native() == ""
    for which in (ShredderKind.AUTO, ShredderKind.NATIVE, "auto", "native"):
        assert choose(PLAN, which) == Choice("native")
        made: Shredder = make_shredder(PLAN, which, 3, trees=held_nowhere)
        assert isinstance(made, FakeNative)
        assert (made.plan, made.options) == (PLAN, {"threads": 3, "trees": held_nowhere, "typed": False})
    for which in (ShredderKind.LXML, "lxml"):
        assert choose(PLAN, which) == Choice("lxml", "by_choice")
        assert isinstance(make_shredder(PLAN, which), LxmlShredder)


def test_another_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="'fast'; there are auto, native, lxml"):
        choose(PLAN, "fast")


@pytest.mark.usefixtures("kernel")
def test_columns_with_xpath_are_named_and_mean_that_every_document_is_a_tree() -> None:
    assert choose(PLAN).trees is False
    choice = choose(with_xpath())
    assert (choice.way, choice.xpath, choice.trees) == ("native", ("a.sum",), True)
    assert choose(PLAN, "lxml").trees is True


def held_nowhere(size: int) -> Any:
    raise AssertionError(size)


class Held:
    """Trees that are counted: what was asked for, and how many were held at once by one thread."""

    def __init__(self, most: int = 10**9) -> None:
        self.asked: list[int] = []
        self.most_at_once = 0
        self._most = most
        self._held = threading.local()

    @contextmanager
    def __call__(self, size: int) -> Iterator[None]:
        self.asked.append(size)
        if size > self._most:
            raise RefusedError("limit", f"{size} bytes")
        now = self._held.now = getattr(self._held, "now", 0) + 1
        self.most_at_once = max(self.most_at_once, now)
        try:
            yield
        finally:
            self._held.now -= 1


def test_memory_is_asked_for_by_what_is_parsed_and_only_for_that() -> None:
    held = Held()
    document = b"<a><b k='1'/></a>"
    documents = [gzip.compress(document), b"", None, "<a>é</a>".encode("utf-16"), b"<!DOCTYPE a><a/>", b"<a"]
    shredded = LxmlShredder(plan(*SMALL, decode=("gzip",)), trees=held).shred(pa.array(documents, pa.binary()))
    assert held.asked == [len(document)]  # the others are no gzip
    shredded = LxmlShredder(PLAN, trees=held).shred(pa.array(documents[1:], pa.binary()))
    assert held.asked[1:] == [len("<a>é</a>".encode()), len(b"<a")]
    assert reasons(shredded) == ["empty", "empty", "doctype", "truncated"]
    assert held.most_at_once == 1


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("which", ["auto", "lxml"])
def test_whoever_makes_lxml_serve_may_count_its_trees(which: str) -> None:
    held = Held()
    make_shredder(PLAN, which, trees=held).shred(pa.array(["<a/>", None]))
    assert held.asked == [4]


def test_a_document_for_whose_tree_there_is_no_memory_is_refused_alone() -> None:
    documents = ["<a><b k='1'/></a>", "<a>" + "<b/>" * 100 + "</a>", "<a><b k='3'/></a>"]
    shredded = LxmlShredder(PLAN, trees=Held(most=50)).shred(pa.array(documents))
    assert reasons(shredded) == ["limit"]
    assert shredded.refused["document"].to_pylist() == [1]
    assert [row["k"] for row in values(shredded)] == ["1", "3"]
    assert shredded.ways["documents"].to_pylist() == [3]


def test_memory_is_given_back_where_a_document_is_refused_or_the_shredder_fails() -> None:
    held = Held()
    error = plan(table("b", "/a/b", column("k", "@k", "error")), table("c", "/a/c", column("d", "d", "error")))
    shredder = LxmlShredder(error, trees=held)
    refused = shredder.shred(pa.array(["<a><c><d/><d/></c></a>", "<a><c><d/></c></a>", "<a"]))
    assert reasons(refused) == ["many_values", "truncated"]
    assert held.most_at_once == 1
    broken = column("x", "a")
    object.__setattr__(broken, "path", XPath("$nothing", ()))
    failing = LxmlShredder(plan(table("r", "/r", broken), root=ANY_ROOT), trees=held)
    for _ in range(2):
        with pytest.raises(Exception, match="document 0"):
            failing.shred(pa.array(["<r/>"]))
    assert held.most_at_once == 1
