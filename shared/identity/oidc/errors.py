"""What can go wrong between here and the identity provider."""

from __future__ import annotations


class ProviderAway(Exception):
    """The identity provider does not answer, or not as one does; nobody can sign in by it for now."""


class ProofRefused(Exception):
    """What came back proves nothing; ``reason`` is a code for the audit log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
