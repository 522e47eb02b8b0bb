"""The outbox on a real database."""
