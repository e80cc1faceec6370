"""What each shredder, and lxml alone, says about every case of the W3C suite.

`python -m tests.differential.w3c_verdicts` writes the list that tests/transforms/shred/test_w3c_suite.py holds them to.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from lxml import etree

from tests.differential.shredders import Shredder, make_native, shred_array
from tests.differential.w3c import Case, cases
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, TablePlan, TypeKind
from transforms.path.model import ANY, NameTest
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.shred import LxmlShredder

LISTED = Path(__file__).resolve().parents[1] / "transforms" / "shred" / "w3c_verdicts.csv"
ACCEPTED = "accepted"

# The only reasons why a verdict may be another one than that of lxml alone or of the suite.
REASONS = {
    "doctype": "every document with a document type declaration is refused",
    "mark": "a byte order mark decides the encoding, whatever is declared",
    "namespaces": "the case is for processors without namespaces",
    "xml 1.1": "XML 1.1 is read as XML 1.0",
    "fifth edition": "the case is about editions of XML 1.0 before the fifth, or takes 1.0 in their way",
}


@dataclass(frozen=True)
class Verdict:
    """One line of the list.

    verdict: `accepted`, or why it is refused. kernel: `native`, or why it leaves the document to the reference.
    lxml: `accepted` or `refused` by lxml alone. not_as_lxml, not_as_suite: '' or one of REASONS.
    """

    path: str
    kind: str
    verdict: str
    kernel: str
    lxml: str
    not_as_lxml: str
    not_as_suite: str


def everything() -> ContractPlan:
    """A plan that reads all of every document."""
    paths = ("text()", "xml()", ".", "*[last()]", "@id")
    columns = tuple(
        ColumnPlan(f"c{at}", parse_value_path(path, {}), ColumnType(TypeKind.STRING)) for at, path in enumerate(paths)
    )
    return ContractPlan(NameTest(ANY, ANY), (TablePlan("element", parse_row_path("//*", {}), None, (), columns),))


def verdicts_of(shredder: Shredder, suite: Sequence[Case]) -> list[str]:
    """`accepted` or the reason of the refusal, for each case."""
    refused = shredder.shred(shred_array([case.data for case in suite], text=False)).refused
    reasons = dict(zip(refused["document"].to_pylist(), refused["reason"].to_pylist(), strict=True))
    return [reasons.get(at, ACCEPTED) for at in range(len(suite))]


def ways_of(shredder: Shredder, suite: Sequence[Case]) -> list[str]:
    """`native`, or why the kernel leaves a document to the reference, for each case."""
    found = []
    for case in suite:
        (way,) = shredder.shred(shred_array([case.data], text=False)).ways.to_pylist()
        found.append("native" if way["way"] == "native" else way["why"])
    return found


def of_lxml(case: Case) -> str:
    """Whether lxml alone accepts the document. What is outside of it is not read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        etree.fromstring(case.data, parser)
    except etree.XMLSyntaxError:
        return "refused"
    return ACCEPTED


def why_not_as_lxml(verdict: str, lxml: str) -> str:
    """Why a verdict is another one than that of lxml alone; '' where it is not, '?' where no reason fits."""
    if (verdict == ACCEPTED) == (lxml == ACCEPTED):
        return ""
    return "doctype" if verdict == "doctype" else "?"


def why_not_as_suite(case: Case, verdict: str) -> str:
    """Why a verdict is not what the suite expects; '' where it is, '?' where no reason fits."""
    if case.accepted is None or (verdict == ACCEPTED) == case.accepted:
        return ""
    if verdict == "doctype":
        return "doctype"
    if verdict == "namespace" and not case.namespaces:
        return "namespaces"
    if not case.is_of_fifth_edition:
        return "fifth edition"
    if case.recommendation == "XML1.1":
        return "xml 1.1"
    return "mark" if case.data.startswith((b"\xef\xbb\xbf", b"\xfe\xff")) else "?"


def verdicts(suite: Sequence[Case], kernel: Sequence[str]) -> list[Verdict]:
    """The list. kernel: of `ways_of`, or as listed where there is no kernel."""
    found = []
    for case, verdict, way in zip(suite, verdicts_of(LxmlShredder(everything()), suite), kernel, strict=True):
        lxml = of_lxml(case)
        whys = why_not_as_lxml(verdict, lxml), why_not_as_suite(case, verdict)
        found.append(Verdict(case.path, case.kind, verdict, way, lxml, *whys))
    return found


def listed() -> list[Verdict]:
    """The committed list."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return [Verdict(**row) for row in csv.DictReader(file)]


def main() -> None:
    """Write the list again."""
    suite = cases()
    with LISTED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Verdict))
        writer.writerows(astuple(each) for each in verdicts(suite, ways_of(make_native(everything()), suite)))


if __name__ == "__main__":
    main()
