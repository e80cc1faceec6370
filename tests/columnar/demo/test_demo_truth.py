"""The counts that the generator states, against an independent look at the documents."""

import re
from collections import Counter
from datetime import datetime

import pytest
from lxml import etree

from columnar.demo import DUPLICATES, Kind, Profile, generate, truth
from tests.columnar.demo.special_profile import MANY_SPECIAL

ISO = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
MONTH_FIRST = (*ISO, "%m/%d/%Y", "%m/%d/%Y %H:%M:%S")
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%Y %H:%M:%S")


def reads(text: str, formats: tuple[str, ...]) -> bool:
    for layout in formats:
        try:
            datetime.strptime(text, layout)
        except ValueError:
            continue
        return True
    return False


def kind_of(text: str | None, seen: dict[str, str]) -> Kind:
    if text is None:
        return Kind.NULL
    body = text.removeprefix("\ufeff")
    if not body.strip():
        return Kind.EMPTY
    if "<!DOCTYPE" in body:
        return Kind.DOCTYPE
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(encoding="utf-8"))
    except etree.XMLSyntaxError as error:
        if not re.search(r"</Loan(Request|Reply)>\s*$", body):
            return Kind.TRUNCATED
        return Kind.UNDECLARED_PREFIX if "prefix zz" in error.msg else Kind.NOT_WELL_FORMED
    if root.tag != "LoanRequest":
        return Kind.WRONG_ROOT
    application = root.find("Request").get("ID")
    if application in seen:
        return Kind.EXACT_DUPLICATE if seen[application] == text else Kind.CONFLICTING_DUPLICATE
    seen[application] = text
    return kind_of_values(root, body)


def kind_of_values(root: etree._Element, body: str) -> Kind:
    if re.match(r"<\?xml [^>]*encoding=\"(?!utf-8)", body, re.IGNORECASE):
        return Kind.OTHER_ENCODING
    ids = Counter(contact.get("id").strip() for contact in root.iter("contact"))
    if any(count > 1 for key, count in ids.items() if key):
        return Kind.REPEATED_CONTACT
    submitted = root.find("Request/Data/application").get("submittedAt").strip()
    if submitted.lower() in ("", "null", "none") or reads(submitted, MONTH_FIRST):
        return Kind.ORDINARY
    if reads(submitted, DAY_FIRST):
        return Kind.DAY_FIRST
    return Kind.LONG_SECOND if re.search(r":[6-9]\d$", submitted) else Kind.IMPOSSIBLE_DATE


@pytest.mark.parametrize("profile", [MANY_SPECIAL, Profile.small()], ids=["many special", "as measured"])
def test_kinds_are_those_that_the_documents_show(profile: Profile) -> None:
    documents = 2000
    counts = truth(documents, profile=profile)
    seen: dict[str, str] = {}
    found: Counter[Kind] = Counter()
    boms = namespaced = blank = references = 0
    for batch in generate(documents, profile=profile):
        for text in batch.column("document").to_pylist():
            kind = kind_of(text, seen)
            found[kind] += 1
            if kind not in (Kind.NULL, Kind.EMPTY):
                boms += text.startswith("\ufeff")
                namespaced += 'tier="gold"' in text if kind is not Kind.TRUNCATED else 0
    assert {kind: found[kind] for kind in Kind} == counts.kinds
    assert counts.documents == documents == sum(found.values())
    for text in seen.values():
        roles = [(contact.get("id").strip(), contact.get("role")) for contact in parsed(text).iter("contact")]
        blank += sum(not key for key, _ in roles)
        references += sum(role == "REF" for _, role in roles)
    assert counts.loaded == len(seen)
    assert (counts.boms, counts.blank_contacts, counts.references) == (boms, blank, references)
    assert namespaced <= counts.namespaced <= namespaced + counts.kinds[Kind.TRUNCATED]


def parsed(text: str) -> etree._Element:
    return etree.fromstring(text.encode(), etree.XMLParser(encoding="utf-8"))


def test_every_thousand_documents_hold_the_stated_number_of_each_kind() -> None:
    for seed in (1, 2):
        counts = truth(3000, seed=seed)
        for kind, per_thousand in Profile().specials.items():
            # A duplicate before which nothing ordinary stands is ordinary itself: at most the first few documents.
            slack = 1 if kind in DUPLICATES else 0
            assert per_thousand * 3 - slack <= counts.kinds[kind] <= per_thousand * 3


def test_defaults_are_about_three_percent_special_and_one_percent_broken() -> None:
    assert 25 <= sum(Profile().specials.values()) <= 35
    assert truth(1000).quarantined == 9
    assert truth(1000).refused == {
        "truncated": 2, "not_well_formed": 2, "namespace": 1, "wrong_root": 1, "empty": 2, "doctype": 1
    }  # fmt: skip


def test_nothing_to_count_is_counted_as_nothing() -> None:
    counts = truth(0)
    assert (counts.documents, counts.loaded, counts.quarantined, counts.duplicates) == (0, 0, 0, 0)
