"""What `lint` found, as data and as text."""

from __future__ import annotations

from dataclasses import dataclass

from columnar.counted import counted
from columnar.errors import ExitCode
from transforms.lint import Finding, Severity

_FOUND = ExitCode.QUARANTINE  # 1: as `check`, finished and something is to be looked at


@dataclass(frozen=True, slots=True)
class LintReport:
    """files: the contracts. documents: how many samples there were; 0 where only the contracts were looked at.
    findings: in the order of the files and their lines."""

    files: tuple[str, ...]
    documents: int
    findings: tuple[Finding, ...]

    @property
    def warnings(self) -> int:
        """Findings that are probably not meant."""
        return sum(each.severity is Severity.WARNING for each in self.findings)

    @property
    def hints(self) -> int:
        """Findings that are fine, and could be better."""
        return len(self.findings) - self.warnings

    def exit_code(self, *, strict: bool = False) -> ExitCode:
        """Clean, or 1 where there are warnings; strict: where there are hints, too."""
        return _FOUND if self.warnings or (strict and self.hints) else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "files": list(self.files),
            "documents": self.documents,
            "warnings": self.warnings,
            "hints": self.hints,
            "findings": [each.as_dict() for each in self.findings],
        }

    def __repr__(self) -> str:
        return f"<LintReport: {counted(self.warnings, 'warning')}, {counted(self.hints, 'hint')}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.lint_html import lint_html

        return lint_html(self)


def lint_text(report: LintReport) -> str:
    """A line for each finding, warnings before hints, and how many there are."""
    parts = []
    for severity in Severity:
        found = [str(each) for each in report.findings if each.severity is severity]
        if found:
            parts += [f"{severity.value}s", *(f"  {line}" for line in found), ""]
    looked = counted(len(report.files), "contract")
    looked += f" with {counted(report.documents, 'document')}" if report.documents else ""
    if not report.findings:
        return f"{looked}: nothing to tell"
    counts = f"{counted(report.warnings, 'warning')}, {counted(report.hints, 'hint')}"
    more = "--ignore CODE leaves out what has the code at its end; docs/lint.md says what each of them means"
    return "\n".join([*parts, f"{looked}: {counts}", more])
