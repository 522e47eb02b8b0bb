"""Encryption of single columns: AES-256-GCM, bound to table, column and row."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import overload

from cryptography.exceptions import InvalidTag

from shared.sealing.errors import CannotDecrypt
from shared.sealing.ring import Ring

FORMAT = b"\x01"
"""First byte of a ciphertext; format 1 is format (1) ‖ key id (16) ‖ nonce (12) ‖ ciphertext ‖ tag (16)."""
KEY_ID = slice(1, 17)
NONCE = slice(17, 29)
SHORTEST = 29 + 16
SEPARATOR = "\x1f"


class FieldCipher:
    """Encrypts and decrypts the columns of one service with its own field key."""

    def __init__(self, ring: Callable[[], Ring], newer: Callable[[], Ring]) -> None:
        """``ring`` gives the keys in memory, ``newer`` those in the database unless they were read a moment ago."""
        self._ring = ring
        self._newer = newer

    @overload
    def encrypt(self, table: str, column: str, row: str, value: str | bytes) -> bytes: ...
    @overload
    def encrypt(self, table: str, column: str, row: str, value: None) -> None: ...
    @overload
    def encrypt(self, table: str, column: str, row: str, value: str | bytes | None) -> bytes | None: ...
    def encrypt(self, table: str, column: str, row: str, value: str | bytes | None) -> bytes | None:
        """Encrypt a value for exactly this table, column and row (the row's id); ``None`` stays ``None``."""
        if value is None:
            return None
        key = self._ring().field_key
        nonce = os.urandom(12)
        plain = value.encode() if isinstance(value, str) else value
        return FORMAT + key.head + nonce + key.cipher.encrypt(nonce, plain, _place(table, column, row))

    @overload
    def decrypt(self, table: str, column: str, row: str, value: bytes) -> str: ...
    @overload
    def decrypt(self, table: str, column: str, row: str, value: None) -> None: ...
    @overload
    def decrypt(self, table: str, column: str, row: str, value: bytes | None) -> str | None: ...
    def decrypt(self, table: str, column: str, row: str, value: bytes | None) -> str | None:
        """Decrypt a text that was encrypted for this table, column and row; ``None`` stays ``None``.

        Raises:
            CannotDecrypt: when it was changed, moved here from another place, or its key is not ours.
        """
        return None if value is None else self.decrypt_bytes(table, column, row, value).decode()

    def decrypt_bytes(self, table: str, column: str, row: str, value: bytes) -> bytes:
        """Decrypt bytes that were encrypted for this table, column and row.

        Raises:
            CannotDecrypt: as ``decrypt``.
        """
        place = _place(table, column, row)
        if len(value) < SHORTEST or value[:1] != FORMAT:
            raise CannotDecrypt(f"{table}.{column} does not hold ciphertext of a known format")
        head = value[KEY_ID]
        key = self._ring().field_keys.get(head) or self._newer().field_keys.get(head)
        if key is None:
            raise CannotDecrypt(f"{table}.{column} was encrypted with a key this service does not hold")
        try:
            return key.cipher.decrypt(value[NONCE], value[NONCE.stop :], place)
        except InvalidTag as error:
            raise CannotDecrypt(f"{table}.{column} holds ciphertext that is not of this row") from error


def _place(table: str, column: str, row: str) -> bytes:
    place = SEPARATOR.join((table, column, row))
    if place.count(SEPARATOR) != 2:  # noqa: PLR2004 - three parts: more would let two places share one name
        raise ValueError("a table, column or row name holds the separator")
    return place.encode()
