"""Scalars as text, exactly as the contract writes them."""

from __future__ import annotations

from transforms.contract.source import WrittenFloat, WrittenInt


def text_as_written(value: object) -> object:
    """A number or true/false as text: `01` stays 01, `1.10` stays 1.10, TRUE is true. Others unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (WrittenInt, WrittenFloat)):
        return value.text
    if isinstance(value, (int, float)):
        return str(value)
    return value


def word_as_written(value: object) -> object:
    """Likewise where a bare `null` means the word."""
    return "null" if value is None else text_as_written(value)


def lookup_as_written(value: object) -> object:
    """A lookup's values as text; null stays, and means NULL."""
    if not isinstance(value, dict):
        return value
    return {key: text_as_written(entry) for key, entry in value.items()}
