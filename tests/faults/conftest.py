"""A full run whose processes can be made to die at a failpoint, revived the way a supervisor does it."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.embedded.environment import SERVICES
from deploy.local import Missing, Servers
from deploy.local.full_run import FullRun
from shared.db import Database
from tests.conftest import absent
from tests.databases import kept_open
from tests.faults.load import Journal, Load

ROOT = Path(__file__).parents[2]
REVIVE_SECONDS = 0.2


@dataclass
class Armed:
    """A running installation, its databases, the tokens of deaths to die, and all that its clients were told."""

    full: FullRun
    tokens: Path
    databases: Mapping[str, Database]
    journal: Journal = field(default_factory=Journal)

    def arm(self, command: str, point: str, visits: list[int]) -> None:
        """Have a process of ``serve`` or ``work`` die at a failpoint, once for each number of visits."""
        for number, visit in enumerate(visits):
            # Tokens need different names: a trailing zero changes the name and not the number.
            (self.tokens / f"{command}:{point}@{'0' * number}{visit}").touch()

    def all_died(self) -> bool:
        """Tell whether every death has been died."""
        return not any(self.tokens.iterdir())

    def load(self, *, seed: str, clients: int = 3, pause: float = 0.05) -> Load:
        """Make clients that file requests as the help desk."""
        bearer = self.full.run("token", "hut").strip().splitlines()[-1]
        return Load(self.full.url, bearer, self.journal, seed=seed, clients=clients, pause=pause)


@contextmanager
def revived(full: FullRun) -> Iterator[None]:
    """Start again whatever ends, as systemd or ``make up`` would."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(REVIVE_SECONDS):
            full.revive()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Armed]:
    """Start the full run with every process under the launcher; nothing dies before a test arms it."""
    tokens = tmp_path_factory.mktemp("tokens")
    launcher = (sys.executable, "-m", "tests.faults.launcher", str(tokens))
    commands = {
        f"{kind}-{service}": (*launcher, command, service)
        for kind, command in (("web", "serve"), ("work", "work"))
        for service in SERVICES
    }
    with Servers.temporary(nginx=True, durable=False) as servers, kept_open() as keep:
        full = FullRun(servers, commands=commands, extra={"PYTHONPATH": str(ROOT)})
        try:
            full.start()
            databases = {name: keep(Database(servers.postgres_url(name, "owner"))) for name in SERVICES}
            with revived(full):
                yield Armed(full, tokens, databases)
        except Missing as error:
            absent(str(error))
        finally:
            full.discard()


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Give the seeded chance of this test: the same kills in every run."""
    return random.Random(request.node.name)
