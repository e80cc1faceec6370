-- by c3
SELECT CAST([c3] AS bigint) AS c0, CAST([c25] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS c1 FROM [dbo].[target] WHERE [c3] IN (CONVERT(int, CAST(? AS varchar(20))), CONVERT(int, CAST(? AS varchar(20))))
GO
-- by c3 and c20
SELECT CAST([c3] AS bigint) AS c0, CAST([c25] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS c1 FROM [dbo].[target] WHERE ([c3] = CONVERT(int, CAST(? AS varchar(20))) AND [c20] = CAST(CAST(? AS nvarchar(20)) COLLATE Latin1_General_100_CI_AS AS varchar(20))) OR ([c3] = CONVERT(int, CAST(? AS varchar(20))) AND [c20] = CAST(CAST(? AS nvarchar(20)) COLLATE Latin1_General_100_CI_AS AS varchar(20)))
GO
-- as stored
SELECT c.columnar_row AS c0, min(c.columnar_row) OVER (PARTITION BY c.[c3], c.[c20]) AS c1, CAST(CASE WHEN t.[c3] IS NULL THEN 0 ELSE 1 END AS bigint) AS c2, CAST(c.[c3] AS bigint) AS c3, CAST(c.[c20] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS c4, CAST(t.[c3] AS bigint) AS c5, CAST(t.[c20] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS c6 FROM [#columnar_compared] c LEFT JOIN [dbo].[target] t ON t.[c3] = c.[c3] AND t.[c20] = c.[c20]
GO
-- keys
INSERT INTO [#columnar_compared] ([c3], [c20], [columnar_row]) VALUES (CONVERT(int, CAST(? AS varchar(20))), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CONVERT(bigint, CAST(? AS varchar(20))))
GO
