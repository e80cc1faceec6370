"""Writing a place as a path: with the contract's prefixes where it has them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from transforms.contract.plan import ContractPlan
from transforms.coverage.place import Place
from transforms.shred.steps import Element

_XML = "http://www.w3.org/XML/1998/namespace"


class Names:
    """Prefixes for namespaces: the contract's, then the first that a document uses for one the contract does not name.

    namespaces: prefix -> URI, as the contract has them.
    """

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._default = namespaces.get("") or ""
        self._taken = {prefix for prefix in namespaces if prefix} | {"xml"}
        self._prefixes = {_XML: "xml"}
        for prefix, uri in namespaces.items():
            if prefix and uri:
                self._prefixes.setdefault(uri, prefix)

    def note(self, element: Element) -> None:
        """Learn the prefixes that stand at an element of a document."""
        for prefix, declared in element.nsmap.items():
            if prefix and declared not in self._prefixes and prefix not in self._taken:
                self._prefixes[declared] = prefix
                self._taken.add(prefix)

    def element(self, tag: str) -> str:
        """An element's name as a path of the contract writes it; `{uri}name` where no prefix is known."""
        uri, local = _split(tag)
        if uri == self._default:
            return local
        if not uri:
            return f"{{}}{local}"  # in no namespace, where names without a prefix are in the default one
        return f"{self._prefixes[uri]}:{local}" if uri in self._prefixes else tag

    def attribute(self, name: str) -> str:
        """An attribute's name as a path of the contract writes it, without the `@`."""
        uri, local = _split(name)
        if not uri:
            return local
        return f"{self._prefixes[uri]}:{local}" if uri in self._prefixes else name

    def path(self, place: Place) -> str:
        """The path of an element, from the root."""
        steps = place.steps()
        return "".join(f"{'//' if step.recursive else '/'}{self.element(step.tag or '')}" for step in steps)


def contract_names(plan: ContractPlan) -> Names:
    """The names by the prefixes of a contract, which its canonical text still knows; of several contracts, by those
    that mean the same in all of them."""
    text = json.loads(plan.text) if plan.text else {}
    contracts = [each["contract"] for each in text["contracts"]] if "contracts" in text else [text]
    stated: list[dict[str, str]] = [each.get("namespaces") or {} for each in contracts]
    uris: dict[str, set[str]] = {}
    for namespaces in stated:
        for prefix in {"", *namespaces}:
            uris.setdefault(prefix, set()).add(namespaces.get(prefix, ""))
    return Names({prefix: next(iter(found)) for prefix, found in uris.items() if len(found) == 1})


def _split(name: str) -> tuple[str, str]:
    uri, _, local = name.removeprefix("{").rpartition("}")
    return uri, local
