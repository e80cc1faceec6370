"""The picks of a table: where their candidates are, what decides between them, and in which order they are chosen."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_plan import Shared
from transforms.contract.draft import Draft
from transforms.contract.names import check_names
from transforms.contract.parents import may_be_root
from transforms.contract.plan import Pick, Preference, Take
from transforms.contract.prefer import check_values
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.selection import PickSection
from transforms.contract.source import Path
from transforms.errors import PathError
from transforms.path.model import FromRoot, NameTest, Parents, RowPath, TerminalKind, ValuePath
from transforms.path.parse import parse_value_path


def plan_picks(draft: Draft, root: NameTest | None, shared: Shared) -> tuple[Pick, ...]:
    """The picks, each after the one that it starts from; of no use where a problem was reported."""
    stated = draft.table.picks
    report = shared.report
    check_names(stated, (*draft.path, "picks"), "pick", report)
    found: dict[str, Pick] = {}
    for name in _starts_first(draft, report):
        pick = _pick(name, stated[name], draft, found, root, shared)
        if pick is not None:
            found[name] = pick
    _check_read(draft, report)
    return tuple(found.values())


def _starts_first(draft: Draft, report: Report) -> list[str]:
    """The names of the picks, each after the one it starts from, otherwise by name; what goes round in a circle, or
    starts from nothing, is reported and left out."""
    stated = draft.table.picks
    ordered: list[str] = []
    judged: set[str] = set()
    for name in sorted(stated):
        chain = [name]
        while (start := stated[chain[-1]].of) and start in stated and start not in chain:
            chain.append(start)
        if start and chain[-1] not in judged:
            judged.add(chain[-1])
            place = (*draft.path, "picks", chain[-1], "of")
            if start in chain:
                cycle = chain[chain.index(start) :]
                judged.update(cycle)
                shown = " -> ".join([*cycle, cycle[0]])
                message = (
                    f"the picks start from each other: {shown}" if len(cycle) > 1 else "the pick starts from itself"
                )
                report.value(place, message, expected="a pick without of, which starts from the row's element")
            else:
                near = nearest(start, [other for other in stated if other != name])
                expected = "" if near else "a pick of the same table, or no of"
                report.value(place, f"the table has no pick {start!r}", expected=expected, nearest=near)
        if not start:
            ordered += [pick for pick in reversed(chain) if pick not in ordered]
    return ordered


def _pick(
    name: str, stated: PickSection, draft: Draft, found: Mapping[str, Pick], root: NameTest | None, shared: Shared
) -> Pick | None:
    report, place = shared.report, (*draft.path, "picks", name)
    before = report.count
    path = _candidates(stated, place, root, shared)
    match = tuple(
        (theirs, ours)
        for key, value in sorted(stated.match.items())
        if (theirs := _value(key, (*place, "match", key), shared, is_key=True)) is not None
        and (ours := _value(value, (*place, "match", key), shared)) is not None
    )
    require = _values(stated.require, (*place, "require"), shared)
    require_any = _values(stated.require_any, (*place, "require_any"), shared)
    prefer = _prefer(stated, place, shared)
    _check_sense(stated, found.get(stated.of), path, place, report)
    base = found[stated.of].rows if stated.of in found else draft.rows
    if path is None or base is None or report.count > before:
        return None
    everywhere = isinstance(path.start, FromRoot)
    steps = path.steps if everywhere else (*base.steps, *path.steps)
    source = path.source if everywhere else f"{base.source}/{path.source.strip().removeprefix('./')}"
    return Pick(
        name=name,
        rows=RowPath(source.replace("/.//", "//"), steps),
        of=stated.of or None,
        everywhere=everywhere,
        match=match,
        require=require,
        require_any=require_any,
        prefer=prefer,
        ignore_case=stated.ignore_case,
        null_words=tuple(shared.defaults.null_words),
        take=Take(stated.take),
        filled=stated.filled,
    )


def _candidates(stated: PickSection, place: Path, root: NameTest | None, shared: Shared) -> ValuePath | None:
    """The path of the candidates: element steps only, from the row's element or the document."""
    place = (*place, "path")
    path = _value(stated.path, place, shared)
    if path is None:
        return None
    report = shared.report
    if path.start != Parents(0) and not isinstance(path.start, FromRoot):
        message = f"{stated.path!r} leaves the row's element"
        expected = "a path that begins with `/` or `//`, and match: to say which elements belong to the row"
        report.value(place, message, expected=expected)
    elif path.terminal.kind is not TerminalKind.STRING or not path.steps:
        what = "the row's own element" if path.terminal.kind is TerminalKind.STRING else "a value"
        message = f"{stated.path!r} is {what}, and a pick is another element"
        report.value(place, message, expected="element steps such as contact[@role='PR']; the columns read the values")
    elif isinstance(path.start, FromRoot) and root is not None and not may_be_root(RowPath("", path.steps), root):
        message = f"{stated.path!r} selects nothing, because the root element is another"
        report.value(place, message, expected=f"a path that begins with /{root.local}, or with //")
    else:
        return path
    return None


def _value(text: str, place: Path, shared: Shared, *, is_key: bool = False) -> ValuePath | None:
    try:
        return parse_value_path(text, shared.namespaces)
    except PathError as error:
        if is_key:
            shared.report.key(place, error.message, expected=error.expected or error.hint)
        else:
            shared.report.path_error(place, error)
        return None


def _values(texts: list[str], place: Path, shared: Shared) -> tuple[ValuePath, ...]:
    found: list[ValuePath] = []
    for index, text in enumerate(texts):
        at = shared.report.source.known((*place, index))
        if text in texts[:index]:
            shared.report.value(at, f"{text!r} is here twice", expected="each path once")
        path = _value(text, at, shared)
        if path is not None:
            found.append(path)
    return tuple(found)


def _prefer(stated: PickSection, place: Path, shared: Shared) -> tuple[Preference, ...]:
    found: list[Preference] = []
    for by, values in stated.prefer.items():
        at = (*place, "prefer", by)
        path = _value(by, at, shared, is_key=True)
        check_values(values, at, shared.report, ignore_case=stated.ignore_case)
        if path is not None:
            found.append(Preference(path, tuple(values)))
    return tuple(found)


def _check_sense(stated: PickSection, start: Pick | None, path: ValuePath | None, place: Path, report: Report) -> None:
    """Keys that say nothing beside the others."""
    if "ignore_case" in stated.model_fields_set and not (stated.match or stated.prefer):
        report.key((*place, "ignore_case"), "the pick compares nothing", expected="match or prefer, or no ignore_case")
    if start is not None and start.filled:
        message = f"{stated.of!r} has `filled`, so its values may come from several elements"
        report.value((*place, "of"), message, expected="a pick without filled")
    if path is not None and stated.of and isinstance(path.start, FromRoot) and not stated.match:
        message = "the path begins at the document, so it does not start from another pick"
        report.value((*place, "of"), message, expected="a path from that element, or match: with its values")


def _check_read(draft: Draft, report: Report) -> None:
    """A pick that nothing reads is a slip of the pen."""
    read = {column.of for column in draft.table.columns.values()} | {pick.of for pick in draft.table.picks.values()}
    for name in draft.table.picks:
        if name not in read:
            message = f"nothing reads the pick {name!r}"
            report.key((*draft.path, "picks", name), message, expected=f"a column with of: {name}")
