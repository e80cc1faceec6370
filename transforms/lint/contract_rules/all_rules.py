"""The rules about a contract alone, in the order in which they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from transforms.lint.contract_rules.cleaning import clean_idle, digits_of_number, mixed_decimals
from transforms.lint.contract_rules.comparisons import value_never_there
from transforms.lint.contract_rules.entries import repeated_word, unmatchable_entry
from transforms.lint.contract_rules.formats import format_order
from transforms.lint.contract_rules.keys import key_without_parent, parent_without_key, skip_above_reject
from transforms.lint.contract_rules.names import alike_names, bare_name
from transforms.lint.contract_rules.never_filled import constant_condition, keeps_everything, never_filled
from transforms.lint.contract_rules.no_effect import no_effect, unused_default
from transforms.lint.contract_rules.restated import restated
from transforms.lint.contract_rules.twice import same_path, same_rows
from transforms.lint.contract_rules.unused_defaults import unused_defaults
from transforms.lint.contract_rules.unused_names import (
    unused_column,
    unused_join,
    unused_lookup,
    unused_namespace,
    unused_table,
)
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject

CONTRACT_RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    no_effect,
    unused_default,
    unused_defaults,
    restated,
    unused_lookup,
    unused_namespace,
    unused_table,
    unused_column,
    unused_join,
    never_filled,
    constant_condition,
    keeps_everything,
    value_never_there,
    alike_names,
    bare_name,
    same_path,
    same_rows,
    key_without_parent,
    parent_without_key,
    skip_above_reject,
    format_order,
    clean_idle,
    digits_of_number,
    mixed_decimals,
    unmatchable_entry,
    repeated_word,
)
