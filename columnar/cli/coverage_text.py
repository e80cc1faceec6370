"""What `columnar coverage` found, as text."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.checking.check_coverage_text import share_text
from columnar.checking.check_source import shortened
from columnar.cli.columns import aligned, block, number
from columnar.counted import counted
from columnar.sizes import show_size
from columnar.surveying.coverage import CoverageReport
from columnar.surveying.survey import Drift, Survey
from transforms.coverage import Share

_PLACES = 20  # of the unread; the rest is in the JSON report
_LISTED = 10  # of new paths, and of new values of a lookup
_WIDTH = 40  # characters of a text


def coverage_text(report: CoverageReport) -> str:
    """What is read, what is not, what finds nothing, what lookups do not know, and what is new."""
    survey = report.survey
    where = "the source" if survey.of == "source" else f"run {survey.of}"
    lines = [f"job {report.name}: {number(survey.documents)} documents measured, of {number(survey.total)} of {where}"]
    lines += [f"survey {survey.id}, {show_size(survey.document_bytes)} of XML", ""]
    shares = (("attributes", survey.attributes), ("texts", survey.texts), ("their bytes", survey.bytes))
    rows = [(name, *share_text(Share(*share)), f"{share[0]:,} of {share[1]:,}") for name, share in shares]
    lines += block("read by the contract", aligned(rows, right={2}))
    lines += block(_not_read(survey), _unread(survey))
    lines += block("found in no document", [f"  {each}" for each in survey.unmatched])
    lines += block("in no lookup", _unknown(survey))
    if report.drift is None:
        lines += ["there is no earlier survey to compare with"]
    else:
        lines += _drift(report.drift, survey)
    return "\n".join(lines).rstrip()


def _not_read(survey: Survey) -> str:
    count = len(survey.unread)
    return f"not read: {count:,} of {counted(len(survey.paths), 'path')}, those with most values first"


def _unread(survey: Survey) -> list[str]:
    rows = [
        (number(each.filled), number(each.documents), path, f"e.g. {_text(each.example)}" if each.example else "")
        for path, each in survey.unread[:_PLACES]
    ]
    return aligned([("values", "documents", "path", ""), *rows], right={0, 1}) if rows else []


def _unknown(survey: Survey) -> list[str]:
    rows = []
    for column, lookup in survey.lookups.items():
        some = list(lookup.unknown.items())[:_LISTED]
        told = ", ".join(f"{_text(text)} ({count:,})" for text, count in some)
        rows += [(column, told + _more(lookup.unknown, some))] if some else []
    return aligned(rows)


def _drift(drift: Drift, survey: Survey) -> list[str]:
    lines = [f"since survey {drift.earlier}"]
    if drift.contract_changed:
        lines.append("  the contract is another one")
    if not drift.found:
        return [*lines, "  nothing is new in the documents"]
    for path in drift.new_paths[:_LISTED]:
        each = survey.paths[path]
        lines.append(f"  new path: {path}, {counted(each.values, 'value')}, {'not read' if each.unread else 'read'}")
    if len(drift.new_paths) > _LISTED:
        lines.append(f"  and {number(len(drift.new_paths) - _LISTED)} more")
    for column, texts in drift.new_values.items():
        unknown = survey.lookups[column].unknown
        some = [f"{_text(text)}{' (in no lookup)' if text in unknown else ''}" for text in texts[:_LISTED]]
        lines.append(f"  new values of {column}: {', '.join(some)}{_more(texts, some)}")
    lines += [f"  finds nothing any more: {each}" for each in drift.no_longer_matched]
    if drift.gone_paths:
        lines.append(f"  {counted(len(drift.gone_paths), 'path')} of then met no value now")
    return lines


def _more(everything: Sequence[object] | dict[str, int], some: Sequence[object]) -> str:
    left = len(everything) - len(some)
    return f" and {number(left)} more" if left else ""


def _text(text: str) -> str:
    return repr(shortened(text, _WIDTH))
