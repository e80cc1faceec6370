"""Who connects to which database of a server of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlencode

# Has characters that URLs, connection strings and shells each treat specially.
PASSWORD = "p@ss:w/o?r#d%;{ü} '\"=&+"


@dataclass(frozen=True, slots=True)
class Account:
    """backend: the scheme of URLs."""

    backend: str
    host: str
    port: int
    user: str
    password: str
    database: str

    @property
    def url(self) -> str:
        """As a job has it, password included."""
        return self.with_options({})

    def with_options(self, options: Mapping[str, str]) -> str:
        """The URL with `?name=value`."""
        who = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        behind = "?" + urlencode(options) if options else ""
        return f"{self.backend}://{who}@{self.host}:{self.port}/{quote(self.database, safe='')}{behind}"

    def at(self, port: int) -> Account:
        """The same through another port, such as a proxy's."""
        return replace(self, port=port)

    def odbc(self, driver: Path, **more: str) -> str:
        """A connection string for unixODBC."""
        pairs = {
            "Driver": str(driver),
            "Server": self.host,
            "Port": str(self.port),
            "UID": self.user,
            "PWD": "{" + self.password.replace("}", "}}") + "}",
            "Database": self.database,
            **more,
        }
        return ";".join(f"{name}={value}" for name, value in pairs.items())
