"""Reading a job file: from YAML or JSON text to a Job, or to every problem in it with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.job_problems import report_job_problem
from transforms.contract import ContractPlan, read_contract
from transforms.contract.merge import ContractPart, merge_contracts
from transforms.contract.nodes import NodeError
from transforms.contract.problems import Problems, dotted, nearest
from transforms.contract.source import Path as SourcePath
from transforms.contract.source import Source, read_source
from transforms.errors import ContractError, Problem
from transforms.rows.check import check_selection

_HINT = "docs/job.md lists every key; `columnar schema job` prints the JSON Schema for editors"
_KEYS = "a job: name, source, contract and target"


def read_job(path: Path) -> Job:
    """The job of a file. JobError where the file cannot be read, ContractError with every problem in it."""
    return parse_job(read_text(path, "job"), name=str(path), base=path.resolve().parent)


def parse_job(text: str, *, name: str, base: Path) -> Job:
    """The job of a text; `base` is what its relative paths are relative to."""
    problems = Problems(name)
    try:
        source = read_source(text.removeprefix("\ufeff"), problems=problems)
    except NodeError as error:
        raise ContractError([_of_a_job(error.problem)], hint=_HINT) from error
    problems.raise_any(hint=_HINT)
    values = source.value if isinstance(source.value, dict) else {}
    if not values:
        problems.add("this is no job", at=(1, 1), expected=_KEYS)
        problems.raise_any(hint=_HINT)
    if "base" in values:  # a field of the model, which no file says
        problems.add("there is no such key", key=("base",), at=source.key_position(("base",)))
        problems.raise_any(hint=_HINT)
    try:
        job = Job.model_validate({**values, "base": base})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            report_job_problem(each, source, problems)
    else:
        _check_routes(job, source, problems)
        if not problems.count:
            return job
    problems.raise_any(hint=_HINT)
    raise JobError(f"{name}: not a job")  # unreachable: each of pydantic's errors is a problem


def _check_routes(job: Job, source: Source, problems: Problems) -> None:
    """`when` can ask for columns of the source's key only: they are all that is known of a document before its XML."""
    keys = job.source.key
    for number, contract in enumerate(job.contracts):
        for name in contract.when:
            path: SourcePath = ("contract", number, "when", name)
            path = path if path in source.keys else ("contract", "when", name)
            if name not in keys:
                problems.add(
                    f"{name} is not a key column of the source",
                    key=path,
                    at=source.key_position(path),
                    expected=f"one of {', '.join(keys)}" if keys else "the source's `key` to name its columns",
                    nearest=nearest(name, keys),
                )


def _of_a_job(problem: Problem) -> Problem:
    """What a file must be at all is told of contracts."""
    return replace(problem, expected=_KEYS) if problem.expected.startswith("a contract") else problem


def read_plan(job: Job) -> ContractPlan:
    """The job's contracts, compiled, their SQL checked, and merged into one plan."""
    parts: list[ContractPart] = []
    problems: list[Problem] = []
    hint = ""
    for each in job.contracts:
        path = job.path(each.file)
        try:
            parts.append(ContractPart(str(path), read_contract_file(path), each.values))
        except ContractError as error:
            problems += error.problems
            hint = hint or error.hint
    if problems:
        raise ContractError(list(dict.fromkeys(problems)), hint=hint)
    try:
        return merge_contracts(parts)
    except ContractError as error:
        raise ContractError([_placed(problem) for problem in error.problems], hint=error.hint) from error


def _placed(problem: Problem) -> Problem:
    """A problem of a contract that was read, with the line and column of its key or of what should hold it."""
    source = read_source(read_text(Path(problem.file), "contract"), problems=Problems(problem.file))
    places = {dotted(path): path for path in source.values}
    key = problem.key
    while key and key not in places:
        key = key.rpartition(".")[0]
    line, column = source.key_position(places[key]) if key else (0, 0)
    return replace(problem, line=line, column=column)


def read_contract_file(path: Path) -> ContractPlan:
    """A contract file, compiled and its SQL checked."""
    from transforms.contract.locate import locate

    text = read_text(path, "contract")
    plan = read_contract(text, name=str(path))
    try:
        check_selection(plan)
    except ContractError as error:
        raise locate(error, text, name=str(path)) from error
    return plan


def read_text(path: Path, what: str) -> str:
    """A text file of the user's; JobError says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise JobError(f"there is no {what} file {path}") from error
    except IsADirectoryError as error:
        raise JobError(f"{path} is a folder, not a {what} file") from error
    except UnicodeDecodeError as error:
        raise JobError(f"{path} is not a text file in UTF-8") from error
    except OSError as error:
        raise JobError(f"{path}: {error.strerror or error}") from error
