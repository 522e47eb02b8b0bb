"""Wrapping every key anew, when another master key takes the place of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from deploy.key_life import By
from shared.audit import AuditEntry
from shared.db import Database
from shared.sealing import MasterKey
from shared.sealing.tables import keys as table

_WRAPPED = sa.select(table.c.kid, table.c.private_wrapped).where(table.c.private_wrapped.is_not(None))


def wrapped_by_older(databases: Mapping[str, Database], master: MasterKey) -> dict[str, int]:
    """Count by service the keys that an older master key has wrapped; a service without is left out."""
    found = {}
    for service, database in databases.items():
        with database.read() as connection:
            rows = connection.execute(_WRAPPED).all()
        if count := sum(not master.wraps(row.private_wrapped) for row in rows):
            found[service] = count
    return found


def rewrap(databases: Mapping[str, Database], master: MasterKey, now: datetime, by: By) -> dict[str, int]:
    """Wrap by the first master key what an older one has wrapped; gives how many keys by service.

    The keys themselves stay, so nothing has to be encrypted anew, and who holds both master keys notices nothing. Done
    again it goes on where it was.

    Raises:
        MasterKeyError: a key was wrapped by a master key that is not given at all; its database is left as it was.
    """
    done = {}
    for service, database in databases.items():
        with database.unit_of_work() as uow:
            rows = uow.connection.execute(_WRAPPED.with_for_update()).all()
            old = [row for row in rows if not master.wraps(row.private_wrapped)]
            for row in old:
                fresh = master.wrap(row.kid, master.unwrap(row.kid, row.private_wrapped))
                uow.connection.execute(
                    sa.update(table).where(table.c.kid == row.kid).values(private_wrapped=fresh)
                )
            if old:
                done[service] = len(old)
                uow.audit(
                    AuditEntry(
                        at=now,
                        actor=by.staff,
                        post="",
                        action="keys.rewrapped",
                        object_type="key",
                        object_id=old[0].kid,
                        reason=by.reason,
                        detail={"keys": len(old), "approved_by": by.approver},
                    )
                )
    return done


def note_escrow(database: Database, needed: int, number: int, now: datetime, by: By) -> None:
    """Write down that the master key was split, and by whom; never a share."""
    with database.unit_of_work() as uow:
        uow.audit(
            AuditEntry(
                at=now,
                actor=by.staff,
                post="",
                action="keys.escrowed",
                object_type="key",
                object_id="master",
                detail={"needed": needed, "shares": number, "approved_by": by.approver},
            )
        )


def shares_in(text: str) -> list[str]:
    """Find the shares in what a file of ``carehut keys escrow`` says."""
    return [line for line in text.splitlines() if line.count("-") >= _DASHES]


_DASHES = 10
"""Nothing else in those files has so many."""
