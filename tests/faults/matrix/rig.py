"""A whole installation to be broken: its servers behind proxies, its processes armed, its clients recorded."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from deploy.embedded.environment import SERVICES
from deploy.local import FullRun, Servers
from deploy.local.program import Program
from shared.db import Database
from shared.directory.pack import find_pack
from tests.databases import kept_open
from tests.faults.history import Recorder, effects
from tests.faults.load import HUT, Client, Door, Load, Tally
from tests.faults.matrix.rest import Rest
from tests.faults.matrix.staff import Bearers
from tests.faults.proxy import Proxy
from tests.messaging import brokers
from tests.waiting import until

ROOT = Path(__file__).parents[3]
REVIVE_SECONDS = 0.2
POOL_SIZE = 4
"""Smaller than the threads of a web process, so that its pool can be seen empty."""
OUTSIDER = "employment"
"""The agency that has a system of its own beside our pages."""
TMPFS_SIZE = "768m"
STANDING = frozenset({"pack-not-applied"})
"""What ``/ready`` says of a rig at all times: its pack is not the one that comes with the product."""


class Proxied(FullRun):
    """The full run whose processes reach PostgreSQL and RabbitMQ through proxies; commands go straight there."""

    def __init__(self, servers: Servers, pack: Path, ways: Mapping[int, int], tokens: Path) -> None:
        launcher = (sys.executable, "-m", "tests.faults.launcher", str(tokens))
        commands = {
            f"{kind}-{service}": (*launcher, command, service)
            for kind, command in (("web", "serve"), ("work", "work"))
            for service in SERVICES
        }
        extra = {"PYTHONPATH": str(ROOT), "CAREHUT_POOL_SIZE": str(POOL_SIZE)}
        super().__init__(servers, commands=commands, extra=extra)
        self._pack = pack
        self._ways = ways

    def run(self, *words: str) -> str:
        """Run one ``carehut`` command; the pack that is applied is the rig's own."""
        return super().run(*words, *([str(self._pack)] if words == ("district", "apply") else []))

    def environment(self, name: str, *, role: str = "web") -> dict[str, str]:
        """Give the environment of one process, its servers' addresses those of the proxies."""
        given = super().environment(name, role=role)
        for setting in given:
            if setting.endswith(("_DATABASE_URL", "_AMQP_URL")):
                for port, way in self._ways.items():
                    given[setting] = given[setting].replace(f":{port}/", f":{way}/")
        return given


class Supervisor:
    """Starts again whatever ends, as systemd or ``make up`` would, and remembers what ended though nobody ended it."""

    def __init__(self, full: FullRun) -> None:
        self._full = full
        self._expected: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor")
        self.deaths: list[str] = []

    def __enter__(self) -> Self:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join()

    def expect(self, name: str, times: int = 1) -> None:
        """Say that a program, or one of several whose names begin so, is about to be killed."""
        self._expected[name] += times

    def unexpected(self) -> list[str]:
        """Name the programs that ended by themselves since last asked."""
        dead, self.deaths = self.deaths, []
        found = []
        for name in dead:
            known = next(
                (wanted for wanted in (name, name.partition("-")[0]) if self._expected[wanted]), None
            )
            if known is None:
                found.append(name)
            else:
                self._expected[known] -= 1
        self._expected.clear()
        return found

    def _watch(self) -> None:
        while not self._stop.wait(REVIVE_SECONDS):
            self.deaths += self._full.revive()


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

    def load(self, seed: str) -> Load:
        """Make the clients that keep it busy."""
        self.bearers.renew()
        return Load(self.door, self.recorder, seed=seed)

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
        wait_for(lambda: self.problems() <= STANDING, within, self.full.ready)

    def back(self, within: float) -> float:
        """Wait until a request filed now has gone all the way and ``/ready`` names no problem; gives the seconds."""
        begun = time.monotonic()
        probe(self.door, self.recorder, within)
        left = within - (time.monotonic() - begun)
        wait_for(lambda: self.problems() <= STANDING, max(left, 5), self.full.ready)
        return time.monotonic() - begun

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
        full = Proxied(servers, _pack_with_outsider(servers), ways, tokens)
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


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a small file system in memory on ``folder``; gives None where this machine allows no mount."""
    folder.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_SIZE}", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def _pack_with_outsider(servers: Servers) -> Path:
    """Copy the demo pack, with one agency that also takes its events by a system of its own."""
    pack = servers.folder / "pack" / servers.district
    shutil.copytree(find_pack(servers.district), pack)
    agencies = pack / "agencies.yaml"
    before, mark, after = agencies.read_text().partition(f"- id: {OUTSIDER}\n")
    agencies.write_text(
        before + mark + after.replace("keys: platform", "keys: platform\n    system: true", 1)
    )
    return pack
