"""A real server process with one thread, for tests of what happens before any application is asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy.local.ports import free_port
from tests.waiting import until


@dataclass(frozen=True)
class Served:
    """Where the server listens, and where its log is."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def serves(self) -> bool:
        """Tell whether it answers."""
        try:
            return httpx.get(self.url, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server with one thread, which takes 0.4 s for each write."""
    made = Served(free_port(), tmp_path / "log")
    command = [sys.executable, "-m", "tests.integration.http.slow", str(made.port)]
    with made.log.open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        until(made.serves)
        yield made
        process.terminate()
