-- as_text bit
SELECT CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) FROM [dbo].[t] AS t
GO
-- bound bit
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(bit, CAST(? AS varchar(20)))
GO
-- as_text tinyint
SELECT CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) FROM [dbo].[t] AS t
GO
-- bound tinyint
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(tinyint, CAST(? AS varchar(20)))
GO
-- as_text smallint
SELECT CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) FROM [dbo].[t] AS t
GO
-- bound smallint
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(smallint, CAST(? AS varchar(20)))
GO
-- as_text int
SELECT CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) FROM [dbo].[t] AS t
GO
-- bound int
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(int, CAST(? AS varchar(20)))
GO
-- as_text bigint
SELECT CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) FROM [dbo].[t] AS t
GO
-- bound bigint
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(bigint, CAST(? AS varchar(20)))
GO
-- as_text decimal(12,2)
SELECT CAST(CONVERT(varchar(41), t.[a]) AS nvarchar(41)) FROM [dbo].[t] AS t
GO
-- bound decimal(12,2)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(decimal(12,2), CAST(? AS varchar(41)))
GO
-- as_text numeric(38,10)
SELECT CAST(CONVERT(varchar(41), t.[a]) AS nvarchar(41)) FROM [dbo].[t] AS t
GO
-- bound numeric(38,10)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(numeric(38,10), CAST(? AS varchar(41)))
GO
-- as_text money
SELECT CAST(CONVERT(varchar(30), t.[a], 2) AS nvarchar(30)) FROM [dbo].[t] AS t
GO
-- bound money
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(money, CAST(? AS varchar(41)))
GO
-- as_text smallmoney
SELECT CAST(CONVERT(varchar(30), t.[a], 2) AS nvarchar(30)) FROM [dbo].[t] AS t
GO
-- bound smallmoney
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(smallmoney, CAST(? AS varchar(41)))
GO
-- as_text float
SELECT CAST(CONVERT(varchar(32), t.[a], 3) AS nvarchar(32)) FROM [dbo].[t] AS t
GO
-- bound float
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(float, CAST(? AS varchar(32)))
GO
-- as_text real
SELECT CAST(CONVERT(varchar(32), t.[a], 3) AS nvarchar(32)) FROM [dbo].[t] AS t
GO
-- bound real
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(real, CAST(? AS varchar(32)))
GO
-- as_text date
SELECT CAST(CONVERT(varchar(10), t.[a], 23) AS nvarchar(10)) FROM [dbo].[t] AS t
GO
-- bound date
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(date, CAST(? AS varchar(10)))
GO
-- as_text datetime
SELECT CAST(CONVERT(varchar(23), t.[a], 121) AS nvarchar(23)) FROM [dbo].[t] AS t
GO
-- bound datetime
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(datetime, CAST(? AS varchar(23)), 121)
GO
-- as_text smalldatetime
SELECT CAST(CONVERT(varchar(19), t.[a], 120) AS nvarchar(19)) FROM [dbo].[t] AS t
GO
-- bound smalldatetime
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(smalldatetime, CAST(? AS varchar(23)), 121)
GO
-- as_text datetime2(7)
SELECT CAST(CASE WHEN CONVERT(varchar(27), t.[a], 121) LIKE '%.______0' THEN LEFT(CONVERT(varchar(27), t.[a], 121), 26) ELSE CONVERT(varchar(27), t.[a], 121) END AS nvarchar(27)) FROM [dbo].[t] AS t
GO
-- bound datetime2(7)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(datetime2(7), CAST(? AS varchar(27)))
GO
-- as_text datetime2(3)
SELECT CAST(CASE WHEN CONVERT(varchar(27), t.[a], 121) LIKE '%.______0' THEN LEFT(CONVERT(varchar(27), t.[a], 121), 26) ELSE CONVERT(varchar(27), t.[a], 121) END AS nvarchar(27)) FROM [dbo].[t] AS t
GO
-- bound datetime2(3)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(datetime2(3), CAST(? AS varchar(27)))
GO
-- as_text datetimeoffset(6)
SELECT STUFF(CAST(CASE WHEN CONVERT(varchar(27), CAST(SWITCHOFFSET(t.[a], '+00:00') AS datetime2(6)), 121) LIKE '%.______0' THEN LEFT(CONVERT(varchar(27), CAST(SWITCHOFFSET(t.[a], '+00:00') AS datetime2(6)), 121), 26) ELSE CONVERT(varchar(27), CAST(SWITCHOFFSET(t.[a], '+00:00') AS datetime2(6)), 121) END AS nvarchar(27)), 11, 1, N'T') + N'Z' FROM [dbo].[t] AS t
GO
-- bound datetimeoffset(6)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(datetimeoffset(6), CAST(? AS varchar(33)))
GO
-- as_text time(7)
SELECT CAST(CASE WHEN CONVERT(varchar(16), t.[a], 121) LIKE '%.______0' THEN LEFT(CONVERT(varchar(16), t.[a], 121), 15) ELSE CONVERT(varchar(16), t.[a], 121) END AS nvarchar(16)) FROM [dbo].[t] AS t
GO
-- bound time(7)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(time(7), CAST(? AS varchar(16)))
GO
-- as_text uniqueidentifier
SELECT CAST(LOWER(CONVERT(char(36), t.[a])) AS nvarchar(36)) FROM [dbo].[t] AS t
GO
-- bound uniqueidentifier
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(uniqueidentifier, CAST(? AS varchar(36)))
GO
-- as_text char(5)
SELECT CAST(t.[a] AS nvarchar(5)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound char(5)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(CAST(? AS nvarchar(5)) COLLATE Latin1_General_100_CI_AS AS char(5))
GO
-- document char(5)
SELECT CAST(t.[a] AS nvarchar(5)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(5))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text varchar(20)
SELECT CAST(t.[a] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound varchar(20)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(CAST(? AS nvarchar(20)) COLLATE Latin1_General_100_CI_AS AS varchar(20))
GO
-- document varchar(20)
SELECT CAST(t.[a] AS nvarchar(20)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(20))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text varchar(8000)
SELECT CAST(t.[a] AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound varchar(8000)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(8000))
GO
-- document varchar(8000)
SELECT CAST(t.[a] AS nvarchar(max)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text varchar(max)
SELECT CAST(t.[a] AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound varchar(max)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max))
GO
-- document varchar(max)
SELECT CAST(t.[a] AS nvarchar(max)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text text
SELECT CAST(CAST(t.[a] AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- document text
SELECT CAST(CAST(t.[a] AS varchar(max)) AS nvarchar(max)), CAST(DATALENGTH(CAST(CAST(t.[a] AS varchar(max)) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text nchar(5)
SELECT CAST(t.[a] AS nvarchar(5)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound nchar(5)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(? AS nchar(5)) COLLATE Latin1_General_100_CI_AS
GO
-- document nchar(5)
SELECT CAST(t.[a] AS nvarchar(5)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(5))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text nvarchar(20)
SELECT CAST(t.[a] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound nvarchar(20)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(? AS nvarchar(20)) COLLATE Latin1_General_100_CI_AS
GO
-- document nvarchar(20)
SELECT CAST(t.[a] AS nvarchar(20)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(20))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text nvarchar(max)
SELECT t.[a] COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- bound nvarchar(max)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS
GO
-- document nvarchar(max)
SELECT t.[a], CAST(DATALENGTH(t.[a]) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text ntext
SELECT CAST(t.[a] AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 FROM [dbo].[t] AS t
GO
-- document ntext
SELECT CAST(t.[a] AS nvarchar(max)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text xml
SELECT CAST(t.[a] AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- document xml
SELECT CAST(t.[a] AS nvarchar(max)), CAST(DATALENGTH(CAST(t.[a] AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text binary(8)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- bound binary(8)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(binary(8), CAST(? AS varchar(16)), 2)
GO
-- document binary(8)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)), CAST(DATALENGTH(CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text varbinary(20)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- bound varbinary(20)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(varbinary(20), CAST(? AS varchar(40)), 2)
GO
-- document varbinary(20)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)), CAST(DATALENGTH(CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text varbinary(max)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- bound varbinary(max)
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(varbinary(max), CAST(? AS varchar(max)), 2)
GO
-- document varbinary(max)
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)), CAST(DATALENGTH(CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text image
SELECT CAST(CONVERT(varchar(max), CAST(t.[a] AS varbinary(max)), 2) AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- document image
SELECT CAST(CONVERT(varchar(max), CAST(t.[a] AS varbinary(max)), 2) AS nvarchar(max)), CAST(DATALENGTH(CAST(CONVERT(varchar(max), CAST(t.[a] AS varbinary(max)), 2) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_text timestamp
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)) FROM [dbo].[t] AS t
GO
-- bound timestamp
SELECT 1 FROM [dbo].[t] AS t WHERE t.[a] > CONVERT(binary(8), CAST(? AS varchar(16)), 2)
GO
-- document timestamp
SELECT CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max)), CAST(DATALENGTH(CAST(CONVERT(varchar(max), t.[a], 2) AS nvarchar(max))) AS bigint) FROM [dbo].[t] AS t
GO
-- as_integer
SELECT CAST(t.[a] AS bigint) FROM [dbo].[t] AS t
GO
-- keys_digest one
SELECT CAST(CONCAT(CONVERT(varchar(40), COALESCE(SUM(CAST(CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31))), 1, 7) AS bigint) AS decimal(38,0))), 0)), '-', CONVERT(varchar(40), COALESCE(SUM(CAST(CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31))), 8, 7) AS bigint) AS decimal(38,0))), 0))) AS nvarchar(100)) FROM [dbo].[t] AS t
GO
-- keys_digest two
SELECT CAST(CONCAT(CONVERT(varchar(40), COALESCE(SUM(CAST(CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31), CAST(CAST(t.[b] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS nvarchar(max)), NCHAR(31))), 1, 7) AS bigint) AS decimal(38,0))), 0)), '-', CONVERT(varchar(40), COALESCE(SUM(CAST(CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31), CAST(CAST(t.[b] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS nvarchar(max)), NCHAR(31))), 8, 7) AS bigint) AS decimal(38,0))), 0))) AS nvarchar(100)) FROM [dbo].[t] AS t
GO
-- key_hashes one
SELECT CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31))), 1, 7) AS bigint), CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31))), 8, 7) AS bigint) FROM [dbo].[t] AS t
GO
-- key_hashes two
SELECT CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31), CAST(CAST(t.[b] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS nvarchar(max)), NCHAR(31))), 1, 7) AS bigint), CAST(SUBSTRING(HASHBYTES('SHA2_256', CONCAT(CAST(CAST(CONVERT(varchar(20), t.[a]) AS nvarchar(20)) AS nvarchar(max)), NCHAR(31), CAST(CAST(t.[b] AS nvarchar(20)) COLLATE Latin1_General_100_BIN2 AS nvarchar(max)), NCHAR(31))), 8, 7) AS bigint) FROM [dbo].[t] AS t
GO
-- first
SELECT 1 FROM [dbo].[t] AS t ORDER BY t.[a] OFFSET 41 ROWS FETCH NEXT 1 ROWS ONLY
GO
