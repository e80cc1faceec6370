"""What a driver's exception says: its SQLSTATE, the server's own number, and a message that may be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DriverError:
    """sqlstate: five letters and digits, '' where the driver has none. number: the server's or driver's own, or 0.
    message: a line or two, without passwords and without the statement."""

    sqlstate: str
    number: int
    message: str


# turbodbc has nothing but this text: cpp_odbc/Library/src/error.cpp of its sources.
_TURBODBC = re.compile(r"ODBC error\s+state: (\w*)\s+native error code: (-?\d+)\s+message: (.*)", re.DOTALL)
_STATE_BEHIND = re.compile(r"\.? SQLSTATE: (\w{5})\s*$")  # ADBC
_STATE_BEFORE = re.compile(r"^\[([0-9A-Z]{5})\] ?")  # pyodbc and its like
# "[unixODBC][ma-3.1.15][10.11.19-MariaDB]", "IO: [libpq] ", "ERROR: ": who speaks, not what is said.
_SPEAKERS = re.compile(r"^(?:\[[^\]]*\]|[A-Z][A-Z_]+:|\s)+")
_STATEMENT = re.compile(
    r"(?:\[libpq\] )?Failed to [^:\n]*?(?:'.*')?: (?:PGRES_\w+ )?(?=ERROR|FATAL|connection|server|no )", re.DOTALL
)
# The details that PostgreSQL adds hold the whole row; only the one that names a key is short.
_KEY_DETAIL = re.compile(r"\bDETAIL:\s+(Key \(.*)")
_PASSWORD = re.compile(
    r"\b(password|pwd|accesstoken|token)(\s*=\s*)(\{(?:[^}]|\}\})*\}|'[^']*'|[^;\s]*)", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"(\w://)[^\s/]*@")
_LONGEST = 400


def driver_error(error: BaseException) -> DriverError:
    """Read an exception of turbodbc, ADBC or any driver that tells the SQLSTATE in its text."""
    text = str(error)
    found = _TURBODBC.search(text)
    if found:
        return DriverError(found[1].upper(), int(found[2]), _told(found[3]))
    state = str(getattr(error, "sqlstate", None) or "")
    number = getattr(error, "vendor_code", None)
    behind, before = _STATE_BEHIND.search(text), _STATE_BEFORE.search(text)
    state = state or (behind[1] if behind else before[1] if before else "")
    said = _diagnosis(error) or (text[: behind.start()] if behind else text)
    return DriverError(state.upper(), number if isinstance(number, int) else 0, _told(said))


def _diagnosis(error: BaseException) -> str:
    """PostgreSQL's own fields, which ADBC hands on beside a text that begins with the statement."""
    details = getattr(error, "details", None) or ()
    fields = {str(name): value.decode("utf-8", "replace") for name, value in details if isinstance(value, bytes)}
    fields = {name.removeprefix("b'").removesuffix("'"): value for name, value in fields.items()}
    primary, detail = fields.get("PG_DIAG_MESSAGE_PRIMARY", ""), fields.get("PG_DIAG_MESSAGE_DETAIL", "")
    return f"{primary}\nDETAIL: {detail}" if primary and detail else primary


def _told(text: str) -> str:
    """The first line, and the key where one is named."""
    text = _STATEMENT.sub("", text.strip(), count=1)
    key = _KEY_DETAIL.search(text)
    lines = [line.strip().rstrip(";") for line in _SPEAKERS.sub("", text).splitlines() if line.strip()]
    said = lines[0] if lines else "the driver says nothing"
    if key:
        said += "; " + key[1].strip().rstrip(";")
    said = _CREDENTIALS.sub(r"\1***@", _PASSWORD.sub(r"\1\2***", said))
    return said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
