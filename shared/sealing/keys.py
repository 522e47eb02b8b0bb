"""One key, what it is for, and how it is made, stored and read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import Connection

from shared import ids
from shared.identity.compact import decode, encode
from shared.sealing import tables
from shared.sealing.master import MasterKey

SECRET_BYTES = 32
PUBLIC_BYTES = 32


class Use(StrEnum):
    """What a key is for. The owner of each kind stands beside it."""

    TOKEN_SIGNING = "token-signing"  # noqa: S105 - the name of a use; owner: the district, whose tokens it signs
    PACKET_SIGNING = "packet-signing"  # owner: the sender, "intake" or an agency
    PACKET_RECEIVING = "packet-receiving"  # owner: the receiver, "intake", "notifications" or an agency
    FIELD = "field"  # owner: the service
    INDEX = "index"  # owner: "intake" (full HMAC), or the agency (truncated tokens)
    RECEIPT_CODE = "receipt-code"  # owner: "intake"


CURVES: Mapping[Use, str] = {
    Use.TOKEN_SIGNING: "Ed25519",
    Use.PACKET_SIGNING: "Ed25519",
    Use.PACKET_RECEIVING: "X25519",
}
_GENERATORS: Mapping[str, Callable[[], Ed25519PrivateKey | X25519PrivateKey]] = {
    "Ed25519": Ed25519PrivateKey.generate,
    "X25519": X25519PrivateKey.generate,
}
SYMMETRIC: Mapping[Use, str] = {Use.FIELD: "A256GCM", Use.INDEX: "HS256", Use.RECEIPT_CODE: "HS256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key: ``public`` is a JWK (RFC 8037) of asymmetric ones, ``secret`` 32 raw bytes if they are here.

    The id of an asymmetric key is its JWK thumbprint (RFC 7638), which the other side can compute; that of a
    symmetric one is a UUID.
    """

    kid: str
    use: str
    owner: str
    algorithm: str
    public: Mapping[str, str] | None = None
    secret: bytes | None = field(default=None, repr=False)
    created_at: datetime
    retired_at: datetime | None = None

    def public_only(self) -> Key:
        """Give the same key without its secret part."""
        return replace(self, secret=None)


def make(use: Use, owner: str, now: datetime) -> Key:
    """Make a new key for a use and owner."""
    if use in SYMMETRIC:
        secret = os.urandom(SECRET_BYTES)
        return Key(
            kid=ids.new(), use=use, owner=owner, algorithm=SYMMETRIC[use], secret=secret, created_at=now
        )
    pair = _GENERATORS[CURVES[use]]()
    x = encode(pair.public_key().public_bytes_raw()).decode()
    jwk = {"kty": "OKP", "crv": CURVES[use], "x": x}
    return replace(from_public(use, owner, jwk, now), secret=pair.private_bytes_raw())


def from_public(use: Use, owner: str, jwk: Mapping[str, Any], now: datetime) -> Key:
    """Take over the public key that someone outside holds the private part of.

    Raises:
        ValueError: when the JWK is not a public key of the curve this use needs.
    """
    if jwk.get("kty") != "OKP" or jwk.get("crv") != CURVES[use] or "d" in jwk:
        raise ValueError(f"the key of {owner} must be a public OKP key of curve {CURVES[use]} (RFC 8037)")
    public = {"crv": CURVES[use], "kty": "OKP", "x": str(jwk.get("x"))}
    raw = decode(public["x"].encode())
    if len(raw) != PUBLIC_BYTES:
        raise ValueError(f"the x of the key of {owner} must be {PUBLIC_BYTES} bytes in base64url (RFC 8037)")
    if CURVES[use] == "X25519":
        # Of a few points everybody agrees on zeros: nothing could be sealed to them, so they are refused here.
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(raw))
    return Key(
        kid=thumbprint(public), use=use, owner=owner, algorithm=CURVES[use], public=public, created_at=now
    )


def thumbprint(public: Mapping[str, str]) -> str:
    """Give the id that anybody can compute of a public OKP key (RFC 7638, RFC 8037 §2)."""
    required = {name: public[name] for name in ("crv", "kty", "x")}
    return encode(hashlib.sha256(orjson.dumps(required)).digest()).decode()


def read(connection: Connection, master: MasterKey) -> list[Key]:
    """Read and unwrap every key of a database, oldest first.

    Raises:
        MasterKeyError: when a secret part was wrapped by another master key or was changed.
    """
    return [_from_row(row, master) for row in connection.execute(_READ)]


_READ = sa.select(tables.keys).order_by(tables.keys.c.created_at, tables.keys.c.kid)


def _from_row(row: sa.Row[Any], master: MasterKey) -> Key:
    wrapped = row.private_wrapped
    return Key(
        kid=row.kid,
        use=row.use,
        owner=row.owner,
        algorithm=row.algorithm,
        public=row.public,
        secret=None if wrapped is None else master.unwrap(row.kid, wrapped),
        created_at=row.created_at,
        retired_at=row.retired_at,
    )


def store(connection: Connection, master: MasterKey, keys: Iterable[Key]) -> None:
    """Insert keys, their secret parts wrapped."""
    rows = [
        {
            "kid": key.kid,
            "use": str(key.use),
            "owner": key.owner,
            "algorithm": key.algorithm,
            "public": None if key.public is None else dict(key.public),
            "private_wrapped": None if key.secret is None else master.wrap(key.kid, key.secret),
            "created_at": key.created_at,
            "retired_at": key.retired_at,
        }
        for key in keys
    ]
    if rows:
        connection.execute(tables.keys.insert(), rows)
