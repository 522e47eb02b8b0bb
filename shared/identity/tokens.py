"""Access tokens: intake signs for fifteen minutes who someone is; every service checks by the public key."""

from __future__ import annotations

import binascii
import hashlib
import hmac
import math
import threading
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.identity.principal import Post, Principal
from shared.identity.signing import BadSignature, Signer, verify

LIFETIME = timedelta(minutes=15)
SKEW = timedelta(seconds=60)
"""How far ahead the signer's clock may be of ours."""
ISSUER = "aid"
CACHED = 4096
LONGEST = 8192
"""Characters of a token at most; a token with fifty posts has under 6,000."""


class InvalidToken(Exception):
    """A token that proves nothing: forged, expired, of another district, or not a token (HTTP 401)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenKeys(Protocol):
    """The keys tokens need; the keyring of ``shared.sealing`` is one."""

    @property
    def district(self) -> str:
        """The code of the district the keys were made for: the audience of its tokens."""

    def token_signer(self) -> Signer:
        """Give the key that signs now; raises where this service may not sign."""

    def token_verifying_key(self, kid: str) -> Ed25519PublicKey | None:
        """Give the public key of a key id, or ``None``."""


class Tokens:
    """Signs (where the private key is: intake) and verifies (everywhere) the tokens of one district.

    Verified tokens are kept by their text until they expire, at most ``CACHED`` of them, because the same
    cookie comes with every click and a signature costs fifty times a look-up.
    """

    def __init__(self, keys: TokenKeys) -> None:
        self._keys = keys
        self._verified: OrderedDict[str, tuple[Principal, float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def sign(self, principal: Principal, now: datetime, *, until: datetime | None = None) -> str:
        """Make a token for the principal, good for ``LIFETIME`` from ``now`` (aware), or ``until`` a moment before."""
        signer = self._keys.token_signer()
        # Milliseconds, as NumericDate allows: a token renewed within the second in which its holder's posts
        # changed must count as newer than the change.
        issued = _milliseconds(now)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": self._keys.district,
            "sub": principal.staff,
            "sid": principal.session,
            "iat": issued,
            "exp": min(issued + LIFETIME.total_seconds(), until.timestamp() if until else math.inf),
            "posts": [_written(post) for post in principal.posts],
        }
        if principal.acting_for is not None:
            claims["acting_for"] = principal.acting_for
        if principal.scope is not None:
            claims["scope"] = principal.scope
        return signer.sign(orjson.dumps(claims)).decode()

    def verify(self, token: str, now: datetime) -> Principal:
        """Check signature, key id, issuer, audience and time, and give the principal.

        Raises:
            InvalidToken: naming what is wrong, for logs; the reason holds nothing of the token.
        """
        moment = now.timestamp()
        with self._lock:
            known = self._verified.get(token)
            if known is not None:
                self._verified.move_to_end(token)
        if known is None or self._keys.token_verifying_key(known[2]) is None:
            known = self._check(token, moment)
            with self._lock:
                self._verified[token] = known
                if len(self._verified) > CACHED:
                    self._verified.popitem(last=False)
        principal, expires, _ = known
        if moment >= expires:
            with self._lock:
                self._verified.pop(token, None)
            raise InvalidToken("expired")
        return principal

    def _check(self, token: str, moment: float) -> tuple[Principal, float, str]:
        if len(token) > LONGEST:
            raise InvalidToken("too long")
        try:
            payload, kid = verify(token, self._keys.token_verifying_key)
            claims = orjson.loads(payload)
        except BadSignature as error:
            raise InvalidToken(str(error)) from error
        except orjson.JSONDecodeError as error:
            raise InvalidToken("no claims") from error
        try:
            principal, expires = _read(claims, issuer=ISSUER, audience=self._keys.district, moment=moment)
        except (KeyError, TypeError, AttributeError, OverflowError, ValueError) as error:
            raise InvalidToken("claims are missing or of another shape") from error
        return principal, expires, kid


def _read(claims: dict[str, Any], *, issuer: str, audience: str, moment: float) -> tuple[Principal, float]:
    if claims["iss"] != issuer:
        raise InvalidToken("another issuer")
    if claims["aud"] != audience:
        raise InvalidToken("another district")
    issued, expires = float(claims["iat"]), float(claims["exp"])
    if moment >= expires:
        raise InvalidToken("expired")
    if issued > moment + SKEW.total_seconds():
        raise InvalidToken("issued in the future")
    principal = Principal(
        staff=_text(claims["sub"]),
        session=_text(claims["sid"]),
        posts=tuple(_post(post) for post in claims["posts"]),
        acting_for=_optional(claims.get("acting_for")),
        scope=_optional(claims.get("scope")),
        issued_at=datetime.fromtimestamp(issued, UTC),
    )
    return principal, expires


def _post(claim: dict[str, Any]) -> Post:
    return Post(_text(claim["role"]), _optional(claim.get("agency")), _optional(claim.get("unit")))


def _text(claim: object) -> str:
    if not isinstance(claim, str) or not claim:
        raise TypeError("a claim must be a text")
    return claim


def _optional(claim: object) -> str | None:
    return None if claim is None else _text(claim)


def _written(post: Post) -> dict[str, str]:
    values = {"role": post.role, "agency": post.agency, "unit": post.unit}
    return {name: str(value) for name, value in values.items() if value is not None}


def _milliseconds(moment: datetime) -> float:
    return int(moment.timestamp() * 1000) / 1000


def csrf(session: str) -> str:
    """Derive the CSRF token of a session: 32 URL-safe characters, checkable in any service.

    The session id is the key: it stands only in the signed token, which scripts and other sites cannot read.
    """
    digest = hmac.digest(session.encode(), b"aid form token, version 1", hashlib.sha256)
    return binascii.b2a_base64(digest[:24], newline=False).decode().translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def csrf_matches(session: str, given: str | None) -> bool:
    """Tell in constant time whether a form carried its session's CSRF token."""
    return given is not None and hmac.compare_digest(csrf(session).encode(), given.encode())
