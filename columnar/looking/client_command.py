"""What to type to look into a table with a database's own client. It asks for the password."""

from __future__ import annotations

from pathlib import Path

from columnar.program import as_command, shorter
from loaders.database.address import DatabaseAddress


def client_command(address: DatabaseAddress, schema: str, table: str) -> str:
    """The command that shows ten rows; '' where the database has no client that is known here."""
    user = [address.user] if address.user else []
    match address.backend:
        case "postgresql":
            where = ["-h", address.host, "-p", str(address.port or 5432), *_behind("-U", user), "-d", address.database]
            return as_command("psql", *where, "-c", f"SELECT * FROM {_double(schema)}.{_double(table)} LIMIT 10")
        case "mariadb":
            where = ["-h", address.host, "-P", str(address.port or 3306), *_behind("-u", user), "-p", address.database]
            return as_command("mariadb", *where, "-e", f"SELECT * FROM {_back(schema)}.{_back(table)} LIMIT 10")
        case "mssql":
            server = f"{address.host},{address.port}" if address.port is not None else address.host
            sql = f"SELECT TOP 10 * FROM {_bracket(schema)}.{_bracket(table)}"
            return as_command("sqlcmd", "-S", server, *_behind("-U", user), "-d", address.database, "-Q", sql)
        case "sqlite":
            return as_command("sqlite3", shorter(Path(address.path)), f"SELECT * FROM {_double(table)} LIMIT 10")
        case _:
            return ""


def _behind(option: str, values: list[str]) -> list[str]:
    return [option, *values] if values else []


def _double(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _back(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _bracket(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"
