"""What errors of MariaDB mean: https://mariadb.com/kb/en/mariadb-error-code-reference/, and 2000 and above those of the
client. Numbers tell more than SQLSTATEs, which are HY000 for most."""

from __future__ import annotations

from loaders.database.fault_rules import DRIVER_MANAGER, FaultRule, RuledFaults
from loaders.errors import DataError, TransientError, UnavailableError, UsageError

_CREDENTIALS = "check user and password in the URL (special characters are percent-encoded: @ is %40)"
_EXPIRED = "the password has expired, or the account is locked: ALTER USER … IDENTIFIED BY …, or ACCOUNT UNLOCK"
_TLS = "?ssl=true in the URL where the server wants TLS, nothing where it has none; ?ssl-ca=FILE names the authority"
_SERVER = (
    "check host and port in the URL, and whether the server runs; the same command continues where this one stopped"
)
_CONNECTIONS = "wait until others disconnect, raise max_connections, or set `connections: 1` in the job's source"
_TIMEOUT = "raise max_statement_time for this user"
_READ_ONLY = "the server is a replica, or read_only is on: the target has to be one that can be written to"
_GRANTS = "docs/databases.md lists what has to be granted"
_DISK = "free some space on the server and run the same command again"
_PACKET = "raise max_allowed_packet on the server above the longest row"
_ROW = "a row of the table takes more than a page holds: make long columns TEXT"

MARIADB_FAULTS = RuledFaults(
    (
        *DRIVER_MANAGER,
        FaultRule(
            UsageError,
            numbers=(1049,),
            hint="correct the database in the URL; SHOW DATABASES lists those that are there",
        ),
        FaultRule(TransientError, numbers=(1040, 1203), hint=_CONNECTIONS),
        FaultRule(UnavailableError, numbers=(1820, 1862, 4151), hint=_EXPIRED),
        FaultRule(UnavailableError, numbers=(1044, 1142, 1143, 1227, 1370), hint=_GRANTS),
        FaultRule(UnavailableError, states=("28",), numbers=(1045, 1698, 1251, 1275), hint=_CREDENTIALS),
        FaultRule(UnavailableError, numbers=(2026, 3159), hint=_TLS),
        FaultRule(UnavailableError, numbers=(1290, 1792, 1836), hint=_READ_ONLY),
        FaultRule(UnavailableError, numbers=(1021, 1114), hint=_DISK),
        FaultRule(UnavailableError, numbers=(3, 1026, 1030), only=r"no space left|\b28\b", hint=_DISK),
        FaultRule(UnavailableError, numbers=(1969, 3024), hint=_TIMEOUT),
        FaultRule(DataError, numbers=(1153,), hint=_PACKET),
        FaultRule(
            TransientError,
            numbers=(
                2002,
                2003,
                2005,
                2006,
                2013,
                2055,
                1053,
                1077,
                1079,
                1080,
                1152,
                1158,
                1159,
                1160,
                1161,
                1184,
                1927,
            ),
            states=("08",),
            hint=_SERVER,
        ),
        # Lock wait, deadlock, a row that changed since it was read, an interrupted query, a node that is not ready, and
        # what another run makes at the same time.
        FaultRule(TransientError, numbers=(1205, 1213, 1020, 1317, 1047, 1050, 1007), states=("40",)),
        FaultRule(DataError, numbers=(1118,), hint=_ROW),
        # 1644: a trigger refuses the row; the others have no state of their own.
        FaultRule(DataError, numbers=(1265, 1292, 1364, 1366, 1644, 1690, 3819, 4025), states=("22", "23", "44", "45")),
        FaultRule(UsageError, states=("42", "3D")),
    )
)
