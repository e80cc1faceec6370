"""Broken and hostile documents: a reason each, never a shorter document, never a crash."""

from __future__ import annotations

import pyarrow as pa
import pytest
from shred_plans import SMALL, column, plan, reasons, refusal, shred, table, values

from tests.differential.shredders import is_native, make
from transforms.contract.plan import Declaration, Limits
from transforms.path.model import XPath
from transforms.shred.refusal import ShredError
from transforms.shred.result import REASONS

pytestmark = pytest.mark.usefixtures("both_shredders")

WHOLE = (
    '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- é --><?style x?>\n'
    "<a xmlns:p='u' v=\"x&amp;y&#233;\"><b k='1'>té<![CDATA[c]]]]><!--x--></b><p:c/><b/>\n</a ><!-- t --><?end?>\n"
)
# the document is complete here, and again behind each thing that may follow the root
COMPLETE = [
    len(WHOLE[: WHOLE.index(end) + len(end)].encode()) + extra
    for end in ("</a >", "<!-- t -->", "<?end?>")
    for extra in ([0, 1] if end == "<?end?>" else [0])
]


def test_truncated_at_every_byte() -> None:
    data = WHOLE.encode()
    for binary in (True, False):
        documents = [data[:length] for length in range(len(data) + 1)]
        if not binary:
            documents = [document for document in documents if _is_utf8(document)]
        shredded = shred([document if binary else document.decode() for document in documents])
        refused = dict(
            zip(shredded.refused.column("document").to_pylist(), reasons(shredded), strict=True),
        )
        for index, document in enumerate(documents):
            if len(document) in COMPLETE:
                assert index not in refused
            elif len(document) <= 3:
                assert refused[index] == "empty" if document in (b"", b"\xef\xbb\xbf") else "truncated"
            else:
                assert refused[index] == "truncated", document
        assert len(values(shredded)) == 2 * len(COMPLETE)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize(
    ("document", "reason", "line", "column"),
    [
        (None, "empty", 0, 0),
        ("", "empty", 0, 0),
        ("\ufeff", "empty", 0, 0),
        (" \r\n\t", "empty", 0, 0),
        ("\ufeff\n", "empty", 0, 0),
        ("x", "not_well_formed", 1, 1),
        ("null", "not_well_formed", 1, 1),
        ('{"a": 1}', "not_well_formed", 1, 1),
        ("<a>\n</b>", "not_well_formed", 2, 5),
        ("<a><b></a></b>", "not_well_formed", 1, 11),
        ("<a/><a/>", "not_well_formed", 1, 5),
        ("<a/>x", "not_well_formed", 1, 5),
        ("<a/><b", "not_well_formed", 1, 5),
        ("<a b=c/>", "not_well_formed", 1, 6),
        ("<a b='1' b='2'/>", "not_well_formed", 1, None),
        ("<a b='<'/>", "not_well_formed", 1, None),
        ("<a>&nbsp;</a>", "not_well_formed", 1, None),
        ("<a>&nbsp;", "not_well_formed", 1, None),
        ("<a b='&x;'/>", "not_well_formed", 1, None),
        ("<a>a & b</a>", "not_well_formed", 1, None),
        ("<a>AT&T</a>", "not_well_formed", 1, None),
        ("<a>&amp", "truncated", 1, None),
        ("<a b='&#x2", "truncated", 1, None),
        ("<a>]]>", "not_well_formed", 1, 4),
        ("<a>&#0;</a>", "not_well_formed", 1, None),
        ("<a>&#xD800;</a>", "not_well_formed", 1, None),
        ("<a>]]></a>", "not_well_formed", 1, None),
        ("<a>\x01</a>", "not_well_formed", 1, 4),
        ("<a>\x01", "not_well_formed", 1, 4),
        ("<a>\ufffe</a>", "not_well_formed", 1, 4),
        ("<a><!-- -- --></a>", "not_well_formed", 1, None),
        (" <?xml version='1.0'?><a/>", "not_well_formed", 1, None),
        ("<?xml version='2.0'?><a/>", "not_well_formed", 1, None),
        ("\ufeff\ufeff<a/>", "not_well_formed", 1, 1),
        ("<a>", "truncated", 1, None),
        ("<a><b/>", "truncated", 1, None),
        ("<?xml version='1.0'?>", "truncated", 1, None),
        ("<!-- only -->\n", "truncated", 2, None),
        ("<!DOCT", "truncated", 1, None),
        ("<p:a/>", "namespace", 1, None),
        ("<a p:b=''/>", "namespace", 1, None),
        ("<p:a><b>", "namespace", 1, None),
        ("<a xmlns:p=''/>", "namespace", 1, None),
        ("<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", "namespace", 1, None),
        ("<a:b:c xmlns:a='u'/>", "namespace", 1, None),
        ("<!DOCTYPE a><a/>", "doctype", 1, 1),
        ("\ufeff<?xml version='1.0'?>\n<!-- <a> --><?p?> <!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "doctype", 2, 19),
        ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "doctype", 1, 1),
        ("<a>\n\0</a>", "encoding", 2, 1),
        ("<a/>\0", "encoding", 1, 5),
        (b"<a>\xe9t\xe9</a>", "encoding", 1, 4),
        (b"<a>\xff", "encoding", 1, 4),
        (b"<a>\xed\xa0\x80</a>", "encoding", 1, 4),
        (b"<a>\xc3", "truncated", 1, None),
        (b"<?xml version='1.0' encoding='no-such'?><a/>", "encoding", 1, None),
        (b"<?xml version='1.0' encoding='utf-16'?><a/>", "encoding", 1, 31),
        ("<?xml version='1.0'?><a/>".encode("utf-16-le") + b"x", "encoding", 0, 0),
        ("<a>é</a>".encode("utf-16-le"), "encoding", 1, 2),
        (b"\xff\xfe<\0a\0/\0>\0x", "encoding", 0, 0),
        (b"\xff\xfe\0\0<\0\0\0a\0\0\0/\0\0\0>\0\0\0", "encoding", 1, 1),
    ],
)
def test_reasons(document: object, reason: str, line: int, column: int | None) -> None:
    found = refusal(document)
    assert found[0] == reason, found
    if not is_native():  # each shredder has its own words for where it noticed
        assert found[1] == line, found
        assert column is None or found[2] == column, found
    assert found[3]
    assert "\n" not in found[3]


def test_every_reason_is_known() -> None:
    shredded = shred(["", "<", "<a/><", "x", "<!DOCTYPE a><a/>", "<p:a/>", "<a>\0</a>"])
    assert set(reasons(shredded)) < set(REASONS)


def test_what_is_not_refused() -> None:
    documents = [
        "<?xml version='1.1'?><a><b/></a>",
        "<a xml:id='1'><b xml:id='x'/><b xml:id='x'/></a>",
        "<a xml:space='odd' xml:lang=''><b/></a>",
        "<a><!-- <!DOCTYPE a> --><b/><![CDATA[<!DOCTYPE a>]]></a>",
        "<a xmlns='relative'><b xmlns=''/></a>",
        " \n<a><b/></a>",
    ]
    assert reasons(shred(documents)) == []


BILLION_LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]><a>&a9;</a>"
)


@pytest.mark.parametrize(
    "document",
    [
        BILLION_LAUGHS,
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a><b>&x;</b></a>",
        "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://localhost:1/x'>%x;]><a/>",
        "<!DOCTYPE a [<!ATTLIST b k CDATA 'invented'>]><a><b/></a>",
    ],
    ids=["billion laughs", "external entity", "parameter entity", "default attribute"],
)
def test_doctypes_are_refused_in_every_encoding(document: str) -> None:
    assert refusal(document)[0] == "doctype"
    assert refusal(document.encode("utf-16"))[0] == "doctype"
    assert refusal(document.encode("utf-16-be"), decode=("utf-16",))[0] == "doctype"
    declared = f"<?xml version='1.0' encoding='cp037'?>{document}".encode("cp037")
    assert refusal(declared)[0] in ("doctype", "encoding", "not_well_formed")  # EBCDIC: as far as libxml2 knows it


@pytest.mark.parametrize("depth", [1, 2, 64, 65, 255, 256, 300, 2048])
@pytest.mark.parametrize("over", [0, 1])
def test_depth(depth: int, over: int) -> None:
    levels = depth + over - 1
    document = "<a>" + "<b>" * levels + "</b>" * levels + "</a>"
    if over:
        assert refusal(document, limits=Limits(depth=depth))[0] == "limit"
    else:
        assert reasons(shred([document], limits=Limits(depth=depth))) == []


def test_depth_of_ten_thousand() -> None:
    for limits in (Limits(), Limits(depth=100_000)):
        for document in ("<a>" * 10_000, "<a>" * 10_000 + "</a>" * 10_000):
            assert refusal(document, limits=limits)[0] == "limit"


def _attributes(count: int) -> str:
    return " ".join(f"a{index}='>'" for index in range(count))


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(
    ("limits", "document"),
    [
        (Limits(attributes=50), lambda n: f"<a><b {_attributes(50 + n)}/></a>"),
        (Limits(), lambda n: f"<a><b {_attributes(10_000 + n)}/></a>"),
        (Limits(name_bytes=40), lambda n: f"<a x{'n' * (39 + n)}=''/>"),
        (Limits(name_bytes=40), lambda n: f"<a><p:{'n' * (38 + n)} xmlns:p='u'/></a>"),
        (Limits(name_bytes=40), lambda n: f"<a xmlns:p='u' p:{'n' * (38 + n)}='x'/>"),
        (Limits(name_bytes=40), lambda n: f"<a><{'é' * 20}{'x' * n}/></a>"),
        (Limits(), lambda n: f"<a><{'n' * (10_000 + n)}/></a>"),
        (Limits(name_bytes=60_000), lambda n: f"<a><{'n' * (60_000 + n)}/></a>"),
        (Limits(text_bytes=100), lambda n: f"<a><b>{'t' * (100 + n)}</b></a>"),
        (Limits(text_bytes=100), lambda n: f"<a><b>{'é' * 50}{'x' * n}</b></a>"),
        (Limits(text_bytes=100), lambda n: f"<a><b k='{'t' * (100 + n)}'/></a>"),
        (Limits(text_bytes=100), lambda n: f"<a>{'t' * 80}<!-- {'c' * 200} -->{'t' * (100 + n)}</a>"),
        (Limits(), lambda n: f"<a>{'t' * (10_000_000 + n)}</a>"),
        (Limits(), lambda n: f"<a k='{'t' * (10_000_000 + n)}'/>"),
        (Limits(), lambda n: f"<a><![CDATA[{'t' * (10_000_000 + n)}]]></a>"),
        (Limits(document_bytes=100), lambda n: f"<a>{'t' * (93 + n)}</a>"),
    ],
)
def test_limits_are_exact(limits: Limits, document: object, over: int) -> None:
    text = document(over)  # type: ignore[operator]
    if over:
        assert refusal(text, limits=limits)[0] == "limit"
    else:
        assert reasons(shred([text], limits=limits)) == []


def test_long_texts_that_are_no_value_are_no_limit() -> None:
    comment = f"<a><!-- {'c' * 10_100_000} --><b/></a>"
    texts = f"<a>{('t' * 6_000_000 + '<b/>') * 2}</a>"
    assert reasons(shred([comment, texts])) == []


def test_two_hundred_megabytes_are_refused_unparsed() -> None:
    size = 200_000_000
    offsets = pa.array([0, size], pa.int64()).buffers()[1]
    # not even XML: nothing but its size is looked at
    documents = pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(bytes(size))])
    (refused,) = shred(documents).refused.to_pylist()
    assert refused["reason"] == "limit"
    assert "200,000,000" in refused["detail"]


def test_limits_count_the_bytes_of_other_encodings() -> None:
    document = f"<?xml version='1.0' encoding='windows-1252'?><a>{'€' * 40}</a>".encode("cp1252")
    assert reasons(shred([document], limits=Limits(text_bytes=120))) == []
    assert refusal(document, limits=Limits(text_bytes=119))[0] == "limit"


@pytest.mark.usefixtures("only_reference")
def test_out_of_memory_is_an_error_with_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("transforms.shred.parse.etree.fromstring", exhausted)
    with pytest.raises(ShredError, match="document 1") as raised:
        shred(["", "<a/>"])
    assert raised.value.document == 1
    assert "memory" in raised.value.hint


@pytest.mark.usefixtures("only_native")
@pytest.mark.parametrize(
    ("before", "byte"), [(b"", 6), (b"\xef\xbb\xbf", 9), ("é\n".encode(), None), (b"<!--\xc3\xa9\n-->", 16)]
)
def test_the_kernel_says_at_which_byte_a_document_is_wrong(before: bytes, byte: int | None) -> None:
    _, _, _, detail = refusal(before + b"<r><a></b></a></r>")
    assert detail.endswith(f", at byte {0 if byte is None else byte}")


@pytest.mark.usefixtures("only_native")
def test_out_of_memory_in_the_kernel_is_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    shredder = make(plan(*SMALL))
    monkeypatch.setattr("transforms.shred.native.native_shredder._kernel.shred", exhausted)
    with pytest.raises(ShredError, match="2 documents from document 0") as raised:
        shredder.shred(pa.array(["<a/>", "<a/>"]))
    assert "memory" in raised.value.hint


def test_an_xpath_that_fails_is_an_error_with_the_document() -> None:
    broken = column("x", "a")
    object.__setattr__(broken, "path", XPath("$nothing", ()))
    shredder = make(plan(table("r", "/r", broken)))
    with pytest.raises(ShredError, match="document 0"):
        shredder.shred(pa.array(["<r/>"]))


def test_an_xpath_of_values_that_fails_at_one_of_them_is_an_error_with_the_document() -> None:
    broken = column("x", "a")
    object.__setattr__(broken, "path", XPath("self::*[. = 'x' and substring(.)]", ()))
    shredder = make(plan(table("r", "/r", broken)))
    with pytest.raises(ShredError, match="document 2"):
        shredder.shred(pa.array(["<r/>", "<r>y</r>", "<r>x</r>"]))


@pytest.mark.parametrize("many", ["list", "join"])
def test_a_cell_that_no_array_has_room_for_is_a_limit(many: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.shred.readers.MOST_CELL_BYTES", 20)
    tables = (table("r", "/r", column("b", "b", many, separator="--")),)
    room = 20 if many == "list" else 18
    prolog = "<?xml version='1.1'?>"  # so that it is lxml that reads them, as where the kernel has no room either
    documents = [f"{prolog}<r><b>é</b><b>{'x' * (room - 2 + more)}</b></r>" for more in (0, 1)]
    shredded = shred(documents, tables)
    assert shredded.refused.to_pylist() == [
        {"document": 1, "reason": "limit", "line": 1, "column": 0, "detail": "r.b: 21 bytes in one cell"}
    ]
    assert values(shredded, "r") == [{"b": ["é", "x" * 18] if many == "list" else f"é--{'x' * 16}"}]


def test_declarations_in_text_columns_are_not_believed() -> None:
    for declared in ("utf-16", "ISO-8859-1", "no-such", "UTF-8"):
        document = f"<?xml version='1.0' encoding='{declared}'?><a><b>é€</b></a>"
        assert values(shred([document]))[0]["text"] == "é€"
        assert values(shred([document.encode()], declaration=Declaration.IGNORE))[0]["text"] == "é€"
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>é</b></a>"
    assert values(shred([latin], declaration=Declaration.TRUST))[0]["text"] == "Ã©"
    assert refusal(latin.replace("ISO-8859-1", "UTF-16"), declaration=Declaration.TRUST)[0] == "encoding"


@pytest.mark.parametrize("declaration", [Declaration.AUTO, Declaration.TRUST])
def test_binary_columns_say_what_they_are(declaration: Declaration) -> None:
    text = "<?xml version='1.0' encoding='{}'?><a><b>é</b></a>"
    documents = [
        text.format("ISO-8859-1").encode("latin-1"),
        text.format("windows-1252").encode("cp1252"),
        text.format("UTF-8").encode(),
        text.format("us-ascii").replace("é", "&#233;").encode(),
        text.format("ISO-8859-1").encode("utf-8-sig"),  # a byte order mark is stronger
        text.format("UTF-16").encode("utf-16"),
        "<a><b>é</b></a>".encode("utf-16"),
        "\ufeff<a><b>é</b></a>".encode("utf-16-be"),
        text.format("UTF-16").encode("utf-16-le"),
        text.format("UTF-16").encode("utf-16-be"),
        "<a><b>é</b></a>".encode(),
    ]
    shredded = shred(documents, declaration=declaration)
    assert [row["text"] for row in values(shredded)] == ["é"] * len(documents)


def test_ignored_declarations_in_binary_columns() -> None:
    wrong = "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>é</b></a>"
    for codec in ("utf-8", "utf-8-sig", "utf-16"):  # a byte order mark is no declaration, and is always believed
        assert values(shred([wrong.encode(codec)], declaration=Declaration.IGNORE))[0]["text"] == "é"
    assert refusal(wrong.encode("utf-16-le"), declaration=Declaration.IGNORE)[0] == "encoding"


@pytest.mark.parametrize(
    "declared",
    [
        "no-such",
        "utf-7",
        "unicode_escape",
        "idna",
        "punycode",
        "rot13",
        "hex",
        "zlib",
        "undefined",
        "utf-32",
        "",
        "x" * 500,
    ],
)
def test_declared_encodings_that_are_none(declared: str) -> None:
    document = f"<?xml version='1.0' encoding='{declared}'?><a><b>x</b></a>".encode()
    assert refusal(document)[0] in ("encoding", "not_well_formed")
    assert reasons(shred([document], declaration=Declaration.IGNORE)) == [] or not declared


def test_declared_encodings_that_are_wrong() -> None:
    for declared, data in (
        ("us-ascii", b"\xc3\xa9"),
        ("windows-1252", b"\x81"),
        ("Shift_JIS", b"\x81"),
        ("GB18030", b"\xff"),
    ):
        document = f"<?xml version='1.0' encoding='{declared}'?>\n<a><b>".encode() + data + b"</b></a>"
        assert refusal(document)[:2] == ("encoding", 2), declared


@pytest.mark.parametrize("codec", ["Shift_JIS", "GB18030", "Big5", "EUC-JP", "ISO-2022-JP", "EUC-KR", "KOI8-R"])
def test_other_encodings_than_western_ones(codec: str) -> None:
    text = "<?xml version='1.0' encoding='{}'?><a><b k='{}'>{}</b></a>"
    word = {"KOI8-R": "слово", "EUC-KR": "단어"}.get(codec, "文字")
    document = text.format(codec, word, word).encode(codec)
    assert values(shred([document])) == [{"k": word, "text": word, "v": None}]
    doctype = f"<?xml version='1.0' encoding='{codec}'?><!DOCTYPE a><a/>".encode(codec)
    assert refusal(doctype)[0] == "doctype"
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>".encode("latin-1")
    assert refusal(latin, declaration=Declaration.IGNORE)[0] == "encoding"
