"""Receipt codes: twelve letters a person can copy by hand, the same again for the same request."""

from __future__ import annotations

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U."""
LENGTH = 12
_GROUP = 4
_MISREAD = str.maketrans("OILU", "011V")


def code_of(secret: bytes, request_id: str) -> str:
    """Give ``XXXX-XXXX-XXXX``: the first 60 bits of HMAC-SHA256(secret, request id) in Crockford base32."""
    number = int.from_bytes(hmac.digest(secret, request_id.encode(), hashlib.sha256)[:8]) >> 4
    letters = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return "-".join(letters[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def canonical(code: str) -> str:
    """Bring a code as typed (small letters, O for 0, spaces) into its twelve letters."""
    return "".join(letter for letter in code.upper() if letter.isalnum()).translate(_MISREAD)
