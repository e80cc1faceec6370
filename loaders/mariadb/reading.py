"""How keys and documents are selected from MariaDB. What crosses the driver is utf8mb4, whatever a column is in."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.mariadb.types import BINARIES, TEXTS, parts

_UTF8 = "utf8mb4"
_NOT_DOCUMENTS = ("enum", "uuid")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year")
_TIMES = {"date": "DATE", "datetime": "DATETIME(6)", "timestamp": "DATETIME(6)", "time": "TIME(6)"}


class MariaDBReading:
    """See loaders.database.dialect.ReadingDialect."""

    integer = "SIGNED"
    cheap_lengths = False  # OCTET_LENGTH reads all of a value
    utf16 = False

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote: quoted alike in every sql_mode."""
        if "\0" in identifier:
            raise ValueError("an identifier cannot hold a NUL character")
        return "`" + identifier.replace("`", "``") + "`"

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_text."""
        name = parts(column.type)[0]
        if name in BINARIES:
            # Of what is too long for a packet HEX makes NULL; `?` is no digit.
            return f"COALESCE(HEX({sql}), IF({sql} IS NULL, NULL, '?'))"
        if column.arrow is not None and pa.types.is_timestamp(column.arrow) and column.arrow.tz:
            return f"CONCAT(CAST({sql} AS CHAR), 'Z')"
        if name == "bit":
            return f"CAST({sql} + 0 AS CHAR)"
        if name == "float":  # its own text has six digits
            return f"CAST(CAST({sql} AS DOUBLE) AS CHAR)"
        if name in TEXTS:
            return f"CONVERT({sql} USING {_UTF8})"
        return f"CONCAT(CAST({sql} AS CHAR), 'Z')" if _is_zoned(column) else f"CAST({sql} AS CHAR)"

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_integer."""
        return f"CAST({sql} AS SIGNED)"

    def is_integer(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_integer: not of a BIGINT UNSIGNED."""
        return column.arrow is not None and pa.types.is_signed_integer(column.arrow)

    def bound(self, column: StoredColumn) -> str:
        """See ReadingDialect.bound."""
        name, modifiers, unsigned = parts(column.type)
        if name in BINARIES:
            return "UNHEX(?)"
        if name in _WHOLE:
            return f"CAST(? AS {'UNSIGNED' if unsigned or name == 'bit' else 'SIGNED'})"
        if name == "decimal":
            return f"CAST(? AS DECIMAL({modifiers[0]},{modifiers[1] if len(modifiers) > 1 else 0}))"
        if name in ("float", "double"):
            return "CAST(? AS DOUBLE)"
        if name in _TIMES:
            text = "TRIM(TRAILING 'Z' FROM ?)" if _is_zoned(column) else "?"
            return f"CAST({text} AS {_TIMES[name]})"
        if name in ("uuid", "inet6", "inet4"):
            return f"CAST(? AS {name})"
        if not column.collation:
            return "CAST(? AS CHAR)"
        return f"CONVERT(? USING {column.collation.partition('_')[0]}) COLLATE {column.collation}"

    def document(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.document."""
        return sql if column.collation.startswith(_UTF8 + "_") else self.as_text(sql, column)

    def is_binary(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_binary."""
        return parts(column.type)[0] in BINARIES

    def is_text(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_text."""
        name = parts(column.type)[0]
        return name in TEXTS and name not in _NOT_DOCUMENTS

    def length(self, sql: str) -> str:
        """See ReadingDialect.length."""
        return f"CAST(OCTET_LENGTH({sql}) AS SIGNED)"

    def utf8_bytes(self, sql: str) -> str:
        """See ReadingDialect.utf8_bytes."""
        return self.length(sql)

    def first(self, rows: int, skip: int = 0) -> str:
        """See ReadingDialect.first."""
        return f"LIMIT {int(rows)} OFFSET {int(skip)}"

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """See ReadingDialect.keys_digest: a sum, in which equal keys do not cancel out. MD5 takes twice as long."""
        return f"CAST(SUM({_hash(texts)}) AS CHAR)"

    def key_hashes(self, texts: Sequence[str]) -> Sequence[str]:
        """See ReadingDialect.key_hashes."""
        return (f"CAST({_hash(texts)} AS SIGNED)",)


def _hash(texts: Sequence[str]) -> str:
    parts = ", ".join(f"COALESCE({text}, '')" for text in texts)
    return f"CRC32(CONCAT_WS(CHAR(31), {parts}))" if len(texts) > 1 else f"CRC32({parts})"


def _is_zoned(column: StoredColumn) -> bool:
    """Whether a column's times are of UTC, which is the zone of our sessions."""
    return column.arrow is not None and pa.types.is_timestamp(column.arrow) and column.arrow.tz is not None


MARIADB_READING = MariaDBReading()
