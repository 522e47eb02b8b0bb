"""Looks at everything an installation is made of; a look that fails says so and hides no other."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from deploy.apply import applied_from
from deploy.doctor import broker, machine, service
from deploy.doctor.report import Report, Unseen, collected
from deploy.doctor.service import Seen
from deploy.embedded.environment import SERVICES
from deploy.embedded.lock import is_held
from deploy.front import DEFAULT_PORTS, FrontSettings
from deploy.front.nginx import BadSettings
from deploy.topology import ADMIN_URL, of_district, wanted
from shared.db import driver_words
from shared.directory import BUILT_IN, District, NoDistrict, load_pack
from shared.messaging.admin import Admin
from shared.messaging.topology import Topology, passwords
from shared.sealing import MasterKeyError
from shared.sealing.master import HOME_FILE, SOURCES
from shared.settings import MissingSettings
from shared.telemetry.trouble import Trouble
from shared.text import Text

if TYPE_CHECKING:
    from deploy.installation import Installation

Look = Callable[[], Iterable[Trouble]]

_PLACES = {**{f"web {name}": name for name in DEFAULT_PORTS}, "management": "broker", "clocks": "intake"}
"""What looks twice at one and the same place, from two sides."""
NOT_TOLD = frozenset({"demo-key"})
"""What ``/ready`` says of a demo and is no trouble of one."""


def examine(installation: Installation) -> Report:
    """Look at everything, side by side, and give what was found; changes nothing and never raises for what is away."""
    return Examination(installation).report()


class Examination:
    """One visit to an installation."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._host = socket.gethostname()
        self._running = not installation.embedded or is_held(installation.home.lock)
        self._seen: dict[str, Seen] = {}

    def report(self) -> Report:
        """Look at the services first, and with what they hold at everything else."""
        services = {name: partial(self._service, name) for name in SERVICES}
        found, unseen = _all(services)
        looks: dict[str, Look] = {"machine": self._disk, "pack": self._pack, "keys": self._master_key}
        looks |= {"front": self._together} if self._installation.embedded else self._outside()
        more, more_unseen = _all(looks)
        found |= more
        found["clocks"] = self._clocks()
        unseen += more_unseen
        told: dict[str, list[Trouble]] = {}
        for place, troubles in found.items():
            told.setdefault(_PLACES.get(place, place), []).extend(
                trouble for trouble in troubles if trouble.code not in NOT_TOLD
            )
        return Report(collected(told), unseen, [*services, *looks])

    def _outside(self) -> dict[str, Look]:
        """Give the looks that only a full run has: at the web processes and at RabbitMQ."""
        looks: dict[str, Look] = {f"web {name}": partial(self._web, name) for name in DEFAULT_PORTS}
        return {**looks, "broker": self._amqp, "management": self._management}

    def _service(self, name: str) -> Iterable[Trouble]:
        if self._installation.embedded and not self._installation.home.database(name).exists():
            return [Trouble.of("nothing-set-up", about=name)]  # to look would make the file
        database = self._installation.database(name)
        self._seen[name] = service.look(name, database, self._host, running=self._running)
        return self._seen[name].troubles

    @property
    def _district(self) -> District | None:
        """The pack in force, whole as intake holds it, if it could be read."""
        seen = self._seen.get("intake")
        return seen.district if seen is not None else None

    def _disk(self) -> Iterable[Trouble]:
        return machine.disk(Path(self._installation.home.path), self._host)

    def _pack(self) -> Iterable[Trouble]:
        versions = {name: seen.district.version for name, seen in self._seen.items() if seen.district}
        yield from service.differing_packs(versions)
        known = self._district is not None
        source = applied_from(self._installation.database("intake")) if known else BUILT_IN
        yield from machine.PackOnDisk(self._installation.code).compared(self._district, source)

    def _master_key(self) -> Iterable[Trouble]:
        district = self._district
        if district is None:
            return []
        environ, home = self._installation.environ, Path(self._installation.home.path)
        if not any(environ.get(name) for name in SOURCES) and not (home / HOME_FILE).exists():
            return [Trouble.of("master-key", why=", ".join(SOURCES))]  # to ask for a demo's would make one
        try:
            master = self._installation.master(demo=district.demo)
        except MasterKeyError as error:
            return [Trouble.of("master-key", why=error)]
        known = [name for name, seen in self._seen.items() if seen.district is not None]
        looks = [service.wrongly_wrapped(self._installation.database(name), master) for name in known]
        return list(itertools.chain.from_iterable(looks))

    def _together(self) -> Iterable[Trouble]:
        return [] if self._running else [Trouble.of("server-not-running")]

    def _web(self, name: str) -> Iterable[Trouble]:
        return machine.web(name, FrontSettings.from_environment(self._installation.environ).upstreams[name])

    def _amqp(self) -> Iterable[Trouble]:
        environ = self._installation.environ
        names = [f"CAREHUT_{name.upper()}_AMQP_URL" for name in SERVICES]
        addresses = [environ[name] for name in names if environ.get(name)]
        if not addresses:
            raise MissingSettings(names)
        return broker.by_amqp(addresses[0], self._wanted())[0]

    def _management(self) -> Iterable[Trouble]:
        environ = self._installation.environ
        if not environ.get(ADMIN_URL):
            raise MissingSettings([ADMIN_URL])
        given = [environ.get(f"CAREHUT_{name.upper()}_AMQP_URL") for name in SERVICES]
        known = passwords(address for address in given if address)
        return broker.by_management(Admin(environ[ADMIN_URL], self._wanted(), known), self._wanted())

    def _wanted(self) -> Topology:
        try:
            return wanted(self._installation)
        except (DBAPIError, NoDistrict):  # told at its own place; the pack on disk names the same agencies
            return of_district(load_pack(self._installation.code))

    def _clocks(self) -> list[Trouble]:
        seen = self._seen.items()
        return service.clocks_apart(
            {name: one.difference for name, one in seen if one.difference is not None}
        )


def _all(looks: Mapping[str, Look]) -> tuple[dict[str, list[Trouble]], list[Unseen]]:
    """Look everywhere at once; a look that fails is one that could not be made, and why."""
    found: dict[str, list[Trouble]] = {}
    unseen: list[Unseen] = []
    with ThreadPoolExecutor(max_workers=len(looks), thread_name_prefix="look") as pool:
        under_way = {place: pool.submit(_made, look) for place, look in looks.items()}
    for place, look in under_way.items():
        error = look.exception()
        if error is None:
            found[place] = look.result()
        else:
            unseen.append(Unseen(place, _why(error)))
    return found, unseen


def _made(look: Look) -> list[Trouble]:
    return list(look())


def _why(error: BaseException) -> Text:
    if isinstance(error, MissingSettings):
        return error.text
    if isinstance(error, DBAPIError):
        words = driver_words(error)
        return Text(f"数据库拒绝：{words}", f"The database refused: {words}")
    if isinstance(error, (BadSettings, OSError)):
        return Text(str(error), str(error))
    # A fault of ours: its kind says enough, its text might hold somebody's data.
    return Text(f"程序错误 {type(error).__name__}", f"a fault of this program: {type(error).__name__}")
