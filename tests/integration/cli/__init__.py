"""The command line as people call it."""
