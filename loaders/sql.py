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
    if within.null_keys:
        return "(" + " OR ".join(f"{quote(part.name)} IS NULL" for part in key) + ")", []
    conditions = [f"{quote(part.name)} IS NOT NULL" for part in key]
    values: list[str] = []
    for bound, operator, inclusive in (
        (within.low, ">", within.low_inclusive),
        (within.high, "<", within.high_inclusive),
    ):
        if bound is not None:
            condition, bound_values = _ladder(key, bound, operator, inclusive=inclusive)
            conditions.append(condition)
            values += bound_values
    return " AND ".join(conditions), values


def _ladder(key: Sequence[KeyColumn], bound: Key, operator: str, *, inclusive: bool) -> tuple[str, list[str]]:
    """(a > ?) OR (a = ? AND b > ?) …; row values are not compared alike everywhere, and few optimisers use them."""
    steps: list[str] = []
    values: list[str] = []
    for depth in range(len(key)):
        equal = [f"{quote(part.name)} = {_bound(part)}" for part in key[:depth]]
        last = depth == len(key) - 1
        strict = f"{quote(key[depth].name)} {operator}{'=' if last and inclusive else ''} {_bound(key[depth])}"
        steps.append("(" + " AND ".join([*equal, strict]) + ")")
        values += bound[: depth + 1]
    if len(key) == 1:
        return steps[0], values
    # Implied by the ladder, and what lets a database use its index or zone maps for it.
    implied = f"{quote(key[0].name)} {operator}= {_bound(key[0])}"
    return f"({implied} AND ({' OR '.join(steps)}))", [bound[0], *values]


def _bound(part: KeyColumn) -> str:
    return f"CAST(? AS {part.type})"
