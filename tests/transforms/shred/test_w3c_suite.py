"""All cases of the W3C XML Conformance Test Suite: what is accepted, what is refused and why, and by which shredder.

`python -m tests.differential.w3c_verdicts` writes the list again; read the difference before it is committed.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.differential import agree
from tests.differential.shredders import make_native, shred_array, why_not_native
from tests.differential.w3c import Case, cases
from tests.differential.w3c_verdicts import (
    ACCEPTED,
    REASONS,
    Verdict,
    everything,
    listed,
    verdicts,
    verdicts_of,
    ways_of,
)

_DOCTYPE = re.compile(rb"""<!DOCTYPE(?:[^\[>"']|"[^"]*"|'[^']*')*(?:\[.*?\]\s*)?>""", re.DOTALL)

pytestmark = pytest.mark.corpora


def test_the_suite_is_whole() -> None:
    suite = cases()
    assert len(suite) == 2585
    assert Counter(case.kind for case in suite) == {"not-wf": 1498, "valid": 812, "invalid": 242, "error": 33}


def test_the_reference_and_lxml_alone_say_what_is_listed() -> None:
    suite, expected = cases(), listed()
    assert verdicts(suite, [each.kernel for each in expected]) == expected


def test_the_native_shredder_says_what_is_listed() -> None:
    suite, expected = cases(), listed()
    native = make_native(everything())
    found = list(zip(verdicts_of(native, suite), ways_of(native, suite), strict=True))
    differ = [(each, one) for each, one in zip(expected, found, strict=True) if (each.verdict, each.kernel) != one]
    assert differ == []


def test_both_read_the_same_from_all_of_it() -> None:
    documents = shred_array([case.data for case in cases()], text=False)
    agree(everything(), documents)
    agree(everything(), shred_array([case.data for case in cases()], text=True))


def test_both_read_the_same_from_what_is_left_without_a_doctype() -> None:
    left = dict.fromkeys(_DOCTYPE.sub(b"", case.data, count=1) for case in cases() if b"<!DOCTYPE" in case.data)
    assert len(left) > 1000
    agree(everything(), shred_array(list(left), text=False))
    native = make_native(everything()).shred(shred_array(list(left), text=False))
    assert sum(row["documents"] for row in native.ways.to_pylist() if row["way"] == "native") > 800


def test_every_difference_from_lxml_and_from_the_suite_has_a_reason() -> None:
    assert {each.not_as_lxml for each in listed()} == {"", "doctype"}
    assert {each.not_as_suite for each in listed()} == {"", *REASONS}


def test_nothing_but_a_few_cases_of_other_rules_is_accepted_wrongly() -> None:
    wrong = [(case, each) for case, each in _both() if each.verdict == ACCEPTED and case.accepted is False]
    assert Counter(each.not_as_suite for _, each in wrong) == {"xml 1.1": 31, "fifth edition": 2, "mark": 2}


def test_without_doctype_only_colons_in_names_are_refused_wrongly() -> None:
    wrong = [each for case, each in _both() if each.verdict not in (ACCEPTED, "doctype") and case.accepted]
    assert {each.not_as_suite for each in wrong} == {"namespaces"}
    assert len(wrong) == 2


def _both() -> list[tuple[Case, Verdict]]:
    return list(zip(cases(), listed(), strict=True))


def test_the_kernel_hands_over_only_what_it_may() -> None:
    if why_not_native():
        pytest.skip(why_not_native())
    assert {each.kernel for each in listed()} <= {
        "native",
        "doctype",
        "encoding",
        "declaration",
        "xml_version",
        "namespace_uri",
        "limit",
    }
