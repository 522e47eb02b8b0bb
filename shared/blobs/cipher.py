"""One blob's encryption: AES-256-GCM under a key of its own, bound to the blob's id (NIST SP 800-38D)."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
FORMAT = b"\x01"
"""First byte of a ciphertext; format 1 is format (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16). AAD: the id, as ASCII."""
NONCE = slice(1, 13)
SHORTEST = 13 + 16


class Damaged(Exception):
    """A blob is not what was encrypted under this key and id: it was changed, cut short or put in another's place."""


def lock(blob: str, content: bytes, key: bytes) -> bytes:
    """Encrypt ``content`` as the blob of this id; ``key`` is 32 random bytes that encrypt nothing else."""
    nonce = os.urandom(12)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, content, blob.encode("ascii"))


def unlock(blob: str, locked: bytes, key: bytes) -> bytes:
    """Decrypt the blob of this id.

    Raises:
        Damaged: it is not of this key, id and format.
    """
    if len(locked) < SHORTEST or locked[:1] != FORMAT:
        raise Damaged(blob)
    try:
        return AESGCM(key).decrypt(locked[NONCE], locked[NONCE.stop :], blob.encode("ascii"))
    except InvalidTag as error:
        raise Damaged(blob) from error
