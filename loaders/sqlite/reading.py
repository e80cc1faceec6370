"""How keys and documents are selected from SQLite, whose columns have affinities rather than types."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.database.catalog import StoredColumn
from loaders.errors import UsageError
from loaders.sql import quote


def affinity(declared: str) -> str:
    """The affinity of a declared type, by the rules of https://www.sqlite.org/datatype3.html (3.1)."""
    name = declared.upper()
    if "INT" in name:
        return "INTEGER"
    if any(part in name for part in ("CHAR", "CLOB", "TEXT", "XML")):  # XML would be NUMERIC; texts of it stay texts
        return "TEXT"
    if "BLOB" in name or not name:
        return "BLOB"
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


# The number that a text is where it is one as a whole, as an affinity makes it; a CAST would make one of any text.
_NUMBER = "WHEN CAST(v AS NUMERIC) = v THEN CAST(v AS NUMERIC) ELSE v"
_NUMBER_OR_TEXT = f"(SELECT CASE {_NUMBER} END FROM (SELECT ? AS v))"
# Without an affinity a text may look like a number beside it, and is told in quotes.
_QUOTED = "CASE WHEN CAST({0} AS NUMERIC) = {0} OR {0} GLOB '''*' THEN '''' || {0} || '''' ELSE {0} END"
_UNQUOTED = f"(SELECT CASE WHEN v GLOB '''*' THEN substr(v, 2, length(v) - 2) {_NUMBER} END FROM (SELECT ? AS v))"
# An error, since bytes among texts would be taken for a text: of another place in the order.
_NO_TEXT = "json('bytes')"


class SQLiteReading:
    """See loaders.database.dialect.ReadingDialect."""

    integer = "INTEGER"
    cheap_lengths = False
    utf16 = False

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_text. Of a REAL, 15 digits are its text, and 17 are not always
        the nearest: 21 were, for every number that was tried."""
        if column.type and self.is_binary(column):
            return f"CASE WHEN {sql} IS NOT NULL THEN hex({sql}) END"  # hex(NULL) is ''
        if affinity(column.type) == "TEXT":
            return f"CASE typeof({sql}) WHEN 'blob' THEN {_NO_TEXT} ELSE CAST({sql} AS TEXT) END"
        text = sql if column.type else _QUOTED.format(sql)
        return (
            f"CASE typeof({sql}) WHEN 'real' THEN printf('%!.20e', {sql}) WHEN 'text' THEN {text}"
            f" WHEN 'blob' THEN {_NO_TEXT} ELSE CAST({sql} AS TEXT) END"
        )

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_integer."""
        return f"CAST({sql} AS INTEGER)"

    def is_integer(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_integer: an INTEGER column may hold a text."""
        return False

    def bound(self, column: StoredColumn) -> str:
        """See ReadingDialect.bound. Beside an expression, which has no affinity, a number has to be one."""
        if column.type and self.is_binary(column):
            raise UsageError(f"column {column.name} is {column.type}: SQLite cannot compare it with a text's bytes")
        if affinity(column.type) == "TEXT":
            return "CAST(? AS TEXT)"
        return _NUMBER_OR_TEXT if column.type else _UNQUOTED

    def document(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.document."""
        return f"CASE WHEN {sql} IS NOT NULL THEN hex({sql}) END" if self.is_binary(column) else f"CAST({sql} AS TEXT)"

    def is_binary(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_binary."""
        return affinity(column.type) == "BLOB"

    def is_text(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_text."""
        return affinity(column.type) == "TEXT"

    def length(self, sql: str) -> str:
        """See ReadingDialect.length: length() of a text counts characters up to the first NUL."""
        return f"length(CAST({sql} AS BLOB))"

    def utf8_bytes(self, sql: str) -> str:
        """See ReadingDialect.utf8_bytes."""
        return self.length(sql)

    def first(self, rows: int, skip: int = 0) -> str:
        """See ReadingDialect.first."""
        return f"LIMIT {int(rows)} OFFSET {int(skip)}"

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """See ReadingDialect.keys_digest: SQLite has no hash."""
        return None

    def key_hashes(self, texts: Sequence[str]) -> Sequence[str]:
        """See ReadingDialect.key_hashes."""
        return ()


SQLITE_READING = SQLiteReading()
