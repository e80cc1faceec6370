from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from columnar import job_schema
from tests.columnar.cli.command import CONTRACT, JOB, REPOSITORY, columnar


@pytest.mark.parametrize(("of", "text"), [("contract", CONTRACT), ("job", JOB)])
def test_a_schema_accepts_what_the_program_accepts(of: str, text: str) -> None:
    result = columnar("schema", of)
    assert result.code == 0
    Draft202012Validator.check_schema(result.json)
    value = YAML(typ="safe").load(text)
    Draft202012Validator(result.json).validate(value)
    assert not Draft202012Validator(result.json).is_valid({**value, "surprise": 1})


@pytest.mark.parametrize("file", sorted(REPOSITORY.glob("examples/*/*job.yaml")), ids=lambda file: file.parent.name)
def test_the_examples_follow_it(file: Path) -> None:
    Draft202012Validator(job_schema()).validate(YAML(typ="safe").load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "more",
    [
        "memory: 2GB",
        "memory: 2000000000",
        "duplicates: off",
        "duplicates: {on: a.b, fingerprint: raw}",
        "duplicates: {on: [a.b, a.c]}",
        "chunk: {bytes: 1MiB, rows: 7}",
    ],
)
def test_every_way_to_write_a_value_is_in_it(more: str) -> None:
    from columnar.jobs.job_file import parse_job

    parse_job(JOB + more, name="job", base=REPOSITORY)
    Draft202012Validator(job_schema()).validate(YAML(typ="safe").load(JOB + more))


def test_the_folder_of_the_file_is_no_key_of_it() -> None:
    assert "base" not in job_schema()["properties"]
