"""Contract SQL: DuckDB on Arrow tables in memory, without access to files, network or settings."""
