"""A job: what is read, by which contract, into what, under which policies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from columnar.errors import JobError
from columnar.jobs.url import DATABASES, default_schema, scheme_of
from columnar.sizes import parse_size
from transforms.contract.problems import nearest

# The backends there are.
SOURCES = ("duckdb", "parquet", "folder", "zip", "tar", *DATABASES)
TARGETS = ("duckdb", "parquet", *DATABASES)
# Which database a reader is for; turbodbc reads all of them.
_READERS = {"adbc": "postgresql", "mssql-python": "mssql"}
_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
NAME_RULE = "letters, digits, '.', '_' and '-', at most 64, beginning with a letter or digit"


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _off(value: object) -> object:
    return None if value in ("off", False) else value


def _bytes(value: object) -> object:
    if not isinstance(value, str | int) or isinstance(value, bool):
        return value
    try:
        return parse_size(value)
    except JobError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error


Names = Annotated[tuple[str, ...], BeforeValidator(_names, json_schema_input_type=str | tuple[str, ...])]
_Scalar = str | int | float | bool
Size = Annotated[int, BeforeValidator(_bytes, json_schema_input_type=int | str)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _known_backend(url: str, known: Sequence[str]) -> str:
    try:
        scheme = scheme_of(url)
    except JobError as error:
        raise ValueError(f"{error.message}; {error.hint}") from error
    if scheme not in known:
        near = nearest(scheme, known)
        there = f"did you mean '{near}:'?" if near else f"there are {', '.join(known)}"
        shown = f"for the value of {url}" if url.startswith("${") else f"{scheme}:"  # a password may stand in it
        raise ValueError(f"there is no backend {shown}; {there}")
    return url


class SourceSpec(_Model):
    """Where the documents are."""

    url: Annotated[str, AfterValidator(lambda url: _known_backend(url, SOURCES))] = Field(
        repr=False,  # a password may stand in it
        description="`duckdb:FILE`, `parquet:FILE, FOLDER or PATTERN`, `folder:FOLDER`, `zip:FILE`, or `tar:FILE`"
        " (plain, or packed by gzip, bzip2 or xz); `postgresql://…`, `mariadb://…`, `mssql://…`, `sqlite:FILE` or"
        " `odbc:CONNECTION STRING` ([databases.md](databases.md)). Paths are relative to the job file; `${NAME}` is"
        " taken from the environment.",
    )
    table: str | None = Field(
        None, description="Table or view that holds the documents (`schema.table` too); databases only."
    )
    query: str | None = Field(None, description="A SELECT instead of a table; databases only.")
    reader: Literal["auto", "turbodbc", "adbc", "mssql-python"] = Field(
        "auto",
        description="Which driver reads: `adbc` is for PostgreSQL, `mssql-python` for SQL Server, `turbodbc` for all"
        " that have an ODBC driver. All read the same; `columnar plan` says which does, and which would be faster.",
    )
    connections: int = Field(
        1,
        ge=1,
        le=16,
        description="How many chunks are read at the same time, each over a connection of its own; databases over a"
        " driver only.",
    )
    key: Names = Field(
        (),
        description="The columns that tell rows apart and put them in order. Not for `folder:`, `zip:` and `tar:`,"
        " where the path is the key; `parquet:` without one uses file and row number.",
    )
    document: str = Field("document", description="The column of the XML, text or binary.")
    pattern: str = Field("**/*.xml", description="Which files of a folder, or members of an archive.")

    @model_validator(mode="after")
    def _fits_url(self) -> SourceSpec:
        scheme = scheme_of(self.url)
        tables = scheme == "duckdb" or scheme in DATABASES
        source = f"{'an' if scheme in ('odbc', 'mssql') else 'a'} {scheme} source"
        if tables and (self.table is None) == (self.query is None):
            raise ValueError(f"{source} needs either table or query")
        if not tables and (self.table or self.query):
            raise ValueError(f"table and query are for databases, not for {scheme}")
        if scheme in DATABASES and not self.key:
            raise ValueError(f"{source} needs a key: the columns that tell its rows apart")
        if self.reader != "auto" and (scheme not in DATABASES or _READERS.get(self.reader, scheme) != scheme):
            raise ValueError(f"reader: {self.reader} does not read {scheme}")
        if self.connections > 1 and scheme not in DATABASES:
            raise ValueError(f"connections: {scheme} is not read over connections")
        if scheme in ("folder", "zip", "tar") and self.key:
            where = "below the folder" if scheme == "folder" else "within the archive"
            raise ValueError(f"a {scheme} source takes no key: the path {where} is it")
        return self


class TargetSpec(_Model):
    """Where the tables go."""

    url: Annotated[str, AfterValidator(lambda url: _known_backend(url, TARGETS))] = Field(
        repr=False,  # a password may stand in it
        description="`duckdb:FILE` or `parquet:FOLDER`, relative to the job file; `postgresql://…`, `mariadb://…`,"
        " `mssql://…`, `sqlite:FILE` or `odbc:CONNECTION STRING` ([databases.md](databases.md)). `${NAME}` from the"
        " environment.",
    )
    create: bool = Field(False, description="Make the tables that are missing, from the contract's types and keys.")
    stated_schema: str | None = Field(
        None,
        alias="schema",
        description="The database schema of the tables; without it the database's own: `main`, `public` in PostgreSQL,"
        " `dbo` in SQL Server, the URL's database in MariaDB.",
    )
    staging_schema: str | None = Field(
        None, description="Where rows are staged before they are published, where they are; without it in `schema`."
    )
    publish: Literal["auto", "direct", "staged"] = Field(
        "auto",
        description="Whether rows are copied straight into the tables, or into staging tables first, from which one"
        " short transaction moves them; without it what suits the database.",
    )
    ddl: bool = Field(
        True,
        description="`false`: no CREATE and no DROP at all, neither of tables nor of the books; `columnar plan --ddl`"
        " prints what an administrator has to run first. Databases over a driver only.",
    )

    @property
    def db_schema(self) -> str:
        """The schema of tables that do not name theirs."""
        return self.stated_schema or default_schema(self.url)

    @model_validator(mode="after")
    def _fits_url(self) -> TargetSpec:
        scheme = scheme_of(self.url)
        if scheme not in DATABASES:
            for key, stated in (
                ("staging_schema", self.staging_schema is not None),
                ("publish", self.publish != "auto"),
                ("ddl", not self.ddl),
            ):
                if stated:
                    raise ValueError(f"{key} is for databases over a driver, not for {scheme}")
        if self.create and not self.ddl:
            raise ValueError("create: true makes tables, and ddl: false forbids it")
        if not self.ddl and (self.publish == "staged" or scheme == "mssql"):
            how = "publish: staged" if self.publish == "staged" else "what publishes to SQL Server"
            raise ValueError(
                f"{how} makes and drops staging tables while it runs, and ddl: false forbids it; leave out ddl and"
                " create, so that it makes nothing but these and missing books, in a staging_schema of their own"
            )
        return self


def _texts(value: object) -> object:
    if value in ([], ()):
        raise ValueError("there is no value here; expected one, or a list of them: [CC, CX]")
    return tuple(_text(each) for each in (value if isinstance(value, list | tuple) else [value]))


def _text(value: object) -> object:
    """A scalar as it is written: keys are compared as text."""
    if isinstance(value, bool):
        return str(value).lower()
    return getattr(value, "text", str(value)) if isinstance(value, int | float) else value


Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_texts, json_schema_input_type=_Scalar | tuple[_Scalar, ...]),
]


class ContractSpec(_Model):
    """One of several contracts for the same source. It takes the documents that have its `root`."""

    file: str = Field(description="The contract's file, relative to the job file.")
    when: dict[str, Texts] = Field(
        default_factory=dict,
        description="Only documents with this value, or one of these, in a key column of the source: `{product: CC}`,"
        " `{product: [CC, CX]}`. Of several columns, all must fit.",
    )

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """`when` as pairs of key column and value; a column with several values is in several pairs."""
        return tuple((name, value) for name, values in self.when.items() for value in values)


def _contracts(value: object) -> object:
    """Every way to write contracts as a list of mappings."""
    if not isinstance(value, str | dict | list | ContractSpec):
        return value
    if not value:
        raise ValueError("there is no contract here; expected a file, or a list of files: [invoice.yaml, order.yaml]")
    listed = value if isinstance(value, list) else [value]
    return tuple({"file": each} if isinstance(each, str) else each for each in listed)


Contracts = Annotated[
    tuple[ContractSpec, ...],
    BeforeValidator(_contracts, json_schema_input_type=str | ContractSpec | tuple[str | ContractSpec, ...]),
]


RowPolicy = Literal["skip", "reject_document", "last"]


class DuplicateSpec(_Model):
    """What makes two documents the same."""

    on: Names = Field(
        (),
        description="Key columns as `table.column`, all of one table (of each contract, where there are several)."
        " Without it: the key of the contract's first loaded table that has one, has no parent and does not skip rows.",
    )
    fingerprint: Literal["raw", "canonical", "off"] = Field(
        "off",
        description="`raw`: a document whose bytes were loaded already is a duplicate too, whatever its key."
        " `canonical`: one whose rows were, whatever its bytes.",
    )
    ignore: Names = Field(
        (), description="Columns, as `table.column`, that are no content for the `canonical` fingerprint."
    )
    policy: Literal["skip", "fail", "replace"] = Field(
        "skip",
        description="What becomes of a document whose key another one has: `skip` leaves it out, `fail` ends the run,"
        " `replace` puts its rows in place of the other's.",
    )
    conflicts: Literal["skip", "fail", "quarantine", "replace"] | None = Field(
        None, description="The same where the contents differ; without it, as `policy` or `keep` has it."
    )
    keep: Literal["first", "last"] | None = Field(
        None, description="Which of the documents of a key stays, by the columns of `by`; instead of `policy`."
    )
    by: Names = Field((), description="Columns of the key's table, by which `keep` finds the first or last.")
    rows: dict[str, RowPolicy] = Field(
        default_factory=dict,
        description="For tables with a `key`, what becomes of a row whose key is there already: `skip` leaves it out,"
        " `reject_document` sends its document to quarantine, `last` lets the later row win.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> DuplicateSpec:
        if bool(self.keep) != bool(self.by):
            raise ValueError("keep and by go together: {keep: last, by: [table.column]}; policy: replace needs neither")
        if self.keep and self.policy != "skip":
            raise ValueError(f"keep and policy: {self.policy} exclude each other")
        if self.ignore and self.fingerprint != "canonical":
            raise ValueError("ignore is for fingerprint: canonical")
        return self


class ChunkSpec(_Model):
    """How large a chunk is. Only ranges that are not cut yet follow it."""

    rows: int = Field(5000, ge=1, description="At most so many documents.")
    bytes: Size = Field(256_000_000, description="About so many bytes of XML, where the source can tell.")


Stage = Literal["raw", "extracted", "duplicates", "quarantine", "loaded"]
Stages = Annotated[tuple[Stage, ...], BeforeValidator(_names, json_schema_input_type=Stage | tuple[Stage, ...])]


class AuditSpec(_Model):
    """Which Parquet files a run leaves for an auditor, and where."""

    folder: str | None = Field(
        None, description="Folder of the files, relative to the job file; without it `audit` in the job's workspace."
    )
    stages: Stages = Field(
        ("duplicates", "quarantine"),
        description="What is written: `raw` (the documents as they were read), `extracted` (the rows of every document"
        " that can load, before duplicates are decided), `duplicates` and `quarantine` (one row a document), `loaded`"
        " (the rows as the target got them, with what leads back to their documents). `[]` for nothing.",
    )


class Job(_Model):
    """A job file."""

    name: str = Field(
        pattern=_NAME,
        description="What the job is called in its target, where its books are kept under it: " + NAME_RULE + ".",
    )
    source: SourceSpec = Field(description="Where the documents are.")
    contracts: Contracts = Field(
        alias="contract",
        description="The contract's file, relative to the job file; or a list of contracts, each a file or"
        " `{file, when}`. The first that takes a document reads it.",
    )
    target: TargetSpec = Field(description="Where the tables go.")
    duplicates: Annotated[
        DuplicateSpec | None, BeforeValidator(_off, json_schema_input_type=DuplicateSpec | Literal["off", False])
    ] = Field(
        default_factory=lambda: DuplicateSpec.model_validate({}),
        description="What makes two documents the same; `off`: nothing but the source key.",
    )
    chunk: ChunkSpec = Field(default_factory=lambda: ChunkSpec.model_validate({}), description="How large a chunk is.")
    audit: AuditSpec = Field(
        default_factory=lambda: AuditSpec.model_validate({}),
        description="Which Parquet files a run leaves for an auditor, and where.",
    )
    memory: Size | None = Field(
        None, description="Memory budget of the process, like `2GB`; without it a quarter of the machine's."
    )
    patience: int = Field(
        120,
        ge=0,
        description="Seconds that a run waits for a server that went away, or goes on trying after a deadlock or a"
        " timeout, before it stops; the same command then continues.",
    )
    workers: int | None = Field(
        None, ge=1, le=256, description="Shredding threads; without it the processors this process may use."
    )
    shredder: Literal["auto", "native", "lxml"] = Field(
        "auto",
        description="What reads the XML: `auto` is the native shredder, or lxml where that is not installed; both"
        " give the same tables.",
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

    def path(self, text: str) -> Path:
        """A path of the job, made absolute."""
        return (self.base / text).resolve()
