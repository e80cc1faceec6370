"""A job: what is read, by which contract, into what, under which policies."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from columnar.errors import JobError
from columnar.sizes import parse_size

# The backends there are.
SOURCES = ("duckdb", "parquet", "folder")
TARGETS = ("duckdb", "parquet")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _off(value: object) -> object:
    return None if value in ("off", False) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names, json_schema_input_type=str | tuple[str, ...])]
Size = Annotated[
    int,
    BeforeValidator(
        lambda value: parse_size(value) if isinstance(value, str | int) else value, json_schema_input_type=int | str
    ),
]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class SourceSpec(_Model):
    """Where the documents are."""

    url: str = Field(
        description="`duckdb:FILE`, `parquet:FILE, FOLDER or PATTERN`, or `folder:FOLDER`. Paths are relative to the job file; "
        "`${NAME}` is taken from the environment."
    )
    table: str | None = Field(
        None, description="Table or view that holds the documents (`schema.table` too); duckdb only."
    )
    query: str | None = Field(None, description="A SELECT instead of a table; duckdb only.")
    key: Names = Field(
        (),
        description="The columns that tell rows apart and put them in order. Not for `folder:`, where the path is the key; "
        "`parquet:` without one uses file and row number.",
    )
    document: str = Field("document", description="The column of the XML, text or binary.")
    pattern: str = Field("**/*.xml", description="Which files of a folder; folder only.")


class TargetSpec(_Model):
    """Where the tables go."""

    url: str = Field(
        description="`duckdb:FILE` or `parquet:FOLDER`. Relative to the job file; `${NAME}` from the environment."
    )
    create: bool = Field(False, description="Make the tables that are missing, from the contract's types and keys.")
    db_schema: str = Field("main", alias="schema", description="The database schema of the tables.")


class DuplicateSpec(_Model):
    """What makes two documents the same."""

    on: Names = Field(
        (),
        description="Key columns as `table.column`, all of one table. Without it: the key of the contract's first loaded table "
        "that has one and has no parent.",
    )
    fingerprint: Literal["raw", "off"] = Field(
        "off", description="`raw`: a document whose bytes were loaded already is a duplicate too, whatever its key."
    )


class ChunkSpec(_Model):
    """How large a chunk is. Only ranges that are not cut yet follow it."""

    rows: int = Field(5000, ge=1, description="At most so many documents.")
    bytes: Size = Field(256_000_000, description="About so many bytes of XML, where the source can tell.")


class Job(_Model):
    """A job file."""

    name: str = Field(
        pattern=_NAME, description="With source and target, what the job is: the ledger is kept under it."
    )
    source: SourceSpec = Field(description="Where the documents are.")
    contract: str = Field(description="The contract's file, relative to the job file.")
    target: TargetSpec = Field(description="Where the tables go.")
    duplicates: Annotated[
        DuplicateSpec | None, BeforeValidator(_off, json_schema_input_type=DuplicateSpec | Literal["off", False])
    ] = Field(
        default_factory=lambda: DuplicateSpec.model_validate({}),
        description="What makes two documents the same; `off`: nothing but the source key.",
    )
    chunk: ChunkSpec = Field(default_factory=lambda: ChunkSpec.model_validate({}), description="How large a chunk is.")
    memory: Size | None = Field(
        None, description="Memory budget of the process, like `2GB`; without it a quarter of the machine's."
    )
    workers: int | None = Field(
        None, ge=1, le=256, description="Shredding threads; without it the processors this process may use."
    )
    max_quarantine: int = Field(
        10_000, ge=0, description="Stop once a run would have quarantined more documents than this."
    )
    workspace: str = Field(
        ".columnar", description="Folder for staged keys, spilling and the audit files, relative to the job file."
    )
    base: Path = Field(
        default_factory=Path.cwd,
        description="What relative paths are relative to: set to the job file's folder.",
        exclude=True,
    )

    @model_validator(mode="after")
    def _source_fits_url(self) -> Job:
        scheme = scheme_of(self.source.url)
        for what, url, known in (("source", self.source.url, SOURCES), ("target", self.target.url, TARGETS)):
            if scheme_of(url) not in known:
                raise ValueError(f"{what}: there is no backend {scheme_of(url)}:; there are {', '.join(known)}")
        if scheme == "duckdb" and (self.source.table is None) == (self.source.query is None):
            raise ValueError("source: a duckdb source needs either table or query")
        if scheme != "duckdb" and (self.source.table or self.source.query):
            raise ValueError(f"source: table and query are for duckdb, not for {scheme}")
        return self

    def path(self, text: str) -> Path:
        """A path of the job, made absolute."""
        return (self.base / text).resolve()


def scheme_of(url: str) -> str:
    """The scheme of a URL; JobError where it has none."""
    scheme, colon, rest = url.partition(":")
    if not colon or not rest or not scheme.isalpha():
        raise JobError(f"{url!r} is not a URL", hint="write it like duckdb:file.duckdb, parquet:folder or folder:path")
    return scheme.lower()


def with_environment(text: str) -> str:
    """`${NAME}` replaced from the environment; JobError for one that is not set. The value is never printed."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise JobError(
                f"the environment variable {match[1]} is not set", hint=f"the job's URL refers to ${{{match[1]}}}"
            )
        return os.environ[match[1]]

    return _VARIABLE.sub(value, text)
