"""What a survey of a job's documents found, as HTML."""

from __future__ import annotations

from columnar.checking.check_coverage_text import share_text
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import Markup, badge, beside, element, joined, lines, report, section, table
from columnar.sizes import show_size
from columnar.surveying.coverage import CoverageReport
from columnar.surveying.survey import Drift, Survey
from transforms.coverage import Share

# Rows of a table; a longer list is in the result itself.
_MOST = 20


def coverage_html(found: CoverageReport) -> str:
    """What `columnar coverage` prints."""
    survey = found.survey
    where = "the source" if survey.of == "source" else f"run {survey.of}"
    measured = f"{number(survey.documents)} documents measured, of {number(survey.total)} of {where}"
    return report(
        joined([f"job {found.name}: {measured} ", _verdict(found)]),
        lines([f"survey {survey.id}, {show_size(survey.document_bytes)} of XML"]),
        beside(_shares(survey), _unread(survey)),
        beside(section("found in no document", _listed(survey.unmatched)), _unknown(survey)),
        Markup() if found.drift is None else _drift(found.drift, survey),
    )


def _verdict(found: CoverageReport) -> Markup:
    if found.drift is None:
        return badge("no earlier survey", "good")
    return badge("something is new", "warning") if found.drift.found else badge("nothing is new", "good")


def _shares(survey: Survey) -> Markup:
    named = {"attributes": survey.attributes, "texts": survey.texts, "their bytes": survey.bytes}
    rows = [(name, share_text(Share(*each))[1], *map(number, each)) for name, each in named.items()]
    return section("read by the contract", table(rows, heads=("", "", "read", "of"), numbers={1, 2, 3}))


def _unread(survey: Survey) -> Markup:
    rows = [(path, number(each.filled), number(each.documents), each.example) for path, each in survey.unread[:_MOST]]
    heads = ("path", "values", "documents", "for example")
    return section("not read", table(rows, heads=heads, numbers={1, 2}), rest(len(survey.unread), _MOST))


def _unknown(survey: Survey) -> Markup:
    rows = [
        (column, text, number(count))
        for column, lookup in survey.lookups.items()
        for text, count in lookup.unknown.items()
    ]
    heads = ("column", "text", "values")
    return section("in no lookup", table(rows[:_MOST], heads=heads, numbers={2}), rest(len(rows), _MOST))


def _drift(drift: Drift, survey: Survey) -> Markup:
    """What is otherwise than in the survey before."""
    paths = []
    for path in drift.new_paths[:_MOST]:
        each = survey.paths[path]
        paths.append((path, number(each.values), "not read" if each.unread else "read"))
    values = [
        (column, text, "in no lookup" if text in survey.lookups[column].unknown else "")
        for column, texts in drift.new_values.items()
        for text in texts
    ]
    told = ["the contract is another one"] if drift.contract_changed else []
    told += [] if drift.found else ["nothing is new in the documents"]
    told += [f"paths that met no value now: {number(len(drift.gone_paths))}"] if drift.gone_paths else []
    heading = f"since survey {drift.earlier}"
    return section(
        heading,
        lines(told),
        beside(
            section("new paths", table(paths, numbers={1}), rest(len(drift.new_paths), _MOST)),
            section("new values of lookups", table(values[:_MOST]), rest(len(values), _MOST)),
            section("finds nothing any more", _listed(drift.no_longer_matched)),
        ),
    )


def _listed(names: tuple[str, ...]) -> Markup:
    return joined([*(element("p", each) for each in names[:_MOST]), rest(len(names), _MOST)])
