"""The embedded run to be broken: one process group on SQLite files, its clients recorded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local.ports import free_port, is_free
from shared.db import Database
from tests.databases import kept_open
from tests.faults.clients import Door
from tests.faults.history import Recorder, effects
from tests.faults.load import Load
from tests.faults.matrix.installed import ROOT
from tests.faults.matrix.rest import Rest
from tests.faults.matrix.rig import probe, wait_for
from tests.faults.matrix.staff import Bearers
from tests.waiting import until

START_SECONDS = 60
DEMO = frozenset({"demo-key"})
"""What ``/ready`` always says of a demo district, and is no problem here."""


class EmbeddedRig:
    """``carehut run`` in a process group of its own, armed like the processes of a full run."""

    embedded = True
    servers = None

    def __init__(self, place: Path, recorder: Recorder, stack: ExitStack) -> None:
        self.folder = recorder.folder
        self.recorder = recorder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens = place / "tokens"
        self.tokens.mkdir()
        self.kills = 0
        self._home = place / "home"
        self._log = place / "run.log"
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("CAREHUT_")
        } | {"CAREHUT_HOME": str(self._home), "PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        self._process: subprocess.Popen[bytes] | None = None
        stack.callback(self.kill_group)
        self.start()
        keep = stack.enter_context(kept_open())
        files = {name: self._home / f"aid_{name}.sqlite" for name in SERVICES}
        self.databases = {name: keep(Database(f"sqlite:///{file}")) for name, file in files.items()}
        effects.install(self.databases)
        self._rest = Rest(self.databases)
        self.bearers = Bearers(self.databases["intake"], self._environment, self._home)
        self.bearers.renew()
        self.door = Door(self.url, self.bearers)

    def load(self, seed: str, pause: float) -> Load:
        """Make the clients that keep it busy, each with so many seconds between two operations."""
        self.bearers.renew()
        return Load(self.door, self.recorder, seed=seed, pause=pause)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [sys.executable, "-m", "tests.faults.launcher", str(self.tokens), "run"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=log, stderr=log, start_new_session=True, cwd=ROOT
            )
        wait_for(lambda: self._ended() or self.is_ready(), START_SECONDS, self._tail)
        if self._ended():
            raise AssertionError(self._tail())

    def kill(self) -> None:
        """SIGKILL the whole group; the port must be free at once, and every database sound."""
        self.recorder.fault("kill", "run")
        self.kills += 1
        self.kill_group()
        until(lambda: is_free(self.port), seconds=5, what="the port to be free")
        for name, database in self.databases.items():
            with database.read() as connection:
                said = connection.execute(sa.text("PRAGMA integrity_check")).scalars().all()
            assert said == ["ok"], f"{name} is damaged: {said}"

    def kill_group(self) -> None:
        """End every process of it."""
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def arm(self, point: str, visit: int) -> None:
        """Have the worker process die at a failpoint; its master starts another."""
        self.recorder.fault("arm", "run", point=point, visits=[visit])
        self.kills += 1
        (self.tokens / f"run:{point}@{visit}").touch()

    def all_died(self) -> bool:
        """Tell whether every death that was armed has been died."""
        return not any(self.tokens.iterdir())

    def is_ready(self) -> bool:
        """Tell whether it takes requests and names no problem of its own."""
        return self._problems() <= DEMO

    def unsettled(self) -> list[str]:
        """Say what is still on its way."""
        return self._rest.unsettled()

    def settled(self, within: float = 120) -> None:
        """Wait until everything is settled."""
        wait_for(lambda: self.unsettled() == [], within, self.unsettled)
        wait_for(self.is_ready, within, self._problems)

    def back(self, within: float) -> float:
        """Wait until a request filed now has gone all the way; gives the seconds."""
        begun = time.monotonic()
        self.bearers.renew()
        probe(self.door, self.recorder, within)
        wait_for(self.is_ready, within, self._problems)
        return time.monotonic() - begun

    def unexpected_deaths(self) -> list[str]:
        """Name it if its master ended by itself."""
        return ["run"] if self._ended() else []

    def _ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def _problems(self) -> set[str]:
        try:
            answer = httpx.get(f"{self.url}/ready", trust_env=False, headers={"Accept": "application/json"})
        except httpx.HTTPError:
            return {"no answer"}
        if answer.status_code != httpx.codes.OK:
            return {f"answers {answer.status_code}"}
        return {problem["code"] for problem in answer.json()["problems"]}

    def _tail(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


@contextmanager
def embedded_rig(folder: Path, place: Path) -> Iterator[EmbeddedRig]:
    """Start one whose data are in ``place`` and whose history goes to ``folder``."""
    place.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        recorder = stack.enter_context(Recorder(folder))
        yield EmbeddedRig(place, recorder, stack)
