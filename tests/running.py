"""An embedded run of the whole installation, as somebody would start it, for tests and pictures that only use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.ports import free_port
from tests.waiting import until

COMMANDS = Path(sys.executable).parent
STOP_SECONDS = 30


@dataclass(frozen=True)
class Running:
    """Where it is, and the environment in which ``carehut`` commands find it."""

    url: str
    environment: dict[str, str]

    def carehut(self, *words: str) -> str:
        """Run a command to its end and give what it printed."""
        done = subprocess.run(
            [COMMANDS / "carehut", *words], env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def serves(self) -> bool:
        """Tell whether it takes requests."""
        try:
            return httpx.get(f"{self.url}/ready", trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False


@contextmanager
def running(home: Path) -> Iterator[Running]:
    """Run the demo district with its data in ``home``; ended as Ctrl-C does."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CAREHUT_")}
    path = f"{COMMANDS}{os.pathsep}{inherited['PATH']}"
    settings = {"CAREHUT_HOME": str(home), "PORT": str(port), "PATH": path, "LANG": "C.UTF-8"}
    run = Running(f"http://127.0.0.1:{port}", inherited | settings)
    with (
        home.with_suffix(".log").open("wb") as log,
        subprocess.Popen(
            [COMMANDS / "carehut", "run"], env=run.environment, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            until(lambda: process.poll() is not None or run.serves(), seconds=60, what="the embedded run")
            if process.poll() is not None:
                raise AssertionError(home.with_suffix(".log").read_text())
            yield run
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(STOP_SECONDS)
