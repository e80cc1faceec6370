"""Writes docs/lint.md: docs/lint.in.md with the table of codes, and what lint prints of an example.

python docs/generate_lint.py            write the page
python docs/generate_lint.py --check    only say whether it is up to date
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # so that it runs from a clone that is not installed

from columnar.checking.lint_report import LintReport, lint_text  # noqa: E402
from transforms.contract import read_contract  # noqa: E402
from transforms.lint import CODES, lint_contract  # noqa: E402

TEMPLATE = DOCS / "lint.in.md"
PAGE = DOCS / "lint.md"
NOTICE = "<!-- Written by docs/generate_lint.py from docs/lint.in.md and transforms/lint/codes.py: edit those. -->\n\n"
EXAMPLE = """\
version: 1
root: Order
lookups:
  kind: {N: new, U: used, R: rented}
  state: {O: open, C: closed}
tables:
  item:
    rows: /Order/Item
    where: "kind IN ('new', 'U')"
    columns:
      kind: {path: "@kind", lookup: kind, on_missing: null}
      sold_on: {path: "@sold", type: date, formats: ["%m/%d/%Y", "%d/%m/%Y"]}
      price: {path: "@price", type: "decimal(9,2)", clean: [digits]}"""


def codes(*, sampled: bool) -> str:
    """The codes as a table, warnings first."""
    rows = [(name, code) for name, code in CODES.items() if code.sampled is sampled]
    rows.sort(key=lambda row: row[1].severity.value, reverse=True)
    lines = [f"| `{name}` | {code.severity.value} | {code.means} |" for name, code in rows]
    return "\n".join(["| code | | meaning |", "| --- | --- | --- |", *lines])


def printed() -> str:
    """What the command prints of the example."""
    findings = lint_contract(EXAMPLE, read_contract(EXAMPLE, name="contract.yaml"), name="contract.yaml")
    return lint_text(LintReport(("contract.yaml",), 0, findings))


def page() -> str:
    """The whole page."""
    text = TEMPLATE.read_text(encoding="utf-8")
    parts = {
        "contract": EXAMPLE,
        "printed": printed(),
        "static": codes(sampled=False),
        "sampled": codes(sampled=True),
    }
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}\n", f"{part}\n")
    return NOTICE + text


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{PAGE} is not up to date: run python docs/generate_lint.py")


if __name__ == "__main__":
    main()
