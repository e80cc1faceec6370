"""Where a database is, as a job's URL says it: parsed once, and printed without its secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from loaders.errors import UsageError


class Secret:
    """A password, a token or a connection string with one in it. Whatever prints it prints `***`."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the driver and nobody else."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> tuple[object, ...]:
        return Secret, ("",)  # what is pickled may be stored


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """One database.

    backend: `postgresql`, `mariadb`, `mssql`, `sqlite` or `odbc`. path: of an embedded file (sqlite). options: what
    stands behind `?`, names in lower case. odbc: the whole connection string of an `odbc:` URL.
    """

    backend: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    database: str = ""
    path: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    odbc: Secret = field(default_factory=lambda: Secret(""))

    @property
    def identity(self) -> str:
        """What is the same for every run, and free of secrets and of who connects."""
        if self.backend == "odbc":
            return "odbc:" + without_secrets(self.odbc.reveal())
        if self.backend == "sqlite":
            return f"sqlite:{self.path}"
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.backend}://{self.host.lower()}{port}/{self.database}"

    def __str__(self) -> str:
        return self.identity


# Keywords of connection strings whose values may be told.
_TOLD = ("driver", "server", "servername", "address", "addr", "host", "port", "database", "db", "dbq", "dsn")
_PAIR = re.compile(r"\s*([^=;]+?)\s*=\s*(\{(?:[^}]|\}\})*\}|[^;]*)\s*(?:;|$)")


def pairs_of(connection_string: str) -> list[tuple[str, str]]:
    """The keywords and values of an ODBC connection string, as they are written (braces included)."""
    return [(match[1], match[2]) for match in _PAIR.finditer(connection_string)]


def without_secrets(connection_string: str) -> str:
    """A connection string with only those of its pairs that say where the database is."""
    told = [(name.lower(), value) for name, value in pairs_of(connection_string) if name.lower() in _TOLD]
    return ";".join(f"{name}={value}" for name, value in sorted(told))


def braced(value: str) -> str:
    """A value of a connection string, whatever characters it has: `{…}` with `}` doubled."""
    return "{" + value.replace("}", "}}") + "}"


_ALIASES = {"postgres": "postgresql", "mysql": "mariadb", "sqlserver": "mssql"}
BACKENDS = ("postgresql", "mariadb", "mssql", "sqlite", "odbc")


def parse_address(url: str) -> DatabaseAddress:
    """A URL as a job has it, with `${NAME}` already replaced.

    `postgresql://user:password@host:port/database?option=value`, the same with `mariadb` and `mssql`; parts are
    percent-encoded where they hold characters of the syntax. `sqlite:FILE`; `odbc:CONNECTION STRING`. UsageError, which
    never quotes the URL, for one that cannot be read.
    """
    scheme, _, rest = url.partition(":")
    backend = _ALIASES.get(scheme.lower(), scheme.lower())
    if backend not in BACKENDS:
        raise UsageError(f"there is no database backend {scheme}:", hint="there are " + ", ".join(BACKENDS))
    if backend == "odbc":
        if not pairs_of(rest):
            hint = "write it like odbc:DSN=name;UID=…;PWD=${PASSWORD}"
            raise UsageError("odbc: needs a connection string", hint=hint)
        return DatabaseAddress(backend, odbc=Secret(rest))
    if backend == "sqlite":
        return DatabaseAddress(backend, path=rest)
    return _network_address(backend, url)


def _network_address(backend: str, url: str) -> DatabaseAddress:
    shape = f"{backend}://user:password@host:port/database"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UsageError(
            f"the {backend} URL cannot be read",
            hint=f"write it like {shape}, with special characters percent-encoded (@ is %40, / is %2F, : is %3A)",
        ) from None
    if not parts.netloc:
        raise UsageError(f"the {backend} URL names no server", hint=f"write it like {shape}")
    database = unquote(parts.path.removeprefix("/"))
    return DatabaseAddress(
        backend,
        host=unquote(parts.hostname or ""),
        port=port,
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
        database=database,
        options={name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)},
    )
