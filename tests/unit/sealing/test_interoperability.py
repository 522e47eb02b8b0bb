"""What an outside system needs to open a packet: any JOSE library, or sixty lines on cryptography."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe, jws
from joserfc.jwk import OKPKey

from shared.sealing import Keyring, Use
from tests.unit.sealing.conftest import LEG, Installation, as_joserfc

Seal = Callable[..., str]


@pytest.fixture
def sender_key(intake: Keyring) -> OKPKey:
    """Intake's public signing key, as it is given to partners."""
    _, key = as_joserfc(intake, Use.PACKET_SIGNING, "intake")
    return OKPKey.import_key(key.as_dict(private=False))


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_plain_joserfc_opens_it(sealed: Seal, installation: Installation, sender_key: OKPKey) -> None:
    outer = jwe.decrypt_compact(sealed(receiver="housing"), installation.outside_key)
    inner = jws.deserialize_compact(outer.plaintext or b"", sender_key, algorithms=["EdDSA"])

    assert outer.protected["kid"] == installation.outside_key.thumbprint()
    assert outer.protected["cty"] == "JWT"
    assert inner.headers() == {"alg": "EdDSA", "kid": sender_key.thumbprint()}
    claims = json.loads(inner.payload)
    assert claims.keys() == {"iss", "aud", "sub", "jti", "iat", "rev", "kind", "body"}
    assert claims["iss"] == "aid/530103/intake"
    assert (claims["aud"], claims["sub"], claims["kind"]) == ("housing", LEG, "packet")


def by_hand(token: str, private: X25519PrivateKey, sender: Ed25519PublicKey) -> dict[str, Any]:
    """Open a packet with cryptography alone: RFC 7516, RFC 7518 §4.6 and RFC 8037, step by step."""
    header_part, encrypted_key, iv, ciphertext, tag = token.split(".")
    header = json.loads(decoded(header_part))
    assert header["alg"] == "ECDH-ES"
    assert header["enc"] == "A256GCM"
    assert encrypted_key == ""
    shared_secret = private.exchange(X25519PublicKey.from_public_bytes(decoded(header["epk"]["x"])))
    algorithm = b"A256GCM"
    other_info = (
        len(algorithm).to_bytes(4, "big") + algorithm + bytes(4) + bytes(4) + (256).to_bytes(4, "big")
    )
    key = hashlib.sha256((1).to_bytes(4, "big") + shared_secret + other_info).digest()
    signed = (
        AESGCM(key).decrypt(decoded(iv), decoded(ciphertext) + decoded(tag), header_part.encode()).decode()
    )
    signing_input, _, signature = signed.rpartition(".")
    sender.verify(decoded(signature), signing_input.encode())
    claims: dict[str, Any] = json.loads(decoded(signing_input.split(".")[1]))
    return claims


def test_cryptography_alone_opens_it(sealed: Seal, installation: Installation, sender_key: OKPKey) -> None:
    private, public = installation.outside_key.private_key, sender_key.public_key
    assert isinstance(private, X25519PrivateKey)
    assert isinstance(public, Ed25519PublicKey)

    claims = by_hand(sealed(receiver="housing", body={"note": "房屋"}), private, public)

    assert claims["body"] == {"note": "房屋"}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_what_plain_joserfc_seals_we_open(referrals: Keyring, intake: Keyring) -> None:
    kid, signing = as_joserfc(referrals, Use.PACKET_SIGNING, "health")
    receiving_kid, receiving = as_joserfc(referrals, Use.PACKET_RECEIVING, "intake")
    claims = {"iss": "aid/530103/health", "aud": "intake", "sub": LEG, "jti": "1", "iat": 1_790_000_000}
    payload = json.dumps(claims | {"rev": 1, "kind": "answer", "body": {"action": "accept"}})
    signed = jws.serialize_compact({"alg": "EdDSA", "kid": kid, "typ": "JWT"}, payload, signing, ["EdDSA"])
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": receiving_kid, "cty": "JWT"}
    token = jwe.encrypt_compact(header, signed, receiving)

    assert intake.open(token, "intake", "answer", LEG, sender="health").body == {"action": "accept"}
