"""The tables that rows are staged in: whose they are, and which nobody needs any more.

A staging table's name tells the sink that made it, by a token which that sink's connection holds a lock on. The server
frees the lock when the connection ends, however it ends: a table whose token nobody holds was left behind.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Callable

from loaders.database.bulk import BulkConnection
from loaders.database.dialect import Dialect
from loaders.database.select import Select, Selected
from loaders.errors import LoaderError, TransientError, UnavailableError

PREFIX = "columnar_"
_NAME = re.compile(PREFIX + r"([0-9a-f]{12})_.+")


class StagingArea:
    """Names and drops staging tables.

    schema: where they are. connect: a new connection, for the lock.
    """

    def __init__(self, dialect: Dialect, schema: str, connect: Callable[[], BulkConnection]) -> None:
        self._dialect = dialect
        self.schema = schema
        self._connect = connect
        self._guard: BulkConnection | None = None
        self._token = ""
        self._attempt = 0

    def new_names(self, publication: str, count: int) -> list[str]:
        """So many names for one attempt of a publication; nobody else makes or drops tables of these names."""
        self._hold()
        self._attempt += 1
        slug = re.sub(r"[^0-9a-z]+", "_", publication.lower()).strip("_")
        names = []
        for number in range(count):
            head, tail = f"{PREFIX}{self._token}_", f"_{self._attempt}_{number}"
            names.append(head + slug[-(self._dialect.writing.name_length - len(head) - len(tail)) :] + tail)
        return names

    def quoted(self, name: str) -> str:
        """A table of the schema, quoted."""
        quote = self._dialect.reading.quote
        return f"{quote(self.schema)}.{quote(name)}" if self.schema else quote(name)

    def sweep(self, connection: BulkConnection) -> list[str]:
        """Drop what sinks left behind that are gone, and what earlier attempts of this one did. Returns the names."""
        swept: list[str] = []
        tokens: dict[str, bool] = {self._token: True}
        for name in self._dialect.tables.table_names(connection, self.schema):
            found = _NAME.fullmatch(name)
            if found is None:
                continue
            token = found[1]
            if token not in tokens:
                tokens[token] = self._locked(connection, token)
            if tokens[token]:
                with contextlib.suppress(UnavailableError):  # somebody else's, who may drop it
                    connection.run(f"DROP TABLE {self.quoted(name)}")
                    swept.append(name)
        for token, ours in tokens.items():
            if ours and token != self._token:
                _ask(connection, self._dialect.writing.unlock(PREFIX + token))
        return swept

    def close(self) -> None:
        """Give up the lock; may be called twice."""
        if self._guard is not None:
            self._guard.close()
            self._guard = None
            self._token = ""

    def _hold(self) -> None:
        """Hold the lock of a token; that of a connection which was lost is lost with it, and so is the token."""
        if self._guard is not None:
            try:
                if self._locked(self._guard, self._token):
                    return
            except LoaderError:  # whatever it was, a new connection says it again
                pass
            self.close()
        self._guard = self._connect()
        self._token = secrets.token_hex(6)
        if not self._locked(self._guard, self._token):
            raise TransientError("another run holds the lock of a new staging area")

    def _locked(self, connection: BulkConnection, token: str) -> bool:
        return _ask(connection, self._dialect.writing.lock(PREFIX + token)) == 1


def _ask(connection: BulkConnection, what: Selected) -> int | None:
    answer: int | None = connection.table(Select((what,), ""))[what.name][0].as_py()
    return answer
