"""Reading a job file: from YAML or JSON text to a Job, or to every problem in it with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from columnar.errors import JobError
from columnar.job import Job
from transforms.contract import ContractPlan, read_contract
from transforms.contract.nodes import NodeError
from transforms.contract.problems import Problems, nearest
from transforms.contract.source import Source, read_source
from transforms.errors import ContractError
from transforms.rows.check import check_selection

_HINT = "docs/job.md lists every key; `columnar schema job` prints the JSON Schema for editors"


def read_job(path: Path) -> Job:
    """The job of a file. JobError where the file cannot be read, ContractError with every problem in it."""
    return parse_job(read_text(path, "job"), name=str(path), base=path.resolve().parent)


def parse_job(text: str, *, name: str, base: Path) -> Job:
    """The job of a text; `base` is what its relative paths are relative to."""
    problems = Problems(name)
    try:
        source = read_source(text.removeprefix("\ufeff"), problems=problems)
    except NodeError as error:
        raise ContractError([error.problem], hint=_HINT) from error
    problems.raise_any(hint=_HINT)
    values = source.value if isinstance(source.value, dict) else {}
    if not values:
        problems.add("a job is keys with values", at=(1, 1), expected="name, source, contract and target")
    try:
        return Job.model_validate({**values, "base": base})
    except ValidationError as error:
        for each in error.errors(include_url=False):
            _report(each, source, problems)
    problems.raise_any(hint=_HINT)
    raise JobError(f"{name}: not a job")  # unreachable: each of pydantic's errors is a problem


def _report(error: Any, source: Source, problems: Problems) -> None:  # pydantic's error details are untyped
    where = tuple(
        part for part in error["loc"] if part in ("", *source.known(error["loc"])) or part == error["loc"][-1]
    )
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        model: type[BaseModel] | None = Job
        for part in where[:-1]:
            model = _inner(model, str(part))
        names = [field.alias or key for key, field in model.model_fields.items() if key != "base"] if model else []
        near = nearest(str(where[-1]), names)
        expected = "" if near else f"one of {', '.join(names)}"
        problems.add("there is no such key", key=where, at=source.key_position(where), expected=expected, nearest=near)
    elif error["type"] == "missing":
        problems.add("this key is missing", key=where, at=source.key_position(source.known(where[:-1])))
    else:
        problems.add(message, key=where, at=source.value_position(where))


def _inner(model: type[BaseModel] | None, part: str) -> type[BaseModel] | None:
    from columnar.job import ChunkSpec, DuplicateSpec, SourceSpec, TargetSpec

    sections: dict[str, type[BaseModel]] = {
        "source": SourceSpec,
        "target": TargetSpec,
        "duplicates": DuplicateSpec,
        "chunk": ChunkSpec,
    }
    return sections.get(part) if model is Job else None


def read_plan(job: Job) -> ContractPlan:
    """The job's contract, compiled and its SQL checked."""
    return read_contract_file(job.path(job.contract))


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
