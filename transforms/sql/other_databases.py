"""What is written in DuckDB for functions of other databases that it does not have under that name."""

from __future__ import annotations

_NO_CLOCK = "target: {columns: {loaded_at: {default: current_timestamp}}}, since nothing here reads the clock"
_NO_CHANCE = "identity: database where a key is to be made, since nothing here is made by chance"
_TO_DATE = "CAST(text AS DATE), or CAST(strptime(text, '%d.%m.%Y') AS DATE)"
_COALESCE = "coalesce(value, other)"
_STRFTIME = "strftime(value, '%d.%m.%Y') for dates, CAST(value AS VARCHAR) or printf for numbers"
_CAST = "CAST(value AS DECIMAL(12,2)) and the like; TRY_CAST gives NULL where a text is no value"

# By name: the SQL to write instead, or why there is none.
_INSTEAD = {
    **dict.fromkeys(("isnull", "nvl", "nz"), _COALESCE),
    "nvl2": "CASE WHEN value IS NOT NULL THEN one ELSE other END",
    **dict.fromkeys(("getdate", "getutcdate", "sysdate", "sysdatetime", "curdate", "curtime"), _NO_CLOCK),
    "unix_timestamp": "epoch(value)",
    "from_unixtime": "to_timestamp(seconds)",
    **dict.fromkeys(("newid", "newsequentialid", "sys_guid", "rand"), _NO_CHANCE),
    "dateadd": "value + INTERVAL 3 MONTH and the like; a date + CAST(n AS INTEGER) is n days later",
    "add_months": "value + to_months(CAST(n AS INTEGER))",
    "months_between": "date_diff('month', first, second), or datesub('month', first, second) for whole months",
    **dict.fromkeys(("datename", "date_format"), "strftime(value, '%d.%m.%Y')"),
    "eomonth": "last_day(value)",
    "dateserial": "make_date(year, month, day)",
    **dict.fromkeys(("to_date", "str_to_date"), _TO_DATE),
    "isdate": "TRY_CAST(text AS DATE) IS NOT NULL",
    **dict.fromkeys(("convert", "try_convert", "to_number", "safe_cast", "parse"), _CAST),
    **dict.fromkeys(("cstr", "cint", "clng", "cdbl", "val"), _CAST),
    "isnumeric": "TRY_CAST(text AS DECIMAL(18,4)) IS NOT NULL",
    **dict.fromkeys(("to_char", "str"), _STRFTIME),
    **dict.fromkeys(("charindex", "locate"), "strpos(text, part): the text comes first"),
    "patindex": "regexp_matches(text, pattern), or strpos(text, part)",
    "substring_index": "split_part(text, separator, number)",
    "regexp_like": "regexp_matches(text, pattern)",
    "regexp_substr": "regexp_extract(text, pattern)",
    "mid": "substring(text, from, length)",
    "stuff": "left(text, n) || part || substring(text, m)",
    **dict.fromkeys(("replicate", "space"), "repeat(text, 3)"),
    **dict.fromkeys(("datalength", "lengthb"), "octet_length(encode(text)); length(text) counts characters"),
    **dict.fromkeys(("iif", "choose"), "CASE WHEN … THEN … ELSE … END"),
    "square": "value * value",
    "rownum": "_position, or row_number() OVER (PARTITION BY _document ORDER BY …) in an SQL table",
}

# The parts of dates, which other databases name without quotes.
DATE_PARTS = {
    *("year", "quarter", "month", "week", "day", "weekday", "dayofyear", "hour", "minute", "second"),
    *("yy", "yyyy", "qq", "mm", "dd", "wk", "hh", "mi", "ss", "millisecond", "ms"),
}


def instead_of(function: str) -> str:
    """What to write for a function of another database; '' where that is not known."""
    return _INSTEAD.get(function.lower(), "")
