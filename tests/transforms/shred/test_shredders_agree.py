"""The native shredder against the reference: made-up documents by made-up plans.

DIFFERENTIAL_EXAMPLES=5000 tries more than the usual run does.
"""

from __future__ import annotations

import gzip
import os
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.differential import agree
from tests.differential.documents import as_bytes, odd, stored, well_formed
from tests.differential.plans import keys, plan
from tests.differential.records import record_plan, records
from tests.differential.shredders import make_native, shred_array
from tests.transforms.shred.shred_plans import column, table
from tests.transforms.shred.shred_plans import plan as made
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Declaration, Many, TypeKind
from transforms.path.model import XPath

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "150"))
RANDOMS = st.randoms(use_true_random=False)
LAYOUTS = (pa.binary(), pa.large_binary(), pa.binary_view(), pa.string(), pa.large_string(), pa.string_view())


@settings(max_examples=EXAMPLES)
@given(RANDOMS, st.integers(1, 12), st.booleans())
def test_documents_of_every_kind(random: Random, count: int, text: bool) -> None:
    documents = [stored(random) for _ in range(count)]
    agree(plan(random), shred_array(documents, text=text), keys(count))


@settings(max_examples=EXAMPLES)
@given(RANDOMS, st.sampled_from(LAYOUTS), st.integers(0, 2), st.integers(1, 3))
def test_well_formed_documents_in_every_layout(random: Random, kind: pa.DataType, before: int, threads: int) -> None:
    documents = [well_formed(random).encode() for _ in range(8)]
    array = pa.array(documents, pa.binary()).cast(kind)
    chunked = pa.chunked_array([array.slice(before, 3), array.slice(before + 3)], kind)

    def native(each: ContractPlan) -> object:
        return make_native(each, threads=threads)

    agree(plan(random), chunked, keys(len(chunked)), native=native)  # type: ignore[arg-type]  # a shredder it is


@settings(max_examples=EXAMPLES)
@given(RANDOMS, st.booleans())
def test_documents_that_are_cut_anywhere(random: Random, text: bool) -> None:
    data = (odd(random) if random.randrange(3) == 0 else well_formed(random)).encode("utf-8", "surrogatepass")
    documents = [data[:length] for length in range(len(data))][:400]
    agree(plan(random), shred_array(list(documents), text=text), keys(len(documents)))


@settings(max_examples=EXAMPLES)
@given(RANDOMS, st.integers(1, 40), st.integers(1, 3))
def test_records_that_are_alike_but_for_a_few(random: Random, count: int, threads: int) -> None:
    documents: list[bytes | None] = [records(random) for _ in range(count)]

    def native(each: ContractPlan) -> object:
        return make_native(each, threads=threads)

    agree(record_plan(random), shred_array(documents, text=False), keys(count), native=native)  # type: ignore[arg-type]


@settings(max_examples=max(EXAMPLES // 5, 1))
@given(RANDOMS)
def test_records_that_are_cut_anywhere(random: Random) -> None:
    data = records(random)
    documents: list[bytes | None] = [
        data,
        data,
        *(data[:length] for length in range(max(len(data) - 400, 0), len(data))),
    ]
    agree(record_plan(random), shred_array(documents, text=False), keys(len(documents)))


@settings(max_examples=max(EXAMPLES // 5, 1))
@given(RANDOMS, st.sampled_from([("gzip",), ("utf-16",), ("gzip", "utf-16")]), st.sampled_from(list(Declaration)))
def test_documents_that_are_decoded_first(random: Random, decode: tuple[str, ...], declaration: Declaration) -> None:
    documents: list[bytes | None] = []
    for _ in range(6):
        document = odd(random) if random.randrange(3) == 0 else well_formed(random)
        data = document.encode("utf-16-le", "surrogatepass") if "utf-16" in decode else as_bytes(random, document)
        documents.append(gzip.compress(data, mtime=0) if "gzip" in decode else data)
    made = plan(random)
    whole = ContractPlan(made.root, made.tables, declaration=declaration, decode=decode)
    agree(whole, shred_array([*documents, b"x", b"", None], text=False), keys(9))


GAPS = (
    *("", "\n    ", "\r\n  ", "\t", " " * 32, "\n" + " " * 40, "ß", "\x0b"),
    *("<!-- - -->", "<?p i?> ", "text", "&amp; ]]", "<![CDATA[x]]>"),
)
LEAF_TEXTS = (
    *("", "v", "v" * 31, "v" * 32, "v" * 33, "v" * 300, "one\ntwo\tthree", "one\r\ntwo\r"),
    *("größe 漢字 𝄞 \u2028", "\ufffe", "] ]] ]&gt;", "]]>", "&amp;", "a &amp; b &lt;&gt;&quot;&apos; c" * 3),
    *("v" * 30 + "&amp;", "&#65;&#x1F600;", "&amp", "&none;", "&#0;", "\x01", "ß&amp;ß\n&lt;"),
)


@pytest.mark.parametrize("gap", GAPS)
def test_leaves_with_texts_and_gaps_of_every_kind(gap: str) -> None:
    def records(texts: tuple[str, ...]) -> str:
        leaves = "<l>{0}</l>{1}<m>{0}</m>{1}<p:n>{0}</p:n>{1}<o>{0}</o>"
        twice = [f"<b>{gap}{leaves.format(text, gap)}{gap}{leaves.format(text, ' ')}</b>" for text in texts]
        return f"<a xmlns:p='u'>{''.join(twice)}</a>"

    each = [records(("v", "v", text, "v", text)) for text in LEAF_TEXTS]
    cut = records(("v", "v", "a &lt; ß"))
    columns = (column("l", "l"), column("m", "m", many="last"), column("n", "*[2]"), column("list", "l", many="list"))
    tables = table("b", "/a/b", *columns), table("o", "/a/b", column("o", "o"), column("text", "m/text()"))
    documents = [*each, *(cut[:length] for length in range(len(cut)))]
    agree(made(*tables), shred_array([document.encode() for document in documents], text=False))


# What each of them read is too much, or all of it together is.
@pytest.mark.parametrize("most", [100, 1000])
def test_what_both_read_stays_in_order_where_it_cannot_be_copied(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr("transforms.shred.native.merge._MOST_COPIED", most)
    prolog = "<?xml version='1.1'?>"  # to lxml
    documents = [f"{prolog * (at % 2)}<r k='{at}'>{at}</r>" for at in range(200)]
    agree(made(table("r", "/r", column("k", "@k"), column("all", "text()", many="list"))), pa.array(documents))
    in_order = make_native(made(table("r", "/r", column("k", "@k")))).shred(pa.array(documents)).extracts["r"]
    assert in_order["k"].num_chunks == len(documents)  # nothing was copied


def test_a_batch_of_many_documents_and_threads_is_as_one() -> None:
    random = Random(4)
    made = plan(random)
    while len(made.tables) < 3:
        made = plan(random)
    documents = [stored(random) for _ in range(3000)]
    for threads in (1, 2, 5):

        def native(each: ContractPlan, threads: int = threads) -> object:
            return make_native(each, threads=threads)

        agree(made, shred_array(documents, text=False), keys(len(documents)), native=native)  # type: ignore[arg-type]


@pytest.mark.parametrize("document", [b"<a/>", b"", None])
def test_nothing_and_next_to_nothing(document: bytes | None) -> None:
    empty = ContractPlan(plan(Random(1)).root, ())
    for count in (0, 1, 3):
        agree(empty, shred_array([document] * count, text=True), {})
        agree(plan(Random(2)), shred_array([document] * count, text=True), keys(count))


@pytest.mark.parametrize("every", [2, 50])
def test_documents_that_lxml_reads_among_those_that_it_does_not(every: int) -> None:
    row, declared = "<b k='{0}'>{0}</b>", '<?xml version="1.0" encoding="ISO-8859-1"?>'
    documents = [
        f"{'' if number % every else declared}<a>{''.join(row.format(number) for _ in range(number % 4))}</a>".encode()
        for number in range(1, 301)
    ]
    tables = (table("b", "/a/b", column("k", "@k"), column("text", "text()")), table("none", "/a/none"))
    agree(made(*tables), pa.array(documents))
    shredded = make_native(made(*tables)).shred(pa.array(documents))
    assert shredded.ways.to_pylist()[0] == {"way": "lxml", "why": "encoding", "documents": 300 // every}
    rows = shredded.extracts["b"].select(["_document", "_row"]).to_pylist()
    assert rows == [{"_document": at, "_row": row} for at in range(300) for row in range((at + 1) % 4)]


def test_documents_that_lxml_refuses_for_an_xpath_are_not_counted() -> None:
    only_one = ColumnPlan("one", XPath("*/@k", ()), ColumnType(TypeKind.STRING), many=Many.ERROR)
    documents = [
        f"<a>{'<b><c/><c/></b>' * count}<b k='1'/>{'<b k=' + chr(39) * 2 + '/>' * (count % 2)}</a>"
        for count in range(8)
    ]
    agree(made(table("a", "/a", column("c", "b/c"), only_one)), pa.array(documents))
    agree(made(table("a", "/a", column("c", "b/c"), only_one)), pa.array(documents, pa.string()).slice(3))


def test_positions_of_many_rows() -> None:
    documents = ["<a/>", f"<a>{'<b/>' * 1022}</a>", f"<a>{'<b/>' * 1030}</a>", "<a><b/></a>"]
    agree(made(table("b", "/a/b", column("n", "position()"))), pa.array(documents))
    agree(made(table("b", "/a/b", column("n", "position()", "list"))), pa.array(documents[:2]))
