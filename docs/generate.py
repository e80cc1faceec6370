"""Writes docs/contract.md: docs/contract.in.md with the parts that the program knows itself.

python docs/generate.py            write the page
python docs/generate.py --check    only say whether it is up to date
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # so that it runs from a clone that is not installed

from transforms.contract.column import CLEAN_STEPS  # noqa: E402
from transforms.contract.column_type import TYPE_FORMS  # noqa: E402
from transforms.contract.formats import DIRECTIVES  # noqa: E402
from transforms.contract.schema import contract_schema  # noqa: E402
from transforms.convert.rules import Reason  # noqa: E402
from transforms.rows.failing import REASON as SQL_ERROR  # noqa: E402
from transforms.shred.result import REASONS  # noqa: E402

TEMPLATE = DOCS / "contract.in.md"
PAGE = DOCS / "contract.md"
NOTICE = "<!-- Written by docs/generate.py from docs/contract.in.md and the model: edit those. -->\n\n"

# Rule, what it is about, words it allows besides null, default, reject_row and reject_document, its own default.
POLICIES = (
    (
        "on_missing",
        "there is no value",
        "",
        "`default` where the column has one, else `null`; `reject_document` where not nullable",
    ),
    ("on_invalid", "the type cannot read the value, or it is out of range", "", "`reject_document`"),
    ("on_unknown", "the lookup does not have the value", "`keep`", "as `on_invalid`"),
    ("on_too_long", "a text is longer than `string(n)`", "`truncate`", "as `on_invalid`"),
    ("on_inexact", "a number or time has more digits than the type keeps", "`round_half_up`", "as `on_invalid`"),
)
REASON_TEXTS = {
    "not_well_formed": "the text is not XML",
    "truncated": "the document ends before its root element is closed",
    "doctype": "it has a DOCTYPE, which is never read",
    "encoding": "its bytes are not what they must be: wrong encoding, a NUL byte, or `decode` failed",
    "limit": "it is past one of `document.limits`",
    "wrong_root": "its root element is not the contract's `root`, nor that of another contract of the job",
    "no_contract": "its root element is right, but the job's contracts for it are for other source keys (`when`)",
    "empty": "it is NULL, has no bytes, or only white space",
    "namespace": "a prefix in it is not declared, or declared wrongly",
    "many_values": "a path with `many: error` meets several nodes",
    "missing_value": "there is no value where the column must have one",
    "invalid_value": "the type cannot read a value",
    "unknown_value": "a value is not in the column's lookup",
    "too_long": "a text is longer than its type",
    "out_of_range": "a number or date is out of the range of its type",
    "inexact": "a number or time has more digits than its type keeps",
    "sql_error": "the contract's SQL fails on its values",
}
# The order of the reference, and what each section is called in it.
SECTIONS = {
    "Contract": ("Top level", "The whole file."),
    "DocumentSection": ("`document`", ""),
    "LimitsSection": (
        "`document.limits`",
        "Sizes are bytes, or a number with B, KB, MB, GB (thousands) or KiB, MiB, GiB.",
    ),
    "LookupSection": (
        "A lookup with rules: `lookups.NAME`",
        "A lookup may also be its entries alone: `decision: {APPROVED: 50, DECLINED: 51}`.",
    ),
    "Defaults": ("`defaults`", ""),
    "Formats": ("`defaults.formats`", ""),
    "Table": ("A table: `tables.NAME`", ""),
    "Column": ("A column: `tables.NAME.columns.NAME`", ""),
    "PickSection": ("A pick: `tables.NAME.picks.NAME`", ""),
    "JoinSection": ("A join: `tables.NAME.joins.NAME`", ""),
    "DistinctSection": ("`tables.NAME.distinct`", ""),
    "TargetSection": ("`tables.NAME.target`", ""),
    "ForeignKeySection": ("A foreign key: an entry of `tables.NAME.target.foreign_keys`", ""),
    "MadeColumnSection": ("A column that the database fills: `tables.NAME.target.columns.NAME`", ""),
    "ContractTarget": ("`target`", ""),
    "NumberClean": ("The cleaning step `number`", ""),
    "ReplaceClean": ("The cleaning step `replace`", ""),
}
KINDS = {"string": "text", "boolean": "`true` or `false`", "integer": "number", "array": "list", "object": "mapping"}
ONE_KEY_STEPS = {"NumberStep", "ReplaceStep"}  # `{number: …}`: shown with the step


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def policies() -> str:
    """The rules with their defaults."""
    rows = ((f"`{rule}`", about, also or "", default) for rule, about, also, default in POLICIES)
    return table(("rule", "when", "also allows", "default"), rows)


def types() -> str:
    """Every type with its Arrow type."""
    return table(
        ("type", "Arrow type", "reads"), ((f"`{form.form}`", f"`{form.arrow}`", form.reads) for form in TYPE_FORMS)
    )


def formats() -> str:
    """The directives of `formats`."""
    return table(("directive", "reads"), ((f"`{directive}`", reads) for directive, reads in DIRECTIVES.items()))


def clean() -> str:
    """The cleaning steps."""
    return table(("step", "what it does"), ((f"`{step}`", does) for step, does in CLEAN_STEPS.items()))


def reasons() -> str:
    """The reason codes of documents."""
    codes = [*REASONS, *(reason.value for reason in Reason), SQL_ERROR]
    if sorted(codes) != sorted(REASON_TEXTS):
        raise SystemExit(f"REASON_TEXTS in {__file__} does not fit the codes: {set(codes) ^ set(REASON_TEXTS)}")
    return table(("reason", "meaning"), ((f"`{code}`", REASON_TEXTS[code]) for code in codes))


def reference() -> str:
    """Every section of the schema as a table of its keys."""
    schema = contract_schema()
    sections = {"Contract": schema, **schema["$defs"]}
    if set(sections) - ONE_KEY_STEPS != set(SECTIONS):
        raise SystemExit(
            f"SECTIONS in {__file__} does not fit the model: {(set(sections) - ONE_KEY_STEPS) ^ set(SECTIONS)}"
        )
    parts = []
    for name, (title, note) in SECTIONS.items():
        section = sections[name]
        rows = [
            _key_row(key, field, key in section.get("required", ())) for key, field in section["properties"].items()
        ]
        about = "" if name == "Contract" else str(section["description"]).replace("\n", " ")
        text = "\n\n".join(part for part in (about, note) if part)
        parts.append(f"### {title}\n\n{text}\n\n" + table(("key", "value", "meaning", "example"), rows))
    return "\n\n".join(parts)


def _key_row(key: str, field: dict[str, Any], required: bool) -> tuple[str, str, str, str]:
    examples = field.get("examples", [])[:3]
    shown = ", ".join(f"`{_yaml(example)}`" for example in examples)
    return f"`{key}`" + (" (required)" if required else ""), _value(field), str(field["description"]), shown


def _value(field: dict[str, Any]) -> str:
    """What kind of value a key takes, in a word or two."""
    choices = field.get("enum") or field.get("items", {}).get("enum")
    if choices:
        words = " ".join(f"`{_yaml(choice)}`" for choice in choices if choice is not None)
        return words if "enum" in field else f"list of {words}"
    if "const" in field:
        return f"`{field['const']}`"
    kinds = {
        "string": "text",
        "boolean": "`true` or `false`",
        "integer": "number",
        "array": "list",
        "object": "mapping",
    }
    kind = field.get("type")
    if isinstance(kind, list):
        return "text, number, true or false"
    if kind in kinds:
        return kinds[kind]
    if "pattern" in str(field.get("anyOf")) and "maximum" in str(field):
        return "size"
    return "type" if "pattern" in str(field) else "mapping"


def _yaml(value: object) -> str:
    """A value as a contract would hold it on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    plain = isinstance(value, (int, float)) or (text and text[0].isalpha() and not set(text) & set(",[]{}:'\"#"))
    return text if plain else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def example(template: str) -> str:
    """The tables that the page's own document and contract give."""
    from worked_example import tables_of_example

    return tables_of_example(template)


def page() -> str:
    """The whole page."""
    template = TEMPLATE.read_text(encoding="utf-8")
    parts = {
        "policies": policies(),
        "types": types(),
        "formats": formats(),
        "clean": clean(),
        "reasons": reasons(),
        "reference": reference(),
        "example": example(template),
    }
    for name, part in parts.items():
        template = template.replace(f"{{{name}}}\n", f"{part}\n")
    from worked_constructs import with_results

    return NOTICE + with_results(template)


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{PAGE} is not up to date: run python docs/generate.py")


if __name__ == "__main__":
    main()
