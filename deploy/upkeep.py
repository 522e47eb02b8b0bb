"""What an installation does for itself now and then: its topology is held up, and what never arrived is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from deploy.doctor.watch import with_watch
from deploy.reconcile import GRACE, reconcile
from deploy.topology import admin
from shared.db import Database
from shared.messaging.admin import Admin, AdminError
from shared.settings import MissingSettings
from shared.worker import Timer, Worker

if TYPE_CHECKING:
    from deploy.installation import Installation

TOPOLOGY_SECONDS = 30.0
RECONCILE_SECONDS = 600.0
LOOKED_AT = timedelta(hours=2)
"""How far back the timer looks; ``carehut reconcile`` goes through all that is kept."""

log = structlog.get_logger(__name__)


def with_upkeep(worker: Worker, installation: Installation) -> Worker:
    """Give the worker of the front desk the timers that concern all services, and every worker a watch.

    The timers need every database's address, and the topology's also the management API's: what the environment of this
    process does not name is left to ``carehut reconcile`` and ``carehut topology apply``.
    """
    if worker.service != "intake":
        return with_watch(worker, installation)
    timers = list(worker.timers)
    try:
        installation.databases()
    except MissingSettings as error:
        log.info("reconcile.left-to-operator", missing=len(error.names))
        return with_watch(worker, installation)
    upkeep = Upkeep(installation.databases())
    timers.append(Timer("reconcile", RECONCILE_SECONDS, upkeep.reconcile_recent))
    try:
        admin(installation)
    except MissingSettings as error:
        log.info("topology.left-to-operator", missing=len(error.names))
    else:
        # Made anew each time: by the pack of yesterday a new agency's seat would lose its rights every half minute.
        timers.append(Timer("topology", TOPOLOGY_SECONDS, lambda: upkeep.hold_up(admin(installation))))
    return with_watch(replace(worker, timers=timers), installation, lambda: upkeep.refusal)


class Upkeep:
    """Holds up the topology and sends again what never arrived, for all services of an installation."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases
        self._owed_from: datetime | None = None
        self.refusal: AdminError | None = None
        """Why the topology could not be put in place when it was last tried; None if it could."""

    def reconcile_recent(self) -> None:
        """Send again what was published within two hours and never settled."""
        self._reconcile(datetime.now(UTC) - LOOKED_AT)

    def hold_up(self, admin: Admin) -> None:
        """Put back what is missing at the broker; a minute later send again what went past it meanwhile.

        A queue that was deleted took along what it held, and what was published since never reached it: the broker
        took it for the other queues, so nobody noticed.
        """
        try:
            problems = admin.apply()
        except AdminError as error:
            # The broker is away or starting: the relay and the consumers say so where operators look.
            log.warning("topology.not-checked", error=type(error).__name__)
            self.refusal = error
            return
        self.refusal = None
        now = datetime.now(UTC)
        for problem in problems:
            log.error(
                "topology.differs", kind=problem.kind, code=problem.code, right=problem.can_be_put_right
            )
        if any(problem.can_be_put_right for problem in problems):
            self._owed_from = now + GRACE
        elif self._owed_from is not None and now > self._owed_from:
            self._owed_from = None
            self._reconcile(None)

    def _reconcile(self, since: datetime | None) -> None:
        for producer, count in reconcile(self._databases, datetime.now(UTC), since=since).items():
            log.warning("reconcile.published-again", producer=producer, count=count)
