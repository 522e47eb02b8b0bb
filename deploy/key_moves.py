"""Brings what stands under an older key under the present one, while everybody reads and writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from deploy.every_table import metadata_of
from deploy.key_life import By, superseded
from deploy.keys import REFERRALS
from shared.audit import AuditEntry
from shared.db import Database
from shared.directory import District
from shared.sealing import Key, Keyring, MasterKey, Use
from shared.sealing.columns import sealed_tables
from shared.sealing.packets import RESERVED
from shared.sealing.readdressing import readdress
from shared.sealing.reencryption import Step, reencrypt

Databases = Mapping[str, Database]

PAUSE_SECONDS = 0.01
"""Between two batches, so that writers of SQLite, which lets one in at a time, find their turn."""


def move_over(
    databases: Databases,
    master: MasterKey,
    district: District,
    place: tuple[Use, str],
    now: Callable[[], datetime],
    by: By,
    *,
    pause: Callable[[], object] = lambda: time.sleep(PAUSE_SECONDS),
) -> Iterator[tuple[str, Step]]:
    """Move everything over to a use's and owner's present key; gives service and batch as each is done.

    Only what is made anew from then on stands under the present key by itself, and only once ``SETTLED`` has gone by
    since it was made: before that, others may still write under the one before. Done again it goes on where it was.
    """
    old = list(superseded(databases, master, place, now()))
    move = _MOVES.get(place[0])
    if move is None or not old:
        return
    counted = 0
    service = ""
    for service, step in move(databases, master, district, place[1], old, now, pause):
        counted += step.rows
        yield service, step
    if counted:
        with databases[service].unit_of_work() as uow:
            uow.audit(
                AuditEntry(
                    at=now(),
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
    databases: Databases,
    master: MasterKey,
    district: District,  # noqa: ARG001 - the moves have one shape
    owner: str,
    old: list[Key],  # noqa: ARG001
    now: Callable[[], datetime],
    pause: Callable[[], object],
) -> Iterator[tuple[str, Step]]:
    keyring = Keyring(databases[owner], master, now=now)
    tables = list(sealed_tables(*metadata_of(owner)))
    for step in reencrypt(databases[owner], keyring.fields, keyring.field_head(), tables, pause=pause):
        yield owner, step


def _packets(
    databases: Databases,
    master: MasterKey,
    district: District,  # noqa: ARG001 - the moves have one shape
    owner: str,
    old: list[Key],
    now: Callable[[], datetime],
    pause: Callable[[], object],
) -> Iterator[tuple[str, Step]]:
    service = owner if owner in RESERVED else REFERRALS
    keyring = Keyring(databases[service], master, now=now)
    for key in old:
        for step in readdress(databases[service], keyring, metadata_of(service), key, pause=pause):
            yield service, step


_MOVES: Mapping[Use, Callable[..., Iterator[tuple[str, Step]]]] = MappingProxyType(
    {Use.FIELD: _columns, Use.PACKET_RECEIVING: _packets}
)
MOVED = frozenset(_MOVES)
"""Uses under whose keys something stands that has to move; of the others nothing does."""
