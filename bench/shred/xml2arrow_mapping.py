"""The mapping of xml2arrow, the nearest peer, for what a plan reads, as far as it can say it.

Its tables are elements whose children are rows, whatever their names: columns of differently named children stand in
one wide table. Attributes of such an element itself stand in the first of its rows. A path belongs to one table and has
plain names only: no `//`, no predicates, no `..`. Namespaces are ignored; values of repeated elements run together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.contract.extracts import ReadColumn, extracts_of
from transforms.contract.plan import ContractPlan
from transforms.path.model import ANY, Axis, Parents, Step, TerminalKind, ValuePath

Names = tuple[str, ...]

# Of one document; several under one root are a file of their own, which spares the call for each.
JOINED_ROOT = "all"


@dataclass(frozen=True)
class Mapping:
    """text: its YAML file. columns: how many of the plan's columns it reads. of: how many there are."""

    text: str
    columns: int
    of: int


def mapping_of(plan: ContractPlan, *, joined: bool = False) -> Mapping | None:
    """The mapping; None where it can say nothing, or documents have several roots. joined: documents stand under
    JOINED_ROOT."""
    extracts = extracts_of(plan)
    if len({extract.route for extract in extracts}) > 1:
        return None
    above: Names = (JOINED_ROOT,) if joined else ()
    containers: set[Names] = set()
    fields: dict[Names, int] = {}
    for extract in extracts:
        rows = _names(extract.rows.steps)
        if rows is None:
            continue
        found = [(*above, *rows, *below) for column in extract.columns if (below := _below(column))]
        if found:
            containers.add((*above, *rows[:-1]))
        for each in found:
            fields.setdefault(each, len(fields))
    if not fields:
        return None
    tables = "".join(_table(container, containers, fields) for container in sorted(containers))
    return Mapping(f"tables:\n{tables}", len(fields), sum(len(extract.columns) for extract in extracts))


def _names(steps: Sequence[Step]) -> Names | None:
    """Plain names of plain steps."""
    plain = all(step.axis is Axis.CHILD and step.test.local != ANY and not step.predicates for step in steps)
    return tuple(step.test.local for step in steps) if plain else None


def _below(column: ReadColumn) -> Names | None:
    """A column's path from the row's element; None where it cannot be said."""
    path = column.path
    if not isinstance(path, ValuePath) or path.start != Parents(0):
        return None
    names, terminal = _names(path.steps), path.terminal
    if names is None:
        return None
    if terminal.kind is TerminalKind.ATTRIBUTE:
        assert terminal.name is not None
        return (*names, f"@{terminal.name.local}")
    return names if terminal.kind in (TerminalKind.STRING, TerminalKind.TEXT) else None


def _table(container: Names, containers: set[Names], fields: dict[Names, int]) -> str:
    own = {path: number for path, number in fields.items() if _home(path, containers) == container}
    levels = [f"level{len(each)}" for each in sorted(containers) if each and each == container[: len(each)]]
    lines = [f"  - name: table{len(container)}_{'_'.join(container)}", f"    xml_path: /{'/'.join(container)}"]
    lines += [f"    levels: [{', '.join(levels)}]", "    fields:" if own else "    fields: []"]
    for path, number in own.items():
        where = "/" + "/".join(path)
        lines.append(f"      - {{name: c{number}, xml_path: {where}, data_type: Utf8, nullable: true}}")
    return "\n".join(lines) + "\n"


def _home(path: Names, containers: set[Names]) -> Names:
    """The innermost table that a field's element stands in, or is."""
    element = path[:-1] if path[-1].startswith("@") else path
    return max((each for each in containers if each == element[: len(each)]), key=len)
