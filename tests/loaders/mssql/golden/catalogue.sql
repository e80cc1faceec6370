-- relation
SELECT CAST(s.name AS nvarchar(128)) AS c0, CAST(o.name AS nvarchar(128)) AS c1, CAST(RTRIM(o.type) AS nvarchar(2)) AS c2, CAST(o.object_id AS bigint) AS c3 FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = CAST(? AS nvarchar(128)) AND o.name = CAST(? AS nvarchar(128)) AND o.type IN ('U', 'V')
GO
-- tables
SELECT CAST(t.name AS nvarchar(128)) AS c0 FROM sys.tables AS t JOIN sys.schemas AS s ON s.schema_id = t.schema_id WHERE s.name = CAST(? AS nvarchar(128)) ORDER BY t.name
GO
-- columns
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(COALESCE(t.name, TYPE_NAME(c.user_type_id)) AS nvarchar(128)) AS c1, CAST(COALESCE(d.definition, CASE WHEN c.default_object_id <> 0 THEN N'DEFAULT' ELSE N'' END) AS nvarchar(max)) AS c2, CAST(COALESCE(c.collation_name, N'') AS nvarchar(128)) AS c3, CAST(c.max_length AS bigint) AS c4, CAST(c.precision AS bigint) AS c5, CAST(c.scale AS bigint) AS c6, CAST(c.is_nullable AS bigint) AS c7, CAST(CASE WHEN c.is_computed = 1 OR c.generated_always_type <> 0 THEN 1 ELSE 0 END AS bigint) AS c8, CAST(c.is_identity AS bigint) AS c9 FROM sys.columns AS c LEFT JOIN sys.types AS t ON t.system_type_id = c.system_type_id AND t.user_type_id = c.system_type_id LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id WHERE c.object_id = CAST(? AS int) ORDER BY c.column_id
GO
-- keys
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(i.index_id AS bigint) AS c1 FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0 JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id WHERE i.object_id = CAST(? AS int) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal
GO
-- foreign keys
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(s.name AS nvarchar(128)) AS c1, CAST(o.name AS nvarchar(128)) AS c2, CAST(r.name AS nvarchar(128)) AS c3, CAST(f.object_id AS bigint) AS c4 FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id JOIN sys.columns AS r ON r.object_id = k.referenced_object_id AND r.column_id = k.referenced_column_id JOIN sys.objects AS o ON o.object_id = f.referenced_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE f.parent_object_id = CAST(? AS int) AND f.is_disabled = 0 ORDER BY f.object_id, k.constraint_column_id
GO
-- triggers
SELECT CAST(t.name AS nvarchar(128)) AS c0 FROM sys.triggers AS t WHERE t.parent_id = CAST(? AS int) AND t.is_disabled = 0 AND EXISTS (SELECT 1 FROM sys.trigger_events AS e WHERE e.object_id = t.object_id AND e.type_desc = N'INSERT') ORDER BY t.name
GO
-- described
SELECT CAST(COALESCE(r.name, N'') AS nvarchar(128)) AS c0, CAST(COALESCE(r.system_type_name, N'') AS nvarchar(256)) AS c1, CAST(COALESCE(r.collation_name, N'') AS nvarchar(128)) AS c2, CAST(COALESCE(r.error_message, N'') AS nvarchar(4000)) AS c3, CAST(COALESCE(r.is_nullable, 1) AS bigint) AS c4, CAST(COALESCE(r.is_computed_column, 0) AS bigint) AS c5, CAST(COALESCE(r.is_identity_column, 0) AS bigint) AS c6 FROM sys.dm_exec_describe_first_result_set(N'SELECT * FROM (SELECT a FROM dbo.t) AS q', NULL, 0) AS r WHERE COALESCE(r.is_hidden, 0) = 0 ORDER BY r.column_ordinal
GO
