"""What decides how a cell is converted, and nothing else of its column: equal rules are converted together."""

from __future__ import annotations

from dataclasses import dataclass, replace

from transforms.contract.plan import CleanStep, ColumnPlan, ColumnType, Lookup, Many, Reaction, TypeKind
from transforms.convert.reading import ReadAs
from transforms.convert.rules import Reason


@dataclass(frozen=True, slots=True)
class CellRule:
    """The fields of ColumnPlan of the same names. plain: the texts are values that SQL made, in the type's own
    notation; formats are then for the contract's own texts only, the default and the values of the lookup."""

    type: ColumnType
    nullable: bool
    trim: bool
    blank_as_null: bool
    null_words: tuple[str, ...]
    clean: tuple[CleanStep, ...]
    lookup: Lookup | None
    formats: tuple[str, ...]
    default: str | None
    on_missing: Reaction
    on_invalid: Reaction
    on_unknown: Reaction
    on_too_long: Reaction
    on_inexact: Reaction
    plain: bool = False

    @property
    def keeps_space(self) -> bool:
        """Whether white space at the ends of a text is part of the value."""
        return self.type.kind is TypeKind.STRING

    @property
    def read_texts_as(self) -> ReadAs:
        """How the texts of the column are read."""
        return replace(self.read_as, formats=()) if self.plain else self.read_as

    @property
    def read_as(self) -> ReadAs:
        """How the texts of the contract are read: the default, and the values of the lookup."""
        return ReadAs(
            self.type,
            self.formats,
            truncate=self.on_too_long is Reaction.TRUNCATE,
            round_half_up=self.on_inexact is Reaction.ROUND_HALF_UP,
        )

    def reaction(self, reason: Reason) -> Reaction:
        """What is done about a value; a default that is not there is NULL."""
        reaction = {
            Reason.MISSING: self.on_missing,
            Reason.UNKNOWN: self.on_unknown,
            Reason.TOO_LONG: self.on_too_long,
            Reason.INEXACT: self.on_inexact,
        }.get(reason, self.on_invalid)
        return Reaction.NULL if reaction is Reaction.DEFAULT and self.default is None else reaction


def cell_rule(column: ColumnPlan) -> CellRule:
    """The rule for the cells of a column; for `many: list` for its elements, which may always be NULL."""
    listed = column.many is Many.LIST
    return CellRule(
        type=column.type,
        nullable=column.nullable or listed,
        trim=column.trim,
        blank_as_null=column.blank_as_null,
        null_words=column.null_words,
        clean=column.clean,
        lookup=column.lookup,
        formats=column.formats,
        default=column.default,
        on_missing=Reaction.NULL if listed else column.on_missing,
        on_invalid=column.on_invalid,
        on_unknown=column.on_unknown,
        on_too_long=column.on_too_long,
        on_inexact=column.on_inexact,
    )
