"""What a contract says of one column."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from transforms.contract.column_type import PLAIN_TYPES
from transforms.contract.written import text_as_written, word_as_written

SCALAR_SCHEMA = {"type": ["string", "number", "boolean"]}
_REACTIONS = ("null", "default", "reject_row", "reject_document")


def _null_as_word(value: object) -> object:
    """`on_invalid: null` is YAML's null, and means the word."""
    return "null" if value is None else value


def _reaction_schema(*words: str) -> WithJsonSchema:
    return WithJsonSchema({"enum": [None, *_REACTIONS, *words]})


AnyReaction = Annotated[
    Literal["null", "default", "reject_row", "reject_document"], BeforeValidator(_null_as_word), _reaction_schema()
]
UnknownReaction = Annotated[
    Literal["null", "default", "reject_row", "reject_document", "keep"],
    BeforeValidator(_null_as_word),
    _reaction_schema("keep"),
]
LengthReaction = Annotated[
    Literal["null", "default", "reject_row", "reject_document", "truncate"],
    BeforeValidator(_null_as_word),
    _reaction_schema("truncate"),
]
ExactnessReaction = Annotated[
    Literal["null", "default", "reject_row", "reject_document", "round_half_up"],
    BeforeValidator(_null_as_word),
    _reaction_schema("round_half_up"),
]
NullWord = Annotated[
    str, BeforeValidator(word_as_written), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})
]
ScalarText = Annotated[str, BeforeValidator(text_as_written), WithJsonSchema(SCALAR_SCHEMA)]
TypeText = Annotated[
    str,
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": [*PLAIN_TYPES, "binary(base64)", "binary(hex)"]},
                {"type": "string", "pattern": r"^\s*string\s*\(\s*[1-9][0-9]*\s*\)\s*$"},
                {"type": "string", "pattern": r"^\s*decimal\s*\(\s*[0-9]+\s*,\s*[0-9]+\s*\)\s*$"},
            ]
        }
    ),
]


class Section(BaseModel):
    """A mapping of the contract: its keys are exactly its fields, and its texts are texts."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NumberClean(Section):
    """The one number in a text: `$1,234.50` becomes 1234.50, `(5)` becomes -5."""

    decimal: str = Field(
        default=".",
        description="The character before the fraction; default a point.",
        min_length=1,
        max_length=1,
        examples=[".", ","],
    )
    sign: Literal["keep", "drop"] = Field(
        default="keep",
        description="keep (default): `-5`, `5-` and `(5)` are negative; drop: the sign is left out.",
    )
    group: str = Field(
        default=",",
        description="The character between groups of digits; empty: there is none. Default a comma, or a point "
        "where decimal is a comma.",
        max_length=1,
        examples=[",", ".", " ", ""],
    )


class ReplaceClean(Section):
    """Every match of a regular expression, replaced."""

    pattern: str = Field(
        description="A regular expression in RE2's syntax: no look-around, no back references.",
        min_length=1,
        examples=["[^A-Z]", "^0+"],
    )
    replacement: str = Field(
        default="", description="What each match becomes; `\\1` is its first group.", examples=["", r"\1"]
    )


class NumberStep(Section):
    """`number:` with its characters."""

    number: NumberClean = Field(description="Read the one number out of the text.")


class ReplaceStep(Section):
    """`replace:`."""

    replace: ReplaceClean = Field(description="Replace every match of a regular expression.")


CleanWord = Literal["digits", "upper", "lower", "collapse", "trim", "number"]
CLEAN_STEPS = {
    "digits": "keeps only the digits 0 to 9, as text: leading zeros survive",
    "upper": "makes letters upper case",
    "lower": "makes letters lower case",
    "collapse": "makes each run of white space one space, and none at the ends",
    "trim": "takes white space off the ends",
    "number": 'reads the one number out of a text: `"$1,234.50"` becomes `1234.50`, `"(5)"` and `"5-"` become `-5`. '
    "Where there is none, or several, or another locale's separators, the text stays as it is, and is then invalid. "
    'Written `number`, or `{number: {decimal: ",", group: ".", sign: drop}}`',
    "replace": 'replaces every match of a regular expression: `{replace: {pattern: "[^A-Z]", replacement: ""}}`',
}


_STEP_TAGS: dict[type, str] = {NumberStep: "number step", ReplaceStep: "replace step"}


def _clean_kind(value: object) -> str | None:
    """Which form a step of `clean` has; None: none of them."""
    if isinstance(value, str):
        return "word"
    if isinstance(value, dict) and len(value) == 1:
        return {"number": "number step", "replace": "replace step"}.get(str(next(iter(value))))
    return _STEP_TAGS.get(type(value))


Clean = Annotated[
    Annotated[CleanWord, Tag("word")]
    | Annotated[NumberStep, Tag("number step")]
    | Annotated[ReplaceStep, Tag("replace step")],
    Discriminator(_clean_kind),
]


class TextRules(Section):
    """What a column and the contract's defaults can both say. A field that is not given falls back: column, defaults,
    then the default stated here."""

    trim: bool = Field(default=False, description="Take white space off both ends before anything else; default false.")
    blank_as_null: bool = Field(
        default=True,
        description="A value that is empty, or holds only white space, is NULL; default true.",
    )
    null_words: list[NullWord] = Field(
        default_factory=list,
        description="Words that mean NULL, compared in any case after white space is taken off; default none.",
        examples=[["null", "none", "n/a"]],
    )
    on_missing: AnyReaction = Field(
        default="null",
        description="What happens where there is no value: null, default, reject_row or reject_document. Default: "
        "`default` "
        "where the column has one, else null, and reject_document where the column is not nullable.",
    )
    on_invalid: AnyReaction = Field(
        default="reject_document",
        description="What happens to a value that the type cannot read, or that is out of its range: null, default, "
        "reject_row "
        "or reject_document; default reject_document.",
    )
    on_unknown: UnknownReaction = Field(
        default="reject_document",
        description="What happens to a value that the lookup does not have: null, default, reject_row, "
        "reject_document, or keep "
        "(the value itself goes on to the type); default as on_invalid.",
    )
    on_too_long: LengthReaction = Field(
        default="reject_document",
        description="What happens to a text longer than string(n): null, default, reject_row, reject_document or "
        "truncate; "
        "default as on_invalid.",
    )
    on_inexact: ExactnessReaction = Field(
        default="reject_document",
        description="What happens to a number or a time with more digits than the type keeps: null, default, "
        "reject_row, "
        "reject_document or round_half_up; default as on_invalid.",
    )


class ValueRules(Section):
    """What only a column can say."""

    path: str = Field(
        default="",
        description="Where the value is, from the row's element (docs/paths.md). Exactly one of path, xpath and sql "
        "is given; none of them where the table itself is made by SQL, or the database makes the value.",
        examples=["@id", "Data/amount", "note/text()", "../@ID", "contact[@role='PR']/@id", "position()", "$key"],
    )
    xpath: str = Field(
        default="",
        description="Any XPath 1.0 expression instead, from the row's element; slower, and `columnar plan` says so.",
        examples=["count(item)", "item[@price > 10]/@name"],
    )
    of: str = Field(
        default="",
        description="The pick from whose element the path starts, instead of the row's.",
        examples=["primary"],
    )
    sql: str = Field(
        default="",
        description="SQL over this row: its converted columns, those with `sql` stated before, `table.column` of the "
        "tables it is in, and of its `joins`. The column's rules apply to the result.",
        examples=["CASE WHEN amount > 10000 THEN 'large' ELSE 'small' END", "application.amount * share / 100"],
    )
    type: TypeText = Field(
        default="string",
        description="The type; default string.",
        examples=["string(200)", "int64", "decimal(12,2)", "date", "timestamp"],
    )
    nullable: bool = Field(
        default=True,
        description="Whether the column may be NULL; default true, but false for the columns of the table's key.",
    )
    many: Literal["first", "last", "join", "list", "error"] = Field(
        default="first",
        description="What a path that meets several nodes yields: the first (default) or last in document order, "
        "all of them "
        "joined, a list, or an error that refuses the document. Meeting several is counted.",
    )
    separator: str = Field(
        default="", description="What stands between the values of `many: join`; default nothing.", examples=[", "]
    )
    clean: list[Clean] = Field(
        default_factory=list,
        description="Cleaning steps, in order: digits, upper, lower, collapse, trim, number, replace.",
        examples=[["digits"], ["collapse", "upper"], [{"number": {"decimal": ",", "group": "."}}]],
    )
    lookup: str = Field(
        default="", description="The name of one of the contract's lookups; the type reads what it returns."
    )
    ignore_case: bool = Field(
        default=False, description="Whether the lookup compares without regard to case; default false."
    )
    formats: list[str] = Field(
        default_factory=list,
        description="Formats of a date, time, timestamp or timestamptz as Python's strptime writes them, tried in "
        "order; "
        "default: those of `defaults`, else ISO 8601.",
        min_length=1,
        examples=[["%Y-%m-%d", "%m/%d/%Y"]],
    )
    identity: Literal["keep", "database"] = Field(
        default="keep",
        description="The column is an identity of the target. keep: the contract's values are written into it; "
        "database: the database makes them, and the rows below refer to what it made.",
    )
    on_null: Annotated[
        Literal["null", "omit"], BeforeValidator(_null_as_word), WithJsonSchema({"enum": [None, "null", "omit"]})
    ] = Field(
        default="null",
        description="How a NULL is written. null (default): as NULL; omit: not at all, so that the target's own "
        "default for the column applies.",
    )
    load: bool = Field(
        default=True,
        description="Whether the column is loaded; default true. One that is not still serves `sql`, `where` and the "
        "like.",
    )
    default: ScalarText = Field(
        default="",
        description="The value that `default` in an on_... rule stands for; the type must be able to read it.",
        examples=["0", "unknown", "1900-01-01"],
    )


class Column(TextRules, ValueRules):
    """One column: where its value is, its type, and what happens to what does not fit. A path alone is a column of type
    string: `role: "@role"`."""


class Formats(Section):
    """Formats for all columns of a type."""

    date: list[str] = Field(
        default_factory=list, description="Formats of date columns.", min_length=1, examples=[["%Y-%m-%d"]]
    )
    time: list[str] = Field(
        default_factory=list, description="Formats of time columns.", min_length=1, examples=[["%H:%M"]]
    )
    timestamp: list[str] = Field(
        default_factory=list,
        description="Formats of timestamp columns.",
        min_length=1,
        examples=[["%Y-%m-%d %H:%M:%S", "%m/%d/%Y"]],
    )
    timestamptz: list[str] = Field(
        default_factory=list,
        description="Formats of timestamptz columns.",
        min_length=1,
        examples=[["%Y-%m-%dT%H:%M:%S%z"]],
    )


class Defaults(TextRules):
    """Rules for every column that does not state its own, wherever they make sense for its type."""

    formats: Formats = Field(default=Formats(), description="Formats for every column of a type that states none.")


def short_column(value: Any) -> Any:  # whatever the YAML holds
    """A path alone stands for a column of that path."""
    return {"path": value} if isinstance(value, str) else value
