"""The parts of compact JOSE texts: base64url without padding (RFC 7515 §2) and JSON headers, strictly read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

_TO_PLAIN = bytes.maketrans(b"-_+/=", b"+/***")
"""To the alphabet that ``binascii`` reads; the signs of that alphabet alone, and padding, become no letter at all."""
_PADDING: Mapping[int, bytes] = {0: b"", 2: b"==", 3: b"="}
_LAST: Mapping[int, bytes] = {2: b"AQgw", 3: b"AEIMQUYcgkosw048"}
"""What a text may end with whose last letter holds spare bits: those in which they are zero."""


def encode(raw: bytes) -> bytes:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def decode(part: bytes) -> bytes:
    """Read what ``encode`` writes; every value has exactly one text that is accepted.

    Raises:
        ValueError: for padding, letters of another alphabet, or spare bits that are set.
    """
    over = len(part) % 4
    if over and (over == 1 or part[-1] not in _LAST[over]):
        raise ValueError("not base64url")
    return binascii.a2b_base64(part.translate(_TO_PLAIN) + _PADDING[over], strict_mode=True)


def read_header(part: bytes) -> dict[str, Any]:
    """Read a protected header.

    Raises:
        ValueError: when it is not base64url of a JSON object.
    """
    header = orjson.loads(decode(part))
    if not isinstance(header, dict):
        raise ValueError("the header is no object")  # noqa: TRY004 - one error for all that is malformed
    return header
