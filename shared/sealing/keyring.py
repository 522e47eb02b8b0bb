"""The keyring of one service: everything it encrypts, seals, signs, opens and finds goes through here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from operator import methodcaller
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.db import Database
from shared.identity.signing import Signer
from shared.identity.tokens import Tokens
from shared.sealing import keys, packets, receipts
from shared.sealing.blind import FULL_OWNER, BlindIndex
from shared.sealing.errors import CannotOpen, MissingKey
from shared.sealing.fields import FieldCipher
from shared.sealing.keys import Use
from shared.sealing.master import MasterKey
from shared.sealing.packets import Claims
from shared.sealing.ring import Ring

REFRESH_SECONDS = 30.0
"""Age of the keys in memory at most, so that new and retired keys need no restart."""
EAGER_SECONDS = 1.0
"""An unknown key id makes the keyring look again, but no more often than this."""
ANEW_SECONDS = 2.0
"""Whoever lacks a key waits at most this long for another thread that is reading them."""
_PERHAPS_NEW = frozenset({"no-key", "bad-signature"})
"""Why a packet cannot be opened by a keyring that does not know of a new key yet."""

T = TypeVar("T")


class Keyring:
    """Keys from one service's database, unwrapped by the master key, imported once and kept in memory.

    Nothing is read before the first use; ``load`` reads at once, which processes do at their start (after the
    fork), so that a first use inside a transaction needs no second connection.
    """

    def __init__(
        self,
        database: Database,
        master: MasterKey,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._master = master
        self._monotonic = monotonic
        self._wall = now
        self._lock = threading.Lock()
        self._ring: Ring | None = None
        self._read_at = 0.0
        self.fields = FieldCipher(self._now, lambda: self._now(older_than=EAGER_SECONDS))
        self.index = BlindIndex(self._secret, self._secrets)

    def load(self) -> None:
        """Read the keys now.

        Raises:
            MasterKeyError: when the master key is not the one that wrapped them.
        """
        with self._lock:
            self._read()

    @property
    def district(self) -> str:
        """The code of the district these keys were provisioned for.

        Raises:
            MissingKey: when nothing was provisioned yet.
        """
        return self._now().district

    @cached_property
    def tokens(self) -> Tokens:
        """Access tokens; ``sign`` raises ``MissingKey`` in every service but intake."""
        return Tokens(self)

    def ready_for(self, agencies: Iterable[str]) -> None:
        """Make sure that packets can be sealed to these agencies, and their search tokens made.

        Raises:
            MissingKey: when a key is not there; nothing should be begun then.
        """
        for agency in agencies:
            self._secret(Use.INDEX, agency)
            self._having(methodcaller("receiver", agency))

    def seal(
        self,
        receiver: str,
        sender: str,
        subject: str,
        kind: str,
        body: Mapping[str, Any],
        *,
        rev: int = 1,
        now: datetime,
    ) -> str:
        """Seal ``body`` for a receiver, as a compact JWE around a compact JWS.

        ``receiver`` is an agency, ``intake`` or ``notifications``; ``sender`` is ``intake`` or an agency;
        ``subject`` is the leg (of a contact packet: the consent it stands on); ``kind`` is one of ``KINDS``. ``rev``
        counts how often the same leg was sealed again.

        Raises:
            MissingKey: without the sender's private or the receiver's public key.
            CannotSeal: when kind, sender and receiver do not go together, or the body is too large.
        """
        return self._having(
            lambda ring: packets.seal(
                ring,
                receiver=receiver,
                sender=sender,
                subject=subject,
                kind=kind,
                body=body,
                rev=rev,
                now=now,
            )
        )

    def open(
        self, token: str, receiver: str, kind: str, subject: str, *, sender: str | None = None
    ) -> Claims:
        """Open a packet that was sealed for ``receiver``, checking everything it claims.

        ``sender`` is the one that must have signed it; without it anyone who may send this kind. Intake names
        the leg's agency when it opens an answer, so that no agency can answer for another.

        Raises:
            CannotOpen: with one of ``packets.REASONS``.
        """

        def opened(ring: Ring) -> Claims:
            return packets.open_packet(
                ring, token, receiver=receiver, kind=kind, subject=subject, sender=sender
            )

        ring = self._now()
        try:
            return opened(ring)
        except CannotOpen as error:
            newer = self._now(older_than=EAGER_SECONDS) if error.reason in _PERHAPS_NEW else ring
            if newer is ring:
                raise
            return opened(newer)

    def readdress(self, token: str, receiver: str) -> str:
        """Encrypt a packet of an older key of the receiver's, held here, to the present one; its signature stays.

        Raises ``CannotOpen``.
        """
        return packets.readdress(self._now(), token, receiver)

    def can_open(self, receiver: str) -> bool:
        """Tell whether this service holds a receiver's private key; an agency may keep its own."""
        return self._now().holds_private(Use.PACKET_RECEIVING, receiver)

    def field_head(self) -> bytes:
        """Give how the id of the field key in use stands in front of its ciphertexts. Raises ``MissingKey``."""
        return self._now().field_key.head

    def receipt_code(self, request_id: str) -> str:
        """Give the receipt code of a request, ``XXXX-XXXX-XXXX``; the same whenever it is asked."""
        _, secret = self._secret(Use.RECEIPT_CODE, FULL_OWNER)
        return receipts.code_of(secret, request_id)

    def token_signer(self) -> Signer:
        """Give the key that signs access tokens."""
        ring = self._now()
        return ring.signer(Use.TOKEN_SIGNING, ring.district)

    def token_verifying_key(self, kid: str) -> Ed25519PublicKey | None:
        """Give the public key of an access token's key id, looking again when it is unknown."""
        found = self._now().verifying(kid, Use.TOKEN_SIGNING)
        if found is None:
            found = self._now(older_than=EAGER_SECONDS).verifying(kid, Use.TOKEN_SIGNING)
        return None if found is None or found.key.retired_at is not None else found.public

    def _secret(self, use: Use, owner: str) -> tuple[str, bytes]:
        return self._having(lambda ring: ring.secret(use, owner))

    def _secrets(self, use: Use, owner: str) -> list[bytes]:
        return self._having(lambda ring: ring.secrets(use, owner))

    def _having(self, use: Callable[[Ring], T]) -> T:
        """Use the keys in memory; where one is missing, those in the database: it may just have been made.

        A pack is known everywhere within seconds, sooner than the keys in memory are read again.
        """
        ring = self._now()
        try:
            return use(ring)
        except MissingKey:
            newer = self._anew(ring)
            if newer is ring:
                raise
            return use(newer)

    def _anew(self, old: Ring) -> Ring:
        if not self._lock.acquire(timeout=ANEW_SECONDS):
            return old
        try:
            ring = self._ring
            return self._read() if ring is None or ring is old else ring
        finally:
            self._lock.release()

    def _now(self, older_than: float = REFRESH_SECONDS) -> Ring:
        ring = self._ring
        if ring is not None and self._monotonic() - self._read_at < older_than:
            return ring
        if ring is None:
            with self._lock:
                return self._ring or self._read()
        # One thread reads; the others go on with what is there, so that threads that each hold a connection
        # never wait for one that needs another.
        if not self._lock.acquire(blocking=False):
            return ring
        try:
            return self._read()
        finally:
            self._lock.release()

    def _read(self) -> Ring:
        with self._database.read() as connection:
            ring = Ring(keys.read(connection, self._master), self._wall())
        self._ring = ring
        self._read_at = self._monotonic()
        return ring
