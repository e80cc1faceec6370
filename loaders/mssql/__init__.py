"""SQL Server 2016 SP1 and later, and Azure SQL."""
