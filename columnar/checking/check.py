"""Trying a contract on sample documents before anything is loaded by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.checking.check_independence import differences
from columnar.checking.check_keys import stand_in_keys
from columnar.checking.check_report import CheckReport, Difference, Quarantined
from columnar.checking.check_run import Problem, Sample, Trial, run_contract
from columnar.checking.check_source import excerpt
from columnar.checking.check_tables import TableSamples
from columnar.checking.check_text import check_text
from columnar.errors import ExitCode
from transforms.contract.plan import ContractPlan
from transforms.coverage import measure
from transforms.shred.choose import ShredderKind, make_shredder
from transforms.shred.shredder import Shredder
from transforms.sql.sandbox import SqlError

__all__ = ["CheckReport", "check", "check_text", "exit_code"]

SQL_FAILED = "sql"  # no reason of the quarantine: a run would stop


def check(
    plan: ContractPlan,
    documents: Sequence[tuple[str, bytes | str]],
    *,
    rows: int = 5,
    keys: Mapping[str, Sequence[str]] | None = None,
    shredder: ShredderKind | str = ShredderKind.AUTO,
) -> CheckReport:
    """Run a contract over documents, and show what each table gets, what is not read, and what would not load.

    documents: name and content of each; `str` is treated as out of a text column, `bytes` as out of a binary one.
    rows: how many rows of each table to show. keys: what `$key` and `$name` read, one text per document; where they are
    missing, stand-ins are made up. shredder: the one that reads the tables' values, as a run would. What no path reads,
    and where a row stands in its line, is found in a tree, whichever it is.

    Each document is parsed up to four times, and converted alone and with all others: allow 0.2 s a document and
    0.5 s a megabyte. ContractError where the contract itself cannot be run, NoKernelError without the shredder.
    """
    samples = [_sample(name, content) for name, content in documents]
    key_texts, stand_ins = stand_in_keys(plan, [sample.name for sample in samples], keys or {})
    reader = make_shredder(plan, shredder)
    trials: list[Trial | None] = []
    problems: list[Problem | None] = []
    for number, sample in enumerate(samples):
        own_keys = {name: [texts[number]] for name, texts in key_texts.items()}
        try:
            trial = run_contract(plan, reader, [sample], own_keys)
        except SqlError as error:
            trials.append(None)
            problems.append(Problem(SQL_FAILED, 0, 0, error.message))
        else:
            trials.append(trial)
            problems.append(trial.problems.get(0))
    compared, different = _compare(plan, reader, samples, trials, key_texts)
    return CheckReport(
        documents=len(samples),
        bytes=sum(len(sample.data) for sample in samples),
        tables=TableSamples(plan, samples, trials, rows).tables(),
        quarantined=tuple(
            Quarantined(
                sample.name,
                problem.reason,
                problem.line,
                problem.column,
                problem.detail,
                excerpt(plan, sample, problem),
            )
            for sample, problem in zip(samples, problems, strict=True)
            if problem
        ),
        coverage=measure(plan, [(sample.data, sample.text) for sample in samples], key_texts),
        compared=compared,
        differences=different,
        stand_ins=stand_ins,
    )


def exit_code(report: CheckReport) -> int:
    """0 clean; 1 when a sample would be quarantined; 5 when what a document gives depends on the others."""
    if report.differences:
        return int(ExitCode.INTEGRITY)
    return int(ExitCode.QUARANTINE if report.quarantined else ExitCode.CLEAN)


def _sample(name: str, content: bytes | str) -> Sample:
    if isinstance(content, str):
        return Sample(name, content.encode("utf-8", "surrogatepass"), text=True)
    return Sample(name, bytes(content), text=False)


def _compare(
    plan: ContractPlan,
    shredder: Shredder,
    samples: Sequence[Sample],
    trials: Sequence[Trial | None],
    keys: Mapping[str, Sequence[str]],
) -> tuple[int, tuple[Difference, ...]]:
    """How many documents were run together, and what came out otherwise than alone."""
    numbers = [number for number, trial in enumerate(trials) if trial]
    alone = [trial for trial in trials if trial]
    if not numbers:
        return 0, ()
    if len(numbers) == 1:  # together with a copy of itself
        numbers, alone = numbers * 2, alone * 2
    names = [samples[number].name for number in numbers]
    own_keys = {name: [texts[number] for number in numbers] for name, texts in keys.items()}
    try:
        together = run_contract(plan, shredder, [samples[number] for number in numbers], own_keys)
    except SqlError as error:
        return len(numbers), (Difference("all documents", "", "every one runs", f"{SQL_FAILED}: {error.message}"),)
    return len(numbers), tuple(differences(plan, names, alone, together))
