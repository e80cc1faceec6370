"""The JSON Schema of the job file, for editors."""

from __future__ import annotations

from typing import Any

from columnar.jobs.job import Job
from transforms.contract.schema import DRAFT


def job_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a job: every key with its description, its values and its default."""
    schema = {"$schema": DRAFT, **Job.model_json_schema(by_alias=True, mode="validation")}
    del schema["properties"]["base"]  # where the file lies, which no file says
    for definition in (schema, *schema["$defs"].values()):
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
            if field.get("default", "") in (None, []):  # "none" is no value to write down
                del field["default"]
            if "anyOf" in field:
                field["anyOf"] = [each for each in field["anyOf"] if each != {"type": "null"}]
    return schema
