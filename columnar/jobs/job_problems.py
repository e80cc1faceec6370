"""Pydantic's findings about a job in the words of its user, each with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from columnar.jobs.job import NAME_RULE, AuditSpec, ChunkSpec, ContractSpec, DuplicateSpec, Job, SourceSpec, TargetSpec
from transforms.contract.problems import Problems, nearest
from transforms.contract.source import Path, Source

_SECTIONS: dict[str, type[BaseModel]] = {
    "source": SourceSpec,
    "contract": ContractSpec,
    "target": TargetSpec,
    "duplicates": DuplicateSpec,
    "chunk": ChunkSpec,
    "audit": AuditSpec,
}
_MAPPING = "keys with values: {key: value}"
_OFF = "keys with values: {on: [table.column], fingerprint: raw}, or off"
_CONTRACTS = "a file, or a list of files and of {file: cc.yaml, when: {product: CC}}"
_NAMES = "a name, or a list of names: [a, b]"
_SIZE = "bytes, or a size such as 500MB or 2GiB"
_NUMBER = "a whole number"
# By pydantic's type of error: what is expected instead. From its context where that is a function.
_EXPECTED: dict[str, str | Callable[[dict[str, Any]], str]] = {
    "string_type": "text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "tuple_type": _NAMES,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "greater_than_equal": lambda context: f"at least {context['ge']:,}",
    "less_than_equal": lambda context: f"at most {context['le']:,}",
    "literal_error": lambda context: f"one of {context['expected']}",
    "string_pattern_mismatch": NAME_RULE,  # the name is the only text with a pattern
}


def report_job_problem(error: Any, source: Source, problems: Problems) -> None:  # pydantic's details are untyped
    """One of pydantic's errors as a problem."""
    known = source.known(error["loc"])
    kind, value = str(error["type"]), error["input"]
    if kind == "extra_forbidden":
        _unknown((*known, str(error["loc"][-1])) if known != error["loc"] else known, source, problems)
    elif kind == "missing":
        key = (*known, str(error["loc"][-1]))
        if not _misspelt(key, source):
            problems.add("this key is missing", key=key, at=source.key_position(known))
    elif kind in _EXPECTED:
        # What is not there has its place behind the key, on whatever line comes next.
        at = source.key_position(known) if value is None else source.value_position(known)
        problems.add(_described(value), key=known, at=at, expected=_expected(known, kind, error))
    else:
        problems.add(_own_words(error), key=known, at=source.value_position(known))


def _expected(known: Path, kind: str, error: Any) -> str:
    if known == ("duplicates",):
        return _OFF
    if known == ("contract",) or (known[:1] == ("contract",) and len(known) == 2 and kind.startswith("model_")):
        return _CONTRACTS
    if known[:1] == ("contract",) and known[-1:] == ("when",):
        return "key columns with their values: {product: CC}"
    if known[-1:] == ("memory",) or known == ("chunk", "bytes"):
        return _SIZE
    if known[-1:] == ("key",) or known in (("duplicates", "on"), ("duplicates", "ignore"), ("duplicates", "by")):
        return _NAMES
    expected = _EXPECTED[kind]
    return expected if isinstance(expected, str) else expected(error.get("ctx", {}))


def _own_words(error: Any) -> str:
    """The message of an error that this program raised itself while the model was made."""
    cause = error.get("ctx", {}).get("error")
    return str(cause) if cause is not None else str(error["msg"])


def _unknown(where: Path, source: Source, problems: Problems) -> None:
    names = _names(where[:-1])
    near = nearest(str(where[-1]), names)
    expected = "" if near else f"one of {', '.join(names)}"
    problems.add("there is no such key", key=where, at=source.key_position(where), expected=expected, nearest=near)


def _misspelt(key: Path, source: Source) -> bool:
    """Whether a missing key stands there with a slip of the pen, which is told by itself."""
    beside = [str(path[-1]) for path in source.keys if path[:-1] == key[:-1]]
    return bool(nearest(str(key[-1]), [each for each in beside if each not in _names(key[:-1])]))


def _names(where: Path) -> list[str]:
    """The keys of a section."""
    model = _SECTIONS.get(str(where[0])) if where else Job
    return [field.alias or key for key, field in model.model_fields.items() if key != "base"] if model else []


def _described(value: object) -> str:
    """A value as a message shows it."""
    if value is None:
        return "there is nothing here"
    if isinstance(value, bool):
        return f"here is {str(value).lower()}"
    if isinstance(value, int | float):
        return f"here is the number {getattr(value, 'text', value)}"
    if isinstance(value, str):
        return f"here is the text {value[:60]!r}"
    return "here is a mapping" if isinstance(value, dict) else "here is a list"
