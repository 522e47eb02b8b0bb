"""What a worker looks at now and then beside its work; the heartbeat of its timers carries it to ``/ready``."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from deploy.apply import applied_from
from deploy.doctor import broker, machine
from deploy.doctor.service import clocks_apart, differing_packs, missing_keys, untold
from deploy.topology import ADMIN_URL, of_district
from shared.db import Database
from shared.directory import Directory
from shared.messaging.admin import Admin, AdminError
from shared.messaging.topology import passwords
from shared.settings import MissingSettings
from shared.telemetry.clocks import measured
from shared.telemetry.trouble import Trouble
from shared.worker import Worker

if TYPE_CHECKING:
    from deploy.installation import Installation

EVERY_SECONDS = 15.0
SENDER = "notifications"
"""The service whose worker sends persons what they wish to be told."""
FRONT_DESK = "intake"
"""The service whose worker looks after what belongs to all: the broker, and that the databases agree."""

log = structlog.get_logger(__name__)


class Watch:
    """Looks again and again, in a thread of its own, so that nothing that hangs keeps the timers from beating."""

    def __init__(self, looks: Mapping[str, Callable[[], Iterable[Trouble]]]) -> None:
        self._looks = looks
        self._troubles: tuple[Trouble, ...] = ()

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What was found when it last looked."""
        return self._troubles

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        while not stop.is_set():
            self.look()
            stop.wait(EVERY_SECONDS)

    def look(self) -> None:
        """Look once; a look that fails is itself told, and hides no other."""
        found: list[Trouble] = []
        for place, look in self._looks.items():
            try:
                found += look()
            except Exception as error:  # noqa: BLE001 - whatever keeps us from looking is the finding
                log.warning("watch.look-failed", place=place, error=type(error).__name__)
                found.append(Trouble.of("not-looked-at", about=place, why=type(error).__name__))
        self._troubles = tuple(found)


def with_watch(
    worker: Worker, installation: Installation, refusal: Callable[[], AdminError | None] = lambda: None
) -> Worker:
    """Give the worker with a watch over what concerns it; the front desk's also over what concerns all services.

    ``refusal`` tells why the topology could not be put in place when it was last tried.
    """
    looks = _own(worker, installation)
    depths: Callable[[], Mapping[str, int]] = dict
    if worker.service == FRONT_DESK:
        looks |= _together(installation)
        if not installation.embedded:
            held = _Broker(worker, installation, refusal)
            looks["broker"], depths = held.look, lambda: held.depths
    return replace(worker, watch=Watch(looks), depths=depths)


def _own(worker: Worker, installation: Installation) -> dict[str, Callable[[], Iterable[Trouble]]]:
    directory, pack = Directory(worker.database), machine.PackOnDisk(installation.code)
    looks: dict[str, Callable[[], Iterable[Trouble]]] = {
        "keys": lambda: missing_keys(worker.service, worker.database, directory.current()),
        "pack": lambda: pack.compared(directory.current(), applied_from(worker.database)),
    }
    if worker.service == SENDER:
        looks["channels"] = lambda: untold(worker.database, directory.current(), installation.environ)
    if worker.service == FRONT_DESK or not installation.embedded:
        # The embedded run has one disk, of which it need not be told three times.
        looks["disk"] = lambda: machine.disk(Path(installation.home.path), socket.gethostname())
    return looks


def _together(installation: Installation) -> dict[str, Callable[[], Iterable[Trouble]]]:
    """Give the looks at all databases, for a worker whose environment names them all."""
    try:
        databases = installation.databases()
    except MissingSettings:
        return {}
    directories = {name: Directory(database) for name, database in databases.items()}

    def agree() -> Iterable[Trouble]:
        yield from differing_packs({name: held.current().version for name, held in directories.items()})
        yield from clocks_apart({name: _difference(database) for name, database in databases.items()})

    return {"services": agree}


def _difference(database: Database) -> float:
    with database.read() as connection:
        return measured(connection)[1]


class _Broker:
    """Looks at RabbitMQ with what the worker's environment gives: as a service always, as administrator if it may."""

    def __init__(
        self, worker: Worker, installation: Installation, refusal: Callable[[], AdminError | None]
    ) -> None:
        environ = installation.environ
        given = {name: environ[name] for name in environ if name.endswith("_AMQP_URL") and environ[name]}
        self._address = given.get(f"CAREHUT_{worker.service.upper()}_AMQP_URL")
        self._passwords = passwords(given.values())
        self._admin_url = environ.get(ADMIN_URL)
        self._directory = Directory(worker.database)
        self._refusal = refusal
        self.depths: Mapping[str, int] = {}

    def look(self) -> Iterable[Trouble]:
        """Ask by AMQP, then the management API, then what became of the last try to put things right."""
        wanted = of_district(self._directory.current())
        found: list[Iterable[Trouble]] = []
        if self._address:
            troubles, self.depths = broker.by_amqp(self._address, wanted)
            found.append(troubles)
        if self._admin_url:
            found.append(broker.by_management(Admin(self._admin_url, wanted, self._passwords), wanted))
        refusal = self._refusal()
        if refusal is not None and refusal.declaring:
            found.append([broker.refused(refusal)])
        return itertools.chain.from_iterable(found)
