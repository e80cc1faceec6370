-- create 0
IF SCHEMA_ID(N'loans') IS NULL EXEC(N'CREATE SCHEMA [loans]')
GO
-- create 1
IF SCHEMA_ID(N'sales') IS NULL EXEC(N'CREATE SCHEMA [sales]')
GO
-- create 2
CREATE TABLE [loans].[application] (
  [application_id] bigint NOT NULL,
  [branch] nvarchar(20) NOT NULL,
  [received_at] datetime2(6) NULL,
  [seen_at] datetimeoffset(6) NULL,
  [opens] time(6) NULL,
  [amount] decimal(12,2) NULL,
  [rate] float NULL,
  [small] smallint NULL,
  [approved] bit NULL,
  [born] date NULL,
  [photo] varbinary(max) NULL,
  [note] nvarchar(400) NULL,
  [uid] uniqueidentifier NULL,
  [loaded_at] datetime2(6) DEFAULT (SYSUTCDATETIME()) NOT NULL,
  [cents] AS (CAST([amount] * 100 AS bigint)),
  PRIMARY KEY ([application_id], [branch])
)
GO
-- create 3
IF OBJECT_ID(N'[sales].[contact_contact_id_seq]', N'SO') IS NULL CREATE SEQUENCE [sales].[contact_contact_id_seq] AS bigint START WITH 1 INCREMENT BY 1
GO
-- create 4
CREATE TABLE [sales].[contact] (
  [contact_id] bigint DEFAULT (NEXT VALUE FOR [sales].[contact_contact_id_seq]) NOT NULL,
  [application_id] bigint NOT NULL,
  [branch] nvarchar(20) NOT NULL,
  PRIMARY KEY ([contact_id]),
  FOREIGN KEY ([application_id], [branch]) REFERENCES [loans].[application] ([application_id], [branch])
)
GO
-- create 5
CREATE TABLE [loans].[columnar_ledger] (
  [job] nvarchar(444) NOT NULL,
  [generation] int NOT NULL,
  [chunk] bigint NOT NULL,
  [receipt] nvarchar(max) NULL,
  PRIMARY KEY ([job], [generation], [chunk])
)
GO
-- create 6
CREATE TABLE [loans].[it's a ]]strange name] (
  [a] nvarchar(600) NOT NULL,
  [b] nvarchar(600) NOT NULL,
  PRIMARY KEY NONCLUSTERED ([a], [b])
)
GO
-- staging schema
IF SCHEMA_ID(N'columnar''s') IS NULL EXEC(N'CREATE SCHEMA [columnar''s]')
GO
