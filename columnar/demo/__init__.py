"""The demonstration: invented loan documents of a measured profile, their contract and their job."""

from columnar.demo.documents import SCHEMA, generate
from columnar.demo.job import CONTRACT_FILE, contract_text, job_text
from columnar.demo.profile import DUPLICATES, MEASURED, REFUSALS, Kind, Profile
from columnar.demo.source import TABLE, write_source
from columnar.demo.truth import Truth, truth

__all__ = [
    "CONTRACT_FILE",
    "DUPLICATES",
    "MEASURED",
    "REFUSALS",
    "SCHEMA",
    "TABLE",
    "Kind",
    "Profile",
    "Truth",
    "contract_text",
    "generate",
    "job_text",
    "truth",
    "write_source",
]
