"""What a contract says of choosing: which of several elements, or of several rows, is taken."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from transforms.contract.column import ScalarText, Section

Prefer = dict[str, Annotated[list[ScalarText], Field(min_length=1)]]
Taken = Literal["first", "last"]


def _one_or_several(value: Any) -> Any:  # whatever the YAML holds
    return [value] if isinstance(value, str) else value


Paths = Annotated[
    list[str],
    BeforeValidator(_one_or_several),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class PickSection(Section):
    """Another element whose values stand in a row: a column says `of:` with the pick's name, and its path starts there.
    A path alone is a pick of the first such element: `seller: Party[@role='S']`."""

    path: str = Field(
        description="The candidates: a path from the row's element, or from the whole document where it begins with "
        "`/`. Element steps with predicates only.",
        examples=["Data/contact[@role='PR']", "address", "/Order/Party"],
    )
    of: str = Field(
        default="",
        description="The pick that the path starts from, instead of the row's element.",
        examples=["primary"],
    )
    match: dict[str, str] = Field(
        default_factory=dict,
        description="Only candidates for which a value equals one of the row's: path from the candidate, then path "
        "from the row (from the element of `of`, where given). A blank one equals nothing.",
        min_length=1,
        examples=[{"@id": "@party_ref"}],
    )
    require: Paths = Field(
        default_factory=list,
        description="Paths from the candidate that must not be blank, all of them.",
        min_length=1,
        examples=[["@id"]],
    )
    require_any: Paths = Field(
        default_factory=list,
        description="Paths from the candidate of which at least one must not be blank.",
        min_length=1,
        examples=[["@first_name", "@last_name"]],
    )
    prefer: Prefer = Field(
        default_factory=dict,
        description="Orders of preference: path from the candidate, then values, the best first; those not listed "
        "come after them. Several decide in their order.",
        min_length=1,
        examples=[{"@role": ["PR", "AUTHU"]}],
    )
    ignore_case: bool = Field(
        default=False, description="Whether match and prefer compare without regard to case; default false."
    )
    take: Taken = Field(
        default="first", description="Which of equally good candidates: the first (default) or the last."
    )
    filled: bool = Field(
        default=False,
        description="Each column takes the first candidate, in that order, whose value for it is not blank; default "
        "false: all take the same one.",
    )


class JoinSection(Section):
    """At most one row of another table, of the same document, for the SQL of this table: `name.column`. A table alone
    is a join of it: `bureau: bureau`."""

    table: str = Field(description="The table that is joined.", examples=["bureau"])
    on: dict[str, str] = Field(
        default_factory=dict,
        description="Which rows: their column, then the column of this table that it equals. Without it: the table's "
        "rows below this one, where it is a descendant of this table, else all of the document.",
        min_length=1,
        examples=[{"contact_id": "contact_id"}],
    )
    where: str = Field(
        default="", description="SQL condition over the joined table's columns.", examples=["role = 'PR'"]
    )
    prefer: Prefer = Field(
        default_factory=dict,
        description="Orders of preference: column of the joined table, then values, the best first.",
        min_length=1,
        examples=[{"role": ["PR", "AUTHU"]}],
    )
    take: Taken = Field(default="first", description="Which of equally good rows: the first (default) or the last.")


class DistinctSection(Section):
    """One row per document and value of some columns."""

    on: list[str] = Field(
        description="The columns that together may occur once in a document.", min_length=1, examples=[["contact_id"]]
    )
    prefer: Prefer = Field(
        default_factory=dict,
        description="Orders of preference: column, then values, the best first; those not listed come after them. "
        "Several decide in their order.",
        min_length=1,
        examples=[{"role": ["PR", "AUTHU"]}],
    )
    order: str = Field(
        default="",
        description="SQL that says which row is kept, after `prefer`: the first in this order.",
        examples=["role = 'PR' DESC, updated_at DESC NULLS LAST"],
    )
    take: Taken = Field(
        default="first", description="Which of equally good rows: the first (default) or last of the document."
    )


def short_pick(value: Any) -> Any:  # whatever the YAML holds
    """A path alone stands for a pick of that path."""
    return {"path": value} if isinstance(value, str) else value


def short_join(value: Any) -> Any:  # whatever the YAML holds
    """A table alone stands for a join of that table."""
    return {"table": value} if isinstance(value, str) else value
