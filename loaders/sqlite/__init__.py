"""SQLite, through its ODBC driver."""
