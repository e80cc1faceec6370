"""What a contract says of its tables in the target."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from transforms.contract.column import Section, TypeText


def _short_reference(value: Any) -> Any:  # whatever the YAML holds
    return {"table": value} if isinstance(value, str) else value


class ForeignKeySection(Section):
    """Columns that must be a key of another table. A table alone: the columns have the names of that table's key."""

    table: str = Field(description="The table of this contract that they refer to.", examples=["application"])
    columns: list[str] = Field(
        default_factory=list,
        description="The columns of this table; default those of the other's key, by the same names.",
        min_length=1,
        examples=[["dealer_id"]],
    )
    references: list[str] = Field(
        default_factory=list,
        description="The columns of the other table; default its key.",
        min_length=1,
        examples=[["id"]],
    )


class MadeColumnSection(Section):
    """A column that the contract does not fill. Its SQL is the target's own and runs there; it is needed only where
    `create: true` makes the table."""

    type: TypeText = Field(default="", description="The type, where this program makes the table.")
    default: str = Field(
        default="", description="SQL of the value that a new row gets.", examples=["current_timestamp", "0"]
    )
    computed: str = Field(
        default="",
        description="SQL over the table's columns: the database computes the column.",
        examples=["amount * rate"],
    )
    nullable: bool = Field(default=True, description="Whether it may be NULL; default true.")


class TargetSection(Section):
    """What the table is in the target."""

    table: str = Field(
        default="", description="Its name there; default its name here. Several tables may load into one."
    )
    db_schema: str = Field(
        alias="schema", default="", description="Its schema there; default the contract's, then the job's."
    )
    names: dict[str, str] = Field(
        default_factory=dict,
        description="What its columns are called there, where that is not what they are called here. A gained column is"
        " called as in its parent, unless this says otherwise.",
        min_length=1,
        examples=[{"first_lien": "1st_lien", "amount": "Loan Amount"}],
    )
    foreign_keys: list[Annotated[ForeignKeySection, BeforeValidator(_short_reference)]] = Field(
        default_factory=list,
        description="Tables whose key this one refers to; they are loaded before it.",
        min_length=1,
        examples=[["application"], [{"table": "dealer", "columns": ["dealer_no"]}]],
    )
    columns: dict[str, MadeColumnSection] = Field(
        default_factory=dict,
        description="Columns of the target that the database fills: by a default, or computed.",
        min_length=1,
        examples=[{"loaded_at": {"type": "timestamp", "default": "current_timestamp"}}],
    )


class ContractTarget(Section):
    """What all tables have in common in the target."""

    db_schema: str = Field(alias="schema", default="", description="Their schema; default the job's.")
