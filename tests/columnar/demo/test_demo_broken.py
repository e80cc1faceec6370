from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from columnar.demo.broken import broken_element, truncated
from columnar.demo.profile import Kind

WHOLE = "<a b='größer — \U0001f697'>é</a>".encode()


@pytest.mark.parametrize("kind", [Kind.NOT_WELL_FORMED, Kind.UNDECLARED_PREFIX])
def test_a_broken_element_breaks_its_document(kind: Kind) -> None:
    rng = Random(1)
    made = {broken_element(kind, rng) for _ in range(200)}
    assert len(made) == (8 if kind is Kind.NOT_WELL_FORMED else 1)
    for element in made:
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(b"<root>" + element + b"</root>")


@given(st.integers())
def test_a_truncated_document_is_a_prefix_of_whole_characters(seed: int) -> None:
    cut = truncated(WHOLE, Random(seed))
    assert WHOLE.startswith(cut)
    assert 0 < len(cut.decode()) < len(WHOLE.decode())
