"""What errors of SQLite mean: https://www.sqlite.org/rescode.html. Its ODBC driver gives HY000 to all of them."""

from __future__ import annotations

from loaders.database.fault_rules import DRIVER_MANAGER, FaultRule, RuledFaults
from loaders.errors import DataError, TransientError, UnavailableError, UsageError

_BUSY = "another process writes to the file; the same command continues where this one stopped"
_READ_ONLY = "the file, its folder, or the file system is for reading only"
_DISK = "free some space and run the same command again"
_OPEN = "check the path in the URL, and the rights of the file and its folder"
_BYTES = "a value of a key or column is a BLOB among texts or numbers: find it by typeof(…) = 'blob'"

SQLITE_FAULTS = RuledFaults(
    (
        *DRIVER_MANAGER,
        FaultRule(TransientError, numbers=(5, 6, 17), hint=_BUSY),
        FaultRule(DataError, numbers=(18, 19, 20)),
        FaultRule(UnavailableError, numbers=(8,), hint=_READ_ONLY),
        FaultRule(UnavailableError, numbers=(13,), hint=_DISK),
        FaultRule(UnavailableError, numbers=(3, 14, 23), hint=_OPEN),
        FaultRule(UnavailableError, numbers=(11, 26), hint="the file is not a SQLite database, or it is damaged"),
        FaultRule(UsageError, numbers=(1,), only="malformed JSON", hint=_BYTES),
        FaultRule(UsageError, numbers=(1,)),
    ),
    modulus=256,
)
