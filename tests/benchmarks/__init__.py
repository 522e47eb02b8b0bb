"""The road end to end against the bare floor."""
