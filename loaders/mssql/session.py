"""Settings of every session: what SQL Server would otherwise take from the login, the driver or the database."""

from __future__ import annotations

# Seconds that a statement waits for a lock of another session before it gives up (error 1222), which is tried again.
LOCK_TIMEOUT = 60


def session_sql(*, lock_timeout: int = LOCK_TIMEOUT) -> str:
    """One batch of SET statements.

    XACT_ABORT: any error undoes the whole transaction; without it a failed INSERT leaves the rest to be committed.
    NOCOUNT: counts of statements inside triggers are not taken for ours, which is asked for with ROWCOUNT_BIG().
    LANGUAGE: messages that can be read; dates are never written in a form that depends on it. TEXTSIZE: no limit, as
    some drivers set one. The ANSI settings are those that indexed views and computed columns need for INSERT.
    """
    settings = [
        "XACT_ABORT ON",
        "NOCOUNT ON",
        "IMPLICIT_TRANSACTIONS OFF",
        "LANGUAGE us_english",
        "ANSI_NULLS ON",
        "ANSI_PADDING ON",
        "ANSI_WARNINGS ON",
        "ARITHABORT ON",
        "CONCAT_NULL_YIELDS_NULL ON",
        "QUOTED_IDENTIFIER ON",
        "NUMERIC_ROUNDABORT OFF",
        "TEXTSIZE 2147483647",
        f"LOCK_TIMEOUT {int(lock_timeout) * 1000}",
        "TRANSACTION ISOLATION LEVEL READ COMMITTED",
    ]
    return "".join(f"SET {setting};\n" for setting in settings)


# Whether this database lets readers see one state of it without locks: 1 ON, 3 on its way to it.
SNAPSHOT_STATE = (
    "CAST(COALESCE((SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()), 0) AS bigint)"
)


def begin_sql(*, snapshot: bool) -> str:
    """Begins a transaction, and says which isolation it has: that of the one before would go on otherwise."""
    level = "SNAPSHOT" if snapshot else "READ COMMITTED"
    return f"SET TRANSACTION ISOLATION LEVEL {level};\nBEGIN TRANSACTION;"


COMMIT = "COMMIT TRANSACTION;"
# A server that undid it already, as XACT_ABORT has it, has nothing left to undo.
ROLLBACK = "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;"


def before_select(*, lock_timeout: int = LOCK_TIMEOUT, isolation: str = "") -> str:
    """What goes in front of a SELECT, in one batch with it, where a session keeps no settings: turbodbc has every
    statement run by a procedure, behind which they are what they were. isolation: `snapshot`, `read_committed`, or ''
    for what the database allows."""
    snapshot, committed = (f"SET TRANSACTION ISOLATION LEVEL {level};" for level in ("SNAPSHOT", "READ COMMITTED"))
    level = f"IF {SNAPSHOT_STATE} = 1 {snapshot}"
    if isolation:
        level = snapshot if isolation == "snapshot" else committed
    return f"SET NOCOUNT ON; SET LOCK_TIMEOUT {int(lock_timeout) * 1000}; {level} "
