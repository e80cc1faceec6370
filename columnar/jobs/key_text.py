"""Source keys as people type them: `17`, `2024,17`, `["a,b","c"]`, and ranges of them: `A..B`, `A..`, `..B`."""

from __future__ import annotations

import json

from columnar.counted import counted
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.url import scheme_of
from loaders.source import Key

_RANGE = "a range of keys is A..B, A.. or ..B, both ends included"
_PARTS = 'commas stand between the parts of a key; write a JSON array where a part holds one: ["a,b","c"]'


def key_parts(job: Job) -> int:
    """How many parts the job's source key has."""
    scheme = scheme_of(job.source.url)
    if scheme == "folder":
        return 1  # the path
    if scheme == "parquet" and not job.source.key:
        return 2  # file and row
    return max(1, len(job.source.key))


def parse_key(text: str, parts: int) -> Key:
    """One key of so many parts. JobError for another number of parts.

    >>> parse_key("a,b", 1), parse_key("2024,17", 2), parse_key('["a,b","c"]', 2)
    (('a,b',), ('2024', '17'), ('a,b', 'c'))
    """
    key = _array(text)
    if key is None or len(key) != parts:  # a key of one part may look like an array
        key = (text,) if parts == 1 else tuple(part.strip() for part in text.split(",")) if key is None else key
    if len(key) != parts:
        raise JobError(f"{text!r} is a key of {counted(len(key), 'part')}, the source's has {parts}", hint=_PARTS)
    return key


def parse_where_key(text: str, parts: int) -> tuple[Key | None, Key | None]:
    """A range of keys; None where it is open.

    >>> parse_where_key("17..", 1)
    (('17',), None)
    """
    low, high = _split(text)
    if not low and not high:
        raise JobError(f"--where-key {text!r} names no key", hint=_RANGE)
    return parse_key(low, parts) if low else None, parse_key(high, parts) if high else None


def _split(text: str) -> tuple[str, str]:
    """The two ends: at the dots behind a leading array, else at the only pair of dots."""
    if text.startswith("["):
        try:
            _, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            end = 0
        if end and text[end : end + 2] == "..":
            return text[:end], text[end + 2 :]
    low, dots, high = text.partition("..")
    if not dots:
        raise JobError(f"--where-key {text!r} is not a range", hint=_RANGE)
    if ".." in high and not high.startswith("["):
        raise JobError(
            f"--where-key {text!r} has more than one '..'", hint='write the keys as JSON arrays: ["a"]..["b"]'
        )
    return low, high


def _array(text: str) -> Key | None:
    """A JSON array of texts or numbers, None where the text is none."""
    if not text.startswith("["):
        return None
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return None
    if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
        return None
    return tuple(value)
