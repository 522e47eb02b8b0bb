"""The one profile of signatures: compact JWS, EdDSA over Ed25519, with a key id (RFC 7515, RFC 8037)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.identity.compact import decode, encode, read_header

# RFC 9864 renames EdDSA over Ed25519 to "Ed25519"; partners' libraries know the old name, and the signature is
# the same.
ALGORITHM = "EdDSA"
_ALLOWED = {"alg", "kid", "typ", "cty"}


class BadSignature(Exception):
    """A signed text is malformed, of another algorithm, of an unknown key, or was changed."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key ready to sign; ``head`` is what all its texts begin with: the encoded header and the dot."""

    head: bytes
    key: Ed25519PrivateKey

    @classmethod
    def named(cls, kid: str, key: Ed25519PrivateKey) -> Signer:
        """Make the signer whose header is ``{alg, kid}``."""
        return cls(encode(orjson.dumps({"alg": ALGORITHM, "kid": kid})) + b".", key)

    def sign(self, payload: bytes) -> bytes:
        """Sign ``payload`` into a compact JWS (ASCII)."""
        signed = self.head + encode(payload)
        return signed + b"." + encode(self.key.sign(signed))


def verify(token: str | bytes, find: Callable[[str], Ed25519PublicKey | None]) -> tuple[bytes, str]:
    """Check a compact JWS and give its payload and key id.

    ``find`` gives the public key of a key id, or ``None`` when it is unknown or may not sign this. The header
    holds ``alg``, ``kid``, and at most ``typ`` and ``cty``: never what would change how the text is to be read
    (``crit``, ``b64``) or bring a key along (``jwk``, ``x5u``).

    Raises:
        BadSignature: when the token is not exactly of the profile, or the signature is wrong.
    """
    try:
        text = token if isinstance(token, bytes) else token.encode("ascii")
        header_part, payload_part, signature_part = text.split(b".")
        header = read_header(header_part)
        payload, signature = decode(payload_part), decode(signature_part)
    except ValueError as error:
        raise BadSignature("not a signed text") from error
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str) or header.keys() - _ALLOWED:
        raise BadSignature("the header is not of our profile")
    key = find(kid)
    if key is None:
        raise BadSignature("the signing key is unknown")
    try:
        key.verify(signature, text[: -len(signature_part) - 1])
    except InvalidSignature as error:
        raise BadSignature("the signature is wrong") from error
    return payload, kid
