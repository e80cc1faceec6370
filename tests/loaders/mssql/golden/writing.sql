-- create staging
CREATE TABLE [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] ([columnar_row] bigint NOT NULL PRIMARY KEY NONCLUSTERED, [c0] bit NULL, [c1] smallint NULL, [c2] smallint NULL, [c3] int NULL, [c4] bigint NULL, [c5] decimal(12,2) NULL, [c6] decimal(38,10) NULL, [c7] decimal(19,4) NULL, [c8] decimal(10,4) NULL, [c9] float NULL, [c10] float NULL, [c11] date NULL, [c12] datetime2(6) NULL, [c13] datetime2(6) NULL, [c14] datetime2(6) NULL, [c15] datetime2(6) NULL, [c16] datetimeoffset(6) NULL, [c17] time(6) NULL, [c18] nvarchar(max) NULL, [c19] nvarchar(max) NULL, [c20] nvarchar(max) NULL, [c21] nvarchar(max) NULL, [c22] nvarchar(max) NULL, [c23] nvarchar(max) NULL, [c24] nvarchar(max) NULL, [c25] nvarchar(max) NULL, [c26] nvarchar(max) NULL, [c27] nvarchar(max) NULL, [c28] nvarchar(max) NULL, [c29] varbinary(max) NULL, [c30] varbinary(max) NULL, [c31] varbinary(max) NULL, [c32] varbinary(max) NULL)
GO
-- move bit
INSERT INTO [dbo].[target] ([c0]) SELECT s.[c0] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move tinyint
INSERT INTO [dbo].[target] ([c1]) SELECT s.[c1] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move smallint
INSERT INTO [dbo].[target] ([c2]) SELECT s.[c2] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move int
INSERT INTO [dbo].[target] ([c3]) SELECT s.[c3] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move bigint
INSERT INTO [dbo].[target] ([c4]) SELECT s.[c4] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move decimal(12,2)
INSERT INTO [dbo].[target] ([c5]) SELECT s.[c5] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move numeric(38,10)
INSERT INTO [dbo].[target] ([c6]) SELECT s.[c6] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move money
INSERT INTO [dbo].[target] ([c7]) SELECT s.[c7] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move smallmoney
INSERT INTO [dbo].[target] ([c8]) SELECT s.[c8] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move float
INSERT INTO [dbo].[target] ([c9]) SELECT s.[c9] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move real
INSERT INTO [dbo].[target] ([c10]) SELECT s.[c10] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move date
INSERT INTO [dbo].[target] ([c11]) SELECT s.[c11] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move datetime
INSERT INTO [dbo].[target] ([c12]) SELECT CASE WHEN s.[c12] IS NULL THEN NULL WHEN CONVERT(char(23), CAST(CASE WHEN s.[c12] BETWEEN '1753-01-01' AND '9999-12-31T23:59:59.997' THEN s.[c12] END AS datetime), 121) + '000' = CONVERT(char(26), s.[c12], 121) THEN CAST(CASE WHEN s.[c12] BETWEEN '1753-01-01' AND '9999-12-31T23:59:59.997' THEN s.[c12] END AS datetime) ELSE CAST(CAST(CAST(N'c12 (datetime) cannot hold ' + LEFT(CONVERT(nvarchar(40), s.[c12], 121), 60) AS nvarchar(400)) AS int) AS datetime) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move smalldatetime
INSERT INTO [dbo].[target] ([c13]) SELECT CASE WHEN s.[c13] IS NULL THEN NULL WHEN CONVERT(char(19), CAST(CASE WHEN s.[c13] BETWEEN '1900-01-01' AND '2079-06-06T23:59:00' THEN s.[c13] END AS smalldatetime), 120) + '.000000' = CONVERT(char(26), s.[c13], 121) THEN CAST(CASE WHEN s.[c13] BETWEEN '1900-01-01' AND '2079-06-06T23:59:00' THEN s.[c13] END AS smalldatetime) ELSE CAST(CAST(CAST(N'c13 (smalldatetime) cannot hold ' + LEFT(CONVERT(nvarchar(40), s.[c13], 121), 60) AS nvarchar(400)) AS int) AS smalldatetime) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move datetime2(7)
INSERT INTO [dbo].[target] ([c14]) SELECT s.[c14] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move datetime2(3)
INSERT INTO [dbo].[target] ([c15]) SELECT CASE WHEN s.[c15] IS NULL THEN NULL WHEN CAST(s.[c15] AS datetime2(3)) = s.[c15] THEN CAST(s.[c15] AS datetime2(3)) ELSE CAST(CAST(CAST(CAST(N'c15 (datetime2(3)) cannot hold ' + LEFT(CONVERT(nvarchar(40), s.[c15], 121), 60) AS nvarchar(400)) AS int) AS datetime) AS datetime2(3)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move datetimeoffset(6)
INSERT INTO [dbo].[target] ([c16]) SELECT s.[c16] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move time(7)
INSERT INTO [dbo].[target] ([c17]) SELECT s.[c17] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move uniqueidentifier
INSERT INTO [dbo].[target] ([c18]) SELECT CAST(s.[c18] AS uniqueidentifier) FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move char(5)
INSERT INTO [dbo].[target] ([c19]) SELECT CASE WHEN s.[c19] IS NULL THEN NULL WHEN CAST(CAST(s.[c19] COLLATE Latin1_General_100_CI_AS AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = s.[c19] AND DATALENGTH(CAST(s.[c19] COLLATE Latin1_General_100_CI_AS AS varchar(max))) <= 5 THEN CAST(s.[c19] COLLATE Latin1_General_100_CI_AS AS varchar(max)) ELSE CAST(CAST(CAST(N'c19 (char(5)) cannot hold ' + LEFT(s.[c19], 60) AS nvarchar(400)) AS int) AS varchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move varchar(20)
INSERT INTO [dbo].[target] ([c20]) SELECT CASE WHEN s.[c20] IS NULL THEN NULL WHEN CAST(CAST(s.[c20] COLLATE Latin1_General_100_CI_AS AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = s.[c20] AND DATALENGTH(CAST(s.[c20] COLLATE Latin1_General_100_CI_AS AS varchar(max))) <= 20 THEN CAST(s.[c20] COLLATE Latin1_General_100_CI_AS AS varchar(max)) ELSE CAST(CAST(CAST(N'c20 (varchar(20)) cannot hold ' + LEFT(s.[c20], 60) AS nvarchar(400)) AS int) AS varchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move varchar(8000)
INSERT INTO [dbo].[target] ([c21]) SELECT CASE WHEN s.[c21] IS NULL THEN NULL WHEN CAST(CAST(s.[c21] COLLATE Latin1_General_100_CI_AS AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = s.[c21] AND DATALENGTH(CAST(s.[c21] COLLATE Latin1_General_100_CI_AS AS varchar(max))) <= 8000 THEN CAST(s.[c21] COLLATE Latin1_General_100_CI_AS AS varchar(max)) ELSE CAST(CAST(CAST(N'c21 (varchar(8000)) cannot hold ' + LEFT(s.[c21], 60) AS nvarchar(400)) AS int) AS varchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move varchar(max)
INSERT INTO [dbo].[target] ([c22]) SELECT CASE WHEN s.[c22] IS NULL THEN NULL WHEN CAST(CAST(s.[c22] COLLATE Latin1_General_100_CI_AS AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = s.[c22] THEN CAST(s.[c22] COLLATE Latin1_General_100_CI_AS AS varchar(max)) ELSE CAST(CAST(CAST(N'c22 (varchar(max)) cannot hold ' + LEFT(s.[c22], 60) AS nvarchar(400)) AS int) AS varchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move text
INSERT INTO [dbo].[target] ([c23]) SELECT CASE WHEN s.[c23] IS NULL THEN NULL WHEN CAST(CAST(s.[c23] COLLATE Latin1_General_100_CI_AS AS varchar(max)) AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = s.[c23] THEN CAST(s.[c23] COLLATE Latin1_General_100_CI_AS AS varchar(max)) ELSE CAST(CAST(CAST(N'c23 (text) cannot hold ' + LEFT(s.[c23], 60) AS nvarchar(400)) AS int) AS varchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move nchar(5)
INSERT INTO [dbo].[target] ([c24]) SELECT CASE WHEN s.[c24] IS NULL THEN NULL WHEN DATALENGTH(s.[c24]) <= 10 THEN s.[c24] ELSE CAST(CAST(CAST(N'c24 (nchar(5)) cannot hold ' + LEFT(s.[c24], 60) AS nvarchar(400)) AS int) AS nvarchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move nvarchar(20)
INSERT INTO [dbo].[target] ([c25]) SELECT CASE WHEN s.[c25] IS NULL THEN NULL WHEN DATALENGTH(s.[c25]) <= 40 THEN s.[c25] ELSE CAST(CAST(CAST(N'c25 (nvarchar(20)) cannot hold ' + LEFT(s.[c25], 60) AS nvarchar(400)) AS int) AS nvarchar(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move nvarchar(max)
INSERT INTO [dbo].[target] ([c26]) SELECT s.[c26] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move ntext
INSERT INTO [dbo].[target] ([c27]) SELECT s.[c27] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move xml
INSERT INTO [dbo].[target] ([c28]) SELECT CONVERT(xml, s.[c28], 1) FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move binary(8)
INSERT INTO [dbo].[target] ([c29]) SELECT CASE WHEN s.[c29] IS NULL THEN NULL WHEN DATALENGTH(s.[c29]) <= 8 THEN s.[c29] ELSE CAST(CAST(CAST(N'c29 (binary(8)) cannot hold ' + LEFT(CONVERT(nvarchar(120), s.[c29], 2), 60) AS nvarchar(400)) AS int) AS varbinary(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move varbinary(20)
INSERT INTO [dbo].[target] ([c30]) SELECT CASE WHEN s.[c30] IS NULL THEN NULL WHEN DATALENGTH(s.[c30]) <= 20 THEN s.[c30] ELSE CAST(CAST(CAST(N'c30 (varbinary(20)) cannot hold ' + LEFT(CONVERT(nvarchar(120), s.[c30], 2), 60) AS nvarchar(400)) AS int) AS varbinary(max)) END FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move varbinary(max)
INSERT INTO [dbo].[target] ([c31]) SELECT s.[c31] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move image
INSERT INTO [dbo].[target] ([c32]) SELECT s.[c32] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 2001 AND 4000 ORDER BY s.[columnar_row]
GO
-- move several
INSERT INTO [dbo].[target] ([c0], [c1], [c2], [c3]) SELECT s.[c0], s.[c1], s.[c2], s.[c3] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 1 AND 2000 ORDER BY s.[columnar_row]
GO
-- move no columns
MERGE INTO [dbo].[target] AS t USING (SELECT s.[columnar_row] FROM [columnar].[columnar_0123456789ab_job_g1_c000000001_1_0] AS s WITH (TABLOCK, FORCESEEK) WHERE s.[columnar_row] BETWEEN 1 AND 3) AS r ON 1 = 0 WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;
GO
-- insert
INSERT INTO [dbo].[target] ([c0], [c1], [c2], [c3], [c4], [c5], [c6], [c7], [c8], [c9], [c10], [c11], [c12], [c13], [c14], [c15], [c16], [c17], [c18], [c19], [c20], [c21], [c22], [c23], [c24], [c25], [c26], [c27], [c29], [c30], [c31], [c32]) VALUES (CONVERT(bit, CAST(? AS varchar(20))), CONVERT(tinyint, CAST(? AS varchar(20))), CONVERT(smallint, CAST(? AS varchar(20))), CONVERT(int, CAST(? AS varchar(20))), CONVERT(bigint, CAST(? AS varchar(20))), CONVERT(decimal(12,2), CAST(? AS varchar(41))), CONVERT(numeric(38,10), CAST(? AS varchar(41))), CONVERT(money, CAST(? AS varchar(41))), CONVERT(smallmoney, CAST(? AS varchar(41))), CONVERT(float, CAST(? AS varchar(32))), CONVERT(real, CAST(? AS varchar(32))), CONVERT(date, CAST(? AS varchar(10))), CONVERT(datetime, CAST(? AS varchar(23)), 121), CONVERT(smalldatetime, CAST(? AS varchar(23)), 121), CONVERT(datetime2(7), CAST(? AS varchar(27))), CONVERT(datetime2(3), CAST(? AS varchar(27))), CONVERT(datetimeoffset(6), CAST(? AS varchar(33))), CONVERT(time(7), CAST(? AS varchar(16))), CONVERT(uniqueidentifier, CAST(? AS varchar(36))), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CAST(CAST(? AS nvarchar(max)) COLLATE Latin1_General_100_CI_AS AS varchar(max)), CAST(? AS nvarchar(max)), CAST(? AS nvarchar(max)), CAST(? AS nvarchar(max)), CAST(? AS nvarchar(max)), CONVERT(varbinary(max), CAST(? AS varchar(max)), 2), CONVERT(varbinary(max), CAST(? AS varchar(max)), 2), CONVERT(varbinary(max), CAST(? AS varchar(max)), 2), CONVERT(varbinary(max), CAST(? AS varchar(max)), 2))
GO
-- insert defaults
INSERT INTO [dbo].[target] DEFAULT VALUES
GO
-- create comparison
CREATE TABLE [#columnar_compared] ([columnar_row] bigint NOT NULL, [c0] bit NULL, [c1] tinyint NULL, [c2] smallint NULL, [c3] int NULL, [c4] bigint NULL, [c5] decimal(12,2) NULL, [c6] numeric(38,10) NULL, [c7] money NULL, [c8] smallmoney NULL, [c9] float NULL, [c10] real NULL, [c11] date NULL, [c12] datetime NULL, [c13] smalldatetime NULL, [c14] datetime2(7) NULL, [c15] datetime2(3) NULL, [c16] datetimeoffset(6) NULL, [c17] time(7) NULL, [c18] uniqueidentifier NULL, [c19] char(5) COLLATE Latin1_General_100_CI_AS NULL, [c20] varchar(20) COLLATE Latin1_General_100_CI_AS NULL, [c21] varchar(8000) COLLATE Latin1_General_100_CI_AS NULL, [c22] varchar(max) COLLATE Latin1_General_100_CI_AS NULL, [c24] nchar(5) COLLATE Latin1_General_100_CI_AS NULL, [c25] nvarchar(20) COLLATE Latin1_General_100_CI_AS NULL, [c26] nvarchar(max) COLLATE Latin1_General_100_CI_AS NULL, [c29] binary(8) NULL, [c30] varbinary(20) NULL, [c31] varbinary(max) NULL)
GO
-- delete
DECLARE @gone bigint = 2000;
WHILE @gone = 2000
BEGIN
  DELETE TOP (2000) t FROM [dbo].[target] AS t WHERE EXISTS (SELECT 1 FROM [#columnar_compared_0] AS k WHERE k.[c3] = t.[c3] AND k.[c20] = t.[c20]);
  SET @gone = ROWCOUNT_BIG();
END
GO
-- delete from a table that refers to itself
DELETE t FROM [dbo].[target] AS t WHERE EXISTS (SELECT 1 FROM [#columnar_compared_0] AS k WHERE k.[c3] = t.[c3])
GO
-- identity before
SET IDENTITY_INSERT [dbo].[target] ON
GO
-- identity after
SET IDENTITY_INSERT [dbo].[target] OFF
GO
-- lock
DECLARE @got int;
EXEC @got = sys.sp_getapplock @Resource = N'columnar_0123456789ab', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0;
SELECT CAST(CASE WHEN @got >= 0 THEN 1 ELSE 0 END AS bigint) AS c0
GO
-- unlock
DECLARE @freed int;
EXEC @freed = sys.sp_releaseapplock @Resource = N'columnar_0123456789ab', @LockOwner = N'Session';
SELECT CAST(CASE WHEN @freed >= 0 THEN 1 ELSE 0 END AS bigint) AS c0
GO
