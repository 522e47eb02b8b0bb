"""Sealed packets: signed by the sender (JWS), then encrypted to the receiver (JWE)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared import ids
from shared.identity.signing import BadSignature, verify
from shared.sealing.encryption import Changed, NotSealed, decrypt
from shared.sealing.errors import CannotOpen, CannotSeal
from shared.sealing.keys import Use
from shared.sealing.ring import Ring

INTAKE = "intake"
NOTIFICATIONS = "notifications"
RESERVED = frozenset({INTAKE, NOTIFICATIONS})
AGENCY = "an agency"
ITSELF = "itself"

KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "packet": (INTAKE, AGENCY),
        "badge": (INTAKE, AGENCY),
        "contact": (INTAKE, NOTIFICATIONS),
        "answer": (AGENCY, INTAKE),
        # Short words from the help desk to an agency's, and what an agency keeps for its own leader.
        "message": (INTAKE, AGENCY),
        # The scan of what an agency answered on paper, as the help desk took it in.
        "slip": (INTAKE, AGENCY),
        "internal": (AGENCY, ITSELF),
    }
)
"""Kind → who may send it, to whom."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "malformed": "not a packet of our format",
        "no-key": "sealed to a key this service does not hold the private part of",
        "wrong-receiver": "sealed to, or addressed to, somebody else",
        "changed": "the ciphertext or its header was changed",
        "bad-signature": "not signed by a sender we know",
        "wrong-sender": "signed by somebody who may not send this",
        "wrong-subject": "about another leg or person",
        "wrong-kind": "of another kind",
    }
)
"""Why a packet may be refused: the reasons ``CannotOpen`` carries."""

LARGEST = 32_000
"""Bytes of claims at most: after base64 twice still below the 64 KiB that we and others accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a packet said, after every check; ``kid`` is the signing key of ``sender``."""

    body: Mapping[str, Any]
    sender: str
    rev: int
    iat: datetime
    jti: str
    kid: str


def _fits(role: str, party: str) -> bool:
    return party == role if role in RESERVED else party not in RESERVED


def issuer(district: str, sender: str) -> str:
    """Write the ``iss`` claim of a sender: ``aid/530103/intake``."""
    return f"aid/{district}/{sender}"


def seal(
    ring: Ring,
    *,
    receiver: str,
    sender: str,
    subject: str,
    kind: str,
    body: Mapping[str, Any],
    rev: int,
    now: datetime,
) -> str:
    """Sign and encrypt ``body``; see ``Keyring.seal``."""
    senders, receivers = KINDS[kind]
    right = receiver == sender if receivers == ITSELF else _fits(receivers, receiver)
    if not (right and _fits(senders, sender)):
        raise CannotSeal(f"a {kind} goes from {senders} to {receivers}, not from {sender} to {receiver}")
    claims = orjson.dumps(
        {
            "iss": issuer(ring.district, sender),
            "aud": receiver,
            "sub": subject,
            "jti": ids.new(),
            "iat": int(now.timestamp()),
            "rev": rev,
            "kind": kind,
            "body": body,
        }
    )
    if len(claims) > LARGEST:
        raise CannotSeal(f"a {kind} of {len(claims)} bytes is too large; at most {LARGEST}")
    return ring.receiver(receiver).encrypt(ring.signer(Use.PACKET_SIGNING, sender).sign(claims))


def open_packet(
    ring: Ring, token: str, *, receiver: str, kind: str, subject: str, sender: str | None
) -> Claims:
    """Decrypt and check everything; see ``Keyring.open``."""
    payload, kid = _verified(ring, _decrypted(ring, token, receiver))
    found = ring.verifying(kid, Use.PACKET_SIGNING)
    signer = found.key.owner if found else ""
    try:
        claims = orjson.loads(payload)
        expected = {
            "wrong-receiver": claims["aud"] == receiver,
            "wrong-sender": claims["iss"] == issuer(ring.district, signer)
            and _fits(KINDS[kind][0], signer)
            and sender in {None, signer}
            and (KINDS[kind][1] != ITSELF or signer == receiver),
            "wrong-subject": claims["sub"] == subject,
            "wrong-kind": claims["kind"] == kind,
        }
        opened = Claims(
            body=claims["body"],
            sender=signer,
            rev=int(claims["rev"]),
            iat=datetime.fromtimestamp(claims["iat"], UTC),
            jti=claims["jti"],
            kid=kid,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise CannotOpen("malformed") from error
    for reason, holds in expected.items():
        if not holds:
            raise CannotOpen(reason)
    return opened


def readdress(ring: Ring, token: str, receiver: str) -> str:
    """Encrypt a packet to the receiver's present key; what its sender signed stays as it is. Raises ``CannotOpen``."""
    return ring.receiver(receiver).encrypt(_decrypted(ring, token, receiver))


def _decrypted(ring: Ring, token: str, receiver: str) -> bytes:
    def find(kid: str) -> X25519PrivateKey:
        found = ring.opening(kid)
        if found is None:
            raise CannotOpen("no-key")
        if found.key.owner != receiver:
            raise CannotOpen("wrong-receiver")
        return found.private

    try:
        return decrypt(token, find)
    except Changed as error:
        raise CannotOpen("changed") from error
    except NotSealed as error:
        raise CannotOpen("malformed") from error


def _verified(ring: Ring, signed: bytes) -> tuple[bytes, str]:
    def find(kid: str) -> Ed25519PublicKey | None:
        found = ring.verifying(kid, Use.PACKET_SIGNING)
        return found.public if found else None

    try:
        return verify(signed, find)
    except BadSignature as error:
        raise CannotOpen("bad-signature") from error
