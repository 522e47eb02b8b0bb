"""The keys of one service as they stand at one moment, with everything imported once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.identity.compact import decode
from shared.identity.signing import Signer
from shared.sealing.encryption import Receiver
from shared.sealing.errors import MissingKey
from shared.sealing.keys import Key, Use

LEAD = timedelta(seconds=60)
"""So long a new key is known before it is used: twice as long as any process goes on with the keys in its memory."""


@dataclass(frozen=True)
class FieldKey:
    """A field key ready for use; ``head`` is its id as it stands in front of ciphertexts (16 bytes)."""

    head: bytes
    cipher: AESGCM


@dataclass(frozen=True, slots=True)
class Verifying:
    """A signing key as its signatures are checked."""

    key: Key
    public: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Opening:
    """A receiving key whose private part is here."""

    key: Key
    private: X25519PrivateKey


class Ring:
    """Keys by id and by (use, owner), oldest first. Never changes; a refresh makes a new one.

    A new key takes over ``LEAD`` after it was made, when everybody who reads what it makes has heard of it. Retired
    keys still open and verify what they once made, as far as they are here, and never seal, sign or encrypt anew.
    """

    def __init__(self, keys: Iterable[Key], now: datetime) -> None:
        self.keys: Mapping[str, Key] = {key.kid: key for key in keys}
        self._current: dict[tuple[str, str], Key] = {}
        for key in self.keys.values():
            if key.retired_at is None:
                place = (key.use, key.owner)
                if place not in self._current or key.created_at + LEAD <= now:
                    self._current[place] = key
        ed25519 = [key for key in self.keys.values() if key.algorithm == "Ed25519"]
        x25519 = [key for key in self.keys.values() if key.algorithm == "X25519"]
        self._verifying = {key.kid: Verifying(key, _ed25519(key)) for key in ed25519}
        self._signers = {
            key.kid: Signer.named(key.kid, Ed25519PrivateKey.from_private_bytes(key.secret))
            for key in ed25519
            if key.secret is not None
        }
        self._receivers = {key.kid: Receiver.named(key.kid, _x25519(key)) for key in x25519}
        self._opening = {
            key.kid: Opening(key, X25519PrivateKey.from_private_bytes(key.secret))
            for key in x25519
            if key.secret is not None
        }

    @cached_property
    def district(self) -> str:
        """The district whose tokens are signed with these keys."""
        for use, owner in self._current:
            if use == Use.TOKEN_SIGNING:
                return owner
        raise MissingKey(Use.TOKEN_SIGNING, "the district")

    def current(self, use: Use, owner: str) -> Key:
        """Give the key to use now.

        Raises:
            MissingKey: when there is none.
        """
        key = self._current.get((use, owner))
        if key is None:
            raise MissingKey(use, owner)
        return key

    def secret(self, use: Use, owner: str) -> tuple[str, bytes]:
        """Give key id and secret bytes of the current symmetric key.

        Raises:
            MissingKey: when there is none, or only its public part.
        """
        key = self.current(use, owner)
        if key.secret is None:
            raise MissingKey(use, owner)
        return key.kid, key.secret

    def secrets(self, use: Use, owner: str) -> list[bytes]:
        """Give the secrets of every symmetric key that something may still be found by, the current one first.

        Raises:
            MissingKey: when there is no current one.
        """
        kid, current = self.secret(use, owner)
        others = (
            key.secret
            for key in self.keys.values()
            if (key.use, key.owner) == (use, owner) and key.kid != kid and key.retired_at is None
        )
        return [current, *(secret for secret in others if secret is not None)]

    def signer(self, use: Use, owner: str) -> Signer:
        """Give what signs now for an owner.

        Raises:
            MissingKey: when there is no key, or only its public part.
        """
        kid, _ = self.secret(use, owner)
        return self._signers[kid]

    def receiver(self, owner: str) -> Receiver:
        """Give what encrypts now to a receiver of packets.

        Raises:
            MissingKey: when there is no key.
        """
        return self._receivers[self.current(Use.PACKET_RECEIVING, owner).kid]

    def verifying(self, kid: str, use: Use) -> Verifying | None:
        """Find the key of a signature by its id, if it is for this use; retired ones too."""
        found = self._verifying.get(kid)
        return None if found is None or found.key.use != use else found

    def opening(self, kid: str) -> Opening | None:
        """Find the private key that a packet names, if it is here; retired ones too."""
        return self._opening.get(kid)

    def holds_private(self, use: Use, owner: str) -> bool:
        """Tell whether the private part of the current pair is here."""
        key = self._current.get((use, owner))
        return key is not None and key.secret is not None

    @cached_property
    def field_keys(self) -> Mapping[bytes, FieldKey]:
        """Every field key that is here by the head of its ciphertexts."""
        found = (_field_key(key) for key in self.keys.values() if key.use == Use.FIELD and key.secret)
        return {key.head: key for key in found}

    @cached_property
    def field_key(self) -> FieldKey:
        """The field key that encrypts now; a service has one owner of field keys, itself."""
        for use, owner in self._current:
            if use == Use.FIELD:
                return _field_key(self.current(Use.FIELD, owner))
        raise MissingKey(Use.FIELD, "this service")


def _field_key(key: Key) -> FieldKey:
    if key.secret is None:
        raise MissingKey(key.use, key.owner)
    return FieldKey(head_of(key), AESGCM(key.secret))


def head_of(key: Key) -> bytes:
    """Give the id of a field key as it stands in front of its ciphertexts (16 bytes)."""
    return uuid.UUID(key.kid).bytes


def _ed25519(key: Key) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_x(key))


def _x25519(key: Key) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(_x(key))


def _x(key: Key) -> bytes:
    return decode((key.public or {})["x"].encode())
