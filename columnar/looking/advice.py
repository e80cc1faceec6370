"""What to do about a document in quarantine, by its reason."""

from __future__ import annotations

import re

from loaders.errors import TargetMismatchError
from loaders.source import NOT_FETCHED

_DOCUMENT = "the document itself is broken: have it corrected where it comes from, then `columnar quarantine retry`"
_CONTRACT = (
    "change the contract, then `columnar quarantine retry --changed-contract` loads such documents by it, and"
    " `columnar run --new-generation` would read all again"
)

# How databases say that a key is there already.
_VIOLATION = re.compile(r"duplicate|unique|primary key", re.IGNORECASE)
_BY_REASON = {
    "not_well_formed": f"it is not XML at the marked place; {_DOCUMENT}",
    "truncated": f"it ends too early; compare its length with the original: {_DOCUMENT}",
    "doctype": "a DOCTYPE can read files and grow without bound, so it is refused; have it removed at the origin",
    "encoding": "its bytes are not what the contract says; see `document.decode` and `document.declaration` there",
    "limit": "it is over a limit; raise `document.limits` in the contract, or --memory, if such ones are expected",
    "wrong_root": "its root element is not the contract's; if another contract is for it, name that in the job too",
    "no_contract": "the job's contracts for its root element leave out its source key; see `when` in the job",
    "empty": "there is nothing in it: NULL, no text, or only blanks",
    "namespace": f"it uses a prefix that it does not declare; {_DOCUMENT}",
    "many_values": "a path met several nodes where the contract says `many: error`",
    "missing_value": "a value is missing that may not be; see `nullable`, `default`, `on_missing` in the contract",
    "invalid_value": "its column's type cannot read a value; see `formats`, `clean`, `on_invalid` in the contract",
    "unknown_value": "a value is in no lookup; add it to the lookup, or see `on_unknown` in the contract",
    "too_long": "a value is longer than its column; see `on_too_long` in the contract",
    "out_of_range": "a value is outside of its type; take a wider type, or see `on_invalid` in the contract",
    "inexact": "a value has more digits than its column keeps; see `on_inexact` in the contract",
    "sql_error": "SQL of the contract fails on a value; TRY_CAST gives NULL there, and CASE keeps it from such rows",
    "null_key": "a part of its source key (correct the source) or duplicate key (see the job) is NULL",
    "several_keys": "its rows have several duplicate keys; choose other columns with `duplicates` in the job, or `off`",
    "duplicate_source_key": "other documents share its source key; name more columns in the source's `key`, or have the"
    " source corrected, then `columnar quarantine retry`",
    "purged": "its rows were purged: `columnar run` loads it anew, unless it is gone from the source",
    "rejected_by_target": "the target refuses its rows; correct the document, the contract or the table, then"
    " `columnar quarantine retry`",
}
_COPY = (
    "the table's key refuses a second row: with `duplicates: off` in the job, copies are not left out as duplicates;"
    " without that line they are. Or correct the document"
)
_ARCHIVE = (
    "have the archive made again, without a password and by the usual deflate, or copied again from where it comes"
    " from, then `columnar quarantine retry`"
)
_CHANGEABLE = {
    "encoding",
    "limit",
    "wrong_root",
    "no_contract",
    "many_values",
    "missing_value",
    "invalid_value",
    "unknown_value",
    "too_long",
    "out_of_range",
    "inexact",
    "sql_error",
}


def advice(reason: str, *, detail: str = "", keyed: bool = True) -> str:
    """What to do next; a sentence for every reason, also for one of a newer version.

    keyed: whether the job tells duplicates by a key. detail: the record's own.
    """
    if reason == "rejected_by_target" and not keyed and _VIOLATION.search(detail):
        return _COPY
    if detail in NOT_FETCHED.values():
        return _ARCHIVE
    text = _BY_REASON.get(reason, "see its detail")
    return f"{text}. If so, {_CONTRACT}" if reason in _CHANGEABLE else text


def hint_of(error: BaseException) -> str:
    """What to do about an error that does not say so itself; '' where nobody knows."""
    if isinstance(error, TargetMismatchError):
        return (
            "change the tables (ALTER TABLE ... ADD COLUMN; `columnar plan --ddl` prints what the contract wants),"
            " or load into another target"
        )
    return ""
