"""A survey of documents: what is measured, and how it is kept for the next one to be compared with."""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from columnar.audit.folder import AuditFolder
from columnar.audit.manifest import ManifestError
from loaders.parquet_file import write_text_durably

_VERSION = 1
_ID = re.compile(r"\d{8}T\d{6}(\.\d{6})?-[0-9a-f]{6}")
_TAKEN_AT = "%Y%m%dT%H%M%S.%f"
# Texts of one lookup that are kept, the most frequent ones: a lookup of more is none.
MOST_VALUES = 1000


@dataclass(frozen=True, slots=True)
class SurveyedPath:
    """Attributes or texts of one path. unread: those that the contract does not read; filled: of these, not blank."""

    values: int
    unread: int
    filled: int
    documents: int
    example: str


@dataclass(frozen=True, slots=True)
class SurveyedLookup:
    """How often a column's lookup was asked for which text: entries of it, and others."""

    known: dict[str, int]
    unknown: dict[str, int]


@dataclass(frozen=True)
class Survey:
    """of: `source`, or the id of the run whose documents these are. total: documents there; documents: those that were
    measured, which is less where it was a sample or some were refused. unmatched: `table.column`, or the table for its
    rows, of contract paths that found nothing."""

    id: str
    of: str
    contract: str
    total: int
    documents: int
    document_bytes: int
    attributes: tuple[int, int]  # read, all
    texts: tuple[int, int]
    bytes: tuple[int, int]
    paths: dict[str, SurveyedPath]
    unmatched: tuple[str, ...]
    lookups: dict[str, SurveyedLookup] = field(default_factory=dict)

    @property
    def unread(self) -> list[tuple[str, SurveyedPath]]:
        """Paths with values that are not read, those with most filled ones first."""
        some = [(path, each) for path, each in self.paths.items() if each.unread]
        return sorted(some, key=lambda item: (-item[1].filled, -item[1].unread, item[0]))


@dataclass(frozen=True)
class Drift:
    """What is otherwise than in an earlier survey.

    new_paths, gone_paths: attributes and texts that only one of them met. new_values: `table.column` -> texts that its
    lookup was not asked for then. no_longer_matched, matched_now: contract paths. contract_changed: the contracts
    differ, so what is read does too.
    """

    earlier: str
    new_paths: tuple[str, ...]
    gone_paths: tuple[str, ...]
    new_values: dict[str, tuple[str, ...]]
    no_longer_matched: tuple[str, ...]
    matched_now: tuple[str, ...]
    contract_changed: bool

    @property
    def found(self) -> bool:
        """Whether anything is new in the documents, or a path has ceased to find anything."""
        return bool(self.new_paths or self.new_values or self.no_longer_matched)


def drift(earlier: Survey, now: Survey) -> Drift:
    """Compare two surveys."""
    values: dict[str, tuple[str, ...]] = {}
    for column, lookup in now.lookups.items():
        before = earlier.lookups.get(column)
        if before is not None:
            old = {**before.known, **before.unknown}
            fresh = tuple(text for text in (*lookup.known, *lookup.unknown) if text not in old)
            values |= {column: fresh} if fresh else {}
    return Drift(
        earlier=earlier.id,
        new_paths=tuple(sorted(set(now.paths) - set(earlier.paths))),
        gone_paths=tuple(sorted(set(earlier.paths) - set(now.paths))),
        new_values=values,
        no_longer_matched=tuple(each for each in now.unmatched if each not in earlier.unmatched),
        matched_now=tuple(each for each in earlier.unmatched if each not in now.unmatched),
        contract_changed=earlier.contract != now.contract,
    )


def surveyed_lookup(known: Counter[str], unknown: Counter[str]) -> SurveyedLookup:
    """The most frequent texts."""
    return SurveyedLookup(dict(known.most_common(MOST_VALUES)), dict(unknown.most_common(MOST_VALUES)))


def _file(folder: AuditFolder, survey: str) -> Path:
    return folder.root / "surveys" / f"{survey}.json"


def store(folder: AuditFolder, survey: Survey) -> Path:
    """Keep a survey beside the job's audit files."""
    path = _file(folder, survey.id)
    write_text_durably(path, json.dumps({"survey": _VERSION, **asdict(survey)}, indent=1, ensure_ascii=False) + "\n")
    return path


def stored(folder: AuditFolder) -> list[str]:
    """The ids of the surveys that are kept, oldest first."""
    names = (path.stem for path in (folder.root / "surveys").glob("*.json"))
    return sorted(name for name in names if _ID.fullmatch(name))


def survey_id(taken_at: datetime, kept: Sequence[str]) -> str:
    """A new survey's id, which sorts behind all that are kept: by microseconds, since several may be taken in one
    second, and also where a clock was put back. (A survey of an older version has whole seconds, and sorts before
    those of the same one.)"""
    last = kept[-1].partition("-")[0] if kept else ""
    with suppress(ValueError):
        taken_at = max(taken_at, datetime.strptime(last, _TAKEN_AT).replace(tzinfo=UTC) + timedelta(microseconds=1))
    return f"{taken_at:{_TAKEN_AT}}-{uuid.uuid4().hex[:6]}"


def load(folder: AuditFolder, survey: str) -> Survey:
    """One of them. ManifestError where it cannot be read."""
    path = _file(folder, survey)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.pop("survey") != _VERSION:
            raise ManifestError(f"{path}: written by a later version")
        values["paths"] = {name: SurveyedPath(**each) for name, each in values["paths"].items()}
        values["lookups"] = {name: SurveyedLookup(**each) for name, each in values["lookups"].items()}
        lists = {name: tuple(values[name]) for name in ("attributes", "texts", "bytes", "unmatched")}
        return Survey(**{**values, **lists})
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        hint = "take it away, or name another with --against"
        raise ManifestError(f"{path} is not a readable survey: {error}", hint=hint) from error
