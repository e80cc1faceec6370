"""What lint found as HTML."""

from __future__ import annotations

from columnar.checking.lint_report import LintReport
from columnar.counted import counted
from columnar.notebook.counts_html import rest
from columnar.notebook.markup import Markup, badge, joined, report, section, table
from transforms.lint import Severity

_MOST = 100  # findings of each severity; the result itself has all


def lint_html(found: LintReport) -> str:
    """What `columnar contract lint` prints."""
    verdict = badge(counted(found.warnings, "warning"), "warning" if found.warnings else "good")
    documents = f", {counted(found.documents, 'document')}" if found.documents else ""
    title = joined([f"{counted(len(found.files), 'contract')}{documents} ", verdict])
    return report(title, *(_findings(found, severity) for severity in Severity))


def _findings(found: LintReport, severity: Severity) -> Markup:
    chosen = [each for each in found.findings if each.severity is severity]
    rows = [
        (f"{each.file}:{each.line}:{each.column}", each.key, each.message, each.advice, each.code)
        for each in chosen[:_MOST]
    ]
    heads = ("place", "key", "what is so", "what to do", "code")
    return (
        section(counted(len(chosen), severity.value), table(rows, heads=heads), rest(len(chosen), _MOST))
        if rows
        else Markup()
    )
