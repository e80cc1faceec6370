"""Writes docs/job.md: docs/job.in.md with the reference of every key, from the model.

python docs/generate_job.py            write the page
python docs/generate_job.py --check    only say whether it is up to date
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))  # so that it runs from a clone that is not installed

from columnar.jobs.job_schema import job_schema  # noqa: E402

TEMPLATE = DOCS / "job.in.md"
PAGE = DOCS / "job.md"
NOTICE = "<!-- Written by docs/generate_job.py from docs/job.in.md and the model: edit those. -->\n\n"
# The order of the reference, and what each section is called in it.
SECTIONS = {
    "Job": "Top level",
    "SourceSpec": "`source`",
    "TargetSpec": "`target`",
    "ContractSpec": "`contract`, each of a list",
    "DuplicateSpec": "`duplicates`",
    "ChunkSpec": "`chunk`",
    "AuditSpec": "`audit`",
}
KINDS = {
    "string": "text",
    "boolean": "`true` or `false`",
    "integer": "number",
    "array": "list of texts",
    "object": "mapping",
}
SIZE = {"integer", "string"}


def reference() -> str:
    """Every section of the schema as a table of its keys."""
    schema = job_schema()
    sections = {"Job": schema, **schema["$defs"]}
    if set(sections) != set(SECTIONS):
        raise SystemExit(f"SECTIONS in {__file__} does not fit the model: {set(sections) ^ set(SECTIONS)}")
    parts = []
    for name, title in SECTIONS.items():
        section = sections[name]
        required = section.get("required", ())
        rows = [_row(key, field, key in required, sections) for key, field in section["properties"].items()]
        about = "The whole file." if name == "Job" else section["description"]
        parts.append(f"### {title}\n\n{about}\n\n{_table(rows)}")
    return "\n\n".join(parts)


def _table(rows: list[tuple[str, str, str, str]]) -> str:
    lines = [("key", "value", "default", "meaning"), ("---",) * 4, *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _row(key: str, field: dict[str, Any], required: bool, sections: dict[str, Any]) -> tuple[str, str, str, str]:
    default = "required" if required else _default(field)
    section = sections.get(str(field.get("$ref", "")).rpartition("/")[2], {})
    return f"`{key}`", _value(field), default, str(field.get("description", section.get("description", "")))


def _default(field: dict[str, Any]) -> str:
    if "default" not in field:
        return ""
    value = field["default"]
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def _value(field: dict[str, Any]) -> str:
    """What kind of value a key takes, in a word or two."""
    if "enum" in field:
        # Unquoted, YAML may take `off` for false: both are the same here.
        return " ".join(f"`{choice}`" for choice in field["enum"] if not isinstance(choice, bool))
    if "$ref" in field:
        return "mapping"
    if "anyOf" in field:
        kinds = {each.get("type") for each in field["anyOf"]}
        if kinds == SIZE:
            return "size: `512MB`, `2GiB`, bytes"
        return ", ".join(dict.fromkeys(_value(each) for each in field["anyOf"]))
    if "anyOf" in field.get("items", {}):
        return "list of these"
    return KINDS[field["type"]]


def page() -> str:
    """The whole page."""
    return NOTICE + TEMPLATE.read_text(encoding="utf-8").replace("{reference}\n", f"{reference()}\n")


def main() -> None:
    """Write the page, or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{PAGE} is not up to date: run python docs/generate_job.py")


if __name__ == "__main__":
    main()
