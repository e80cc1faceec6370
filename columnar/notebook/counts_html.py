"""What runs and jobs count, as HTML: documents by outcome, values changed, the proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.bookkeeping.prove import Drift, Proof
from columnar.bookkeeping.receipt import Receipt
from columnar.counted import counted
from columnar.looking.report import equation
from columnar.notebook.markup import Markup, badge, element, joined, lines, section, table
from columnar.sizes import show_size

# Most frequent first; the rest is in the result itself.
_MOST = 20


def number(count: int) -> str:
    """A count with separators between thousands."""
    return f"{count:,}"


def outcomes(receipt: Receipt, where: str) -> Markup:
    """Documents by outcome, each with its causes. where: they were read."""
    rows = [("read", number(receipt.documents), f"{where}, {show_size(receipt.bytes)} of XML")]
    rows += [("loaded", number(receipt.loaded), ""), ("empty", number(receipt.empty), "")]
    rows += [("duplicate", number(receipt.duplicate), _causes(receipt.duplicates))]
    rows += [("quarantined", number(receipt.quarantined), _causes(receipt.reasons))]
    return section("documents", table(rows, numbers={1}))


def _causes(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number(count)} {name}" for name, count in ordered)


def ways(receipt: Receipt) -> Markup:
    """Documents by the shredder that read them; where it was lxml, with why."""
    rows = [
        (way, number(sum(whys.values())), _causes({why: count for why, count in whys.items() if why}))
        for way, whys in receipt.whys().items()
    ]
    return section("shredded by", table(rows, numbers={1}))


def loaded_rows(receipt: Receipt) -> Markup:
    """Rows by table."""
    rows = [(name, number(count)) for name, count in receipt.rows.items()]
    return section("rows loaded", table(rows, numbers={1}))


def changes(receipt: Receipt) -> Markup:
    """Values changed by column and rule, most of them first."""
    ordered = sorted(receipt.changes.items(), key=lambda item: (-item[1], item[0]))
    rows = []
    for name, count in ordered[:_MOST]:
        column, _, rule = name.rpartition(" ")
        rows.append((column, rule, number(count)))
    return section("values changed", table(rows, heads=("where", "rule", "values"), numbers={2}), rest(len(ordered)))


def rest(count: int, most: int = _MOST) -> Markup:
    """What a shortened table leaves out."""
    return element("p", f"and {number(count - most)} more", kind="dim") if count > most else Markup()


def proof_told(proof: Proof) -> Markup:
    """The verdict, the equation of documents, and the tables' own."""
    known = equation(proof)
    terms = {"loaded": known.loaded, "empty": known.empty, "duplicate": known.duplicate}
    terms |= {"quarantined": known.quarantined, "not yet read": known.not_read}
    told = f" {number(known.source)} in the source = "
    told += " + ".join(f"{number(count)} {name}" for name, count in terms.items())
    if known.drift:
        told += f" + {number(known.drift)} came since" if known.drift > 0 else f" - {number(-known.drift)} gone since"
    holds = known.holds and proof.holds
    verdict = badge("the books balance", "good") if holds else badge("the books do not balance", "bad")
    heads = ("table", "before", "loaded", "found")
    tables = [(each.table, number(each.before), number(each.accounted), number(each.found)) for each in proof.tables]
    return section(
        "proof",
        element("p", verdict, told),
        lines(proof.problems[:_MOST]),
        table(tables, heads=heads, numbers={1, 2, 3}),
    )


def drift_told(drift: Sequence[Drift]) -> Markup:
    """Chunks of which the source holds other documents now."""
    rows = [(f"chunk {each.chunk}", number(each.read), number(each.now)) for each in drift[:_MOST]]
    heading, heads = f"drift in {counted(len(drift), 'chunk')}", ("", "documents when read", "now")
    return section(heading, table(rows, heads=heads, numbers={1, 2}), rest(len(drift)))


def all_of(receipt: Receipt, where: str) -> Markup:
    """Outcomes, rows, changes and ways."""
    return joined([outcomes(receipt, where), loaded_rows(receipt), changes(receipt), ways(receipt)])
