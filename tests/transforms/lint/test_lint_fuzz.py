"""Whatever a contract says and documents hold: where it compiles, lint ends, and every finding says where."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from linted_contracts import found

sys.path.append(str(Path(__file__).parents[1] / "contract"))

from edited_contracts import RICH, edited_contracts

from transforms.errors import ContractError

DOCUMENTS = (
    '<p:r xmlns:p="urn:p" id="1" x="b"><c f="Y"><d>2020-01-01</d><n>1</n><t>a</t><t>b</t></c><c f="N"/>'
    '<d><e x="1" b="k"/><f a="k" r="A" x="5"/><g a="1" c="2" y="u"/></d>'
    '<s a="1" b="2" wA="x" w="q"><item>1</item><item>2</item></s></p:r>',
    '<p:r xmlns:p="urn:p" id="2"><c f="?"><d>yesterday</d><n>1,5</n></c></p:r>',
    "<z/>",
)


def written(contract: object) -> str:
    """With SQL that its types take, and documents that are not packed."""
    text = json.dumps(contract).replace("n > 1", "length(n) > 0")
    return text.replace('"decode": ["gzip"]', '"decode": []')


def check(text: str) -> None:
    codes = []
    for documents in ((), DOCUMENTS):
        findings = found(text, documents)
        codes.append([each.code for each in findings])
        assert all(each.line == 1 and each.column >= 1 and each.key and each.message for each in findings)
    assert set(codes[0]) <= set(codes[1])


def test_the_whole_language_is_judged() -> None:
    check(written(RICH))


@settings(max_examples=100)
@given(edited_contracts())
def test_edited_contracts_are_judged(contract: object) -> None:
    with suppress(ContractError):  # most edits make it wrong
        check(written(contract))
