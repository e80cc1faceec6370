"""What errors of SQL Server mean, by its own numbers: https://learn.microsoft.com/sql/relational-databases/errors-events.

Both drivers tell them; `bulkcopy_arrow`, which tells none, is read in English, the language of every session here.
"""

from __future__ import annotations

from loaders.database.fault_rules import DRIVER_MANAGER, FaultRule, RuledFaults
from loaders.errors import DataError, TransientError, UnavailableError, UsageError

_CREDENTIALS = (
    "check user and password in the URL (special characters are percent-encoded: @ is %40), and that this login may use"
    " its database; without a user, or with ?trusted_connection=yes, it is Windows or Kerberos who says who you are"
)
_OPTION = "docs/databases-mssql.md lists what stands behind `?` in the URL"
_ENTRA = (
    "Entra ID gave no token: &authentication= says how it is asked, and docs/databases-mssql.md what each way needs"
)
_EXPIRED = "the password has expired: ALTER LOGIN … WITH PASSWORD = …, or change it in SQL Server Management Studio"
_LOCKED = "the login is locked or disabled: ALTER LOGIN … WITH PASSWORD = … UNLOCK, or ALTER LOGIN … ENABLE"
_DATABASE = "correct the database in the URL, or let this login into it: CREATE USER … FOR LOGIN …"
_GRANTS = "docs/databases-mssql.md lists what has to be granted"
_FIREWALL = "the firewall of Azure SQL keeps this address out: sp_set_firewall_rule, or a private endpoint"
_TLS = (
    "a server with a certificate of its own: &trustservercertificate=yes, or &servercertificate=FILE; one without TLS:"
    " &encrypt=optional"
)
_SERVER = (
    "check host, port or instance in the URL, whether the server runs, and whether TCP/IP is enabled for it; the same"
    " command continues where this one stopped"
)
_NAME = "correct the host in the URL, or the name service of this machine"
_LOG = (
    "the transaction log is full: back it up, or free what log_reuse_wait_desc of sys.databases names, and run the"
    " same command again"
)
_DISK = "free some space for the database, or let its files grow, and run the same command again"
_TEMPDB = "tempdb is full: snapshot reads keep row versions there; give it space, or use &isolation=read_committed"
_READ_ONLY = "the target has to be a primary: drop &applicationintent=readonly, or use the listener's name"
_REPLICA = "this replica takes only readers that say so: &applicationintent=readonly"
_MEMORY_OPTIMISED = (
    "memory-optimised tables: ALTER DATABASE CURRENT SET MEMORY_OPTIMIZED_ELEVATE_TO_SNAPSHOT = ON, and"
    " &isolation=read_committed to read them"
)
_SNAPSHOT = (
    "ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON for every database that the source names, or"
    " &isolation=read_committed"
)
_IDENTITY = "IDENTITY_INSERT takes ALTER on the table: docs/databases-mssql.md lists what has to be granted"
_FULL_RANGE = "the column's numbers are used up: make the column a bigint, or reseed it"
_DAMAGED = "the server cannot read its own pages: DBCC CHECKDB, before anything else"
_LATE = "&lock_timeout=SECONDS in the URL waits longer for locks of others"
_UNKNOWN = "the target or source is not what the job says: `columnar plan` compares them"
_MADE_MEANWHILE = "another run made it at the same moment"

# Connections that were lost or refused for the moment, failovers, and what Azure asks to be tried again:
# https://learn.microsoft.com/azure/azure-sql/database/troubleshoot-common-errors-issues
_LOST = (20, 64, 121, 233, 596, 6005, 10053, 10054, 10060, 10061, 11001, 17142, 17197, 17809, 18401, 19456)
_FAILOVER = (921, 922, 952, 976, 983, 3947, 3948, 4221, 42108, 42109)
_AZURE = (10928, 10929, 10936, 40143, 40166, 40197, 40501, 40540, 40613, 49918, 49919, 49920, 40549, 40550)
_CONTENTION = (1204, 1205, 1222, 3950, 3960, 3961, 3966, 41301, 41302, 41305, 41325, 41339, 41839)
_MEMORY = (701, 802, 8645, 8651, 41805)

# Conversions, overflow, truncation, dates, NULL, keys, checks, rows that are too long, XML; 13609: JSON.
_CONVERSIONS = (220, 232, 234, 235, 236, 237, 241, 242, 244, 245, 248, 293, 295, 296, 298, 517, 535, 8114, 8115)
_VALUES = (515, 547, 550, 2601, 2627, 1946, 511, 512, 2628, 8152, 8134, 8169, 8023, 13609, 33504)
_XML = (6602, 6603, *range(9400, 9500), 6905, 6908, 6909, 6913, 6926, 6965)
_TRIGGERS = (3609, 3616)
# RAISERROR and THROW: a trigger refuses the row.
_OWN = range(50000, 2**31)

MSSQL_FAULTS = RuledFaults(
    (
        *DRIVER_MANAGER,
        FaultRule(UsageError, text="invalid value specified for connection string attribute", hint=_OPTION),
        FaultRule(UnavailableError, text=r"access token|azure ad|credential failed", hint=_ENTRA),
        FaultRule(UnavailableError, text=r"ssl provider|certificate|encryption not supported|\btls\b", hint=_TLS),
        FaultRule(UnavailableError, numbers=(11001,), text=r"0x2AF9|name or service not known|getaddrinfo", hint=_NAME),
        FaultRule(UsageError, numbers=(911, 4060, 4063, 4064, 40532), hint=_DATABASE),
        FaultRule(UnavailableError, numbers=(40615, 40914, 47073, 47072), hint=_FIREWALL),
        FaultRule(UnavailableError, numbers=(18487, 18488), hint=_EXPIRED),
        FaultRule(UnavailableError, numbers=(18470, 18486), hint=_LOCKED),
        FaultRule(TransientError, numbers=(18401, 18451, 18461), hint=_SERVER),
        FaultRule(UnavailableError, states=("28",), numbers=(18452, 18456), hint=_CREDENTIALS),
        # Before permissions and data: what says that the disk or the log is to blame, whatever the statement was.
        FaultRule(UnavailableError, numbers=(9001, 9002, 40552), hint=_LOG),
        FaultRule(UnavailableError, numbers=(3958, 3967, 40551), hint=_TEMPDB),
        FaultRule(UnavailableError, numbers=(1101, 1105, 1132, 5128, 5149, 40544, 41823, 41840), hint=_DISK),
        FaultRule(UnavailableError, numbers=(823, 824, 825, 829, 605), hint=_DAMAGED),
        FaultRule(UnavailableError, numbers=(3906, 3908), hint=_READ_ONLY),
        FaultRule(UnavailableError, numbers=(978, 979), hint=_REPLICA),
        FaultRule(UnavailableError, numbers=(3951, 3952), hint=_SNAPSHOT),
        FaultRule(UnavailableError, numbers=(41332, 41333, 41368), hint=_MEMORY_OPTIMISED),
        FaultRule(UnavailableError, numbers=(8101, 8104, 544, 545, 1088), hint=_IDENTITY),
        FaultRule(
            UnavailableError,
            numbers=(229, 230, 262, 297, 300, 916, 4834, 15151, 15247, 15517, 2557, 2760, 6102),
            text=r"does not have permission",
            hint=_GRANTS,
        ),
        FaultRule(UnavailableError, numbers=(8115,), only="identity", hint=_FULL_RANGE),
        FaultRule(UnavailableError, numbers=(11728,), hint=_FULL_RANGE),
        # Two that make one table or schema at a time.
        FaultRule(TransientError, numbers=(2714, 2759), hint=_MADE_MEANWHILE),
        FaultRule(TransientError, numbers=(1222,), hint=_LATE),
        FaultRule(
            TransientError,
            states=("40", "HYT", "08"),
            numbers=(-2, *_LOST, *_FAILOVER, *_AZURE, *_CONTENTION, *_MEMORY),
            text=(
                r"timed? ?out|connection (was |is )?(closed|reset|refused|broken|aborted)|broken pipe|unexpected end|"
                r"early eof|communication link|tcp provider|service is currently busy|network|i/o error|panic"
            ),
            hint=_SERVER,
        ),
        FaultRule(UnavailableError, numbers=(3930, 3998, 3902)),
        FaultRule(
            DataError,
            states=("22", "23", "44"),
            numbers=(*_CONVERSIONS, *_VALUES, *_XML, *_TRIGGERS),
            text=r"out-of-range value|xml parsing",
        ),
        FaultRule(DataError, numbers=_OWN),
        FaultRule(UsageError, numbers=(102, 105, 156, 207, 208, 209, 2812, 4104, 8180), states=("42S",), hint=_UNKNOWN),
    )
)
