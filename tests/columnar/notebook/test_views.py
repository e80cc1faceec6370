"""Results as a notebook shows them: well-formed, complete, and not to be injected into."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from columnar.looking.quarantine import QuarantinedDocument, QuarantineList
from columnar.notebook.markup import Markup, element, table, text
from tests.columnar.notebook.results import HOSTILE, Shown, with_texts

KINDS = (
    "plan", "run", "nothing to do", "status", "quarantine", "document", "check", "table", "never ran", "refused",
    "no documents", "retry plan", "retry", "lint", "analysis", "reconciliation", "coverage", "purge plan", "purge",
    "audit",
)  # fmt: skip


def parsed(shown: Shown) -> Any:
    """The output as a strict parser reads it."""
    return etree.fromstring(shown._repr_html_())


def words(shown: Shown) -> str:
    """Its text, the style left out."""
    return " ".join(parsed(shown).xpath("*[not(self::style)]//text()"))


def shape(shown: Shown) -> list[tuple[str, dict[str, str]]]:
    """Its elements and attributes, without any text."""
    return [(str(each.tag), dict(each.attrib)) for each in parsed(shown).iter()]


def test_there_is_one_of_every_kind(shown: dict[str, Shown]) -> None:
    assert tuple(shown) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_well_formed_and_needs_nothing_else(shown: dict[str, Shown], kind: str) -> None:
    root = parsed(shown[kind])
    assert (root.tag, root.get("class")) == ("div", "columnar")
    allowed = {"div", "style", "p", "span", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre"}
    assert {each.tag for each in root.iter()} <= allowed | {"code"}
    assert {name for each in root.iter() for name in each.attrib} <= {"class", "open"}
    html = shown[kind]._repr_html_()
    assert not re.search(r"https?:|url\(|@import|javascript:", html)
    assert len(html) < 12_000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_stay_texts(shown: dict[str, Shown], kind: str, hostile: str) -> None:
    changed = with_texts(shown[kind], lambda each: hostile + each)
    assert shape(changed) == shape(shown[kind])
    if "<" in hostile:
        assert hostile[:30] in words(changed)


@pytest.mark.parametrize("kind", ["run", "quarantine", "document", "check"])
@settings(max_examples=25)
@given(other=st.text(st.characters(codec=None), min_size=1, max_size=12))
def test_no_text_changes_the_shape(shown: dict[str, Shown], kind: str, other: str) -> None:
    assert shape(with_texts(shown[kind], lambda each: each + other)) == shape(shown[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_as_text_it_is_one_short_line(shown: dict[str, Shown], kind: str) -> None:
    for told in (repr(shown[kind]), str(shown[kind])):
        assert told.startswith("<")
        assert "\n" not in told
        assert len(told) < 200


def test_a_run_says_what_became_of_the_documents(shown: dict[str, Shown]) -> None:
    told = words(shown["run"])
    for part in ("job small", "10", "1 not_well_formed", "1 different_content chunk key", "the books balance"):
        assert part in told, part
    assert "nothing was left to do" in words(shown["nothing to do"])
    assert "drift in 1 chunk" in words(shown["nothing to do"])
    line = "quarantine; 10 documents read, 7 loaded, 0 empty, 1 duplicate, 2 quarantined"
    assert line in repr(shown["run"])


def test_a_check_shows_each_row_beside_its_place(shown: dict[str, Shown]) -> None:
    told = words(shown["check"])
    parts = ("8 would load, 2 would not", "2.xml:1:24", '<x v="many"/>', "NULL <- 'many'", "' padded '")
    for part in parts:
        assert part in told, part
    assert "5.xml:2:12" in told or "5.xml:2:8" in told  # each shredder has its place for an end tag that does not fit
    assert "thing: 8 rows of 8 documents, the first 5" in words(shown["table"])
    assert "item" not in words(shown["table"])


def test_a_retry_tells_what_was_asked_for(shown: dict[str, Shown]) -> None:
    assert "a retry would read 2 documents again" in words(shown["retry plan"])
    assert "asked for 2" in words(shown["retry"])


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("analysis", ("1 conflict", "compared by thing.id", "different content", "differing_columns")),
        ("reconciliation", ("1 difference", "values that are others", "thing.name", "id = 9", "nine", "meddled")),
        ("coverage", ("something is new", "/r/@new", "not read", "since survey")),
        ("purge plan", ("would purge 1 document", "loaded 1", "nothing was changed")),
        ("purge", ("purged 1 document", "chunk -", "the books balance")),
        ("audit", ("1 problem", "truncated", "stage=quarantine")),
    ],
)
def test_what_duplicates_and_audit_find(shown: dict[str, Shown], kind: str, parts: tuple[str, ...]) -> None:
    told = words(shown[kind])
    for part in parts:
        assert part in told, (part, told)


def test_quarantine_tells_reason_place_and_what_to_do(shown: dict[str, Shown]) -> None:
    assert "not_well_formed" in words(shown["quarantine"])
    document = words(shown["document"])
    for part in ("> 2 |  <n>bad</m>", "the same document", "next", "corrected"):
        assert part in document, part
    assert "2:12" in document or "2:8" in document


def test_a_plan_says_what_a_run_would_do(shown: dict[str, Shown]) -> None:
    assert "a run would read 10 documents" in words(shown["plan"])
    refused = words(shown["refused"])
    assert "a run would refuse to begin" in refused
    assert "the target is another one" in refused
    assert "never ran" in words(shown["never ran"])


def test_long_lists_are_cut_and_say_so(shown: dict[str, Shown]) -> None:
    found = shown["quarantine"]
    assert isinstance(found, QuarantineList)
    one: QuarantinedDocument = found.documents[0]
    many = replace(found, total=100_000, documents=(one,) * 5000)
    assert "and 99,900 more" in words(many)
    assert len(many._repr_html_()) < 40_000
    check: Any = shown["check"]
    wide = replace(check.tables[0], sample=check.tables[0].sample * 400, rows=2000)
    assert "the first 10" in words(wide)
    assert len(wide._repr_html_()) < 12_000


def test_what_is_no_markup_is_escaped_wherever_it_goes() -> None:
    bold = element("b", "1 < 2")
    assert bold == "<b>1 &lt; 2</b>"
    assert text(bold) is bold
    assert isinstance(table([("a", bold)]), Markup)
    assert "<td><b>1 &lt; 2</b></td>" in table([("a", bold)])
    assert text(f"{bold}") == "&lt;b&gt;1 &amp;lt; 2&lt;/b&gt;"  # a plain text again
    assert text("\x00\u202e\ud800\uffff") == "\\x00\\u202e\\ud800\\uffff"
    assert table([]) == ""
