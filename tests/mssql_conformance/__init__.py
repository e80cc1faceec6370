"""What the program promises of SQL Server, tried on a real one: `make test-mssql URL=mssql://user:password@host/database`.

Everything happens in two schemas of its own, which are dropped at the end. See docs/databases-mssql.md for what the
login needs.
"""
