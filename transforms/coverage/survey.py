"""Counting every attribute and text of the documents, read or not. Python per element: not for hot paths."""

from __future__ import annotations

from transforms.coverage.marks import Marks
from transforms.coverage.names import Names
from transforms.coverage.place import Place, Tally
from transforms.shred.steps import Element
from transforms.shred.text import own_text

_NOTHING: frozenset[str] = frozenset()


class Survey:
    """What was counted so far, by place."""

    def __init__(self, names: Names) -> None:
        self.document = Place()
        self.documents = 0
        self._names = names

    def add(self, root: Element, marks: Marks) -> None:
        """Count one document. marks: what the contract reads in it."""
        number, self.documents = self.documents, self.documents + 1
        # of each element: its place, whether its texts are read from above, and whether its attributes are
        known: dict[Element, tuple[Place, bool, bool]] = {}
        for element in root.iter("*"):
            above = element.getparent()
            place, texts, everything = known[above] if above is not None else (self.document, False, False)
            place = self._below(place, element)
            everything = everything or element in marks.subtrees
            texts = texts or everything or element in marks.strings
            known[element] = place, texts, everything
            self._count(element, place, marks, number, texts=texts, everything=everything)

    def _below(self, place: Place, element: Element) -> Place:
        tag = str(element.tag)
        below = place.children.get(tag)
        if below is None:
            below = place.add(tag)
            self._names.note(element)
        return below

    def _count(
        self, element: Element, place: Place, marks: Marks, document: int, *, texts: bool, everything: bool
    ) -> None:
        text = own_text(element)
        if text and not text.isspace():
            place.text.add(text, document, read=texts or element in marks.texts)
        if not element.attrib:
            return
        read = marks.attributes.get(element, _NOTHING)
        for name, value in element.items():
            tally = place.attributes.get(str(name))
            if tally is None:
                tally = place.attributes[str(name)] = Tally()
                self._names.note(element)
            tally.add(str(value), document, read=everything or name in read)
