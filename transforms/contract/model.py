"""What a contract says, key by key. The descriptions become the JSON Schema and docs/contract.md.

A new kind of table or column is a field here, its rule in the compiler beside it, and nothing else.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from transforms.contract.column import Column, Defaults, Section, short_column
from transforms.contract.lookup import Lookups
from transforms.contract.plan import Limits
from transforms.contract.selection import DistinctSection, JoinSection, PickSection, short_join, short_pick
from transforms.contract.sizes import SIZE_PATTERN, byte_count
from transforms.contract.slots import Slots, slots_as_written
from transforms.contract.target import ContractTarget, TargetSection

_LIMITS = Limits()
_MIB = 1024 * 1024
# Arrow addresses 2**31 bytes of one string in most types; nothing larger can arrive.
_MOST_BYTES = 2**31 - 1

ByteCount = Annotated[
    int,
    BeforeValidator(byte_count),
    Field(ge=1, le=_MOST_BYTES),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": _MOST_BYTES},
                {"type": "string", "pattern": SIZE_PATTERN},
            ]
        }
    ),
]
Count = Annotated[int, Field(ge=1, le=_MOST_BYTES)]


class LimitsSection(Section):
    """What one document may grow to. One past a limit is quarantined with reason `limit`."""

    bytes: ByteCount = Field(
        default=_LIMITS.document_bytes,
        description=f"The document, as fetched and again after `decode`; default {_LIMITS.document_bytes // _MIB}MiB.",
        examples=["64MiB", "500KB", 1000000],
    )
    depth: Count = Field(
        default=_LIMITS.depth,
        description=f"Elements inside each other, the root being 1; default {_LIMITS.depth}.",
        examples=[256],
    )
    text: ByteCount = Field(
        default=_LIMITS.text_bytes,
        description=f"One text or attribute value; default {_LIMITS.text_bytes:,} bytes.",
        examples=["10MB"],
    )
    attributes: Count = Field(
        default=_LIMITS.attributes,
        description=f"Attributes of one element; default {_LIMITS.attributes:,}.",
        examples=[10000],
    )
    name: ByteCount = Field(
        default=_LIMITS.name_bytes,
        description=f"The name of one element or attribute; default {_LIMITS.name_bytes:,} bytes.",
        examples=[10000],
    )


class DocumentSection(Section):
    """How the documents are stored in their column, and how large they may be."""

    decode: list[Literal["gzip", "utf-16"]] = Field(
        default_factory=list,
        description="What is undone, in this order, before a document is XML: gzip (SQL Server's COMPRESS() too) "
        "and utf-16; "
        "default nothing.",
        examples=[["gzip"], ["gzip", "utf-16"]],
    )
    declaration: Literal["auto", "trust", "ignore"] = Field(
        default="auto",
        description="Whether the encoding in `<?xml encoding=…?>` is believed. auto (default): in binary columns "
        "only, since a "
        "database converts the text of a text column and leaves the declaration as it was. trust: always; ignore: "
        "never.",
    )
    limits: LimitsSection = Field(default=LimitsSection(), description="What one document may grow to.")


class Table(Section):
    """One table: which elements are its rows, its columns, and which rows are kept."""

    rows: str = Field(
        default="",
        description="The elements that are rows: a path from the document, `/` or `//` first (docs/paths.md). Exactly "
        "one of rows and sql is given.",
        examples=["/LoanRequest/Request", "/LoanRequest/Request/Data/application/contact", "//RelOp"],
    )
    sql: str = Field(
        default="",
        description="The rows are those of a SELECT (UNPIVOT, too) over the tables with `rows`, and the SQL tables "
        "stated before this one, as they will be loaded. It returns `_document` and the table's columns.",
        examples=["SELECT _document, application_id, count(*) AS contacts FROM contact GROUP BY ALL"],
    )
    columns: dict[str, Annotated[Column, BeforeValidator(short_column)]] = Field(
        description="The columns in their order: name, then its path alone or its rules. Those of an SQL table state "
        "their types.",
        min_length=1,
        examples=[{"role": "@role", "contact_id": {"path": "@id", "type": "int64"}}],
    )
    parent: str = Field(
        default="",
        description="The table whose row each row belongs to: the one of the nearest element around it. The table "
        "gains the "
        "parent's key columns, and those that the parent gained, before its own.",
        examples=["application"],
    )
    picks: dict[str, Annotated[PickSection, BeforeValidator(short_pick)]] = Field(
        default_factory=dict,
        description="Other elements whose values stand in the row, by a name of their own.",
        min_length=1,
        examples=[{"primary": {"path": "contact[@role='PR']", "require": ["@id"], "take": "last"}}],
    )
    slots: Annotated[Slots, BeforeValidator(slots_as_written)] = Field(
        default_factory=dict,
        description="Several rows from each element: numbered (`1..4`), named (`[TU, EX]`), or named with their own "
        "paths. In a column's path `{slot}` is the slot's name, and the path `$slot` is that name as a value. A slot "
        "in which all its own paths are blank gives no row.",
        examples=["1..4", ["TU", "EX"], {"TU": "@tu_score", "EX": "@ex_score"}],
    )
    joins: dict[str, Annotated[JoinSection, BeforeValidator(short_join)]] = Field(
        default_factory=dict,
        description="Rows of other tables for the `sql` of this table's columns, its `where` and `distinct.order`, by "
        "a name of their own.",
        min_length=1,
        examples=[{"bureau": {"table": "bureau"}}],
    )
    key: list[str] = Field(
        default_factory=list,
        description="The columns that identify a row, its own or gained from the parent. They become not nullable.",
        min_length=1,
        examples=[["application_id", "contact_id"]],
    )
    where: str = Field(
        default="",
        description="SQL condition over the converted columns; rows where it is not true are dropped, and counted.",
        examples=["contact_id IS NOT NULL AND role IN ('PR', 'AUTHU')"],
    )
    distinct: DistinctSection | None = Field(
        default=None, description="Keep one row per document and value of some columns."
    )
    keep_if_any: list[str] = Field(
        default_factory=list,
        description="Drop rows in which all of these columns are NULL.",
        min_length=1,
        examples=[["first_name", "last_name"]],
    )
    on_conflict: Literal["reject_document", "skip"] = Field(
        default="reject_document",
        description="What happens to a row whose key the target has already, or an earlier document brought: "
        "reject_document (default), or skip: the first one stays, the row is left out and counted. Rows of child "
        "tables are loaded all the same, for they belong to the row that stays: a child that every document repeats, "
        "too, says skip itself.",
    )
    target: TargetSection = Field(
        default=TargetSection(), description="What the table is in the target: its name, foreign keys, own columns."
    )
    load: bool = Field(
        default=True,
        description="Whether the table is loaded into the target; default true. One that is not still serves as a "
        "parent.",
    )


class Contract(Section):
    """How documents become tables."""

    version: Annotated[int, Field(ge=1, le=1), WithJsonSchema({"const": 1})] = Field(
        description="The version of the contract language: 1."
    )
    root: str = Field(
        description="The name of the documents' root element, with its prefix if it has one. A document with "
        "another root is "
        "quarantined with reason `wrong_root`.",
        examples=["LoanRequest", "ubl:Invoice"],
    )
    namespaces: dict[str, str] = Field(
        default_factory=dict,
        description="Prefixes used in this contract, and the namespace of each; documents may use any prefix. The "
        'prefix `""` '
        "is for element names without one.",
        examples=[{"ln": "urn:example:loan"}],
    )
    document: DocumentSection = Field(
        default=DocumentSection(), description="How documents are encoded, and their limits."
    )
    lookups: Lookups = Field(
        default_factory=dict,
        description="Named enumerations: the text in the document, and the value it becomes; null is NULL. The "
        'entry `""` is '
        "for a value that is missing or blank.",
        examples=[{"decision": {"APPROVED": 50, "DECLINED": 51}, "flag": {"Y": True, "N": False, "": None}}],
    )
    defaults: Defaults = Field(default=Defaults(), description="Rules for every column that does not state its own.")
    target: ContractTarget = Field(
        default=ContractTarget(), description="What all tables have in common in the target: their schema."
    )
    tables: dict[str, Table] = Field(description="The tables, by name.", min_length=1)
