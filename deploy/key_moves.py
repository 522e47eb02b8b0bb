"""Brings what stands under an older key under the present one, while everybody reads and writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from deploy.every_table import metadata_of
from deploy.key_life import By, superseded
from deploy.keys import REFERRALS
from services.intake.use_cases.context import Context
from services.intake.use_cases.seal_anew import seal_anew
from services.referrals.use_cases.index_anew import index_anew, under_old_key
from shared.audit import AuditEntry
from shared.blobs import BlobStore
from shared.clock import Clock
from shared.db import Database
from shared.directory import Directory, District
from shared.sealing import Key, Keyring, MasterKey, Use
from shared.sealing.columns import sealed_tables
from shared.sealing.packets import INTAKE, RESERVED
from shared.sealing.readdressing import readdress
from shared.sealing.reencryption import BATCH, Step, reencrypt


@dataclass(frozen=True, slots=True)
class Ground:
    """What is moved over, and by what: an installation's databases, keys, district, clock and blob store."""

    databases: Mapping[str, Database]
    master: MasterKey
    district: District
    clock: Clock
    blobs: BlobStore

    def keyring(self, service: str) -> Keyring:
        """Open a service's keys as they stand now."""
        return Keyring(self.databases[service], self.master, now=self.clock.now)


PAUSE_SECONDS = 0.01
"""Between two batches, so that writers of SQLite, which lets one in at a time, find their turn."""


def move_over(
    ground: Ground,
    place: tuple[Use, str],
    by: By,
    *,
    pause: Callable[[], object] = lambda: time.sleep(PAUSE_SECONDS),
) -> Iterator[tuple[str, Step]]:
    """Move everything over to a use's and owner's present key; gives service and batch as each is done.

    Only what is made anew from then on stands under the present key by itself, and only once ``SETTLED`` has gone by
    since it was made: before that, others may still write under the one before. Done again it goes on where it was.
    """
    old = list(superseded(ground.databases, ground.master, place, ground.clock.now()))
    move = _MOVES.get(place[0])
    if move is None or not old:
        return
    counted = 0
    service = ""
    for service, step in move(ground, place[1], old, pause):
        counted += step.rows
        yield service, step
    if counted:
        with ground.databases[service].unit_of_work() as uow:
            uow.audit(
                AuditEntry(
                    at=ground.clock.now(),
                    actor=by.staff,
                    post="system" if by.staff == "system" else "",
                    action="keys.moved-over",
                    object_type="key",
                    object_id=old[-1].kid,
                    reason=by.reason,
                    detail={"use": str(place[0]), "owner": place[1], "rows": counted},
                )
            )


def _columns(
    ground: Ground,
    owner: str,
    old: list[Key],  # noqa: ARG001 - the moves have one shape
    pause: Callable[[], object],
) -> Iterator[tuple[str, Step]]:
    keyring = ground.keyring(owner)
    tables = list(sealed_tables(*metadata_of(owner)))
    for step in reencrypt(ground.databases[owner], keyring.fields, keyring.field_head(), tables, pause=pause):
        yield owner, step


def _packets(
    ground: Ground, owner: str, old: list[Key], pause: Callable[[], object]
) -> Iterator[tuple[str, Step]]:
    service = owner if owner in RESERVED else REFERRALS
    keyring = ground.keyring(service)
    for key in old:
        for step in readdress(ground.databases[service], keyring, metadata_of(service), key, pause=pause):
            yield service, step


def _tokens(
    ground: Ground, owner: str, old: list[Key], pause: Callable[[], object]
) -> Iterator[tuple[str, Step]]:
    agency = ground.district.agencies.get(owner)
    if agency is None or agency.keys != "platform":
        return  # nobody here looks for anything by its tokens
    database, keys = ground.databases[REFERRALS], [key.kid for key in old]
    context = Context(
        database=ground.databases[INTAKE],
        keyring=ground.keyring(INTAKE),
        directory=Directory(ground.databases[INTAKE]),
        clock=ground.clock,
        source=f"/aid/{ground.district.code}/{INTAKE}",
        blobs=ground.blobs,
    )
    sent: list[str] = []
    for request in dict.fromkeys(request for request, _ in under_old_key(database, owner, keys)):
        legs = seal_anew(context, request, owner)
        sent += legs
        if legs:
            yield INTAKE, Step("legs", len(legs))
        pause()
    keyring = ground.keyring(REFERRALS)
    while True:
        done, lost = index_anew(database, keyring, owner, keys, besides=sent, limit=BATCH)
        if not done:
            return
        yield REFERRALS, Step("referrals", done - len(lost), tuple(f"referrals {one}" for one in lost))
        pause()


_MOVES: Mapping[Use, Callable[..., Iterator[tuple[str, Step]]]] = MappingProxyType(
    {Use.FIELD: _columns, Use.PACKET_RECEIVING: _packets, Use.INDEX: _tokens}
)
MOVED = frozenset(_MOVES)
"""Uses under whose keys something stands that has to move; of the others nothing does."""
