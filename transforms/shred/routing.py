"""Which tables read a document: those of the first contract that takes it."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan, Route
from transforms.shred.lines import source_line
from transforms.shred.refusal import RefusedError
from transforms.shred.steps import Element, lxml_name


class Routing:
    """The routes of a plan, in the order in which they are asked for a document; a contract on its own has one.

    keys: the source's key columns that decide, by name.
    """

    def __init__(self, plan: ContractPlan) -> None:
        self._only = Route(plan.root)
        self.routes: tuple[Route, ...] = tuple(dict.fromkeys(self.of(table.route) for table in plan.tables))
        self._roots = [lxml_name(route.root) for route in self.routes]
        self._values = [_values(route) for route in self.routes]
        self.keys: tuple[str, ...] = tuple(sorted({name for values in self._values for name in values}))

    def of(self, route: Route | None) -> Route:
        """The route of a table or of an extract that may have none of its own."""
        return route or self._only

    def choose(self, root: Element, keys: Mapping[str, str | None]) -> Route:
        """The first route that takes the document. keys: the texts of its key columns.

        RefusedError: `wrong_root` where none has its root element, `no_contract` where those that have it want other
        keys.
        """
        fitting = [
            number for number, name in enumerate(self._roots) if next(root.iter(name), None) is root
        ]  # an element's name is compared as the row paths compare it
        for number in fitting:
            if all(keys[name] in values for name, values in self._values[number].items()):
                return self.routes[number]
        raise self._refused(root, keys, fitted=bool(fitting))

    def open_routes(self, keys: Mapping[str, pa.Array]) -> pa.Array | None:
        """For each document the routes that take it by its keys: uint64, bit i for route i. None: all take any.

        keys: the texts of the key columns, one value a document.
        """
        if not self.keys:
            return None
        count = len(keys[self.keys[0]])
        found = pa.repeat(pa.scalar(0, pa.uint64()), count)
        for number, wanted in enumerate(self._values):
            taken = pa.repeat(pa.scalar(True), count)
            for name, values in wanted.items():
                of_them = pc.is_in(keys[name], pa.array(list(values), pa.string()))
                taken = pc.and_(taken, of_them)
            bit = pc.if_else(taken, pa.scalar(1 << number, pa.uint64()), pa.scalar(0, pa.uint64()))
            found = pc.bit_wise_or(found, bit)
        return found

    def described(self, keys: Mapping[str, str | None]) -> str:
        """A document's keys, for messages."""
        return " and ".join(f"{name} {_shown(keys[name])}" for name in self.keys)

    def _refused(self, root: Element, keys: Mapping[str, str | None], *, fitted: bool) -> RefusedError:
        line = source_line(root)
        if fitted:
            detail = f"no contract takes {root.tag} with {self.described(keys)}"
            return RefusedError("no_contract", detail, line=line)
        roots = list(dict.fromkeys(self._roots))
        wanted = f"; the contracts take {', '.join(roots)}" if len(roots) > 1 else ""
        return RefusedError("wrong_root", f"the root element is {root.tag}{wanted}", line=line)


def _values(route: Route) -> dict[str, frozenset[str | None]]:
    """The values of each key column that a route takes."""
    return {name: frozenset(value for other, value in route.when if other == name) for name, _ in route.when}


def _shown(value: str | None) -> str:
    return "NULL" if value is None else repr(value)
