"""What a table is in the target: its name there, foreign keys, and columns that the database fills."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_type import TypeTextError, parse_type, type_text
from transforms.contract.draft import Draft
from transforms.contract.names import RESERVED_PREFIX, TARGET_NAME_RULE, folded, target_name_fault
from transforms.contract.plan import ColumnType, ForeignKey, MadeColumn, TargetPlan
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path
from transforms.contract.sql_text import EXPRESSION, check_sql
from transforms.contract.target import ContractTarget, ForeignKeySection, MadeColumnSection
from transforms.contract.target_names import check_target_names, loaded_columns, names_in_target

# Between a schema and its table, and in the paths of files, which are called as their tables.
_SEPARATORS = frozenset("./\\")


def plan_target(draft: Draft, drafts: Mapping[str, Draft], common: ContractTarget, report: Report) -> TargetPlan:
    """The plan of a table's target; of no use where a problem was reported."""
    stated = draft.table.target
    place = (*draft.path, "target")
    if not draft.table.load and "target" in draft.table.model_fields_set:
        report.key(place, "the table is not loaded", expected="no target, or no load: false")
    check_part(stated.table, (*place, "table"), "table", report, given="table" in stated.model_fields_set)
    check_part(stated.db_schema, (*place, "schema"), "schema", report, given="db_schema" in stated.model_fields_set)
    if folded(stated.table).startswith(RESERVED_PREFIX):
        message = f"{stated.table!r} begins as the program's own tables do"
        report.value((*place, "table"), message, expected=f"a name without {RESERVED_PREFIX}")
    names = names_in_target(draft, drafts)
    check_target_names(draft, names, report)
    made = tuple(_made(name, column, (*place, "columns", name), report) for name, column in stated.columns.items())
    keys = [
        _foreign_key(each, draft, drafts, common, (*place, "foreign_keys", index), report)
        for index, each in enumerate(stated.foreign_keys)
    ]
    for index, each in enumerate(keys):
        if each is not None and each in keys[:index]:
            report.value((*place, "foreign_keys", index), "this foreign key is here twice", expected="each once")
    return TargetPlan(
        target_name(draft, common), tuple(names.items()), tuple(key for key in keys if key is not None), made
    )


def target_name(draft: Draft, common: ContractTarget) -> str:
    """`table` or `schema.table`; '' where the contract names neither."""
    table, schema = draft.table.target.table, draft.table.target.db_schema or common.db_schema
    return f"{schema}.{table or draft.name}" if schema else table


def check_part(name: str, place: Path, what: str, report: Report, *, given: bool) -> None:
    """Report a table's or a schema's name in the target that cannot be one."""
    fault = target_name_fault(name) if given else ""
    schema, dot, table = name.partition(".")
    if given and what == "table" and dot and schema and table and not fault:
        report.value(place, f"{name!r} is a schema and a table", expected=f"schema: {schema} and table: {table}")
    elif fault or (given and _SEPARATORS & set(name)):
        message = f"the {what} name {name[:40]!r} {fault or 'has a dot or a slash'}"
        report.value(place, message, expected=f"{TARGET_NAME_RULE}, none of them a dot or a slash")


def _made(name: str, stated: MadeColumnSection, place: Path, report: Report) -> MadeColumn:
    given = [key for key in ("default", "computed") if key in stated.model_fields_set]
    if len(given) != 1:
        message = "a column is defaulted or computed, not both" if given else "it is not said what fills the column"
        report.value(place, message, expected="default: or computed:, with SQL of the target")
    for key in given:
        check_sql(getattr(stated, key), (*place, key), EXPRESSION, report)
    column_type: ColumnType | None = None
    if "type" in stated.model_fields_set:
        try:
            column_type = parse_type(stated.type)
        except TypeTextError as error:
            report.value((*place, "type"), str(error), expected=error.expected, nearest=error.nearest)
    return MadeColumn(name, column_type, stated.default.strip(), stated.computed.strip(), stated.nullable)


def _foreign_key(
    stated: ForeignKeySection,
    draft: Draft,
    drafts: Mapping[str, Draft],
    common: ContractTarget,
    place: Path,
    report: Report,
) -> ForeignKey | None:
    other = _referenced(stated, draft, drafts, place, report)
    if other is None:
        return None
    key = other.table.key
    references = list(stated.references or key)
    columns = list(stated.columns or key)
    if sorted(references) != sorted(key):
        message = f"{', '.join(references)} is not the key of {other.name!r}"
        report.value((*place, "references"), message, expected=f"[{', '.join(key)}]")
        return None
    if len(columns) != len(references):
        message = f"these are {len(columns)} columns, and the key of {other.name!r} has {len(references)}"
        report.value(
            (*place, "columns"), message, expected=f"those that refer to {', '.join(references)}, in that order"
        )
        return None
    own = loaded_columns(draft)
    for index, (name, reference) in enumerate(zip(columns, references, strict=True)):
        at = report.source.known((*place, "columns", index))
        if name not in own:
            if not draft.inherits_all:
                continue
            near = nearest(name, own)
            expected = "" if near else f"columns: those of this table that refer to {', '.join(references)}"
            report.value(at, f"the table has no column {name!r} in the target", expected=expected, nearest=near)
            continue
        one, two = own[name], other.names.get(reference)
        if one is not None and two is not None and one.type != two.type:
            message = f"{name!r} is {type_text(one.type)}, and {other.name}.{reference} is {type_text(two.type)}"
            report.value(at, message, expected="the same type")
    table = target_name(other, common) or other.name
    return ForeignKey(tuple(columns), table, tuple(references))


def _referenced(
    stated: ForeignKeySection, draft: Draft, drafts: Mapping[str, Draft], place: Path, report: Report
) -> Draft | None:
    """The table that a foreign key refers to; None where it cannot, which is reported."""
    at = report.source.known((*place, "table"))
    other = drafts.get(stated.table)
    if other is None:
        others = [name for name in drafts if name != draft.name]
        near = nearest(stated.table, others)
        expected = "" if near else f"one of {', '.join(others)}" if others else "another table, but there is none"
        report.value(at, f"there is no table {stated.table!r}", expected=expected, nearest=near)
    elif other is draft:
        message = "the table refers to itself, and the rows of one table are loaded in no order"
        report.value(at, message, expected="another table")
    elif not other.table.load:
        report.value(at, f"{stated.table!r} is not loaded", expected="a table that is in the target")
    elif not other.table.key:
        report.value(at, f"{stated.table!r} has no key to refer to", expected=f"key: on {stated.table}")
    else:
        return other
    return None
