"""What errors mean of a database that is known by its ODBC driver alone: by SQLSTATE, as the standard has them."""

from __future__ import annotations

from loaders.database.fault_rules import DRIVER_MANAGER, FaultRule, RuledFaults
from loaders.errors import DataError, TransientError, UnavailableError, UsageError

_CREDENTIALS = "check UID and PWD in the connection string; a value with special characters stands in braces: PWD={a;b}"
_SERVER = (
    "check the server in the connection string, and whether it runs; the same command continues where this one stopped"
)
_REJECTED = "the server refuses to connect: too many connections, or not this user from here"
_GRANTS = "docs/databases.md lists what has to be granted"
_READ_ONLY = "the target has to be a database that can be written to"

ODBC_FAULTS = RuledFaults(
    (
        *DRIVER_MANAGER,
        FaultRule(UnavailableError, states=("28",), hint=_CREDENTIALS),
        FaultRule(UnavailableError, states=("08004",), hint=_REJECTED),
        FaultRule(TransientError, states=("08", "HYT00", "HYT01", "57P0"), hint=_SERVER),
        FaultRule(TransientError, states=("40",)),
        FaultRule(UnavailableError, states=("25",), hint=_READ_ONLY),
        FaultRule(UnavailableError, states=("42501",), hint=_GRANTS),
        FaultRule(DataError, states=("22", "23", "44")),
        FaultRule(UsageError, states=("42", "3D", "3F", "IM", "0A")),
    )
)
