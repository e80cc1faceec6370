"""An analysis of duplicates as HTML."""

from __future__ import annotations

from columnar.cli.columns import seconds
from columnar.counted import counted, plural
from columnar.dedupe.analyze import Analysis
from columnar.notebook.counts_html import number
from columnar.notebook.markup import Markup, badge, element, joined, lines, report, section, table


def analysis_html(found: Analysis) -> str:
    """What `columnar dedupe analyze` prints, but for the commands to type next."""
    rows = [
        (f"{found.noun}s", number(found.entries), f"compared by {', '.join(found.key)}; {found.rule} wins"),
        ("without a key", number(found.without_key), "without_key"),
        ("clusters", number(found.clusters), f"clusters, sizes; the largest has {number(found.largest)}"),
        ("same content", number(found.same_content), "duplicates"),
        ("different content", number(found.different_content), "conflicts, differences, differing_columns"),
        ("contents under several keys", number(found.contents_under_several_keys), "same_content"),
    ]
    if found.near or found.near_skipped:
        rows.append(("near duplicates", number(found.near), "near_duplicates"))
    skipped = (
        f"{counted(found.near_skipped, 'block')} {plural(found.near_skipped, 'was', 'were')} too large to be searched"
    )
    return report(
        joined([f"duplicates of {found.source} ", _verdict(found)]),
        table(rows, heads=("", "", "views"), numbers={1}),
        lines([f"{skipped} for similar {found.noun}s"] if found.near_skipped else []),
        section("file", element("p", f"{found.file}, made in {seconds(found.seconds)}")),
    )


def _verdict(found: Analysis) -> Markup:
    if found.different_content:
        return badge(counted(found.different_content, "conflict"), "warning")
    return badge(f"{counted(found.same_content, 'duplicate')}, no conflict", "good")
