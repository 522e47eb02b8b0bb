"""The one profile of encryption: compact JWE, ECDH-ES over X25519, A256GCM (RFC 7516, RFC 7518 §4.6, RFC 8037)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.compact import decode, encode, read_header

MANAGEMENT = "ECDH-ES"
ENCRYPTION = "A256GCM"
KEY_BITS = 256
NONCE_BYTES = 12
TAG_BYTES = 16
LONGEST = 65_536
"""Letters of a token at most."""
_ALLOWED = {"alg", "enc", "kid", "cty", "typ", "epk"}


class NotSealed(Exception):
    """A text is not a JWE of this profile."""


class Changed(Exception):
    """A JWE was changed, or encrypted to another key than it names."""


def other_info(algorithm: str, bits: int, *, party_u: bytes = b"", party_v: bytes = b"") -> bytes:
    """Write what a derived key is bound to: what it is for, for whom, and its length (RFC 7518 §4.6.2)."""
    named = (algorithm.encode(), party_u, party_v)
    return b"".join(len(part).to_bytes(4) + part for part in named) + bits.to_bytes(4)


def concat_kdf(secret: bytes, info: bytes) -> bytes:
    """Derive 32 bytes from an agreed secret: the one round of Concat KDF that a key of at most 256 bits takes."""
    return hashlib.sha256(_FIRST_ROUND + secret + info).digest()


_FIRST_ROUND = (1).to_bytes(4)
_INFO = other_info(ENCRYPTION, KEY_BITS)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A public key ready to encrypt to; ``head`` is its header as far as the ephemeral key."""

    head: bytes
    key: X25519PublicKey

    @classmethod
    def named(cls, kid: str, key: X25519PublicKey) -> Receiver:
        """Make the receiver whose header is ``{alg, enc, kid, cty, epk}``."""
        header = {"alg": MANAGEMENT, "enc": ENCRYPTION, "kid": kid, "cty": "JWT"}
        before, after = orjson.dumps(header | {"epk": {"kty": "OKP", "crv": "X25519", "x": ""}}), _AFTER_X
        return cls(before.removesuffix(after), key)

    def encrypt(self, plain: bytes) -> str:
        """Encrypt a signed token into a compact JWE, each time with a new ephemeral key and nonce."""
        ephemeral = X25519PrivateKey.generate()
        header = encode(self.head + encode(ephemeral.public_key().public_bytes_raw()) + _AFTER_X)
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(concat_kdf(ephemeral.exchange(self.key), _INFO))
        sealed = cipher.encrypt(nonce, plain, header)
        body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        # Between the two dots is where a wrapped key would stand: with ECDH-ES there is none.
        return b"".join((header, b"..", encode(nonce), b".", encode(body), b".", encode(tag))).decode()


_AFTER_X = b'"}}'


def start_of(kid: str) -> str:
    """Give how every JWE of ours to the key of this id begins, as far as that is the same for all of them."""
    # Three bytes make four letters: the last one or two of the id stand in letters that depend on what follows.
    head = orjson.dumps({"alg": MANAGEMENT, "enc": ENCRYPTION, "kid": kid}).removesuffix(b'"}')
    return encode(head[: len(head) // 3 * 3]).decode()


def decrypt(token: str, find: Callable[[str], X25519PrivateKey]) -> bytes:
    """Decrypt a compact JWE; ``find`` gives the private key of a key id, or raises what its caller expects.

    The header holds ``alg``, ``enc``, ``kid``, ``epk``, and at most ``typ`` and ``cty``: no ``zip``, ``crit``,
    ``apu`` and no other key that a sender might bring along.

    Raises:
        NotSealed: when the text is not of the profile.
        Changed: when it does not decrypt.
    """
    if len(token) > LONGEST:
        raise NotSealed("longer than any sealed text of ours")
    try:
        head, wrapped_key, *parts = token.encode("ascii").split(b".")
        nonce, body, tag = map(decode, parts)
        header = read_header(head)
        kid, ephemeral = _profile(header)
    except ValueError as error:
        raise NotSealed("not a sealed text of our profile") from error
    # Together with the tag the body is one text to the cipher: lengths are held fast, so that none can be shifted.
    if wrapped_key or len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES:
        raise NotSealed("its parts are not of our profile")
    private = find(kid)
    try:
        agreed = private.exchange(ephemeral)
    except ValueError as error:
        raise NotSealed("the ephemeral key is one of the few with which anybody would agree") from error
    try:
        return AESGCM(concat_kdf(agreed, _INFO)).decrypt(nonce, body + tag, head)
    except InvalidTag as error:
        raise Changed("the ciphertext or its header was changed") from error


class _Found(Exception):
    """Everything outside the ciphertext is of the profile."""


def looks_sealed(token: str) -> bool:
    """Tell whether a text is a JWE of this profile, as far as that shows from outside: nothing is decrypted."""

    def stop(_kid: str) -> X25519PrivateKey:
        raise _Found

    try:
        decrypt(token, stop)
    except _Found:
        return True
    except NotSealed:
        return False
    return True


def _profile(header: dict[str, Any]) -> tuple[str, X25519PublicKey]:
    right = header.get("alg") == MANAGEMENT and header.get("enc") == ENCRYPTION
    kid, ephemeral = header.get("kid"), header.get("epk")
    if not right or header.keys() - _ALLOWED or not isinstance(kid, str) or not isinstance(ephemeral, dict):
        raise ValueError("the header is not of our profile")
    x = ephemeral.get("x")
    public = ephemeral.get("kty") == "OKP" and ephemeral.get("crv") == "X25519" and "d" not in ephemeral
    if not public or not isinstance(x, str):
        raise ValueError("the ephemeral key is not of our profile")
    return kid, X25519PublicKey.from_public_bytes(decode(x.encode("ascii")))
