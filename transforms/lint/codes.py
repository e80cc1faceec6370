"""Every kind of finding: its code, how much it weighs, and what it means. docs/lint.md is made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """WARNING: probably not what was meant. HINT: fine, but could be simpler, narrower or safer."""

    WARNING = "warning"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Code:
    """severity: of every finding with the code. sampled: it takes documents to find it. means: one sentence or two."""

    severity: Severity
    sampled: bool
    means: str


def _found_in_contract(**means: str) -> dict[str, Code]:
    return {code: Code(Severity.WARNING, False, text) for code, text in means.items()}


def _hinted_in_contract(**means: str) -> dict[str, Code]:
    return {code: Code(Severity.HINT, False, text) for code, text in means.items()}


def _found_in_samples(**means: str) -> dict[str, Code]:
    return {code: Code(Severity.WARNING, True, text) for code, text in means.items()}


def _hinted_in_samples(**means: str) -> dict[str, Code]:
    return {code: Code(Severity.HINT, True, text) for code, text in means.items()}


# A code never changes its meaning: people switch codes off in scripts.
CODES: dict[str, Code] = {
    **_found_in_contract(
        no_effect="A key is about something that cannot happen: a rule for values that never come, `many` where a "
        "path meets one node at most, `trim` where white space is ignored anyway.",
        unused_default="A column's `default` that none of its `on_…` rules ever puts in.",
        unused_defaults="A rule or formats under `defaults` that no column falls back to.",
        unused_lookup="A lookup that no column names.",
        unused_namespace="A prefix that no path uses.",
        unused_table="A table with `load: false` that is no parent, and that no SQL and no join reads.",
        unused_column="A column with `load: false` that no SQL, `where`, `distinct`, `keep_if_any` or join reads.",
        unused_join="A join whose columns no SQL of the table names.",
        never_filled="A column that can only be NULL: a blank constant, SQL that is NULL, a lookup of nothing but "
        'null. Plain `sql: "NULL"` says that it is meant.',
        alike_names="Two names that differ only in `_`, spaces or case: columns of one table or of one chain of "
        "parents, or tables.",
        keeps_everything="A `keep_if_any` that keeps every row, because one of its columns is never NULL.",
        constant_condition="A `where` that names no column, so it is the same for every row.",
        value_never_there="SQL or `prefer` compares a column with a text that the column can never have: the lookup "
        "gives others, cleaning writes it otherwise, or the type is too short for it.",
        unmatchable_entry="A lookup entry that no text can meet, since the columns clean, trim or null their texts "
        "before they look them up.",
        format_shadowed="A format that is never used, because the formats before it read everything that it reads.",
        format_ambiguous="Texts that two of the formats read as different values: the first one decides. "
        "`03/04/2026` is one day to `%m/%d/%Y` and another one to `%d/%m/%Y`.",
        clean_idle="A cleaning step that changes nothing after, or before, the other steps.",
        digits_of_number="`clean: [digits]` on a number or a date: sign, point and separators are lost, so 12.50 "
        "becomes 1250. The step `number` keeps them.",
    ),
    **_hinted_in_contract(
        restated="A key says what holds without it.",
        mixed_decimals="Number cleaning reads a comma as the decimal sign in some columns, and a point in others.",
        repeated_entry="Lookup entries that are the same to every column that uses the lookup, since they ignore case.",
        repeated_word="A null word that is there twice: they are compared in any case.",
        same_namespace="Two prefixes for one namespace.",
        same_path="Two columns of a table that read the same path by the same rules. Is one of the paths a slip?",
        same_rows="Two loaded tables over the same elements that read some of the same paths.",
        key_without_parent="The key of a loaded table takes no column that it gains from its parent. Such keys are "
        "seldom unique over all documents.",
        parent_without_key="A table whose parent hands down no key column: its rows cannot be joined to their "
        "parent's.",
        skip_above_reject="A table with `on_conflict: skip` above one without: where a row is skipped, a row below "
        "it that the target has already still rejects the document.",
        bare_name="SQL that reads a column of this table by its bare name beside columns of another table that has a "
        "column of that name too.",
    ),
    **_found_in_samples(
        quarantined="Samples that would not load, by reason and column.",
        nothing_found="No table finds a row in any sample.",
        path_unmatched="A path that finds nothing in any sample, while the documents have values at almost the same "
        "place that no path reads.",
        always_nulled="A column that is NULL in every row, although the documents have values for it, or SQL makes it.",
        always_default="A column that has its default in every row, although the documents have values for it.",
        too_narrow="A type that refused, cut or rounded values of the samples, and the type that would take them.",
        unknown_values="Values that the column's lookup does not have.",
        values_lost="A path that met several nodes, of which the column took the first because it does not say `many`.",
        emptied="Values of which cleaning leaves nothing: they are empty texts, not NULL.",
        all_rows_dropped="A table that gets no row, although there are elements for it: a rule drops all of them.",
        pick_tie="A pick with several equally good candidates that have different values: the first is taken because "
        "it does not say `take`.",
    ),
    **_hinted_in_samples(
        no_rows="A table whose row path finds nothing in any sample.",
        path_unmet="A path that finds nothing in any sample. It may be wrong, or the values are optional.",
        slot_empty="A slot in which no sample has a value.",
        always_blank="A path that finds values, all of them blank or null words.",
        always_same="A column with the same value in every row, of at least ten.",
        narrow_by_rule="A type that cut, rounded or refused values of the samples as the column's own rule says.",
        unknown_by_rule="Values that the column's lookup does not have, and about which the column itself says what "
        "happens.",
        near_limit="A `string(n)` that the longest value almost fills.",
        vague_type="A string column in which every value, of at least ten, is a number, a date or true or false.",
        entry_unmet="Lookup entries that no sample meets.",
        format_unused="A format that reads no value of the samples that the formats before it do not read.",
    ),
}
