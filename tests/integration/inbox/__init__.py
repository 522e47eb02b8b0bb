"""The inbox on a real database."""
