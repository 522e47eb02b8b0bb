"""Every way of forging a sealed packet that we know of, as a table: what it is called → how it is made, and refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwe
from joserfc.jwk import OKPKey

from shared.identity.signing import Signer
from shared.sealing import Keyring, Use
from tests.builders import Installation

LEG = "019aae10-4c00-7b3e-9d51-2f6c8a7e4b01"
OTHER_LEG = "019aae10-4c00-7b3e-9d51-2f6c8a7e4b02"
WORDS = "李秀英说的话"

ROADS: Mapping[str, tuple[str, str]] = {
    "packet": ("intake", "civil-affairs"),
    "badge": ("intake", "civil-affairs"),
    "message": ("intake", "civil-affairs"),
    "slip": ("intake", "civil-affairs"),
    "contact": ("intake", "notifications"),
    "answer": ("civil-affairs", "intake"),
    "internal": ("civil-affairs", "civil-affairs"),
}
"""Kind → sender, receiver. A kind that is not here fails its test."""
HOLDERS = {"intake": "intake", "notifications": "notifications"}
"""Which service holds the key of a receiver; of agencies referrals does."""


@dataclass(frozen=True)
class Bench:
    """Everything somebody inside may have: the keys of all services, and right packets."""

    installation: Installation
    kind: str

    @property
    def now(self) -> datetime:
        """The time."""
        return self.installation.clock.now()

    @property
    def sender(self) -> str:
        """Who sends packets of this kind."""
        return ROADS[self.kind][0]

    @property
    def receiver(self) -> str:
        """Whom packets of this kind are for."""
        return ROADS[self.kind][1]

    def keyring(self, party: str) -> Keyring:
        """Give the keyring of the service that acts for a party."""
        return self.installation.keyring(HOLDERS.get(party, "referrals"))

    def sealed(self, **changes: Any) -> str:
        """Seal a right packet, or one that differs in what is named."""
        facts = {
            "receiver": self.receiver,
            "sender": self.sender,
            "subject": LEG,
            "kind": self.kind,
        } | changes
        return self.keyring(facts["sender"]).seal(**facts, body={"words": WORDS}, now=self.now)

    def opened(self, token: str) -> Any:
        """Open a packet as its receiver does."""
        return self.keyring(self.receiver).open(token, self.receiver, self.kind, LEG, sender=self.sender)

    def flipped(self, part: int) -> str:
        """Flip one bit in the middle of a part."""
        parts = self.sealed().split(".")
        raw = bytearray(base64.urlsafe_b64decode(parts[part] + "=="))
        raw[len(raw) // 2] ^= 1
        parts[part] = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
        return ".".join(parts)

    def made(self, claims: Mapping[str, Any], signer: Signer | None = None, **header: Any) -> str:
        """Seal claims with the receiver's public key, signed by the sender unless another signer is given."""
        signer = signer or self.keyring(self.sender)._having(
            lambda ring: ring.signer(Use.PACKET_SIGNING, self.sender)
        )
        key = self.keyring(self.receiver)._having(
            lambda ring: ring.current(Use.PACKET_RECEIVING, self.receiver)
        )
        found = self.keyring(self.receiver)._having(lambda ring: ring.opening(key.kid))
        assert found is not None
        public = OKPKey.import_key(found.private.public_key())
        head = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key.kid, "cty": "JWT"} | header
        return jwe.encrypt_compact(
            head, signer.sign(json.dumps(claims).encode()), public, ["ECDH-ES", "A256GCM", "DEF"]
        )

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Give right claims with these changed."""
        district = self.installation.district.code
        return {
            "iss": f"aid/{district}/{self.sender}",
            "aud": self.receiver,
            "sub": LEG,
            "jti": "j",
            "iat": int(self.now.timestamp()),
            "rev": 1,
            "kind": self.kind,
            "body": {"words": WORDS},
        } | changes

    def by(self, sender: str) -> Signer:
        """Give the signing key of another party of the installation."""
        return self.keyring(sender)._having(lambda ring: ring.signer(Use.PACKET_SIGNING, sender))


FORGERIES: Mapping[str, Callable[[Bench], str]] = {
    "a bit flipped in the header": lambda bench: bench.flipped(0),
    "a bit flipped in the nonce": lambda bench: bench.flipped(2),
    "a bit flipped in the ciphertext": lambda bench: bench.flipped(3),
    "a bit flipped in the tag": lambda bench: bench.flipped(4),
    "cut off": lambda bench: bench.sealed()[:-30],
    "without its last part": lambda bench: bench.sealed().rpartition(".")[0],
    "replayed for another leg": lambda bench: bench.sealed(subject=OTHER_LEG),
    "signed by a stranger": lambda bench: bench.made(
        bench.claims(), Signer.named(bench.by(bench.sender).head.decode(), Ed25519PrivateKey.generate())
    ),
    "signed by a stranger under the sender's key id": lambda bench: bench.made(
        bench.claims(), Signer(bench.by(bench.sender).head, Ed25519PrivateKey.generate())
    ),
    "signed by another agency": lambda bench: bench.made(bench.claims(), bench.by("health")),
    "signed by another agency in its own name": lambda bench: bench.made(
        bench.claims(iss=f"aid/{bench.installation.district.code}/health"), bench.by("health")
    ),
    "of another district": lambda bench: bench.made(bench.claims(iss=f"aid/141002/{bench.sender}")),
    "addressed to another": lambda bench: bench.made(bench.claims(aud="health")),
    "of another kind": lambda bench: bench.made(bench.claims(kind="none")),
    "without a body": lambda bench: bench.made(
        {name: claim for name, claim in bench.claims().items() if name != "body"}
    ),
    "packed, to burst when it is opened": lambda bench: bench.made(bench.claims(), zip="DEF"),
    "far too long": lambda bench: bench.sealed() + "A" * 100_000,
    "a token in its place": lambda bench: (
        bench.installation.keyring("intake").token_signer().sign(b"{}").decode()
    ),
    "nothing": lambda _: "",
}
