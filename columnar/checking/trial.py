"""What `columnar check` tries: a contract with files, or a job's contract with documents of its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from columnar.checking.samples import sample_documents
from columnar.errors import JobError
from columnar.jobs.job_file import read_contract_file, read_job, read_plan, read_text
from transforms.contract.nodes import NodeError
from transforms.contract.plan import ContractPlan
from transforms.contract.problems import Problems
from transforms.contract.source import read_source
from transforms.shred.choose import ShredderKind
from transforms.shred.routing import Routing


@dataclass(frozen=True)
class Trial:
    """A contract, documents for it (name and content), and the source keys where they have any. shredder: the job's, or
    `auto` where there is no job."""

    plan: ContractPlan
    documents: Sequence[tuple[str, bytes | str]]
    keys: dict[str, list[str]]
    shredder: str = ShredderKind.AUTO


def trial_of(file: Path, documents: Sequence[Path], sample: int) -> Trial:
    """Read what is to be tried. file: a contract or a job, told apart by their keys. documents: XML files; without them
    the file must be a job, and `sample` documents come from its source.

    JobError for a file that cannot be read or a contract without documents, ContractError for one that is wrong.
    """
    if not is_job(file):
        plan = read_contract_file(file)
        if not documents:
            hint = f"name some: columnar check {file} one.xml two.xml; a job file needs none"
            raise JobError(f"{file} is a contract: there are no documents to try it on", hint=hint)
        return Trial(plan, [(str(path), _content(path)) for path in documents], {})
    job = read_job(file)
    plan = read_plan(job)
    if documents:
        _check_decided(file, plan)
        return Trial(plan, [(str(path), _content(path)) for path in documents], {}, job.shredder)
    samples = sample_documents(job, plan, sample)
    if not samples.documents:
        raise JobError(
            f"the source of {file} holds no documents", hint="name XML files behind the job to try its contract on"
        )
    return Trial(plan, samples.documents, samples.keys, job.shredder)


def _check_decided(job: Path, plan: ContractPlan) -> None:
    """Files have no source keys, by which some jobs choose the contract."""
    keys = Routing(plan).keys
    if keys:
        raise JobError(
            f"{job} chooses contracts by the source key {', '.join(keys)}, which files do not have",
            hint="try one contract on them: columnar check CONTRACT one.xml; without files, documents of the source are"
            " tried",
        )


def is_job(file: Path) -> bool:
    """Whether a file is a job rather than a contract: by the keys at its top, whatever else is wrong with it."""
    try:
        top = read_source(read_text(file, "contract or job"), problems=Problems(str(file))).value
    except NodeError:
        return False
    return isinstance(top, dict) and bool({"source", "target", "contract"} & top.keys()) and "tables" not in top


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise JobError(f"there is no document {path}") from error
    except OSError as error:
        raise JobError(f"{path}: {error.strerror or error}") from error
