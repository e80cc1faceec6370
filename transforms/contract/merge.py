"""Several contracts for one source, merged into one plan: each document is read by the first that takes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from transforms.contract.canonical import text_hash
from transforms.contract.plan import ContractPlan, Route, TablePlan
from transforms.contract.problems import dotted
from transforms.contract.target_tables import target_problems
from transforms.errors import ContractError, Problem
from transforms.path.model import NameTest

_HINT = "docs/job.md tells how several contracts share a source"


@dataclass(frozen=True, slots=True)
class ContractPart:
    """One of several contracts. name: its file, for messages. when: which documents it takes, as in Route."""

    name: str
    plan: ContractPlan
    when: tuple[tuple[str, str], ...] = ()


def merge_contracts(parts: Sequence[ContractPart]) -> ContractPlan:
    """One plan of the tables of all parts, each with the route of its documents.

    parts: at least one, in the order in which they are asked for a document. A single one that takes every document
    stays as it is. Of several, the tables and their parents are called `scope:table`, the scope being the file's name
    without its ending; tables of different parts may load into the same table of the target.

    Raises ContractError with every reason why they do not go together: documents are decoded differently, tables that
    load into one differ, or a part gets no documents because an earlier one takes them all.
    """
    if len(parts) == 1 and not parts[0].when:
        return parts[0].plan
    scopes = _scopes([part.name for part in parts]) if len(parts) > 1 else [""]
    tables = [
        _routed(table, part, scope) for part, scope in zip(parts, scopes, strict=True) for table in part.plan.tables
    ]
    files = {scope: part.name for part, scope in zip(parts, scopes, strict=True)}
    problems = [
        *_unreachable(parts),
        *(problem for part in parts[1:] for problem in _differently_read(parts[0], part)),
        *(replace(problem, file=files[table.scope]) for table, problem in target_problems(tables)),
    ]
    if problems:
        raise ContractError(list(dict.fromkeys(problems)), hint=_HINT)
    text = _text(parts)
    return replace(parts[0].plan, tables=tuple(tables), sha256=text_hash(text), text=text)


def _routed(table: TablePlan, part: ContractPart, scope: str) -> TablePlan:
    def scoped(name: str) -> str:
        return f"{scope}:{name}" if scope else name

    return replace(
        table,
        name=scoped(table.name),
        parent=None if table.parent is None else scoped(table.parent),
        joins=tuple(replace(join, table=scoped(join.table)) for join in table.joins),
        route=Route(part.plan.root, part.when),
        scope=scope,
    )


def _scopes(names: Sequence[str]) -> list[str]:
    """What tells the tables of each file apart: its name without ending, with more of it where that is not enough."""
    paths = [_without_ending(name.replace("\\", "/")) for name in names]
    stems = [path.rpartition("/")[2] for path in paths]
    scopes: list[str] = []
    for path, stem in zip(paths, stems, strict=True):
        scope = stem if stems.count(stem) == 1 else path
        again = sum(1 for each in scopes if each == scope or each.startswith(f"{scope}#"))
        scopes.append(f"{scope}#{again + 1}" if again else scope)
    return scopes


def _without_ending(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return folder + slash + (stem if dot and stem else name)


def _text(parts: Sequence[ContractPart]) -> str:
    """The parts in canonical form, in their order, without the names of their files, which mean nothing."""
    stated = [{"contract": json.loads(part.plan.text), "when": _alternatives(part.when)} for part in parts]
    return json.dumps({"contracts": stated}, ensure_ascii=True, separators=(",", ":"))


def _alternatives(when: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """The values of each key column, sorted."""
    return {name: sorted({value for other, value in when if other == name}) for name in sorted(dict(when))}


def _unreachable(parts: Sequence[ContractPart]) -> list[Problem]:
    """Parts whose documents are all taken by a part before them."""
    problems = []
    for number, part in enumerate(parts):
        for earlier in parts[:number]:
            if earlier.plan.root == part.plan.root and _takes_all(earlier, part):
                message = f"this contract gets no documents: {earlier.name} stands before it and takes every"
                message += f" {_root_name(part.plan.root)}{_those(part.when)}"
                problems.append(Problem(message, part.name, key="root", expected="another `root` or another `when`"))
                break
    return problems


def _takes_all(earlier: ContractPart, later: ContractPart) -> bool:
    first, second = _alternatives(earlier.when), _alternatives(later.when)
    return all(name in second and set(second[name]) <= set(values) for name, values in first.items())


def _those(when: tuple[tuple[str, str], ...]) -> str:
    said = [f"{name} {' or '.join(values)}" for name, values in _alternatives(when).items()]
    return f" with {' and '.join(said)}" if said else ""


def _root_name(root: NameTest) -> str:
    return f"{{{root.uri}}}{root.local}" if root.uri else root.local


def _differently_read(first: ContractPart, part: ContractPart) -> list[Problem]:
    """Settings that hold before it is known whose document it is."""
    ours, theirs = _reading(part.plan), _reading(first.plan)
    return [
        Problem(
            f"{ours[key]} here, {theirs[key]} in {first.name}",
            part.name,
            key=key,
            expected="the same in all contracts of a job: a document is decoded before its contract is known",
        )
        for key in ours
        if ours[key] != theirs[key]
    ]


def _reading(plan: ContractPlan) -> dict[str, str]:
    """How documents are read, by the contract's keys."""
    keys = {"document_bytes": "bytes", "text_bytes": "text", "name_bytes": "name"}
    limits = {
        dotted(("document", "limits", keys.get(name, name))): f"{value:,}"
        for name, value in asdict(plan.limits).items()
    }
    decode = f"[{', '.join(plan.decode)}]"
    return {"document.decode": decode, "document.declaration": plan.declaration.value, **limits}
