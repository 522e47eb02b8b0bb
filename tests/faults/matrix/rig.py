"""A whole installation to be broken: its servers behind proxies, its processes armed, its clients recorded."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from deploy.embedded.environment import SERVICES
from deploy.local import FullRun, Servers
from deploy.local.program import Program
from shared.db import Database
from tests.databases import kept_open
from tests.faults.clients import HUT, Client, Door, Tally
from tests.faults.history import Recorder, effects
from tests.faults.load import Load
from tests.faults.matrix.installed import OUTSIDER, Proxied, Supervisor, pack_with_outsider, small_disk
from tests.faults.matrix.rest import Rest
from tests.faults.matrix.staff import Bearers
from tests.faults.proxy import Proxy
from tests.messaging import brokers
from tests.waiting import until


class Rig:
    """One full run with all that is needed to break it and to see what became of it.

    ``databases`` are the owners', by service, straight to the server. ``recorder`` keeps the history in ``folder``.
    ``rabbit_proxy`` and ``postgres_proxy`` stand between every process and its servers. ``disk`` is the small file
    system that holds PostgreSQL's data, or None where this machine lets us mount none. Programs that end are started
    again; servers are not, unless they are told to ``resume``.
    """

    embedded = False

    def __init__(
        self,
        full: FullRun,
        databases: Mapping[str, Database],
        recorder: Recorder,
        proxies: tuple[Proxy, Proxy],
        supervisor: Supervisor,
        *,
        tokens: Path,
        disk: Path | None,
    ) -> None:
        self.full = full
        self.servers = full.servers
        self.databases = databases
        self.recorder = recorder
        self.folder = recorder.folder
        self.postgres_proxy, self.rabbit_proxy = proxies
        self.tokens = tokens
        self.disk = disk
        self.kills = 0
        self._supervisor = supervisor
        self._rest = Rest(databases)
        home = full.servers.folder / "home"
        self.bearers = Bearers(databases["intake"], full.settings(), home)
        self.bearers.renew()
        self.door = Door(full.url, self.bearers)

    def load(self, seed: str, pause: float) -> Load:
        """Make the clients that keep it busy, each with so many seconds between two operations."""
        self._make_room()
        self.bearers.renew()
        return Load(self.door, self.recorder, seed=seed, pause=pause)

    def kill(self, name: str) -> None:
        """SIGKILL a program (``web-intake``, ``work-referrals``) or a server (``postgres``, ``rabbitmq``), whole."""
        self.recorder.fault("kill", name)
        self.kills += 1
        self.expect_death(name)
        self.full.kill(name)

    def resume(self, name: str) -> None:
        """Start a killed server again and wait until it serves."""
        self.recorder.fault("resume", name)
        self.full.resume(name)

    def freeze(self, name: str) -> None:
        """Stop the clock of a program or a server: its connections stay and nobody answers."""
        self.recorder.fault("freeze", name)
        self._programs()[name].freeze()

    def thaw(self, name: str) -> None:
        """Let it go on."""
        self.recorder.fault("thaw", name)
        self._programs()[name].thaw()

    def expect_death(self, name: str, times: int = 1) -> None:
        """Say that a program is about to end because a test wants it to, so that its end is no finding."""
        self._supervisor.expect(name, times)

    def unexpected_deaths(self) -> list[str]:
        """Name the programs that ended by themselves since last asked."""
        return self._supervisor.unexpected()

    def arm(self, command: str, point: str, visits: list[int]) -> None:
        """Have a process of ``serve`` or ``work`` die at a failpoint, once for each number of visits."""
        self.recorder.fault("arm", command, point=point, visits=visits)
        self.kills += len(visits)
        self.expect_death({"serve": "web", "work": "work"}[command], len(visits))
        for number, visit in enumerate(visits):
            # Tokens need different names: a trailing zero changes the name and not the number.
            (self.tokens / f"{command}:{point}@{'0' * number}{visit}").touch()

    def all_died(self) -> bool:
        """Tell whether every death that was armed has been died."""
        return not any(self.tokens.iterdir())

    def problems(self) -> set[str]:
        """Give the codes of what ``/ready`` complains about; that it does not answer is one, too."""
        report = self.full.ready() or {"problems": [{"code": "no-answer"}]}
        return {problem["code"] for problem in report["problems"]}

    def settle_broker(self) -> None:
        """Wait until RabbitMQ, if it has just started, carries the dead letters of every queue.

        Queues deleted before that may cost it the carriers of all of them, for good.
        """
        brokers.settle(self.servers)

    def write_down(self) -> None:
        """Have RabbitMQ write to its disk what was declared, so that it outlives a kill."""
        brokers.write_down(self.servers)

    def unsettled(self) -> list[str]:
        """Say what is still on its way."""
        return self._rest.unsettled()

    def settled(self, within: float = 120) -> None:
        """Wait until everything is published and settled and ``/ready`` names no problem."""
        wait_for(lambda: self.unsettled() == [], within, self.unsettled)
        wait_for(lambda: not self.problems(), within, self.full.ready)

    def back(self, within: float) -> float:
        """Wait until a request filed now has gone all the way and ``/ready`` names no problem; gives the seconds."""
        begun = time.monotonic()
        self.bearers.renew()
        probe(self.door, self.recorder, within)
        self._make_room()
        left = within - (time.monotonic() - begun)
        wait_for(lambda: not self.problems(), max(left, 5), self.full.ready)
        return time.monotonic() - begun

    def _make_room(self) -> None:
        """Have PostgreSQL throw away the log it no longer needs: it has time for that, and the rig a small disk."""
        with self.servers.postgres.connect("postgres") as connection:
            connection.execute("checkpoint")

    def _programs(self) -> Mapping[str, Program]:
        return self.full.programs | self.servers.programs()


def wait_for(happened: Callable[[], bool], within: float, why_not: Callable[[], object]) -> None:
    """Wait for something; what fails says why it has not happened.

    Raises ``AssertionError``.
    """
    deadline = time.monotonic() + within
    while not happened():
        if time.monotonic() > deadline:
            message = f"not within {within:g} s: {why_not()}"
            raise AssertionError(message)
        time.sleep(0.1)


def probe(door: Door, recorder: Recorder, within: float) -> None:
    """File one request and wait until each of its legs has reached its agency and come back to the desk."""
    client = Client("probe", HUT, door, recorder, Tally(), random.Random(0))
    try:
        filed = client.file()
        path = f"/intake/api/v1/requests/{filed['id']}"

        def issued() -> bool:
            shown = client.ask(path)
            return bool(shown) and all(leg["status"] != "planned" for leg in shown["legs"])

        until(issued, seconds=within, what="a request filed after the fault, at all its agencies")
    finally:
        client.close()


@contextmanager
def full_rig(folder: Path) -> Iterator[Rig]:
    """Start a rig whose history goes to ``folder``; it ends with the block, its servers and data too.

    Raises what ``FullRun.start`` does.
    """
    with ExitStack() as stack:
        servers = stack.enter_context(Servers.temporary(nginx=True))
        keep = stack.enter_context(kept_open())
        disk = stack.enter_context(small_disk(servers.folder / "postgres"))
        tokens = servers.folder / "tokens"
        tokens.mkdir()
        proxies = (
            stack.enter_context(Proxy(servers.postgres.port)),
            stack.enter_context(Proxy(servers.rabbitmq.port)),
        )
        ways = {
            servers.postgres.port: proxies[0].port,
            servers.rabbitmq.port: proxies[1].port,
        }
        full = Proxied(servers, pack_with_outsider(servers.folder / "pack", servers.district), ways, tokens)
        stack.callback(full.discard)
        full.start()
        full.run("topology", "seat", OUTSIDER)
        # Opened afresh each time: they must work again as soon as a killed server does.
        databases = {
            name: keep(Database(servers.postgres_url(name, "owner"), direct=True)) for name in SERVICES
        }
        effects.install(databases)
        recorder = stack.enter_context(Recorder(folder))
        supervisor = stack.enter_context(Supervisor(full))
        brokers.write_down(servers)
        yield Rig(full, databases, recorder, proxies, supervisor, tokens=tokens, disk=disk)
