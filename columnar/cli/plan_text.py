"""What a run would do, as text."""

from __future__ import annotations

from columnar.cli.columns import aligned, block, number
from columnar.counted import counted, plural
from columnar.running.plan_run import PlannedSource, RunPlan, document_text, shredder_text
from columnar.sizes import show_size


def plan_text(plan: RunPlan, *, ddl: bool) -> str:
    """What `columnar plan` prints. ddl: with the statements that make the tables."""
    lines = [f"job {plan.name}: {_verdict(plan)}", ""]
    lines += block("source", _source(plan))
    lines += block("work", _work(plan))
    lines += block("target", _target(plan))
    lines += block("contract", _contract(plan))
    lines += block("means", _means(plan))
    lines += block("notes", [f"  {note}" for note in (*plan.source.notes, *plan.notes)])
    lines += block("problems", [f"  {problem}" for problem in plan.problems])
    if ddl:
        lines += [f"{statement};\n" for statement in plan.ddl]
    return "\n".join(lines).rstrip()


def _verdict(plan: RunPlan) -> str:
    if plan.problems:
        return "a run would refuse to begin"
    documents = plan.work.documents_pending + plan.work.documents_fresh
    return f"a run would read {counted(documents, 'document')}" if documents else "nothing is left to do"


def _source(plan: RunPlan) -> list[str]:
    source = plan.source
    key = ", ".join(part.name if part.name == part.type else f"{part.name} {part.type}" for part in source.key)
    mean, total = source.document_bytes, source.document_bytes * source.documents
    size = f"{show_size(mean)} each on average, about {show_size(total)}"
    rows = [
        ("where", source.identity.replace("()->", "(file and row)->")),  # Parquet without a key
        ("key", key),
        *_reader(source),
        ("documents", number(source.documents) + (f", {size}" if source.documents else "")),
    ]
    if source.null_keys:
        go = plural(source.null_keys, "goes", "go")
        rows.append(("NULL keys", f"{number(source.null_keys)} of them, which {go} to quarantine"))
    return aligned(rows)


def _reader(source: PlannedSource) -> list[tuple[str, str]]:
    if not source.reader:
        return []
    faster = (
        f"; {source.faster} reads the same faster: `reader: {source.faster}` in the job's source"
        if source.faster
        else ""
    )
    return [("read by", source.reader + faster)]


def _work(plan: RunPlan) -> list[str]:
    work = plan.work
    rows = [
        _counts("published", work.documents_published, work.chunks_published),
        _counts("cut, not published", work.documents_pending, work.chunks_pending),
        _counts("to be cut", work.documents_fresh, work.chunks_fresh, f" of {number(work.rows)} at most"),
    ]
    lines = aligned(rows, right={1, 3})
    if work.documents_later:
        are = plural(work.documents_later, "is", "are")
        lines.append(f"  {counted(work.documents_later, 'document')} {are} outside of this selection")
    return lines


def _counts(what: str, documents: int, chunks: int, size: str = "") -> tuple[str, ...]:
    heads = plural(documents, "document", "documents"), plural(chunks, "chunk", "chunks")
    return what, number(documents), f"{heads[0]} in", number(chunks), heads[1] + (size if chunks else "")


def _target(plan: RunPlan) -> list[str]:
    rows = []
    for table in plan.tables:
        state = f"exists, {counted(table.rows, 'row')}" if table.exists else "would be made"
        rows.append((table.table, counted(table.columns, "column"), state))
    there = "" if plan.target_exists else ", which would be made"
    return [f"  {plan.target}{there}", *aligned(rows)]


def _contract(plan: RunPlan) -> list[str]:
    then, now = plan.contract_of_generation, plan.contract
    if not then:
        return [f"  {now[:12]}, used for the first time: generation {plan.generation}"]
    same = f"{now[:12]}, the one of generation {plan.generation}"
    return [f"  {same}" if then == now else f"  {now[:12]}, not the {then[:12]} of generation {plan.generation}"]


def _means(plan: RunPlan) -> list[str]:
    shares = plan.shares
    drivers = f", drivers {show_size(shares.driver)} each" if shares.driver else ""
    parts = (
        f"engine {show_size(shares.engine)}, documents {show_size(shares.raw)}, trees {show_size(shares.trees)},"
        f" extracts {show_size(shares.extracts)}{drivers}, the rest for conversion and the program itself"
    )
    rows = [
        ("memory", f"{show_size(plan.memory)}: {parts}"),
        ("largest document", document_text(plan)),
        ("workers", number(plan.workers)),
        ("shredder", shredder_text(plan)),
        ("duplicates", plan.duplicates),
    ]
    return aligned(rows)
