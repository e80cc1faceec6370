"""Places in documents: one for all elements with the same names above them, and what is counted there."""

from __future__ import annotations


class Tally:
    """The values of one attribute, or the own texts, of the elements of one place."""

    __slots__ = ("_last", "bytes", "documents", "example", "filled", "occurrences", "size", "unread")

    def __init__(self) -> None:
        self.occurrences = 0
        self.size = 0  # bytes of all values
        self.unread = 0
        self.filled = 0  # of the unread
        self.bytes = 0  # of the unread
        self.documents = 0  # with an unread one
        self.example = ""
        self._last = -1

    def add(self, value: str, document: int, *, read: bool) -> None:
        """One more value."""
        size = len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
        self.occurrences += 1
        self.size += size
        if read:
            return
        self.unread += 1
        self.bytes += size
        if self._last != document:
            self._last = document
            self.documents += 1
        if size and not value.isspace():
            self.filled += 1
            self.example = self.example or value


class Place:
    """The elements that have the same names above them, from the root; `tag` is None for the document itself.

    An element inside one of the same name belongs to the place of that one, so that recursive documents have few
    places; such a place is `recursive`.
    """

    __slots__ = ("above", "attributes", "children", "recursive", "tag", "text")

    def __init__(self, tag: str | None = None, above: Place | None = None) -> None:
        self.tag = tag
        self.above = above
        self.recursive = False
        self.attributes: dict[str, Tally] = {}
        self.text = Tally()
        self.children: dict[str, Place] = {}

    def add(self, tag: str) -> Place:
        """The place of the child elements of a name that none has had so far."""
        place: Place | None = self
        while place is not None and place.tag != tag:
            place = place.above
        if place is None:
            place = Place(tag, self)
        else:
            place.recursive = True
        self.children[tag] = place
        return place

    def everything(self) -> list[Place]:
        """This place and all below it, each once."""
        places = [self]
        for place in places:  # which grows meanwhile
            places += [child for child in place.children.values() if child.above is place]
        return places

    def steps(self) -> list[Place]:
        """The places from the root element's to this one."""
        place, steps = self, []
        while place.above is not None:
            steps.append(place)
            place = place.above
        return steps[::-1]
