"""The URLs of a job: their schemes, and what they take from the environment."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

from columnar.errors import JobError
from loaders.database.address import braced, parse_address

# Databases that are reached over a driver.
DATABASES = ("postgresql", "mariadb", "mssql", "sqlite", "odbc")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
# The parts of a URL: scheme, user and password, host and port, the rest. Of a connection string, a value that is a
# variable alone.
_PARTS = re.compile(r"^(\w+://)(?:([^/?#]*)@)?([^/?#]*)(.*)$", re.DOTALL)
_ODBC_VARIABLE = re.compile(r"(=\s*)" + _VARIABLE.pattern + r"(?=\s*(?:;|$))|" + _VARIABLE.pattern)
_MEANS_SOMETHING = re.compile(r"[\[\]{}(),;?*=!@]|^\s|\s$")


def scheme_of(url: str) -> str:
    """The scheme of a URL, which may be a variable of the environment as a whole; JobError where it has none."""
    whole = _VARIABLE.fullmatch(url)
    scheme, colon, rest = (_value(whole[1]) if whole else url).partition(":")
    if not colon or not rest or not scheme.isalpha():
        shown = "this" if re.search(r"[@;=]", url) else repr(url)  # a password may stand in it
        shown = f"the value of {url}" if whole else shown
        raise JobError(
            f"{shown} is not a URL",
            hint="write it like duckdb:file.duckdb, parquet:folder, folder:path or postgresql://user@host/database",
        )
    return scheme.lower()


def default_schema(url: str) -> str:
    """The schema in which a database makes tables that are not told theirs; '' where only the server knows."""
    scheme = scheme_of(url)
    if scheme == "mariadb":  # where a schema is a database
        return parse_address(with_environment(url)).database
    return {"postgresql": "public", "mssql": "dbo", "odbc": ""}.get(scheme, "main")


def with_environment(text: str) -> str:
    """`${NAME}` replaced from the environment; JobError for one that is not set. The value is never printed.

    In the URL of a server, and as a value of a connection string, it is whatever it is: characters that mean something
    there are encoded. Only as host and port, and as the whole of a URL, it is taken as it stands.
    """
    if whole := _VARIABLE.fullmatch(text):
        return _value(whole[1])
    scheme = text.partition(":")[0].lower()
    if scheme == "odbc":
        return _ODBC_VARIABLE.sub(_of_connection_string, text)
    parts = _PARTS.match(text) if scheme in DATABASES else None
    if parts is None:
        return _VARIABLE.sub(lambda match: _value(match[1]), text)
    user = _encoded(parts[2]) + "@" if parts[2] is not None else ""
    host = _VARIABLE.sub(lambda match: _value(match[1]), parts[3])
    return parts[1] + user + host + _encoded(parts[4])


def _of_connection_string(match: re.Match[str]) -> str:
    if match[3]:
        return _value(match[3])
    value = _value(match[2])
    return match[1] + (braced(value) if _MEANS_SOMETHING.search(value) else value)


def _encoded(part: str) -> str:
    return _VARIABLE.sub(lambda match: quote(_value(match[1]), safe=""), part)


def _value(name: str) -> str:
    if name not in os.environ:
        raise JobError(f"the environment variable {name} is not set", hint=f"the job's URL refers to ${{{name}}}")
    return os.environ[name]
