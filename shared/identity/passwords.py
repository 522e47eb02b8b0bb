"""Passwords: argon2id hashes, checked at the same cost whether or not the account exists."""

from __future__ import annotations

import os
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 256
"""Characters; a longer text is refused, so that nobody makes us hash megabytes."""

_hasher = PasswordHasher()
"""The library's defaults: RFC 9106's second recommendation (argon2id, 3 passes over 64 MiB)."""


def hash_password(password: str) -> str:
    """Hash a new password, in argon2's encoded form with its own salt and parameters.

    Raises:
        ValueError: when the password is shorter than ``SHORTEST`` or longer than ``LONGEST`` characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"a password has {SHORTEST} to {LONGEST} characters")
    return _hasher.hash(prepared(password).encode())


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether the password is the one that was hashed; ``stored=None`` is an unknown account.

    An unknown account costs as much as a known one, so that time does not tell which accounts exist.
    """
    known = stored if stored and len(password) <= LONGEST else None
    try:
        right = _hasher.verify(known or _nobody(), prepared(password[:LONGEST]).encode())
    except (VerificationError, InvalidHashError):
        return False
    return known is not None and right


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with weaker parameters than today's; hash again after the next sign-in."""
    return _hasher.check_needs_rehash(stored)


def prepared(password: str) -> str:
    """Give the one form of what different input methods write alike (NIST SP 800-63B §5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobody() -> str:
    return _hasher.hash(os.urandom(16))
