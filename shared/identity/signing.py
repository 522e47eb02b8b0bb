"""The one profile of signatures: compact JWS, EdDSA over Ed25519, with a key id (RFC 7515, RFC 8037)."""

from __future__ import annotations

from collections.abc import Callable

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import OKPKey
from joserfc.registry import Header

ALGORITHM = "EdDSA"
_ALLOWED = {"alg", "kid", "typ", "cty"}


class BadSignature(Exception):
    """A signed text is malformed, of another algorithm, of an unknown key, or was changed."""


class _Profile(jws.JWSRegistry):
    """Lets one algorithm and four header fields through.

    joserfc's own registry copies and walks its table of twelve fields for every token; ours says what
    this profile is in one comparison, and so also refuses what we never write: ``crit``, ``jwk``, ``x5u``.
    """

    def check_header(self, header: Header) -> None:
        right = header.get("alg") == ALGORITHM and isinstance(header.get("kid"), str)
        if not right or header.keys() - _ALLOWED:
            raise BadSignature("the header is not of our profile")

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != ALGORITHM:
            raise BadSignature(f"algorithm {name!r} is not allowed")
        # RFC 9864 renames EdDSA over Ed25519 to "Ed25519" and joserfc warns on every use of the old name;
        # partners' libraries know the old one, and the signature is the same.
        return self.algorithms[ALGORITHM]


_PROFILE = _Profile(algorithms=[ALGORITHM])


def sign(payload: bytes, key: OKPKey, kid: str) -> str:
    """Sign ``payload`` into a compact JWS with header ``{alg, kid}``."""
    return jws.serialize_compact({"alg": ALGORITHM, "kid": kid}, payload, key, registry=_PROFILE)


def verify(token: str | bytes, find: Callable[[str], OKPKey | None]) -> tuple[bytes, str]:
    """Check a compact JWS and give its payload and key id.

    ``find`` gives the public Ed25519 key of a key id, or ``None`` when it is unknown or may not sign this.

    Raises:
        BadSignature: when the token is not exactly of the profile, or the signature is wrong.
    """
    try:
        signed = jws.extract_compact(token if isinstance(token, bytes) else token.encode())
        header = signed.headers()
        _PROFILE.check_header(header)
        kid: str = header["kid"]
        key = find(kid)
        if key is None:
            raise BadSignature("the signing key is unknown")
        if not jws.validate_compact(signed, key, registry=_PROFILE):
            raise BadSignature("the signature is wrong")
    except (JoseError, ValueError, TypeError, AttributeError) as error:
        raise BadSignature("not a signed text") from error
    return signed.payload, kid
