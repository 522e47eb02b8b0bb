"""The verbs of this service."""
