"""What `columnar reconcile` found, as text."""

from __future__ import annotations

from columnar.cli.columns import aligned, block, number
from columnar.counted import counted, plural
from columnar.reconciling.report import KINDS, Difference, Reconciliation


def reconcile_text(found: Reconciliation) -> str:
    """Counts, columns and differences."""
    anew = f"{number(found.recomputed)} of them made anew by the reference shredder"
    lines = [f"job {found.name}, generation {found.generation}", ""]
    lines += [f"{counted(found.documents, 'document')} in {counted(len(found.chunks), 'range')}, {anew}", ""]
    if found.pending:
        are = plural(found.pending, "is", "are")
        lines += [f"{counted(found.pending, 'document')} {are} in ranges that are not published yet", ""]
    lines += block("columns", _columns(found))
    lines += block("notes", [f"  {note}" for note in found.notes])
    if not found.counts:
        what = "what is published" if found.pending else "the target"
        return "\n".join([*lines, f"{what} is what the source says"])
    kinds = [(number(count), kind, KINDS[kind]) for kind, count in sorted(found.counts.items())]
    lines += block("differences", aligned(kinds, right={0}))
    lines += [f"  {_told(each)}" for each in found.differences]
    left = sum(found.counts.values()) - len(found.differences)
    if left:
        lines.append(f"  and {counted(left, 'more')}".removesuffix("s"))
    return "\n".join(lines)


def _columns(found: Reconciliation) -> list[str]:
    """Those that differ, by name; of the others how many."""
    different = [each for each in found.columns if not each.same]
    rows = [
        (
            f"{each.table}.{each.column}",
            f"{number(each.rows)} values, {number(each.nulls)} NULL, checksum {each.checksum:x}",
            f"in the target {number(each.target_rows)}, {number(each.target_nulls)}, {each.target_checksum:x}",
        )
        for each in different
    ]
    same = len(found.columns) - len(different)
    lines = (
        [f"  {counted(same, 'column')} {plural(same, 'has', 'have')} the same values, NULLs and checksums"]
        if same
        else []
    )
    return lines + aligned(rows)


def _told(each: Difference) -> str:
    where = f"chunk {each.chunk}: " if each.chunk else ""
    document = f"document {each.source_key}: " if each.source_key else ""
    what = f"{each.table}.{each.column}" if each.column else each.table or each.kind.replace("_", " ")
    row = f"{what}, {each.key}" if each.key else what
    if each.kind in ("missing_row", "extra_row", "stray_row"):
        row += f": {each.kind.replace('_', ' ')}"
    if not each.expected and not each.found:
        return f"{where}{document}{row}"
    return f"{where}{document}{row}: expected {each.expected}, found {each.found}"
