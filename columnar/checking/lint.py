"""Linting a contract, or the contracts of a job, alone or with documents."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from columnar.checking.check_keys import stand_in_keys
from columnar.checking.check_run import Sample, shred_samples
from columnar.checking.lint_report import LintReport
from columnar.checking.trial import Trial, is_job, trial_of
from columnar.errors import JobError
from columnar.jobs.job_file import read_contract_file, read_job, read_text
from transforms.contract.plan import ContractPlan
from transforms.contract.problems import nearest
from transforms.coverage import measure
from transforms.lint import CODES, Statistics, lint_contract, statistics_of
from transforms.shred.choose import ShredderKind, make_shredder


def lint(
    file: str | Path,
    documents: Sequence[str | Path] = (),
    *,
    sample: int = 5,
    ignore: Collection[str] = (),
    shredder: ShredderKind | str | None = None,
) -> LintReport:
    """Tell what works in a contract and is probably not meant.

    file: a contract, or a job, of which each contract is looked at. documents: XML files, and folders whose `.xml`
    files are taken, to find what only samples can tell. sample: of a job without documents, how many its source lends;
    0: none. ignore: codes that are left out, of those in docs/lint.md. shredder: the one that reads the documents;
    None: the job's, or the native one where it is there.

    With documents allow what `check` takes: each is parsed twice and converted four times.
    Raises ContractError for a contract that is wrong, JobError for a file that cannot be read or an unknown code,
    NoKernelError without the shredder.
    """
    _check_codes(ignore)
    file = Path(file)
    job = is_job(file)
    files = _contracts(file) if job else [file]
    trial = None
    if documents or (job and sample):
        trial = trial_of(file, _files(documents), sample)
    statistics = _statistics(trial, shredder or trial.shredder) if trial else [None] * len(files)
    findings = [
        finding
        for path, found in zip(files, statistics, strict=True)
        for finding in lint_contract(
            read_text(path, "contract"), read_contract_file(path), name=str(path), statistics=found, ignore=ignore
        )
    ]
    names = tuple(dict.fromkeys(map(str, files)))
    return LintReport(names, len(trial.documents) if trial else 0, tuple(dict.fromkeys(findings)))


def _contracts(file: Path) -> list[Path]:
    job = read_job(file)
    return [Path(job.path(each.file)) for each in job.contracts]


def _files(documents: Sequence[str | Path]) -> list[Path]:
    """The files, and those in the folders, by name."""
    found: list[Path] = []
    for path in map(Path, documents):
        inside = sorted(each for each in path.rglob("*") if each.suffix.lower() == ".xml") if path.is_dir() else [path]
        if not inside:
            raise JobError(f"the folder {path} holds no .xml files", hint="name the files themselves")
        found += inside
    return found


def _statistics(trial: Trial, shredder: ShredderKind | str) -> list[Statistics | None]:
    """Those of each contract, in the job's order; None for one that none of the documents is for."""
    plan = trial.plan
    samples = [_sample(name, content) for name, content in trial.documents]
    names = [sample.name for sample in samples]
    keys, _ = stand_in_keys(plan, names, trial.keys)
    shredded = shred_samples(make_shredder(plan, shredder), samples, keys)
    coverage = measure(plan, [(sample.data, sample.text) for sample in samples], keys)
    whole = statistics_of(plan, shredded, names, coverage.unmatched)
    scopes = _scopes(plan)
    parts = [whole.of_scope(scope, first=scope == scopes[0]) for scope in scopes]
    return [part if part.documents or len(parts) == 1 else None for part in parts]


def _scopes(plan: ContractPlan) -> list[str]:
    """Of the contracts that share the plan, in their order."""
    return list(dict.fromkeys(table.scope for table in plan.tables))


def _sample(name: str, content: bytes | str) -> Sample:
    if isinstance(content, str):
        return Sample(name, content.encode("utf-8", "surrogatepass"), text=True)
    return Sample(name, bytes(content), text=False)


def _check_codes(codes: Collection[str]) -> None:
    for code in codes:
        if code not in CODES:
            near = nearest(code, CODES)
            hint = f"did you mean {near!r}?" if near else "docs/lint.md lists all codes"
            raise JobError(f"there is no code {code!r} to ignore", hint=hint)
