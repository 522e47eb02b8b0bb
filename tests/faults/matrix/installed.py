"""An installation made to be broken: behind proxies, armed, watched over, on a small disk, with an outsider."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from deploy.embedded.environment import SERVICES
from deploy.local import FullRun, Servers
from shared.directory.pack import find_pack

ROOT = Path(__file__).parents[3]
REVIVE_SECONDS = 0.2
POOL_SIZE = 4
"""Smaller than the threads of a web process, so that its pool can be seen empty."""
OUTSIDER = "employment"
"""The agency that has a system of its own beside our pages."""
TMPFS_SIZE = "768m"


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


def pack_with_outsider(folder: Path, district: str) -> Path:
    """Copy a demo pack into ``folder``, with one agency that also takes its events by a system of its own."""
    pack = folder / district
    shutil.copytree(find_pack(district), pack)
    agencies = pack / "agencies.yaml"
    before, mark, after = agencies.read_text().partition(f"- id: {OUTSIDER}\n")
    agencies.write_text(
        before + mark + after.replace("keys: platform", "keys: platform\n    system: true", 1)
    )
    return pack
