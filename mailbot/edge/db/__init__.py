"""The database: tables, and the queries that the duties and commands ask, a file per subject. Rows never leave this room."""
