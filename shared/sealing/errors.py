"""What can go wrong with keys and ciphertext; no error says anything of the content."""

from __future__ import annotations


class SealingError(Exception):
    """Base of this package's errors."""


class MasterKeyError(SealingError):
    """The master key is missing, given twice, unreadable, in a forbidden place, or another than was used."""


class MissingKey(SealingError):
    """This service holds no key for that use and owner: nothing was provisioned, or it is not meant to."""

    def __init__(self, use: str, owner: str) -> None:
        super().__init__(f"no key for {use} of {owner}; `carehut district apply` makes what is missing")
        self.use = use
        self.owner = owner


class CannotDecrypt(SealingError):
    """A stored field is not ciphertext of this table, column and row under a key of this service."""


class CannotSeal(SealingError):
    """What should be sealed does not fit the format."""


class CannotOpen(SealingError):
    """A sealed packet was refused; ``reason`` is one of ``shared.sealing.packets.REASONS``."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the packet cannot be opened: {reason}")
        self.reason = reason
