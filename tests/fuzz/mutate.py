"""Mutations of a document: small damage, as it happens to bytes and as it happens to markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tests.differential.documents import stored

TOKENS = (
    b"<|>|&|]]>|<!--|-->|--|<?|?>|/>|</|<![CDATA[|<!|<!DOCTYPE a>|]|-|/|!|?|=|'|\"|:| |\t|\n|\r|\r\n|;|#|\x00|"
    b"\x01|\x0b|\x1f|\x7f|xmlns=| xmlns='urn:one'| xmlns:p='urn:one'| xmlns:p=''| xmlns=''|xmlns:|xml:|xmlns|"
    b"xml| k='x'| k='y'|p:|&amp;|&lt;|&#10;|&#13;|&#x20;|&#0;|&#xD800;|&#x10FFFF;|&#x110000;|&#xFFFE;|&foo;|"
    b"&amp|&#|&#x|&;|<a>|</a>|<a/>|<b>|</b>|<b/>|<?pi x?>|<?xml?>|<?xml version='1.0'?>|<!-- c -->|<!---->|"
    b"<![CDATA[x]]>|\xc0|\xc3|\xc3\xa9|\x80|\xe2\x82|\xe2\x82\xac|\xed\xa0\x80|\xed\xbf\xbf|\xef\xbf\xbe|"
    b"\xef\xbf\xbf|\xef\xbb\xbf|\xf0\x9f\x98\x80|\xf4\x8f\xbf\xbf|\xf4\x90\x80\x80|\xff|\xfe\xff|\xc2\x85|"
    b"\xe2\x80\xa8|\xc2\xb7|\xe0\xbd\xbf|\xef\xbc\xa1"
).split(b"|")
_MARKUP = re.compile(rb"<[^<>]*>|&[^&;<]*;|[^<&]+")
_ATTRIBUTE = re.compile(rb"""\s+[^\s<>/'"=]+\s*=\s*(?:"[^"]*"|'[^']*')""")
_LEAF = re.compile(rb"""<([^\s<>/!?]+)[^<>]*>[^<]*</\1\s*>|<[^\s<>/!?][^<>]*/>""")
_TAG_NAME = re.compile(rb"<([^\s<>/!?=]+)(?=[\s/>])")
_TEXT = re.compile(rb">[^<]+<")
_NAME = re.compile(rb"""[^\s<>/'"=&;#?!\[\]-]+""")

_WORDS = (
    b"x||y| x |xx|1|x\ny|x\r\ny|\r|&amp;|&#13;|&#x20AC;|\xc3\xa9|\xf0\x9f\x98\x80|<!--c-->|x<!--c-->y|<?p i?>|"
    b"<![CDATA[]]>|x<![CDATA[x&<]]>|<b/>|<b k='x'>x</b>|x<c/>y|<b>x</b><b>y</b>"
).split(b"|")
_VALUES = (
    b"'x'|''|'y'|' x '|'x\ny'|'\r\n\t'|'&#10;&#13;'|'&lt;&amp;'|\"&quot;'\"|'\xc3\xa9'|'>'|']]>'|'urn:one'|'urn:two'"
).split(b"|")

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]


def mutate(random: Random, seeds: Sequence[bytes], *, made: bool = True) -> bytes:
    """One mutant: a seed, or (if `made`) a document made up for it, with one to four mutations."""
    data = (stored(random) or b"") if made and random.randrange(4) == 0 else random.choice(seeds)
    mutations = random.choice((_ROUGH, _GENTLE))
    for _ in range(random.choice((1, 1, 1, 1, 2, 2, 3, 4))):
        data = random.choice(mutations)(random, data, seeds)
    return data


def _flip(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _any_byte(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + bytes([random.randrange(256)]) + data[at + random.randrange(2) :]


def _delete(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + data[at + random.choice((1, 1, 1, 2, 3, 5, 10, 30)) :]


def _insert(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] + random.choice(TOKENS) + data[at:]


def _insert_at_markup(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A token at the beginning or the end of a tag, a reference or a text."""
    pieces = [match.end() for match in _MARKUP.finditer(data)] or [0]
    at = max(random.choice(pieces) - random.choice((0, 0, 1)), 0)
    return data[:at] + random.choice(TOKENS) + data[at:]


def _replace(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    token = random.choice(TOKENS)
    return data[:at] + token + data[at + len(token) :]


def _swap_token(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Another token where one stands."""
    token = random.choice(TOKENS)
    places = data.count(token)
    if not places:
        return _insert(random, data, seeds)
    parts = data.split(token)
    cut = random.randint(1, places)
    return token.join(parts[:cut]) + random.choice(TOKENS) + token.join(parts[cut:])


def _duplicate(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    end = at + random.choice((1, 2, 5, 10, 20, 60, 200))
    return data[:end] + data[at:end] + data[end:]


def _duplicate_markup(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A piece of markup or an attribute once more, at its place or at another one."""
    pattern = random.choice((_MARKUP, _ATTRIBUTE))
    found = list(pattern.finditer(data))
    if not found:
        return _duplicate(random, data, seeds)
    piece = random.choice(found)
    at = random.choice((piece.end(), random.choice(found).end()))
    return data[:at] + piece.group() + data[at:]


def _leaf(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """An element without others in it: gone, once more, or in another place."""
    found = list(_LEAF.finditer(data))
    if not found:
        return _delete(random, data, seeds)
    piece, place = random.choice(found), random.choice(found).end()
    kind = random.randrange(3)
    if kind == 0 and len(found) > 1:
        return data[: piece.start()] + data[piece.end() :]
    at = piece.end() if kind == 1 else place
    return data[:at] + piece.group() + data[at:]


def _text(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Another text, in place of one or beside it."""
    found = list(_TEXT.finditer(data))
    if not found:
        return _insert_at_markup(random, data, seeds)
    piece = random.choice(found)
    start, end = piece.start() + 1, piece.end() - 1
    at = random.choice((start, start, end))
    return data[:at] + random.choice(_WORDS) + data[end:]


def _delete_markup(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    found = list(random.choice((_MARKUP, _ATTRIBUTE)).finditer(data))
    if not found:
        return _delete(random, data, seeds)
    piece = random.choice(found)
    return data[: piece.start()] + data[piece.end() :]


def _rename(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A name, a value or a word in place of another one of the document, once or everywhere."""
    found = _NAME.findall(data)
    if not found:
        return data
    old, new = random.choice(found), random.choice((*found, b"a", b"b", b"k", b"p:b", b"xml:k", b"xmlns:q"))
    return data.replace(old, new, random.choice((1, 1, 2, -1)))


def _rename_all(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """A name of the document, or one that paths know, in place of another one everywhere."""
    names = [match.group(1) for match in _TAG_NAME.finditer(data)]
    if not names:
        return data
    old, new = random.choice(names), random.choice((*names, b"a", b"b", b"b", b"c"))
    return re.sub(rb"(?<=[</])" + re.escape(old) + rb"(?=[\s/>])", lambda _: new, data)


def _attribute(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """An attribute's value changed, an attribute more, or one less."""
    found = list(_ATTRIBUTE.finditer(data))
    if not found or random.randrange(4) == 0:
        tags = list(_TAG_NAME.finditer(data))
        at = random.choice(tags).end() if tags else 0
        return data[:at] + random.choice((b" k='x'", b" a=''", b" id='1'", b" xml:lang='en'")) + data[at:]
    piece = random.choice(found)
    if random.randrange(3) == 0:
        return data[: piece.start()] + data[piece.end() :]
    start = data.index(b"=", piece.start()) + 1
    return data[:start] + random.choice(_VALUES) + data[piece.end() :]


def _splice(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _nest(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    """Another document inside of this one."""
    places = [match.end() for match in _MARKUP.finditer(data)] or [0]
    at = random.choice(places)
    return data[:at] + random.choice(seeds) + data[at:]


def _cut(random: Random, data: bytes, seeds: Sequence[bytes]) -> bytes:
    at = random.randint(0, len(data))
    return data[:at] if random.randrange(4) else data[at:]


_ROUGH: tuple[Mutation, ...] = (
    *(
        _flip,
        _any_byte,
        _delete,
        _delete,
        _insert,
        _insert,
        _insert_at_markup,
        _insert_at_markup,
        _replace,
        _swap_token,
    ),
    *(_duplicate, _duplicate_markup, _duplicate_markup, _delete_markup, _rename, _splice, _nest, _nest, _cut),
)
_GENTLE: tuple[Mutation, ...] = (_leaf, _leaf, _text, _text, _attribute, _rename_all)  # most of these stay well-formed
