"""What a shredder that looks at many bytes at once, and remembers what elements were like, could get wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from random import Random

import pyarrow as pa
import pytest

from tests.differential import agree
from tests.transforms.shred.shred_plans import column, plan, table
from transforms.contract.plan import ContractPlan

# More than two of the widest pieces that a scanner looks at.
WIDTH = 140

PIECES = (
    *(
        "ß".encode(),
        "€".encode(),
        "語".encode(),
        "\ud7ff".encode(),
        "\ufffd".encode(),
        "😀".encode(),
        "\U0010ffff".encode(),
    ),
    *(
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xef\xbf\xbe",
        b"\xef\xbf\xbf",
        b"\xf0\x8f\xbf\xbf",
    ),
    *(
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\x80",
        b"\xbf",
        b"\xc3",
        b"\xe2\x82",
        b"\xe2\x28\xa1",
        b"\xc3\xc3\x9f",
    ),
    *(b"\xe2\x82\xac\x82", b"\x00", b"\x0b", b"\x1f", b"\x7f", "\x85".encode(), b"\xff", b"\t", b"\n", b"\r\n", b"\r"),
    *(b"&amp;", b"&#228;", b"&#x1F600;", b"&nix;", b"&", b"&gt", b"&apo;", b"]]>", b"]", b">", b"<", b"'", b'"', b" "),
)


def _documents(piece: bytes) -> Iterator[bytes]:
    for before in range(WIDTH):
        filling = b"x" * before
        yield b"<a>" + filling + piece + b"</a>"
        yield b"<a>" + filling + piece + piece + b"y<b/>" + piece + b"</a>"
        yield b'<a k="' + filling + piece + b'"/>'
        yield b"<a k='" + filling + piece + piece + b"' l=\"" + piece + b'"/>'


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_characters_and_markup_anywhere_in_what_is_looked_at_at_once(piece: bytes) -> None:
    values = [column("own", "text()"), column("all", "."), column("k", "@k"), column("l", "@l")]
    documents = list(_documents(piece))
    agree(plan(table("a", "/a", *values)), pa.array(documents, pa.binary()))
    cut = [document[:length] for document in documents[:: WIDTH // 3] for length in range(1, len(document))]
    agree(plan(table("a", "/a", *values)), pa.array(cut, pa.binary()))


def _among_others_alike(piece: bytes) -> Iterator[bytes]:
    more = b"x" * WIDTH
    for before in range(70):
        filling = b"x" * before
        for odd in (piece, piece + "ß".encode() + piece, b"&lt;" + piece + "語&quot;".encode()):
            yield b'<r><a k="" l=""/><a k="%s%s" l="%sy"/><p>%s</p></r>' % (filling, odd, odd, more)
            yield b"<r><a>t</a><a>%s%s</a><a>%sy</a><p>%s</p></r>" % (filling, odd, odd, more)


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_characters_and_markup_anywhere_in_elements_that_are_like_those_before(piece: bytes) -> None:
    values = [column("all", "."), column("k", "@k"), column("l", "@l")]
    agree(plan(table("a", "/r/a", *values)), pa.array(list(_among_others_alike(piece)), pa.binary()))


# Paths that lead nowhere for most elements and yet must be followed into them, and what is counted on the way there.
_ANYWHERE = (
    table("a", "//a", column("up", "../@n"), column("up2", "../../@n"), column("near", "ancestor::b[1]/@n")),
    table("first", "//b/a[1]", column("n", "@n"), column("text", "text()"), column("all", ".")),
    table("last", "//c[last()]", column("n", "@n"), column("own", "text()", "list")),
    table("child", "//*[a]", column("n", "@n"), column("all", "a", "list")),
    table("by", "//b[@n='2']//a", column("n", "@n")),
    table("root", "/*", column("own", "text()"), column("deep", "*/*/@n", "list"), column("as", "//a/@n", "list")),
)


def _nested(random: Random, depth: int) -> str:
    name, number = random.choice("abcd"), random.randrange(3)
    inner = (
        "".join(_nested(random, depth - 1) for _ in range(random.randrange(4))) if depth else random.choice(("", "t"))
    )
    start = f'<{name} n="{number}"' if random.randrange(3) else f"<{name}"
    text = random.choice(("", "", "x", "\n  "))
    return f"{start}/>" if not inner and random.randrange(2) else f"{start}>{text}{inner}{text}</{name}>"


@pytest.mark.parametrize("seed", range(5))
def test_elements_that_no_path_leads_to_around_those_that_one_does(seed: int) -> None:
    random = Random(seed)
    documents = [f"<r>{_nested(random, 6)}{_nested(random, 4)}</r>" for _ in range(60)]
    agree(plan(*_ANYWHERE), pa.array(documents))
    for each in _ANYWHERE:
        agree(plan(each), pa.array(documents[:20]))


def _attributes() -> ContractPlan:
    wanted = (column("x", "@x"), column("y", "@y"), column("last", "@y", "last"), column("text", "text()"))
    return plan(
        table("e", "//e", *wanted, column("f", "f/@x", "list")),
        table("f", "//f[@y='1']", *wanted, column("e", "../@x")),
        table("any", "//*[@x]", column("x", "@x"), column("z", "@z")),
    )


def test_attributes_in_every_order_and_with_any_of_them_left_out() -> None:
    random = Random(1)
    elements = [
        f"<{name}{blank}{blank.join(f'{each}={quote}{random.randrange(3)}{quote}' for each in order)}{end}"
        for count in range(5)
        for order in permutations("xyzw", count)
        for name in ("e", "f")
        for blank, quote, end in ((" ", '"', "/>"), ("\n ", '"', " />"), (" ", "'", f">t</{name}>"))
    ]
    documents = []
    for _ in range(40):
        chosen = random.sample(elements, 60)
        documents.append(
            "<r>" + "".join(f"<e x='1'>{each}</e>" if random.randrange(4) == 0 else each for each in chosen) + "</r>"
        )
    agree(_attributes(), pa.array(documents))
    twins = [f"<r>{each}</r>".replace(" z=", " x=") for each in elements]
    agree(_attributes(), pa.array(twins))


def test_names_that_differ_in_their_last_letter_or_in_their_namespace() -> None:
    names = [f"{'n' * length}{letter}" for length in (1, 14, 15, 16, 17, 30, 31, 32, 33, 64) for letter in "ab"]
    one = "".join(f'<{name} {name}="1" {name}b="2"/><p:{name} {name}="3"/>' for name in names)
    documents = [f"<r xmlns:p='urn:{uri}'>{one * 2}</r>" for uri in ("one", "two", "one")]
    columns = [column(f"c{at}", f"@{name}") for at, name in enumerate(names)]
    tables = [table(f"t{at}", f"//{name}", *columns) for at, name in enumerate(names)]
    agree(plan(*tables), pa.array(documents))


def test_more_names_than_are_remembered() -> None:
    random = Random(2)
    names = [f"n{number}" for number in range(3000)]
    documents = [
        "<r>"
        + "".join(
            f'<{name} k{random.randrange(90)}="{name}" k="1"><v>{name}</v></{name}>'
            for name in random.sample(names, 300)
        )
        + "</r>"
        for _ in range(10)
    ]
    keys = [column(f"k{number}", f"@k{number}") for number in range(90)]
    agree(
        plan(table("all", "/r/*", column("k", "@k"), column("v", "v"), *keys), table("one", "//n7/v")),
        pa.array(documents),
    )


def test_paths_that_lead_to_a_child_and_paths_that_lead_anywhere() -> None:
    tables = (table("b", "/r/b", column("n", "@n")), table("a", "//a", column("n", "@n"), column("all", ".")))
    inside = '<b n="no"><a n="1">x</a></b><u><b n="no"/><v><a n="2"/></v></u>'
    documents = [f'<r><u>{inside}</u><b n="yes"/><u><u>{inside}</u></u><b n="yes">{inside}</b></r>']
    agree(plan(*tables), pa.array(documents))


def test_what_was_read_of_one_element_is_not_taken_for_what_another_has() -> None:
    every = [column(name, f"@{name}") for name in "abcxyz"]
    anything = plan(table("any", "//*", *every))
    agree(anything, pa.array(['<r><p a="1" b="2"/><q c="3" a="4"/><p a="5" b="6"/><q c="7" a="8"/></r>'] * 3))
    two = plan(table("m", "/r/m/e", *every), table("n", "/r/n/e", *every))
    document = '<m><e x="1" z="2"/></m>' * 3 + '<n><e x="3" y="4" z="5"/></n>' + '<m><e x="6" y="7"/></m>' * 3
    agree(two, pa.array([f"<r>{document}</r>"] * 3))
    spaces = '<n a="1"/><n xmlns="urn:x" a="2"/><n a="3"/><p:n xmlns:p="urn:x" a="4"/><p:n xmlns:p="urn:y" a="5"/>'
    agree(
        plan(table("n", "//n", *every), table("r", "/r", column("n", "n/@a", "list"))),
        pa.array([f"<r>{spaces * 3}</r>"]),
    )
