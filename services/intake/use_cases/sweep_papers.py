"""What time does about papers: those of a draft that is no more go, and blobs that no row names are removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.intake.persistence import papers as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.papers import delete
from shared.audit import AuditEntry
from shared.blobs import OrphanSweep

SYSTEM = "system"
SETTLED = timedelta(minutes=5)
"""A draft becomes a request in one step; what is younger is left to whoever is at it."""


class PaperSweep:
    """Tidies a little at each ``tick``; done by several workers at once it does no harm."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._orphans = OrphanSweep(context.blobs, self._known, context.clock.now)

    def tick(self) -> int:
        """Remove what has lost its draft, and some of what has lost its row; gives how many blobs went."""
        context = self._context
        now = context.clock.now()
        with context.database.read() as connection:
            found = bool(store.homeless(connection, now - SETTLED))
        gone: list[str] = []
        if found:
            with context.database.unit_of_work() as uow:
                rows = store.homeless(uow.connection, now - SETTLED)
                gone = store.remove(uow.connection, rows)
                for row in rows:
                    uow.audit(
                        AuditEntry(
                            at=now,
                            actor=SYSTEM,
                            post=SYSTEM,
                            action="paper.removed",
                            object_type="draft",
                            object_id=row["request_id"],
                            detail={"paper": row["id"]},
                        )
                    )
            delete(context, gone)
        return len(gone) + self._orphans.tick()

    def _known(self, blobs: Sequence[str]) -> set[str]:
        with self._context.database.read() as connection:
            return store.known(connection, blobs)
