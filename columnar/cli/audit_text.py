"""What `columnar audit verify` found and `columnar export` wrote, as text."""

from __future__ import annotations

from columnar.audit.export import Export
from columnar.audit.folder import STAGES
from columnar.audit.verify import AuditReport
from columnar.cli.columns import aligned, block, number
from columnar.counted import counted, plural
from columnar.sizes import show_size


def verify_text(report: AuditReport) -> str:
    """The files by stage, and what is wrong with them."""
    what = f"{counted(report.files, 'file')} of {counted(report.chunks, 'chunk')}, {show_size(report.bytes)}"
    lines = [f"audit of job {report.name}: {what}", f"  {report.folder}", ""]
    rows = [(stage, number(report.rows[stage])) for stage in STAGES if stage in report.rows]
    lines += block("rows", aligned(rows, right={1}))
    if report.problems:
        found = counted(len(report.problems), "problem")
        lines += block(found, [f"  {each}" for each in report.problems])
    else:
        lines += ["every file is the one that was written, and all add up to the target's books", ""]
    if report.others:
        are = plural(report.others, "has", "have")
        lines.append(f"{counted(report.others, 'published chunk')} {are} no files: none were asked for")
    if report.unpublished:
        are = plural(report.unpublished, "is", "are")
        lines.append(f"{counted(report.unpublished, 'file')} {are} of chunks that were not published, and not counted")
    return "\n".join(lines).rstrip()


def export_text(done: Export, following: str) -> str:
    """What was written, and how it is checked."""
    lines = [
        f"exported job {done.name}: {counted(done.files, 'file')}, {show_size(done.bytes)}",
        f"  {done.folder}",
        "",
    ]
    rows = [(stage, number(done.rows[stage])) for stage in STAGES if stage in done.rows]
    lines += block("rows", aligned(rows, right={1}))
    lines += block("notes", [f"  {note}" for note in done.notes])
    lines += ["checksum of the list, export.json", f"  {done.sha256}", "", "next", f"  {following}"]
    return "\n".join(lines)
