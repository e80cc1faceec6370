SET XACT_ABORT ON;
SET NOCOUNT ON;
SET IMPLICIT_TRANSACTIONS OFF;
SET LANGUAGE us_english;
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET QUOTED_IDENTIFIER ON;
SET NUMERIC_ROUNDABORT OFF;
SET TEXTSIZE 2147483647;
SET LOCK_TIMEOUT 60000;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
GO
DECLARE @got int;
EXEC @got = sys.sp_getapplock @Resource = N'columnar_0123456789ab', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0;
SELECT CAST(CASE WHEN @got >= 0 THEN 1 ELSE 0 END AS bigint) AS c0
GO
SET XACT_ABORT ON;
SET NOCOUNT ON;
SET IMPLICIT_TRANSACTIONS OFF;
SET LANGUAGE us_english;
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET QUOTED_IDENTIFIER ON;
SET NUMERIC_ROUNDABORT OFF;
SET TEXTSIZE 2147483647;
SET LOCK_TIMEOUT 60000;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
GO
SELECT CAST(s.name AS nvarchar(128)) AS c0, CAST(o.name AS nvarchar(128)) AS c1, CAST(RTRIM(o.type) AS nvarchar(2)) AS c2, CAST(o.object_id AS bigint) AS c3 FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = CAST(@P1 AS nvarchar(128)) AND o.name = CAST(@P2 AS nvarchar(128)) AND o.type IN ('U', 'V')
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(COALESCE(t.name, TYPE_NAME(c.user_type_id)) AS nvarchar(128)) AS c1, CAST(COALESCE(d.definition, CASE WHEN c.default_object_id <> 0 THEN N'DEFAULT' ELSE N'' END) AS nvarchar(max)) AS c2, CAST(COALESCE(c.collation_name, N'') AS nvarchar(128)) AS c3, CAST(c.max_length AS bigint) AS c4, CAST(c.precision AS bigint) AS c5, CAST(c.scale AS bigint) AS c6, CAST(c.is_nullable AS bigint) AS c7, CAST(CASE WHEN c.is_computed = 1 OR c.generated_always_type <> 0 THEN 1 ELSE 0 END AS bigint) AS c8, CAST(c.is_identity AS bigint) AS c9 FROM sys.columns AS c LEFT JOIN sys.types AS t ON t.system_type_id = c.system_type_id AND t.user_type_id = c.system_type_id LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id WHERE c.object_id = CAST(@P1 AS int) ORDER BY c.column_id
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(i.index_id AS bigint) AS c1 FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0 JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id WHERE i.object_id = CAST(@P1 AS int) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(s.name AS nvarchar(128)) AS c1, CAST(o.name AS nvarchar(128)) AS c2, CAST(r.name AS nvarchar(128)) AS c3, CAST(f.object_id AS bigint) AS c4 FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id JOIN sys.columns AS r ON r.object_id = k.referenced_object_id AND r.column_id = k.referenced_column_id JOIN sys.objects AS o ON o.object_id = f.referenced_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE f.parent_object_id = CAST(@P1 AS int) AND f.is_disabled = 0 ORDER BY f.object_id, k.constraint_column_id
GO
SELECT CAST(t.name AS nvarchar(128)) AS c0 FROM sys.triggers AS t WHERE t.parent_id = CAST(@P1 AS int) AND t.is_disabled = 0 AND EXISTS (SELECT 1 FROM sys.trigger_events AS e WHERE e.object_id = t.object_id AND e.type_desc = N'INSERT') ORDER BY t.name
GO
CREATE TABLE [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] ([columnar_row] bigint NOT NULL PRIMARY KEY NONCLUSTERED, [chunk] bigint NULL, [attempt] nvarchar(max) NULL)
GO
TM_BEGIN
GO
INSERT BULK [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] ([columnar_row] bigint, [chunk] bigint, [attempt] nvarchar(max) COLLATE Latin1_General_CI_AS) WITH (KEEP_NULLS, TABLOCK)
GO
TM_COMMIT
GO
SELECT COUNT_BIG(*) AS c0 FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0]
GO
SELECT CAST(s.name AS nvarchar(128)) AS c0, CAST(o.name AS nvarchar(128)) AS c1, CAST(RTRIM(o.type) AS nvarchar(2)) AS c2, CAST(o.object_id AS bigint) AS c3 FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE s.name = CAST(@P1 AS nvarchar(128)) AND o.name = CAST(@P2 AS nvarchar(128)) AND o.type IN ('U', 'V')
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(COALESCE(t.name, TYPE_NAME(c.user_type_id)) AS nvarchar(128)) AS c1, CAST(COALESCE(d.definition, CASE WHEN c.default_object_id <> 0 THEN N'DEFAULT' ELSE N'' END) AS nvarchar(max)) AS c2, CAST(COALESCE(c.collation_name, N'') AS nvarchar(128)) AS c3, CAST(c.max_length AS bigint) AS c4, CAST(c.precision AS bigint) AS c5, CAST(c.scale AS bigint) AS c6, CAST(c.is_nullable AS bigint) AS c7, CAST(CASE WHEN c.is_computed = 1 OR c.generated_always_type <> 0 THEN 1 ELSE 0 END AS bigint) AS c8, CAST(c.is_identity AS bigint) AS c9 FROM sys.columns AS c LEFT JOIN sys.types AS t ON t.system_type_id = c.system_type_id AND t.user_type_id = c.system_type_id LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id WHERE c.object_id = CAST(@P1 AS int) ORDER BY c.column_id
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(i.index_id AS bigint) AS c1 FROM sys.indexes AS i JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.key_ordinal > 0 JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id WHERE i.object_id = CAST(@P1 AS int) AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0 AND i.is_hypothetical = 0 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal
GO
SELECT CAST(c.name AS nvarchar(128)) AS c0, CAST(s.name AS nvarchar(128)) AS c1, CAST(o.name AS nvarchar(128)) AS c2, CAST(r.name AS nvarchar(128)) AS c3, CAST(f.object_id AS bigint) AS c4 FROM sys.foreign_keys AS f JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id JOIN sys.columns AS r ON r.object_id = k.referenced_object_id AND r.column_id = k.referenced_column_id JOIN sys.objects AS o ON o.object_id = f.referenced_object_id JOIN sys.schemas AS s ON s.schema_id = o.schema_id WHERE f.parent_object_id = CAST(@P1 AS int) AND f.is_disabled = 0 ORDER BY f.object_id, k.constraint_column_id
GO
SELECT CAST(t.name AS nvarchar(128)) AS c0 FROM sys.triggers AS t WHERE t.parent_id = CAST(@P1 AS int) AND t.is_disabled = 0 AND EXISTS (SELECT 1 FROM sys.trigger_events AS e WHERE e.object_id = t.object_id AND e.type_desc = N'INSERT') ORDER BY t.name
GO
CREATE TABLE [columnar].[columnar_0123456789ab_job_g1_c000000001_1_1] ([columnar_row] bigint NOT NULL PRIMARY KEY NONCLUSTERED, [id] bigint NULL, [name] nvarchar(max) NULL)
GO
TM_BEGIN
GO
INSERT BULK [columnar].[columnar_0123456789ab_job_g1_c000000001_1_1] ([columnar_row] bigint, [id] bigint, [name] nvarchar(max) COLLATE Latin1_General_CI_AS) WITH (KEEP_NULLS, TABLOCK)
GO
TM_COMMIT
GO
SELECT COUNT_BIG(*) AS c0 FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_1]
GO
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
BEGIN TRANSACTION;
GO
INSERT INTO [dbo].[ledger] ([chunk], [attempt]) SELECT s.[chunk], s.[attempt] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 1 AND 1 ORDER BY s.[columnar_row];
SELECT ROWCOUNT_BIG();
GO
SET IDENTITY_INSERT [dbo].[item] ON
GO
INSERT INTO [dbo].[item] ([id], [name]) SELECT s.[id], CASE WHEN s.[name] IS NULL THEN NULL WHEN DATALENGTH(s.[name]) <= 40 THEN s.[name] ELSE CAST(CAST(CAST(N'name (nvarchar(20)) cannot hold ' + LEFT(s.[name], 60) AS nvarchar(400)) AS int) AS nvarchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_1] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 1 AND 3 ORDER BY s.[columnar_row];
SELECT ROWCOUNT_BIG();
GO
SET IDENTITY_INSERT [dbo].[item] OFF
GO
COMMIT TRANSACTION;
GO
DROP TABLE IF EXISTS [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0]
GO
DROP TABLE IF EXISTS [columnar].[columnar_0123456789ab_job_g1_c000000001_1_1]
GO
SELECT CAST([chunk] AS bigint) AS c0, [attempt] COLLATE Latin1_General_100_BIN2 AS c1 FROM [dbo].[ledger] WHERE [chunk] = CONVERT(bigint, CAST(@P1 AS varchar(20)))
GO
