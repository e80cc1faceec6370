"""Smaller and smaller, as long as something stays true of it: for what failed, so that a person can read it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

Part = TypeVar("Part")

_TOGETHER = 64  # candidates that are tried in one call
_AT_ONCE = 4096  # candidates of one state
_SMALL, _SPAN = 100, 12  # bytes of a document in which every piece of so many bytes is tried
_ROUNDS = 4
_TAG = re.compile(rb"""<(/?)([^\s<>/!?'"=]+)(?:[^<>'"]|"[^"]*"|'[^']*')*?(/?)>""")
_ATTRIBUTE = re.compile(rb"""\s+[^\s<>/'"=]+\s*=\s*(?:"[^"]*"|'[^']*')""")

Fails = Callable[[list[bytes]], list[bool]]


def shrink_bytes(data: bytes, fails: Fails, *, tries: int = 3_000) -> bytes:
    """Leave out what can be left out of `data`: markup with what belongs to it, then any bytes.

    fails: of several candidates at once, which still show the failure. tries: candidates at most, in each round.
    """
    for _ in range(_ROUNDS):
        before = data
        data = _shrink_markup(data, fails, tries)
        data = _shrink_pieces(data, fails, tries)
        data = _shrink_anywhere(data, fails, tries)
        if data == before:
            break
    return data


def _shrink_markup(data: bytes, fails: Fails, tries: int) -> bytes:
    """Leave out whole elements, tags in pairs, and attributes."""
    return _shrink_by(_without_markup, data, fails, tries)


def _shrink_anywhere(data: bytes, fails: Fails, tries: int) -> bytes:
    """Leave out any few bytes of a document that is small already."""
    return data if len(data) > _SMALL else _shrink_by(_without_span, data, fails, tries)


def _without_span(data: bytes) -> Iterator[bytes]:
    for size in range(min(len(data), _SPAN), 1, -1):
        for start in range(len(data) - size + 1):
            yield data[:start] + data[start + size :]


def _shrink_by(smaller: Callable[[bytes], Iterator[bytes]], data: bytes, fails: Fails, tries: int) -> bytes:
    while tries > 0:
        candidates = list(islice(smaller(data), min(tries, _AT_ONCE)))
        tries -= len(candidates)
        for start in range(0, len(candidates), _TOGETHER):
            some = candidates[start : start + _TOGETHER]
            kept = [each for each, failed in zip(some, fails(some), strict=True) if failed and len(each) < len(data)]
            if kept:
                data = min(kept, key=len)
                break
        else:
            return data
    return data


def _without_markup(data: bytes) -> Iterator[bytes]:
    opened: list[re.Match[bytes]] = []
    pairs = []
    for tag in _TAG.finditer(data):
        if tag.group(3):
            pairs.append((tag, tag))
        elif not tag.group(1):
            opened.append(tag)
        elif opened:
            pairs.append((opened.pop(), tag))
    for start, end in sorted(pairs, key=lambda pair: pair[0].start() - pair[1].end()):
        yield data[: start.start()] + data[end.end() :]
        if start is not end:
            yield data[: start.start()] + data[start.end() : end.start()] + data[end.end() :]
            yield data[: start.start()] + b"<a>" + data[start.end() : end.start()] + b"</a>" + data[end.end() :]
    for attribute in _ATTRIBUTE.finditer(data):
        yield data[: attribute.start()] + data[attribute.end() :]


def _shrink_pieces(data: bytes, fails: Fails, tries: int) -> bytes:
    size = max(len(data) // 2, 1)
    while tries > 0:
        before, at = len(data), 0
        while at < len(data) and tries > 0:
            places = list(islice(range(at, len(data), size), _TOGETHER))
            candidates = [data[:place] + data[place + size :] for place in places]
            tries -= len(candidates)
            for place, failed in zip(places, fails(candidates), strict=True):
                if failed:
                    data, at = data[:place] + data[place + size :], place
                    break
            else:
                at = places[-1] + size
        if size > 1:
            size //= 2
        elif len(data) == before:
            break
    return data


def shrink_sequence(parts: Sequence[Part], fails: Callable[[tuple[Part, ...]], bool]) -> tuple[Part, ...]:
    """Leave out what can be left out of `parts`."""
    kept = tuple(parts)
    size = max(len(kept) // 2, 1)
    while True:
        before, at = len(kept), 0
        while at < len(kept):
            candidate = kept[:at] + kept[at + size :]
            if fails(candidate):
                kept = candidate
            else:
                at += size
        if size > 1:
            size //= 2
        elif len(kept) == before:
            return kept
