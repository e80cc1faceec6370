-- select
SELECT CAST(t.[id] AS bigint) AS c0, CAST(t.[xml] AS nvarchar(max)) AS c1 FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)
GO
-- limited
SELECT CAST(t.[id] AS bigint) AS c0, CASE WHEN DATALENGTH(CAST(t.[xml] AS nvarchar(max))) <= 1000000 THEN CAST(t.[xml] AS nvarchar(max)) END AS c1 FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)
GO
-- second look
SELECT g.[id] AS c0, g.[document] AS c1, CAST((DATALENGTH(g.[document] COLLATE Latin1_General_100_BIN2) - DATALENGTH(REPLACE(g.[document] COLLATE Latin1_General_100_BIN2, CAST(0xFDFF AS nchar(1)), N''))) / 2 AS bigint) AS c2 FROM (SELECT CAST(t.[id] AS bigint) AS [id], CASE WHEN DATALENGTH(CAST(t.[xml] AS nvarchar(max))) <= 1000000 THEN CAST(t.[xml] AS nvarchar(max)) END AS [document] FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)) AS g WHERE CHARINDEX(CAST(0xFDFF AS nchar(1)), g.[document] COLLATE Latin1_General_100_BIN2) > 0 OR PATINDEX((N'%[' + CAST(0x00D8 AS nchar(1)) + N'-' + CAST(0xFFDB AS nchar(1)) + N'][^' + CAST(0x00DC AS nchar(1)) + N'-' + CAST(0xFFDF AS nchar(1)) + N']%') COLLATE Latin1_General_100_BIN2, (N' ' + g.[document] COLLATE Latin1_General_100_BIN2 + N' ')) > 0 OR PATINDEX((N'%[^' + CAST(0x00D8 AS nchar(1)) + N'-' + CAST(0xFFDB AS nchar(1)) + N'][' + CAST(0x00DC AS nchar(1)) + N'-' + CAST(0xFFDF AS nchar(1)) + N']%') COLLATE Latin1_General_100_BIN2, (N' ' + g.[document] COLLATE Latin1_General_100_BIN2 + N' ')) > 0
GO
-- guarded
SELECT CAST(t.[id] AS bigint) AS c0, CASE WHEN CAST(DATALENGTH(CAST(t.[xml] AS nvarchar(max))) AS bigint) <= 1000000 THEN CAST(t.[xml] AS nvarchar(max)) END AS c2, CAST(DATALENGTH(CAST(t.[xml] AS nvarchar(max))) AS bigint) AS n2 FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)
GO
-- over turbodbc
SET NOCOUNT ON; SET LOCK_TIMEOUT 60000; IF CAST(COALESCE((SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()), 0) AS bigint) = 1 SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT CAST(t.[id] AS bigint) AS c0, CAST(t.[xml] AS nvarchar(max)) AS c1 FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)
GO
-- over turbodbc, snapshot
SET NOCOUNT ON; SET LOCK_TIMEOUT 60000; SET TRANSACTION ISOLATION LEVEL SNAPSHOT; SELECT CAST(t.[id] AS bigint) AS c0, CAST(t.[xml] AS nvarchar(max)) AS c1 FROM [dbo].[incoming] AS t WHERE t.[id] > CAST(? AS bigint)
GO
