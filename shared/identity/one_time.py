"""One-time codes from a telephone (TOTP, RFC 6238) and the codes on paper for when it is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import unicodedata
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS, SECONDS = 6, 30
"""What every authenticator app takes; with others many of them show wrong codes."""
SECRET_BYTES = 20
DRIFT = 1
"""Steps by which the telephone's clock may be off, either way."""
RECOVERY_CODES, RECOVERY_BYTES = 10, 10
_GROUP = 4


def new_secret() -> bytes:
    """Draw a secret."""
    return os.urandom(SECRET_BYTES)


def as_typed(secret: bytes) -> str:
    """Write a secret as it is typed into an app: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, account: str, issuer: str) -> str:
    """Give the ``otpauth:`` address that an app reads from a picture."""
    return _codes(secret).get_provisioning_uri(account, issuer)


def matching_step(secret: bytes, code: str, now: datetime, *, after: int) -> int | None:
    """Give the step of time (30 seconds each) to which a code belongs; None if it is wrong or was used.

    ``after`` is the last step whose code was used: neither it nor an earlier one counts again (RFC 6238 §5.2).
    """
    given, present = tidy(code).encode(), int(now.timestamp()) // SECONDS
    codes = _codes(secret)
    found = None
    for step in range(max(0, present - DRIFT), present + DRIFT + 1):
        if hmac.compare_digest(codes.generate(step * SECONDS), given) and step > after:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Draw codes to be kept on paper, each good once: ``XXXX-XXXX-XXXX-XXXX``."""
    return [_grouped(as_typed(secrets.token_bytes(RECOVERY_BYTES))) for _ in range(RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """Give what is kept of a recovery code; 80 bits are drawn, so that no slow hash is needed."""
    return hashlib.sha256(tidy(code).encode()).hexdigest()


def tidy(code: str) -> str:
    """Bring a code into the form in which it is compared: however it is spaced, in either case or width."""
    text = unicodedata.normalize("NFKC", code).upper()
    return "".join(sign for sign in text if sign.isalnum())


def _codes(secret: bytes) -> TOTP:
    # SHA-1 is what apps take when told nothing else; a collision in it would forge no HMAC.
    return TOTP(secret, DIGITS, SHA1(), SECONDS)  # nosec B303 # noqa: S303


def _grouped(text: str) -> str:
    return "-".join(text[place : place + _GROUP] for place in range(0, len(text), _GROUP))
