"""The codes that somebody's telephone shows, reckoned beside our own code: RFC 4226 §5.3 and RFC 6238 §4, by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime


def code_at(secret: str, moment: datetime) -> str:
    """Give the six digits that an app with this secret (base32) shows at a moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment.timestamp()) // 30), hashlib.sha1).digest()
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"
