-- identity
DECLARE @held bigint, @first bigint, @step bigint, @next bigint;
BEGIN TRANSACTION;
SELECT @held = COUNT_BIG(*) FROM (SELECT TOP (1) 1 AS one FROM [dbo].[target] WITH (TABLOCKX, HOLDLOCK)) AS held;
SET @step = CAST(IDENT_INCR(N'[dbo].[target]') AS bigint);
SET @first = CAST(IDENT_CURRENT(N'[dbo].[target]') AS bigint) + @step;
SET @next = @first + @step * 1234;
DBCC CHECKIDENT (N'[dbo].[target]', RESEED, @next) WITH NO_INFOMSGS;
COMMIT TRANSACTION;
SELECT CAST(@first + @step * p.place AS bigint) AS c0 FROM (SELECT d0.n * 1 + d1.n * 10 + d2.n * 100 + d3.n * 1000 AS place FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d0(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3(n)) AS p WHERE p.place < 1234
GO
-- sequence
SELECT CAST(((NEXT VALUE FOR [dbo].[numbers])) AS bigint) AS c0 FROM (SELECT d0.n * 1 + d1.n * 10 + d2.n * 100 + d3.n * 1000 AS place FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d0(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3(n)) AS p WHERE p.place < 1234
GO
-- newid
SELECT CAST(LOWER(CONVERT(char(36), ((newid())))) AS nvarchar(36)) AS c0 FROM (SELECT d0.n * 1 + d1.n * 10 + d2.n * 100 + d3.n * 1000 AS place FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d0(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3(n)) AS p WHERE p.place < 1234
GO
-- newsequentialid
DROP TABLE IF EXISTS #columnar_made;
CREATE TABLE #columnar_made (place int NOT NULL PRIMARY KEY, made uniqueidentifier NOT NULL DEFAULT (newsequentialid()));
INSERT INTO #columnar_made (place) SELECT p.place FROM (SELECT d0.n * 1 + d1.n * 10 + d2.n * 100 + d3.n * 1000 AS place FROM (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d0(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d1(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d2(n) CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) AS d3(n)) AS p WHERE p.place < 1234;
SELECT CAST(LOWER(CONVERT(char(36), m.made)) AS nvarchar(36)) AS c0 FROM #columnar_made AS m
GO
