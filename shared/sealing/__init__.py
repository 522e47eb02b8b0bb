"""Keys, sealed packets, encrypted columns, blind indexes and receipt codes."""

from __future__ import annotations

from shared.sealing.blind import BlindIndex, IndexTokens, initials
from shared.sealing.encryption import looks_sealed
from shared.sealing.errors import (
    CannotDecrypt,
    CannotOpen,
    CannotSeal,
    MasterKeyError,
    MissingKey,
    SealingError,
)
from shared.sealing.fields import FieldCipher
from shared.sealing.keyring import Keyring
from shared.sealing.keys import Key, Use
from shared.sealing.master import MasterKey
from shared.sealing.packets import KINDS, Claims
from shared.sealing.tables import keys as keys_table

__all__ = [
    "KINDS",
    "BlindIndex",
    "CannotDecrypt",
    "CannotOpen",
    "CannotSeal",
    "Claims",
    "FieldCipher",
    "IndexTokens",
    "Key",
    "Keyring",
    "MasterKey",
    "MasterKeyError",
    "MissingKey",
    "SealingError",
    "Use",
    "initials",
    "keys_table",
    "looks_sealed",
]
