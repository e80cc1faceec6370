"""An analysis of duplicates, and the explanation of one, as text."""

from __future__ import annotations

from columnar.cli.columns import aligned, block, number, seconds
from columnar.counted import counted, plural
from columnar.dedupe.analyze import Analysis
from columnar.dedupe.explain import Difference, ExplainedEntry, Explanation
from columnar.printable import printable

_SHOWN = 60


def analysis_text(found: Analysis, following: str) -> str:
    """What `columnar dedupe analyze` prints."""
    noun = f"{found.noun}s"
    rows = [
        (noun, number(found.entries), f"compared by {', '.join(found.key)}; {found.rule} wins"),
        ("without a key", number(found.without_key), "view without_key"),
        ("clusters", number(found.clusters), f"the largest has {number(found.largest)}; views clusters, sizes"),
        ("same content", number(found.same_content), "view duplicates"),
        ("different content", number(found.different_content), "views conflicts, differences, differing_columns"),
        ("contents under several keys", number(found.contents_under_several_keys), "view same_content"),
    ]
    if found.near or found.near_skipped:
        rows.append(("near duplicates", number(found.near), "view near_duplicates"))
    lines = [f"duplicates of {found.source}, in {seconds(found.seconds)}", "", *aligned(rows, right={1}), ""]
    if found.near_skipped:
        are = plural(found.near_skipped, "was", "were")
        lines += [
            f"  {counted(found.near_skipped, 'block')} {are} too large to be searched for similar {noun}:"
            " table near_skipped; --block makes smaller ones",
            "",
        ]
    return "\n".join([*lines, *block("next", [f"  duckdb {found.file}", f"  {following}"])]).rstrip()


def explanation_text(found: Explanation) -> str:
    """What `columnar dedupe explain` prints."""
    winner = found.winner
    if found.problem is not None:
        return f"{_name(winner)} has no key to compare: {printable(found.problem)}"
    lines = [f"key {printable(str(found.key))} ({found.columns})", ""]
    if not found.losers:
        lines += [f"  {_name(winner)} is the only one that has it", ""]
    else:
        lines += [f"  winner  {_name(winner)}: {found.rule}", ""]
    for loser in found.losers:
        lines += _loser(loser)
    if found.other_keys:
        keys = ", ".join(printable(key) for key in found.other_keys[:5])
        more = f" and {len(found.other_keys) - 5} more" if len(found.other_keys) > 5 else ""
        lines += [f"  the same content stands under {keys}{more}", ""]
    return "\n".join(lines).rstrip()


def _loser(loser: ExplainedEntry) -> list[str]:
    told = {"same_content": "same content", "different_content": "different content"}.get(
        str(loser.class_), "not to be read any more"
    )
    told += f", {loser.outcome}" if loser.outcome is not None else ""
    told += {True: ", same bytes", False: ", other bytes", None: ""}[loser.same_bytes]
    lines = [f"  loser   {_name(loser)}: {told}"]
    rows = [("column", "winner", "this one"), *map(_difference, loser.differences)] if loser.differences else []
    return [*lines, *aligned(rows, indent=10), ""]


def _difference(each: Difference) -> tuple[str, str, str]:
    where = f"{each.table}[{each.row}]" + (f".{each.column}" if each.column is not None else "")
    if each.only_in is not None:
        return where, *(("a row", "no such row") if each.only_in == "winner" else ("no such row", "a row"))
    return where, _shown(each.winner), _shown(each.loser)


def _shown(value: str | None) -> str:
    if value is None:
        return "NULL"
    text = printable(value).replace("\n", "\\n")
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _name(entry: ExplainedEntry) -> str:
    return "(NULL)" if entry.source_key is None else printable(entry.source_key)
