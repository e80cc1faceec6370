"""Coverage as text: how much of the documents is read, the places where most is not, and paths that find nothing."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from columnar.checking.text_grid import grid, wrapped
from columnar.sizes import show_size
from transforms.coverage import Coverage, Share

_PLACES = 20  # of the unread; the rest is in the JSON report
_BAR = 20


def coverage_lines(coverage: Coverage, width: int) -> Iterator[str]:
    """What part of the documents is read, and where most is not."""
    if not coverage.documents:
        return
    one = coverage.documents == 1
    which = "document that is well-formed and has" if one else "documents that are well-formed and have"
    yield f"READ BY THE CONTRACT, of {coverage.documents:,} {which} its root element"
    attributes, texts = coverage.attributes, coverage.texts
    rows = [
        ("attributes", *share_text(attributes), f"{attributes.read:,} of {attributes.total:,}"),
        ("texts", *share_text(texts), f"{texts.read:,} of {texts.total:,}"),
        ("their bytes", *share_text(coverage.bytes), _sizes(coverage)),
    ]
    for line in grid(rows, most=[12, _BAR + 2, 7, width], right=[2]):
        yield f"  {line}"
    if coverage.computed:
        first = "  These compute a value, and what they read for it is not counted:"
        yield from wrapped(coverage.computed, width, first=first, indent="    ")
    yield from _unread(coverage, width)


def share_text(share: Share) -> tuple[str, str]:
    """A bar, and the percentage."""
    if not share.total:
        return "", "-"
    full = round(share.fraction * _BAR)
    percent = share.fraction * 100
    # neither "all" nor "nothing" by rounding
    percent = min(percent, 99.9) if share.read < share.total else percent
    percent = max(percent, 0.1) if share.read else percent
    return f"[{'#' * full}{'.' * (_BAR - full)}]", f"{percent:.1f} %"


def _sizes(coverage: Coverage) -> str:
    read, total = show_size(coverage.bytes.read), show_size(coverage.bytes.total)
    return f"{read} of {total}; with names and markup, the documents have {show_size(coverage.document_bytes)}"


def _unread(coverage: Coverage, width: int) -> Iterator[str]:
    if not coverage.unread:
        yield "  Nothing is left unread."
        return
    yield ""
    yield f"NOT READ: {len(coverage.unread):,} of {coverage.paths:,} paths, those with most values first"
    rows = [("values", "blank", "documents", "path", "for example")]
    for each in coverage.unread[:_PLACES]:
        blank = each.unread - each.filled
        path = (
            each.path
            if each.unread == each.occurrences
            else f"{each.path}  (read in {_rest(each.occurrences, each.unread)})"
        )
        rows.append((f"{each.filled:,}", f"{blank:,}" if blank else "-", f"{each.documents:,}", path, each.example))
    example = min(max(cell_len(row[-1]) for row in rows), width // 4)
    for line in grid(rows, most=[9, 9, 9, width - example - 37, example], right=[0, 1, 2], ends=[3]):
        yield f"  {line}"
    if len(coverage.unread) > _PLACES:
        yield f"  and {len(coverage.unread) - _PLACES:,} more; the JSON report has them all"


def _rest(occurrences: int, unread: int) -> str:
    return f"{occurrences - unread:,} more"


def unmatched_lines(coverage: Coverage, width: int) -> Iterator[str]:
    """Paths of the contract that no sample has."""
    if not coverage.unmatched:
        return
    yield "FOUND IN NO DOCUMENT: paths of the contract that may be wrong, or optional"
    rows = []
    for each in coverage.unmatched:
        name = f"{each.table}.{each.column}" if each.column else f"{each.table} (rows)"
        rows.append((name, each.path, f"there is {each.nearest}" if each.nearest else ""))
    for line in grid(rows, most=[width // 3, width // 2, width]):
        yield f"  {line}"
