"""The measurement: every document parsed as the shredder does, the contract's paths followed, everything counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from transforms.contract.extracts import Extract, extracts_of
from transforms.contract.plan import ContractPlan, Route
from transforms.coverage.marks import Key, Marks
from transforms.coverage.names import Names, contract_names
from transforms.coverage.place import Tally
from transforms.coverage.result import Coverage, Share, UnreadPath
from transforms.coverage.route import contract_route
from transforms.coverage.survey import Survey
from transforms.coverage.unmatched import unmatched
from transforms.shred.parse import DocumentParser
from transforms.shred.refusal import RefusedError
from transforms.shred.routing import Routing

_SHOWN = 60  # characters of an example


def measure(
    plan: ContractPlan, documents: Iterable[tuple[bytes, bool]], keys: Mapping[str, Sequence[str]] | None = None
) -> Coverage:
    """How much of the documents the contract reads.

    documents: the bytes of each, and whether they come out of a text column, whose declared encoding is not believed.
    keys: one text a document for each source key by which the plan chooses a contract.
    Documents that the shredder refuses for their form, their root element or their key are left out.

    Read is what a path meets, whatever `many` then takes of it, and what a predicate looks at in the elements it
    judges; of all tables, `load: false` included. `.` and bare element paths read all text in the element, `xml()` its
    attributes too, `xpath:` the nodes it returns.

    Cost: Python for each element and attribute: 3 to 8 MB/s of XML; more of base64 and long texts.
    """
    measurement = Measurement(plan)
    deciding = {name: (keys or {})[name] for name in measurement.keys}
    for number, (data, text) in enumerate(documents):
        measurement.add(data, {name: texts[number] for name, texts in deciding.items()}, text=text)
    return measurement.coverage()


class Measurement:
    """The same, one document after the other: what is held grows with the different paths, not with the documents."""

    def __init__(self, plan: ContractPlan) -> None:
        self._plan = plan
        self._parser = DocumentParser(plan.limits, plan.declaration, plan.decode)
        self._routing = routing = Routing(plan)
        self._names = contract_names(plan)
        self._routes = {route: contract_route(plan, among=partial(_reads, routing, route)) for route in routing.routes}
        self._survey = Survey(self._names)
        self._matched: set[Key] = set()
        self._computed: set[Key] = set()
        self._size = 0

    @property
    def keys(self) -> tuple[str, ...]:
        """The source keys by which a contract is chosen."""
        return self._routing.keys

    def add(self, data: bytes | memoryview, keys: Mapping[str, str | None], *, text: bool) -> bool:
        """One more document. keys: the texts of at least `self.keys`. Returns whether it counts."""
        try:
            root, source = self._parser.parse(memoryview(data), text=text)
            route = self._routing.choose(root, keys)
        except RefusedError:
            return False
        marks = Marks()
        self._routes[route].follow([], root, marks)
        self._survey.add(root, marks)
        self._matched |= marks.matched
        self._computed |= marks.computed
        self._size += len(source.data)
        return True

    def coverage(self) -> Coverage:
        """What was measured so far."""
        return _coverage(self._plan, self._survey, self._names, self._size, self._matched, self._computed)

    def paths(self) -> dict[str, Tally]:
        """Every attribute and text of the documents, read or not, by its path."""
        return dict(_written(self._survey, self._names))


def _reads(routing: Routing, route: Route, extract: Extract) -> bool:
    return routing.of(extract.route) == route


def _coverage(
    plan: ContractPlan, survey: Survey, names: Names, size: int, matched: set[Key], computed: set[Key]
) -> Coverage:
    places = survey.document.everything()
    texts = [place.text for place in places]
    attributes = [tally for place in places for tally in place.attributes.values()]
    written = _written(survey, names)
    unread = [_unread(path, tally) for path, tally in written if tally.unread]
    unread.sort(key=lambda each: (-each.filled, -each.unread, each.path))
    return Coverage(
        documents=survey.documents,
        document_bytes=size,
        attributes=_share(attributes),
        texts=_share(texts),
        bytes=_share_of_bytes([*attributes, *texts]),
        unread=tuple(unread),
        paths=len(written),
        unmatched=tuple(unmatched(plan, matched, unread, names)) if survey.documents else (),
        computed=tuple(
            f"{extract.table}.{column.name}"
            for extract in extracts_of(plan)
            for column in extract.columns
            if (extract.name, column.name) in computed
        ),
    )


def _share(tallies: list[Tally]) -> Share:
    total = sum(tally.occurrences for tally in tallies)
    return Share(total - sum(tally.unread for tally in tallies), total)


def _share_of_bytes(tallies: list[Tally]) -> Share:
    total = sum(tally.size for tally in tallies)
    return Share(total - sum(tally.bytes for tally in tallies), total)


def _written(survey: Survey, names: Names) -> list[tuple[str, Tally]]:
    """Every place with values, as a path."""
    places = survey.document.everything()
    written = [(names.path(place) + "/text()", place.text) for place in places if place.text.occurrences]
    for place in places:
        above = names.path(place)
        written += [(f"{above}/@{names.attribute(name)}", tally) for name, tally in place.attributes.items()]
    return written


def _unread(path: str, tally: Tally) -> UnreadPath:
    return UnreadPath(
        path=path,
        unread=tally.unread,
        filled=tally.filled,
        occurrences=tally.occurrences,
        documents=tally.documents,
        bytes=tally.bytes,
        example=_shortened(tally.example),
    )


def _shortened(value: str) -> str:
    """The value on one line, with everything that would not print escaped."""
    short = value.strip()
    short = short if len(short) <= _SHOWN else short[: _SHOWN - 1] + "…"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in short
    )
