"""What libpq is told of a server: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING."""

from __future__ import annotations

from loaders.database.address import DatabaseAddress

# Of psqlodbc, not of libpq.
_NOT_LIBPQ = ("driver", "fetch")
# Seconds after which a host that does not answer is given up; libpq alone would wait for minutes.
_CONNECT_TIMEOUT = "30"


def conninfo(address: DatabaseAddress) -> dict[str, str]:
    """libpq's keywords, without the password; every option of the URL is one (`sslmode`, `sslrootcert` …)."""
    words = {"connect_timeout": _CONNECT_TIMEOUT, "application_name": "columnar"}
    words |= {name: value for name, value in address.options.items() if name not in _NOT_LIBPQ}
    return words | {"user": address.user, "dbname": address.database or address.user}


def conninfo_text(words: dict[str, str]) -> str:
    """Keywords and values as libpq reads them, whatever characters the values have."""
    return " ".join(f"{name}={_quoted(value)}" for name, value in words.items() if value)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
