"""How keys and documents are selected from SQL Server.

Every text travels as NVARCHAR: what a driver makes of VARCHAR depends on code pages. A parameter is cast to exactly the
type and collation of the column it is compared with: an NVARCHAR beside a VARCHAR column has the server convert, and
read, the whole index. No expression depends on the session's language: CONVERT has a style everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from loaders.database.catalog import StoredColumn
from loaders.mssql.statement import quote
from loaders.mssql.types import INTEGERS, SqlType, sql_type

# Between the parts of a key in a digest.
_UNIT_SEPARATOR = "NCHAR(31)"
# HASHBYTES gives 32 bytes; two slices of 7 are two numbers that no sum of fewer than 10^21 keys overflows.
_SLICES = ((1, 7), (8, 7))


class MssqlReading:
    """See loaders.database.dialect.ReadingDialect."""

    integer = "bigint"
    cheap_lengths = True  # DATALENGTH of NVARCHAR(MAX) reads no text; that of a CAST from XML does
    utf16 = True

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_text."""
        kind = sql_type(column.type)
        if kind.is_wide or kind.is_narrow:  # equal as a text where it is the same text, whatever the column's collation
            return f"{self.document(sql, column)} COLLATE Latin1_General_100_BIN2"
        if kind.is_binary or kind.name == "xml":
            return self.document(sql, column)
        return _value_text(sql, kind)

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_integer."""
        return f"CAST({sql} AS bigint)"

    def is_integer(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_integer."""
        return sql_type(column.type).name in INTEGERS

    def bound(self, column: StoredColumn) -> str:
        """See ReadingDialect.bound."""
        kind = sql_type(column.type)
        collation = column.collation
        if kind.is_narrow:
            # The collation says which code page the text goes into; behind the CAST it would come too late.
            inner = f"CAST(? AS nvarchar({_units(kind)}))"
            inner = f"{inner} COLLATE {collation}" if collation else inner
            return f"CAST({inner} AS {_comparable(kind)})"
        if kind.is_wide:
            return f"CAST(? AS {_comparable(kind)})" + (f" COLLATE {collation}" if collation else "")
        if kind.is_binary:
            length = "max" if kind.length is None else kind.length
            fixed = kind.name in ("binary", "timestamp", "rowversion")
            digits = "max" if kind.length is None or kind.length > 4000 else kind.length * 2
            return f"CONVERT({'binary' if fixed else 'varbinary'}({length}), CAST(? AS varchar({digits})), 2)"
        if kind.name in ("datetime", "smalldatetime"):
            return f"CONVERT({kind.name}, CAST(? AS varchar(23)), 121)"
        if kind.name in _SHORT_TEXTS:
            return f"CONVERT({column.type}, CAST(? AS varchar({_SHORT_TEXTS[kind.name]})))"
        return f"CAST(? AS {column.type})"

    def document(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.document."""
        kind = sql_type(column.type)
        if kind.is_binary:
            digits = sql if kind.name != "image" else f"CAST({sql} AS varbinary(max))"
            return f"CAST(CONVERT(varchar(max), {digits}, 2) AS nvarchar(max))"
        if kind.name == "text":
            return f"CAST(CAST({sql} AS varchar(max)) AS nvarchar(max))"
        if kind.name == "nvarchar" and kind.length is None:
            return sql  # a CAST would have the server copy it
        if kind.length is not None:
            return f"CAST({sql} AS nvarchar({_units(kind)}))"
        return f"CAST({sql} AS nvarchar(max))"

    def is_binary(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_binary."""
        return sql_type(column.type).is_binary

    def is_text(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_text."""
        kind = sql_type(column.type)
        return kind.is_wide or kind.is_narrow or kind.name == "xml"

    def length(self, sql: str) -> str:
        """See ReadingDialect.length: never LEN, which leaves out blanks at the end."""
        return f"CAST(DATALENGTH({sql}) AS bigint)"

    def utf8_bytes(self, sql: str) -> str:
        """See ReadingDialect.utf8_bytes: bytes of UTF-16, and so enough for all but Asian text, and twice too many for
        most."""
        return self.length(sql)

    def first(self, rows: int, skip: int = 0) -> str:
        """See ReadingDialect.first."""
        return f"OFFSET {int(skip)} ROWS FETCH NEXT {int(rows)} ROWS ONLY"

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """See ReadingDialect.keys_digest: sums of slices of hashes. HASHBYTES takes texts of any length since 2016."""
        parts = ", ".join(f"CAST({text} AS nvarchar(max)), {_UNIT_SEPARATOR}" for text in texts)
        hashed = f"HASHBYTES('SHA2_256', CONCAT({parts}))"
        sums = [
            f"CONVERT(varchar(40), COALESCE(SUM(CAST(CAST(SUBSTRING({hashed}, {at}, {size}) AS bigint)"
            f" AS decimal(38,0))), 0))"
            for at, size in _SLICES
        ]
        return f"CAST(CONCAT({sums[0]}, '-', {sums[1]}) AS nvarchar(100))"


def _units(kind: SqlType) -> int | str:
    """How many UTF-16 units hold any value: as many as the type has bytes or units, up to what there is."""
    return "max" if kind.length is None or kind.length > 4000 else kind.length


def _comparable(kind: SqlType) -> str:
    """The type to compare with: TEXT and NTEXT, and sysname, under names that a CAST knows."""
    name = {"text": "varchar", "ntext": "nvarchar", "sysname": "nvarchar"}.get(kind.name, kind.name)
    return f"{name}({'max' if kind.length is None else kind.length})"


def _converted(sql: str, size: int, style: int | None) -> str:
    suffix = "" if style is None else f", {style}"
    return f"CAST(CONVERT(varchar({size}), {sql}{suffix}) AS nvarchar({size}))"


def _seconds(sql: str, size: int) -> str:
    """A text that ends in seven digits of a second, without the seventh where it is 0: Arrow reads six."""
    text = f"CONVERT(varchar({size}), {sql}, 121)"
    return f"CAST(CASE WHEN {text} LIKE '%.______0' THEN LEFT({text}, {size - 1}) ELSE {text} END AS nvarchar({size}))"


def _value_text(sql: str, kind: SqlType) -> str:
    if kind.name in _STYLES:
        return _converted(sql, *_STYLES[kind.name])
    if kind.name == "datetime2":
        return _seconds(sql, 27)
    if kind.name == "time":
        return _seconds(sql, 16)
    if kind.name == "datetimeoffset":  # in UTC: two of them are equal where their moments are
        text = _seconds(f"CAST(SWITCHOFFSET({sql}, '+00:00') AS datetime2({kind.scale}))", 27)
        return f"STUFF({text}, 11, 1, N'T') + N'Z'"
    if kind.name == "uniqueidentifier":
        return f"CAST(LOWER(CONVERT(char(36), {sql})) AS nvarchar(36))"
    return f"CAST({sql} AS nvarchar(4000))"


# How long the texts of values are, and in which style of CONVERT. Money has two digits without style 2, a float six
# without style 3, which is read back to the same number.
_STYLES: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(INTEGERS, (20, None)),
    **dict.fromkeys(("decimal", "numeric"), (41, None)),
    **dict.fromkeys(("money", "smallmoney"), (30, 2)),
    **dict.fromkeys(("float", "real"), (32, 3)),
    "date": (10, 23),
    "datetime": (23, 121),
    "smalldatetime": (19, 120),
}
# How long their texts are.
_SHORT_TEXTS = {
    **dict.fromkeys(INTEGERS, 20),
    **dict.fromkeys(("decimal", "numeric", "money", "smallmoney"), 41),
    **dict.fromkeys(("float", "real"), 32),
    "date": 10,
    "datetime2": 27,
    "datetimeoffset": 33,
    "time": 16,
    "uniqueidentifier": 36,
}

MSSQL_READING = MssqlReading()
