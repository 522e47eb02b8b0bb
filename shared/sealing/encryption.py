"""The one profile of encryption: compact JWE, ECDH-ES over X25519, A256GCM (RFC 7516, RFC 7518 §4.6, RFC 8037)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from joserfc import jwe
from joserfc.errors import DecodeError, JoseError
from joserfc.jwa import JWEAlgModel, JWEEncModel
from joserfc.jwk import GuestProtocol, OKPKey
from joserfc.registry import Header

MANAGEMENT = "ECDH-ES"
ENCRYPTION = "A256GCM"
_HEADER = {"alg", "enc", "kid", "cty", "typ", "epk"}


class NotSealed(Exception):
    """A text is not a JWE of this profile."""


class Changed(Exception):
    """A JWE was changed, or encrypted to another key than it names."""


def encrypt(plain: str, key: OKPKey, kid: str) -> str:
    """Encrypt a signed token to a receiver's public key, as compact JWE with ``cty: JWT``."""
    header: dict[str, Any] = {"alg": MANAGEMENT, "enc": ENCRYPTION, "kid": kid, "cty": "JWT"}
    return jwe.encrypt_compact(header, plain, key, registry=_PROFILE)


def decrypt(token: str, find: Callable[[str], OKPKey]) -> bytes:
    """Decrypt a compact JWE; ``find`` gives the private key of a key id, or raises what its caller expects.

    Raises:
        NotSealed: when the text is not of the profile.
        Changed: when it does not decrypt.
    """

    def named(recipient: GuestProtocol) -> OKPKey:
        kid = recipient.headers().get("kid")
        if not isinstance(kid, str):
            raise NotSealed("the header names no key")
        return find(kid)

    try:
        return jwe.decrypt_compact(token, named, registry=_PROFILE).plaintext or b""
    except DecodeError as error:
        raise Changed("the ciphertext or its header was changed") from error
    except (JoseError, ValueError, TypeError, AttributeError, AssertionError) as error:
        raise NotSealed("not a sealed text of our profile") from error


class _Profile(jwe.JWERegistry):
    """Lets one key management and one encryption through, and only the header fields they need.

    joserfc's own registry copies and walks its tables several times a packet; ours compares the header with
    what this profile is, and so also refuses ``zip``, ``crit``, ``apu`` and other keys a sender brings along.
    """

    def check_header(self, header: Header, check_more: bool = False) -> None:  # noqa: FBT001, FBT002 - joserfc's
        right = header.get("alg") == MANAGEMENT and header.get("enc") == ENCRYPTION
        if not right or header.keys() - _HEADER or (check_more and not isinstance(header.get("epk"), dict)):
            raise ValueError("the header is not of our profile")

    def get_alg(self, name: str) -> JWEAlgModel:
        if name != MANAGEMENT:
            raise ValueError(f"key management {name!r} is not of our profile")
        return self.algorithms["alg"][name]

    def get_enc(self, name: str) -> JWEEncModel:
        if name != ENCRYPTION:
            raise ValueError(f"encryption {name!r} is not of our profile")
        return self.algorithms["enc"][name]


_PROFILE = _Profile(algorithms=[MANAGEMENT, ENCRYPTION])
