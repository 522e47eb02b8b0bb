"""An audit log of its own for tests: entries, sealing by a clock that is moved, and verification."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from shared import audit, ids
from shared.audit import AuditEntry, Report
from shared.audit.publishing import Head, HeadsFile
from shared.audit.sealer import Sealer
from shared.audit.tables import heads, lists, seals, table
from shared.db import Database, UnitOfWork

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SERVICE, SOURCE = "referrals", "/aid/530103/referrals"
BATCH = 7


def an_entry(**changes: Any) -> AuditEntry:
    facts: dict[str, Any] = {
        "at": NOW,
        "actor": "s-1",
        "post": "desk@health",
        "action": "packet.opened",
        "object_type": "referral",
        "object_id": "r-1",
    }
    return AuditEntry(**(facts | changes))


class Log:
    """One service's log in ``folder``, with its chain and its file of heads; the events told lie in ``told``."""

    def __init__(self, folder: Path, *, batch: int = BATCH) -> None:
        self.path = folder / "log.sqlite"
        self.told: list[Any] = []
        self.database = Database(f"sqlite:///{self.path}", flushes=(audit.flush, self._tell))
        self.now = datetime.now(UTC)
        self.file = HeadsFile(folder / "heads.jsonl", SERVICE)
        self._batch = batch
        for one in (table, seals, lists, heads):
            one.create(self.database.engine, checkfirst=True)
        self.sealer = self.another_sealer()

    def another_sealer(self) -> Sealer:
        """Give what another worker of the service seals with."""
        return Sealer(self.database, SERVICE, SOURCE, lambda: self.now, batch=self._batch)

    def write(self, *entries: AuditEntry) -> None:
        """Write entries in one transaction."""
        with self.database.unit_of_work() as uow:
            for entry in entries:
                uow.audit(entry)

    def write_made(self, moment: datetime, **changes: Any) -> str:
        """Write an entry whose id was made at ``moment``: a transaction that commits late."""
        row = {
            "id": ids.at(moment),
            **{name: getattr(an_entry(), name) for name in AuditEntry.__slots__},
        }
        with self.database.unit_of_work() as uow:
            uow.connection.execute(sa.insert(table), [row | changes])
        return str(row["id"])

    def seal(self) -> int:
        """Seal, and write the heads to the file."""
        count = self.sealer.seal()
        with self.database.read() as connection:
            self.file.catch_up(connection)
        return count

    def pass_time(self, time: timedelta) -> None:
        """Move the clock of those who seal and verify."""
        self.now += time

    def verified(self, witnesses: Sequence[Head] | None = None, **options: Any) -> Report:
        """Verify by the heads in the file, or by others."""
        known = list(self.file.read() if self.file.path.exists() else ()) if witnesses is None else witnesses
        return audit.verify(self.database, SERVICE, {"file": known}, self.now, **options)

    def kinds(self, **options: Any) -> set[str]:
        """Verify, and give the kinds of what was found."""
        return {finding.kind for finding in self.verified(**options).findings}

    def _tell(self, uow: UnitOfWork) -> None:
        self.told += uow.events
        uow.events.clear()


def a_log(folder: Path, entries: int = 60) -> Log:
    """Make a log with sealed entries of many kinds."""
    log = Log(folder)
    actions = sorted(audit.ACTIONS)
    log.write(
        *(
            an_entry(
                at=NOW + timedelta(seconds=number),
                actor=f"s-{number % 5}",
                action=actions[number % len(actions)],
                object_id=f"r-{number % 9}",
                reason=None if number % 3 else f"核对 {number}",
                detail={"rev": number, "legs": [f"r-{number}"]},
            )
            for number in range(entries)
        )
    )
    log.seal()
    return log
