"""What errors of PostgreSQL mean: https://www.postgresql.org/docs/current/errcodes-appendix.html.

While connecting, psqlodbc gives 08001 to everything and ADBC nothing, so those are told by libpq's words.
"""

from __future__ import annotations

from loaders.database.fault_rules import DRIVER_MANAGER, FaultRule, RuledFaults
from loaders.errors import DataError, TransientError, UnavailableError, UsageError

_CREDENTIALS = (
    "check user and password in the URL (special characters are percent-encoded: @ is %40); a password that has expired"
    " is refused in the same words"
)
_TLS = (
    "add ?sslmode=require (or verify-full) to the URL where the server wants TLS, or sslmode=disable where it has none"
)
_OPTIONS = "what stands behind ? in the URL is for libpq, which knows sslmode, sslrootcert, connect_timeout and others"
_SERVER = (
    "check host and port in the URL, and whether the server runs; the same command continues where this one stopped"
)
_CONNECTIONS = "wait until others disconnect, raise max_connections, or set `connections: 1` in the job's source"
_TIMEOUT = "raise statement_timeout for this user: ALTER ROLE … SET statement_timeout = 0"
_READ_ONLY = (
    "the server is a replica, or default_transaction_read_only is on: the target has to be one that can be written to"
)
_GRANTS = "docs/databases.md lists what has to be granted"
_DISK = "free some space on the server and run the same command again"
_KEY_SIZE = "an index of the target cannot hold such a long value"

POSTGRESQL_FAULTS = RuledFaults(
    (
        *DRIVER_MANAGER,
        FaultRule(
            UsageError,
            states=("3D000",),
            text=r'database ".*" does not exist',
            hint="correct the database in the URL; `psql -l` lists those that are there",
        ),
        FaultRule(UsageError, text=r"invalid (?:URI query parameter|connection option|sslmode value)", hint=_OPTIONS),
        FaultRule(
            TransientError,
            states=("53300",),
            text=r"too many (?:clients|connections)|remaining connection slots",
            hint=_CONNECTIONS,
        ),
        FaultRule(
            UnavailableError,
            states=("28",),
            text=r"password authentication failed|no password supplied|role \".*\" does not exist"
            r"|is not permitted to log in|authentication failed",
            hint=_CREDENTIALS,
        ),
        FaultRule(
            UnavailableError,
            text=r"no pg_hba\.conf entry|does not support SSL|SSL was required|certificate|SSL error|sslmode",
            hint=_TLS,
        ),
        FaultRule(UnavailableError, states=("25006",), hint=_READ_ONLY),
        FaultRule(UnavailableError, states=("42501",), text=r"permission denied for database", hint=_GRANTS),
        FaultRule(UnavailableError, states=("53100",), text=r"no space left on device", hint=_DISK),
        FaultRule(
            TransientError,
            states=("57P01", "57P02", "57P03", "57P05", "25P03", "08"),
            text=r"the database system is |connection to server .* failed|server closed the connection"
            r"|no connection to the server|terminating connection|connection (?:has been |was )?lost"
            r"|could not (?:send|receive|connect)|could not translate host name|SSL (?:SYSCALL|connection)"
            r"|connection (?:reset|refused|timed out)|timeout expired",
            hint=_SERVER,
        ),
        FaultRule(TransientError, states=("57014",), only=r"due to user request"),
        FaultRule(UnavailableError, states=("57014", "25P04"), hint=_TIMEOUT),
        # Serialization, deadlock, lock timeout, memory, an object in use, and what another run makes at the same time.
        FaultRule(TransientError, states=("40", "55P03", "55006", "53200", "42P06", "42P07")),
        FaultRule(DataError, states=("54000",), only=r"index row (?:size|requires)", hint=_KEY_SIZE),
        # P0001: a trigger refuses the row.
        FaultRule(DataError, states=("22", "23", "44", "P0001")),
        FaultRule(UsageError, states=("42", "3F", "0A")),
    )
)
