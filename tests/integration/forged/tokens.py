"""Every way of forging a token that we know of, as a table: what it is called → how it is made."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OctKey

from shared.identity import LIFETIME
from shared.identity.signing import Signer
from shared.sealing import Use
from tests.builders import Installation, a_principal

VICTIM = a_principal("hut")


@dataclass(frozen=True)
class Workshop:
    """What a forger may have: a right token, the public keys, keys of another purpose, and keys of their own."""

    installation: Installation

    @property
    def right(self) -> str:
        """A token that is right."""
        return self.installation.keyring("intake").tokens.sign(VICTIM, self.installation.clock.now())

    @property
    def kid(self) -> str:
        """The id of the key that signs."""
        return str(_read(self.right.split(".")[0])["kid"])

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Give the claims of a right token with these changed."""
        return _read(self.right.split(".")[1]) | changes

    def signed(self, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
        """Sign claims with the right key: what only somebody inside could do."""
        signer = self.installation.keyring("intake").token_signer()
        head = {"alg": "EdDSA", "kid": self.kid} | dict(header or {})
        signing = f"{_written(head)}.{_written(claims)}".encode()
        return f"{signing.decode()}.{_base64(signer.key.sign(signing))}"

    def by_a_stranger(self, header: Mapping[str, Any] | None = None) -> str:
        """Sign right claims with a key of one's own, under a header of one's own."""
        key = Ed25519PrivateKey.generate()
        head = {"alg": "EdDSA", "kid": self.kid} | dict(header or {})
        signing = f"{_written(head)}.{_written(self.claims())}".encode()
        return f"{signing.decode()}.{_base64(key.sign(signing))}"

    def unsigned(self, algorithm: object) -> str:
        """Leave the signature out and say so."""
        return f"{_written({'alg': algorithm, 'kid': self.kid})}.{_written(self.claims())}."

    def with_the_public_key_as_secret(self) -> str:
        """Take the public key for the secret of a shared one."""
        key = self.installation.keyring("referrals").token_verifying_key(self.kid)
        assert key is not None
        secret = OctKey.import_key(key.public_bytes_raw())
        return jws.serialize_compact({"alg": "HS256", "kid": self.kid}, json.dumps(self.claims()), secret)

    def by_a_key_for_packets(self) -> str:
        """Sign with a key of the installation that is there for something else."""
        keyring = self.installation.keyring("intake")
        sealing: Signer = keyring._having(lambda ring: ring.signer(Use.PACKET_SIGNING, "intake"))
        return sealing.sign(json.dumps(self.claims()).encode()).decode()

    def flipped(self, part: int) -> str:
        """Flip one bit in the middle of a part."""
        parts = self.right.split(".")
        raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
        raw[len(raw) // 2] ^= 1
        parts[part] = _base64(bytes(raw))
        return ".".join(parts)


FORGERIES: Mapping[str, Callable[[Workshop], str]] = {
    "alg none": lambda shop: shop.unsigned("none"),
    "alg NoNe": lambda shop: shop.unsigned("NoNe"),
    "no alg": lambda shop: shop.unsigned(None),
    "the public key as a shared secret": Workshop.with_the_public_key_as_secret,
    "a key of one's own": Workshop.by_a_stranger,
    "a key of one's own, brought along": lambda shop: shop.by_a_stranger({"jwk": {"kty": "OKP", "x": "AA"}}),
    "a key at an address": lambda shop: shop.by_a_stranger({"jku": "https://evil.example/keys"}),
    "a certificate at an address": lambda shop: shop.by_a_stranger({"x5u": "https://evil.example/chain"}),
    "a key id that is a path": lambda shop: shop.by_a_stranger({"kid": "../../../../dev/null"}),
    "a key id that is a query": lambda shop: shop.by_a_stranger({"kid": "' or '1'='1"}),
    "a key id that is no text": lambda shop: shop.by_a_stranger({"kid": ["a"]}),
    "a key for packets": Workshop.by_a_key_for_packets,
    "a critical header, rightly signed": lambda shop: shop.signed(
        shop.claims(), {"crit": ["b64"], "b64": False}
    ),
    "another district's": lambda shop: shop.signed(shop.claims(aud="141002")),
    "another issuer's": lambda shop: shop.signed(shop.claims(iss="evil")),
    "for several districts": lambda shop: shop.signed(shop.claims(aud=["530103", "141002"])),
    "of yesterday": lambda shop: shop.signed(
        shop.claims(
            iat=(shop.installation.clock.now() - timedelta(days=1)).timestamp(),
            exp=(shop.installation.clock.now() - timedelta(days=1) + LIFETIME).timestamp(),
        )
    ),
    "of tomorrow": lambda shop: shop.signed(
        shop.claims(iat=(shop.installation.clock.now() + timedelta(days=1)).timestamp())
    ),
    "without end": lambda shop: shop.signed({**shop.claims(), "exp": None}),
    "of nobody": lambda shop: shop.signed(shop.claims(sub="")),
    "a bit flipped in the header": lambda shop: shop.flipped(0),
    "a bit flipped in the claims": lambda shop: shop.flipped(1),
    "a bit flipped in the signature": lambda shop: shop.flipped(2),
    "cut off": lambda shop: shop.right[:-20],
    "without its last part": lambda shop: shop.right.rpartition(".")[0],
    "twice in a row": lambda shop: f"{shop.right}.{shop.right}",
    "far too long": lambda shop: shop.right + "A" * 7_500,
    "a packet in its place": lambda shop: shop.installation.keyring("intake").seal(
        "civil-affairs", "intake", "leg", "packet", {}, now=shop.installation.clock.now()
    ),
    "no token at all": lambda _: "x",
}


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def _written(value: object) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
