"""The rules of intake, in plain Python: no web, no database, no broker."""
