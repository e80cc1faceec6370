"""Columns in which the documents make no difference, values left out on the way, and tables that get no row."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.contract.plan import Identity, Many, Reaction
from transforms.convert.runs import is_read
from transforms.lint.contract_rules.meets import is_fixed
from transforms.lint.finding import Finding
from transforms.lint.sample_rules.sampled import Sampled, sampled_columns
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject
from transforms.path.model import TerminalKind, ValuePath

ENOUGH = 10  # rows, or values, from which on "all of them" says something


def one_value(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Columns that are always NULL, always their default, or always the same."""
    for column in sampled_columns(subject, statistics):
        plan, found = column.plan, column.found
        if plan.identity is Identity.DATABASE or not column.rows or is_fixed(column.stated):
            continue
        read = is_read(column.stated.table, plan)
        values = f"{found.filled:,} {'value' if found.filled == 1 else 'values'}"
        values += f", such as {column.shown}" if column.shown else ""
        if read and not found.texts:
            if not column.unmatched:
                what = "blank values and null words" if found.filled else "blank values"
                message = "the pick has no value for it in any row" if plan.of else f"the path finds only {what}"
                yield subject.finding("always_blank", column.path, message, "is this the right path?")
        elif found.nulls == column.rows and (read or column.rows >= ENOUGH):
            message = f"NULL in all {column.rows:,} rows" if column.rows > 1 else "NULL in the one row"
            message += f", although the documents have {values}" if read else ""
            advice = "look at on_invalid, on_unknown and where" if read else "is this the right SQL?"
            yield subject.finding("always_nulled", column.path, message, advice)
        elif plan.default is not None and found.defaulted >= column.rows and found.distinct == 1:
            message = f"the default {plan.default!r} in all {column.rows:,} rows, although the documents have {values}"
            yield subject.finding("always_default", column.path, message, "look at the type, formats and lookup")
        elif column.rows >= ENOUGH and found.distinct == 1 and not found.nulls and not _outside(column):
            message = f"the same value in all {column.rows:,} rows"
            yield subject.finding("always_same", column.path, message, "is this the right path?" if read else "")


def values_lost(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Several nodes where one is taken and nobody said which, and cleaning that leaves nothing."""
    for column in sampled_columns(subject, statistics):
        plan, found = column.plan, column.found
        if found.several and plan.many is Many.FIRST and "many" not in column.stated.said:
            cells = f"{found.several:,} {'cell' if found.several == 1 else 'cells'}"
            message = f"the path met several nodes in {cells}, and the column has the first of them"
            advice = "say which: many: first, last, join, list or error, or a predicate in the path"
            yield subject.finding("values_lost", column.path, message, advice)
        if found.emptied:
            message = f"cleaning leaves nothing of {found.emptied:,} {'value' if found.emptied == 1 else 'values'}"
            advice = "they are '' and not NULL" if plan.type.kind.value == "string" else "they are invalid, not NULL"
            yield subject.finding("emptied", (*column.path, "clean"), message, f"{advice}: null_words, or other steps")


def picks_tied(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Picks that do not say which of equally good candidates they take, where it makes a difference."""
    for name, table in statistics.tables.items():
        for pick, rows in table.ties.items():
            stated = subject.contract.tables[name].picks[pick]
            if "take" not in stated.model_fields_set:
                message = f"in {rows:,} {'row' if rows == 1 else 'rows'} equally good candidates have different values"
                advice = "say which: take: first or last, prefer, or a predicate in the path"
                yield subject.finding("pick_tie", ("tables", name, "picks", pick), message, advice)


def all_rows_dropped(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Tables that have elements, and no rows."""
    for name, table in statistics.tables.items():
        if table.rows or not table.elements or not table.dropped:
            continue
        rules = ", ".join(f"{rule} ({count:,})" for rule, count in table.dropped.items())
        message = f"all {table.elements:,} rows are dropped: by {rules}"
        key = next((rule for rule in table.dropped if rule in ("where", "distinct", "keep_if_any")), "rows")
        yield subject.finding("all_rows_dropped", ("tables", name, key), message, "should none of them be loaded?")


def quarantined(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Documents that would not load, one finding for each reason and column."""
    for each in statistics.refusals:
        documents = f"{each.documents:,} {'document' if each.documents == 1 else 'documents'}"
        message = f"{documents} would not load ({each.reason}), such as {each.document}"
        message += f" line {each.line}" if each.line else ""
        place = ("tables", each.table, "columns", each.column) if each.column else ("root",)
        yield subject.finding("quarantined", place, f"{message}: {each.detail}", _advice(each.reason))


def _advice(reason: str) -> str:
    rules = {
        "missing_value": "on_missing",
        "invalid_value": "on_invalid",
        "out_of_range": "another type, or on_invalid",
        "unknown_value": "another entry in the lookup, or on_unknown",
        "too_long": "a longer type, or on_too_long",
        "inexact": "a finer type, or on_inexact",
    }
    return f"{rules[reason]} says what else happens" if reason in rules else ""


def _outside(column: Sampled) -> bool:
    """Values that are not of the row: the source's key, and keys that tables around it have too."""
    path = column.plan.path
    if column.plan.on_missing is Reaction.DEFAULT and not column.found.filled:
        return True
    return isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.KEY
