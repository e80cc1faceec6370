"""Cells of short documents are written together with those of others: no document is to be seen in another's rows."""

from __future__ import annotations

from itertools import cycle, islice

import pytest

from tests.differential import agree
from tests.differential.shredders import make_native, shred_array
from tests.transforms.shred.shred_plans import column, plan, table
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, TypeKind
from transforms.path.parse import parse_value_path


def _typed(name: str, path: str, kind: TypeKind) -> ColumnPlan:
    return ColumnPlan(name, parse_value_path(path, {}), ColumnType(kind), many=Many.FIRST)


A = table(
    "a",
    "/a",
    column("k", "@k"),
    column("single", "s", many="error"),
    column("last", "b[last()]/@n"),
    column("all", "b/@n", many="join", separator=", "),
    column("deep", "//t"),
)
B = table(
    "b",
    "/a/b",
    _typed("n", "@n", TypeKind.INT),
    _typed("flag", "@flag", TypeKind.BOOL),
    column("t", "t"),
    column("list", "t", many="list"),
    column("of_a", "../@k"),
    column("of_root", "/a/@k"),
    parent="a",
)
LATE = table("late", "/a/b[t='yes']", column("n", "@n"), column("t", "t", many="last"), column("w", "u/@w"), parent="a")
COLUMNS = plan(A, B, LATE)

ROW = "<b n='{0}' flag='{1}'><t>{2}</t><u w='{0} &amp; more'/></b>"


def _document(rows: int, key: str = "key &lt; {rows}", behind: str = "") -> bytes:
    each = "".join(ROW.format(at, ("true", "no", "")[at % 3], ("yes", "no &amp; no")[at % 2]) for at in range(rows))
    return f"<a k='{key.format(rows=rows)}'>{each}{behind}</a>".encode()


GOOD = [_document(0), _document(1), _document(2, "x"), b"<a k='at the end'/>", b"<a k='&#65;'/>", b"<a k=''/>"]
SEVERAL = [_document(3, behind="<s>1</s>"), _document(1, behind="<b n='1'><t>1</t><t>2</t></b>")]
REFUSED = [
    _document(2, behind="<s>1</s><s>2</s>"),  # more than one value
    _document(2)[:-1],
    _document(3, behind="<b n='&none;'/>"),
    _document(1) + b"x",
    b"<x/>",
    b"",
]
DECLINED = [
    b"<?xml version='1.1'?>" + _document(2),
    b"<!DOCTYPE a>" + _document(1),
    b"<?xml version='1.0' encoding='latin-1'?>" + _document(2),
]
KINDS = {
    "good": [*GOOD, *SEVERAL],
    "refused": [*GOOD, *REFUSED, *SEVERAL],
    "declined": [*GOOD, *DECLINED, *SEVERAL, None],
    "all": [None, *GOOD, *REFUSED, *DECLINED, *SEVERAL, *REFUSED, *GOOD],
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [9, 2000])
def test_documents_of_all_fates_in_one_batch(kind: str, count: int, threads: int) -> None:
    def native(each: ContractPlan) -> object:
        return make_native(each, threads=threads)

    documents = list(islice(cycle(KINDS[kind]), count))
    agree(COLUMNS, shred_array(documents, text=False), native=native)  # type: ignore[arg-type]  # a shredder it is


# The long ones are written while they are read: by then those before them must be.
@pytest.mark.parametrize("behind", ["", "<s>1</s><s>2</s>", "<b n='&none;'/>", "</b>"])
@pytest.mark.parametrize("rows", [1000, 9000])
def test_long_documents_among_short_ones(rows: int, behind: str) -> None:
    long = _document(rows, behind=behind)
    documents: list[bytes | None] = [*GOOD, long, *SEVERAL, *REFUSED, long, long, *GOOD, _document(rows), *DECLINED]
    agree(COLUMNS, shred_array(documents, text=False))
    without_late = plan(A, B)
    agree(without_late, shred_array(documents, text=False))


def test_long_values_that_do_not_stand_in_documents() -> None:
    documents: list[bytes | None] = [
        f"<a k='{'&amp; ' * (size + at % 3)}'><b n='1'><t>{'&lt;' * size}</t></b>{'<s/>' * (at % 4)}</a>".encode()
        for at, size in enumerate([0, 1, 5, 8, 11, 40, 3000, 20000] * 12)
    ]
    agree(COLUMNS, shred_array(documents, text=False))


# The bytes behind a value may be another's, or nobody's.
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300])
def test_values_at_the_ends_of_documents(size: int) -> None:
    value = "v" * size
    documents: list[bytes | None] = [
        document.encode()
        for blanks in range(0, 70, 3)
        for document in (
            f"<a k='{value}'/>{' ' * blanks}",
            f"<a k='{value}'><b n='{value}' flag='1'><t>{value}</t></b></a>{' ' * blanks}",
            f"<a><s>{value}</s></a>{' ' * blanks}",
            f"<a><b><t>{value}\r</t><u w='\n{value}'/></b></a>{' ' * blanks}",
        )
    ]
    agree(COLUMNS, shred_array(documents, text=False))
