"""SQL text that is the same in every dialect spoken here: quoted identifiers and comparisons of composite keys."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.source import Key, KeyColumn, KeyRange


def quote(identifier: str) -> str:
    """An identifier, quoted; a name with a quote or NUL in it cannot break out."""
    if "\0" in identifier:
        raise ValueError("an identifier cannot hold a NUL character")
    return '"' + identifier.replace('"', '""') + '"'


def range_condition(key: Sequence[KeyColumn], within: KeyRange) -> tuple[str, list[str]]:
    """A WHERE condition for a range, and its parameters: texts, cast to the key's own types by the database."""
    names = [quote(part.name) for part in key]
    return named_range_condition(names, [f"CAST(? AS {part.type})" for part in key], within)


def named_range_condition(names: Sequence[str], bounds: Sequence[str], within: KeyRange) -> tuple[str, list[str]]:
    """The same of columns whose names are quoted. bounds: the SQL of a parameter of each one's type."""
    if within.null_keys:
        return "(" + " OR ".join(f"{name} IS NULL" for name in names) + ")", []
    conditions = [f"{name} IS NOT NULL" for name in names]
    values: list[str] = []
    for key, operator, inclusive in (
        (within.low, ">", within.low_inclusive),
        (within.high, "<", within.high_inclusive),
    ):
        if key is not None:
            condition, bound_values = _ladder(names, bounds, key, operator, inclusive=inclusive)
            conditions.append(condition)
            values += bound_values
    return " AND ".join(conditions), values


def _ladder(
    names: Sequence[str], bounds: Sequence[str], key: Key, operator: str, *, inclusive: bool
) -> tuple[str, list[str]]:
    """(a > ?) OR (a = ? AND b > ?) …; row values are not compared alike everywhere, and few optimisers use them."""
    steps: list[str] = []
    values: list[str] = []
    for depth, name in enumerate(names):
        equal = [f"{before} = {bound}" for before, bound in zip(names[:depth], bounds[:depth], strict=True)]
        last = depth == len(names) - 1
        strict = f"{name} {operator}{'=' if last and inclusive else ''} {bounds[depth]}"
        steps.append("(" + " AND ".join([*equal, strict]) + ")")
        values += key[: depth + 1]
    if len(names) == 1:
        return steps[0], values
    # Implied by the ladder, and what lets a database use its index or zone maps for it.
    implied = f"{names[0]} {operator}= {bounds[0]}"
    return f"({implied} AND ({' OR '.join(steps)}))", [key[0], *values]
