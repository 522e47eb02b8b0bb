"""The embedded run: every service in one process group, on SQLite files and in-memory queues."""
