"""What SQL Server says of the parameters of a batch (`sp_describe_undeclared_parameters`), as far as they stand in a
CAST each: drivers ask it before they bind, and what they bind depends on the answer."""

from __future__ import annotations

import re
from typing import Any

from tests.servers.tds_tokens import Column

_CAST = re.compile(r"CAST\(@P(\d+) AS (\w+)(?:\((max|\d+)\))?", re.IGNORECASE)
_COLUMNS = (
    ("parameter_ordinal", "int"),
    ("name", "nvarchar"),
    ("suggested_system_type_id", "int"),
    ("suggested_system_type_name", "nvarchar"),
    ("suggested_max_length", "smallint"),
    ("suggested_precision", "tinyint"),
    ("suggested_scale", "tinyint"),
    ("suggested_user_type_id", "int"),
    ("suggested_user_type_database", "nvarchar"),
    ("suggested_user_type_schema", "nvarchar"),
    ("suggested_user_type_name", "nvarchar"),
    ("suggested_assembly_qualified_type_name", "nvarchar"),
    ("suggested_xml_collection_id", "int"),
    ("suggested_xml_collection_database", "nvarchar"),
    ("suggested_xml_collection_schema", "nvarchar"),
    ("suggested_xml_collection_name", "nvarchar"),
    ("suggested_is_xml_document", "bit"),
    ("suggested_is_case_sensitive", "bit"),
    ("suggested_is_fixed_length_clr_type", "bit"),
    ("suggested_is_input", "bit"),
    ("suggested_is_output", "bit"),
    ("formal_parameter_name", "nvarchar"),
    ("suggested_tds_type_id", "int"),
    ("suggested_tds_length", "int"),
)
COLUMNS = tuple(Column(name, kind, 128) for name, kind in _COLUMNS)
# Name -> number in sys.types, number in TDS, bytes of a character or of the value.
_TYPES = {
    "nvarchar": (231, 231, 2),
    "nchar": (239, 239, 2),
    "varchar": (167, 167, 1),
    "char": (175, 175, 1),
    "int": (56, 38, 4),
    "bigint": (127, 38, 8),
}


def described(sql: str) -> list[list[Any]]:
    """The rows of the answer: a parameter each, in the order of their numbers."""
    found = sorted((int(number), kind.lower(), size.lower()) for number, kind, size in _CAST.findall(sql))
    return [_row(*each) for each in found]


def _row(number: int, kind: str, size: str) -> list[Any]:
    system, tds, width = _TYPES[kind]
    whole = kind in ("int", "bigint")
    length = width if whole else -1 if size == "max" else int(size or 30) * width
    written = kind if whole else f"{kind}({size or 30})"
    precision = {"int": 10, "bigint": 19}.get(kind, 0)
    sized = 0xFFFF if length == -1 else length
    nothing: list[Any] = [None] * 9
    return [number, f"@P{number}", system, written, length, precision, 0, *nothing, 0, 0, 0, 1, 0, None, tds, sized]
