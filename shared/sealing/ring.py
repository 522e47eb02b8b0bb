"""The keys of one service as they stand at one moment, with everything imported once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc.jwk import OKPKey

from shared.sealing.errors import MissingKey
from shared.sealing.keys import Key, Use


@dataclass(frozen=True)
class FieldKey:
    """A field key ready for use; ``head`` is its id as it stands in front of ciphertexts (16 bytes)."""

    head: bytes
    cipher: AESGCM


class Ring:
    """Keys by id and by (use, owner). Never changes; a refresh makes a new one.

    Retired keys still open and verify what they once made, and never seal, sign or encrypt anew.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys: Mapping[str, Key] = {key.kid: key for key in keys}
        # Later keys come later, so the newest that is not retired stays.
        self._current = {(key.use, key.owner): key for key in self.keys.values() if key.retired_at is None}
        self._jwks = {key.kid: _imported(key) for key in self.keys.values() if key.public is not None}

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

    def private(self, use: Use, owner: str) -> tuple[str, OKPKey]:
        """Give key id and private key of the current pair.

        Raises:
            MissingKey: when there is none, or only its public part.
        """
        kid, _ = self.secret(use, owner)
        return kid, self._jwks[kid]

    def public(self, use: Use, owner: str) -> tuple[str, OKPKey]:
        """Give key id and key (public part at least) of the current pair.

        Raises:
            MissingKey: when there is none.
        """
        kid = self.current(use, owner).kid
        return kid, self._jwks[kid]

    def holds_private(self, use: Use, owner: str) -> bool:
        """Tell whether the private part of the current pair is here."""
        key = self._current.get((use, owner))
        return key is not None and key.secret is not None

    def named(self, kid: str, use: Use) -> tuple[Key, OKPKey] | None:
        """Find a pair by its id, if it is for this use; retired ones too."""
        key = self.keys.get(kid)
        return None if key is None or key.use != use else (key, self._jwks[kid])

    @cached_property
    def field_keys(self) -> Mapping[bytes, FieldKey]:
        """Every field key by the head of its ciphertexts."""
        found = (_field_key(key) for key in self.keys.values() if key.use == Use.FIELD)
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
    return FieldKey(uuid.UUID(key.kid).bytes, AESGCM(key.secret))


def _imported(key: Key) -> OKPKey:
    if key.secret is None:
        return OKPKey.import_key({**(key.public or {})})
    return OKPKey.import_key(_PRIVATE[key.algorithm](key.secret))


_PRIVATE: Mapping[str, Callable[[bytes], Ed25519PrivateKey | X25519PrivateKey]] = {
    "Ed25519": Ed25519PrivateKey.from_private_bytes,
    "X25519": X25519PrivateKey.from_private_bytes,
}
