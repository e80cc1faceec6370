"""What SQL Server's catalogue is asked, as parts of a SELECT. Names are compared under the database's own collation."""

from __future__ import annotations

NAME = "CAST(? AS nvarchar(128))"
OBJECT = "CAST(? AS int)"

RELATION = (
    " FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id"
    f" WHERE s.name = {NAME} AND o.name = {NAME} AND o.type IN ('U', 'V')"
)
RELATION_TEXTS = {
    "schema": "CAST(s.name AS nvarchar(128))",
    "name": "CAST(o.name AS nvarchar(128))",
    "kind": "CAST(RTRIM(o.type) AS nvarchar(2))",
}

TABLES = f" FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE s.name = {NAME}"

# What stands for the text of a default that this login may not see, which takes VIEW DEFINITION.
HIDDEN_DEFAULT = "DEFAULT"
# A type of the user's own is what it stands for.
COLUMNS = (
    " FROM sys.columns AS c"
    " LEFT JOIN sys.types AS t ON t.system_type_id = c.system_type_id AND t.user_type_id = c.system_type_id"
    " LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id"
    f" WHERE c.object_id = {OBJECT}"
)
COLUMN_TEXTS = {
    "name": "CAST(c.name AS nvarchar(128))",
    "type": "CAST(COALESCE(t.name, TYPE_NAME(c.user_type_id)) AS nvarchar(128))",
    "default": (
        f"CAST(COALESCE(d.definition, CASE WHEN c.default_object_id <> 0 THEN N'{HIDDEN_DEFAULT}' ELSE N'' END)"
        " AS nvarchar(max))"
    ),
    "collation": "CAST(COALESCE(c.collation_name, N'') AS nvarchar(128))",
}
# Beside computed columns, the periods of system-versioned tables are the server's to fill.
COLUMN_INTEGERS = {
    "size": "CAST(c.max_length AS bigint)",
    "precision": "CAST(c.precision AS bigint)",
    "scale": "CAST(c.scale AS bigint)",
    "nullable": "CAST(c.is_nullable AS bigint)",
    "computed": "CAST(CASE WHEN c.is_computed = 1 OR c.generated_always_type <> 0 THEN 1 ELSE 0 END AS bigint)",
    "identity": "CAST(c.is_identity AS bigint)",
}

KEYS = (
    " FROM sys.indexes AS i"
    " JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0"
    " JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id"
    f" WHERE i.object_id = {OBJECT} AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0"
    " AND i.is_hypothetical = 0"
)
KEYS_ORDER = " ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal"
KEY_TEXTS = {"column": "CAST(c.name AS nvarchar(128))"}
KEY_INTEGERS = {"index": "CAST(i.index_id AS bigint)"}

FOREIGN_KEYS = (
    " FROM sys.foreign_keys AS f"
    " JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id"
    " JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id"
    " JOIN sys.columns AS r ON r.object_id = k.referenced_object_id AND r.column_id = k.referenced_column_id"
    " JOIN sys.objects AS o ON o.object_id = f.referenced_object_id"
    " JOIN sys.schemas AS s ON s.schema_id = o.schema_id"
    f" WHERE f.parent_object_id = {OBJECT} AND f.is_disabled = 0"
)
FOREIGN_KEYS_ORDER = " ORDER BY f.object_id, k.constraint_column_id"
FOREIGN_KEY_TEXTS = {
    "column": "CAST(c.name AS nvarchar(128))",
    "schema": "CAST(s.name AS nvarchar(128))",
    "table": "CAST(o.name AS nvarchar(128))",
    "references": "CAST(r.name AS nvarchar(128))",
}
FOREIGN_KEY_INTEGERS = {"key": "CAST(f.object_id AS bigint)"}

TRIGGERS = (
    f" FROM sys.triggers AS t WHERE t.parent_id = {OBJECT} AND t.is_disabled = 0 AND EXISTS"
    " (SELECT 1 FROM sys.trigger_events AS e WHERE e.object_id = t.object_id AND e.type_desc = N'INSERT')"
)

# One row with an error where the statement cannot be described.
DESCRIBED = " FROM sys.dm_exec_describe_first_result_set({}, NULL, 0) AS r WHERE COALESCE(r.is_hidden, 0) = 0"
DESCRIBED_TEXTS = {
    "name": "CAST(COALESCE(r.name, N'') AS nvarchar(128))",
    "type": "CAST(COALESCE(r.system_type_name, N'') AS nvarchar(256))",
    "collation": "CAST(COALESCE(r.collation_name, N'') AS nvarchar(128))",
    "error": "CAST(COALESCE(r.error_message, N'') AS nvarchar(4000))",
}
DESCRIBED_INTEGERS = {
    "nullable": "CAST(COALESCE(r.is_nullable, 1) AS bigint)",
    "computed": "CAST(COALESCE(r.is_computed_column, 0) AS bigint)",
    "identity": "CAST(COALESCE(r.is_identity_column, 0) AS bigint)",
}
