"""From extracted text to typed columns, vectorised and grouped by rule across tables."""

from transforms.convert.convert import convert
from transforms.convert.result import CHANGES_SCHEMA, REJECTED_SCHEMA, Converted
from transforms.convert.types import arrow_type, loaded_schema, table_schema

__all__ = ["CHANGES_SCHEMA", "REJECTED_SCHEMA", "Converted", "arrow_type", "convert", "loaded_schema", "table_schema"]
