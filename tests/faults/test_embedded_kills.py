"""The embedded run may be killed at any moment: everything accepted before is there, and happens once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.local.ports import free_port, is_free
from shared.db import Database
from tests.databases import kept_open
from tests.faults.books import at_rest, faults
from tests.faults.load import Journal, Load
from tests.waiting import until

KILLS = 5
CAREHUT = str(Path(sys.executable).with_name("carehut"))


class Embedded:
    """``carehut run`` in a process group of its own."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.environment = os.environ | {"CAREHUT_HOME": str(home), "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the front door."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with Path(self.environment["CAREHUT_HOME"]).with_suffix(".log").open("ab") as log:
            self._process = subprocess.Popen(
                [CAREHUT, "run"], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        until(self._ready, seconds=60, what="the embedded run to be ready")

    def kill(self) -> None:
        """SIGKILL the whole group; the port must be free at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        until(lambda: is_free(self.port), seconds=5, what="the port to be free")

    def stop(self) -> None:
        """End it the way Ctrl-C does."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGINT)
        assert self._process.wait(20) in {0, 130}

    def token(self, staff: str) -> str:
        """Print a bearer token."""
        done = subprocess.run(
            [CAREHUT, "token", staff], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip().splitlines()[-1]

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/ready", trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Embedded]:
    """Give an embedded run that has started once."""
    run = Embedded(tmp_path / "home")
    run.start()
    yield run
    run.stop()


def test_kills_at_random_moments_lose_and_double_nothing(embedded: Embedded, chance: random.Random) -> None:
    journal = Journal()
    home = Path(embedded.environment["CAREHUT_HOME"])
    with Load(embedded.url, embedded.token("hut"), journal, seed="embedded"):
        for round_ in range(1, KILLS + 1):
            wanted = round_ * 6
            until(lambda: len(journal.accepted) >= wanted, seconds=60, what=f"{wanted} requests")  # noqa: B023
            time.sleep(chance.uniform(0, 0.4))  # any moment will do; the seed makes it the same one
            embedded.kill()
            embedded.start()
        until(
            lambda: len(journal.accepted) >= (KILLS + 1) * 6, seconds=60, what="service after the last kill"
        )
    with kept_open() as keep:
        databases = {name: keep(Database(f"sqlite:///{home}/aid_{name}.sqlite")) for name in SERVICES}
        until(lambda: at_rest(databases), seconds=60, what="everything settled")
        assert faults(databases, journal) == []
        for database in databases.values():
            with database.read() as connection:
                assert connection.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"
