"""What verifying audit files found, as HTML."""

from __future__ import annotations

from columnar.audit.verify import AuditReport
from columnar.counted import counted, plural
from columnar.notebook.counts_html import number, rest
from columnar.notebook.markup import Markup, badge, beside, joined, lines, report, section, table
from columnar.sizes import show_size

# Rows of an output; all problems are in the result itself.
_MOST = 20


def verify_html(found: AuditReport) -> str:
    """What `columnar audit verify` prints."""
    told = [
        f"{counted(found.files, 'file')} of {counted(found.chunks, 'chunk')}, {show_size(found.bytes)}: {found.folder}"
    ]
    if found.others:
        are = plural(found.others, "has", "have")
        told.append(f"{counted(found.others, 'published chunk')} {are} no files: none were asked for")
    if found.unpublished:
        are = plural(found.unpublished, "is", "are")
        told.append(f"{counted(found.unpublished, 'file')} {are} of chunks that were not published, and not counted")
    rows = [(stage, number(count)) for stage, count in found.rows.items()]
    problems = [(each.kind, each.file, each.detail) for each in found.problems[:_MOST]]
    return report(
        joined([f"audit of job {found.name} ", _verdict(found)]),
        lines(told),
        beside(
            section("rows", table(rows, numbers={1})),
            section("problems", table(problems), rest(len(found.problems), _MOST)),
        ),
    )


def _verdict(found: AuditReport) -> Markup:
    if found.problems:
        return badge(counted(len(found.problems), "problem"), "bad")
    return badge("every file is the one that was written", "good")
