"""One program beside us: started, awaited, stopped, killed, frozen; it ends when we end, however we end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import IO

from deploy.local import child
from deploy.local.processes import signal_all, stands, tree

POLL_SECONDS = 0.03
STOP_SECONDS = 30
TAIL_BYTES = 4000


class Missing(Exception):
    """A server program is not installed; the message says what to install."""


class Stuck(Exception):
    """A program ended or did not answer in time; the message carries the end of its log."""


class Program:
    """A program with its log file ``<folder>/<name>.log``; threads may begin, stop and kill it at once.

    ``ready`` tells whether it serves; ``end`` is the signal of an orderly stop, ``orphaned`` the one the
    kernel sends when our own process dies, SIGKILL included.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        end: signal.Signals = signal.SIGTERM,
        orphaned: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._ready = ready
        self._environment = dict(environment or os.environ)
        self._user = user
        self._end = end
        self._orphaned = orphaned
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id while it runs, otherwise None."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    def start(self, *, within: float = 60) -> None:
        """Start and wait until it serves; see `begin` and `wait`."""
        self.begin()
        self.wait(within=within)

    def begin(self) -> None:
        """Start without waiting; does nothing while it runs.

        The program gets its own process group, so that Ctrl-C reaches us alone and we stop things in order.
        """
        with self._changing:
            if self.pid is not None:
                return
            with self.log.open("ab") as log:
                self._process = _nursery().submit(self._spawn, log).result()

    def wait(self, *, within: float = 60) -> None:
        """Wait until it serves.

        Raises:
            Stuck: it ended first, or did not serve ``within`` so many seconds; it is then stopped.
        """
        deadline = time.monotonic() + within
        while True:
            if self.pid is None:
                raise Stuck(self._told("ended before it was ready"))
            if self._ready():
                return
            if time.monotonic() > deadline:
                self.kill()
                raise Stuck(self._told(f"was not ready within {within:.0f} s"))
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End it in an orderly way, and by force after half a minute; whatever it had started ends too."""
        with self._changing:
            if self._process is None:
                return
            left = tree(self._process.pid)
            signal_all(left, signal.SIGCONT)
            if self._process.poll() is None:
                self._process.send_signal(self._end)
                try:
                    self._process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    signal_all(tree(self._process.pid), signal.SIGKILL)
                    self._process.wait()
            _gone(left, STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """SIGKILL to the program and all it started, at once."""
        with self._changing:
            if self._process is None:
                return
            left = tree(self._process.pid)
            signal_all(left, signal.SIGKILL)
            self._process.wait()
            _gone(left, STOP_SECONDS)
            self._process = None

    def freeze(self) -> None:
        """Stop the program's clock (SIGSTOP): connections stay open and nobody answers any more.

        Raises:
            Stuck: it does not come to a stand.
        """
        if self.pid is None:
            return
        whole = tree(self.pid)
        signal_all(whole, signal.SIGSTOP)
        # Until the last thread has seen the signal a busy program goes on answering.
        deadline = time.monotonic() + STOP_SECONDS
        while not all(stands(process) for process in whole):
            if time.monotonic() > deadline:
                raise Stuck(self._told("does not come to a stand"))
            time.sleep(POLL_SECONDS)

    def thaw(self) -> None:
        """Let a frozen program go on."""
        if self.pid is not None:
            signal_all(tree(self.pid), signal.SIGCONT)

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        wrapped = [sys.executable, "-I", "-S", child.__file__, self._orphaned.name, self._user or "-"]
        return subprocess.Popen(
            [*wrapped, str(os.getpid()), *self.command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _told(self, what: str) -> str:
        tail = self.log.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
        return f"{self.name} {what}; the end of {self.log}:\n{tail}"


@cache
def _nursery() -> ThreadPoolExecutor:
    # The kernel counts the thread that made a process as its parent: this one lives as long as we do.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="programs")


def _gone(processes: Sequence[int], within: float) -> None:
    """Wait until none of these runs; those that outlive their parent get two seconds before SIGKILL."""
    begun = time.monotonic()
    left = set(processes)
    while left:
        left &= {process for root in left for process in tree(root)[:1]}
        if time.monotonic() > begun + within:
            message = f"processes {sorted(left)} do not end"
            raise Stuck(message)
        if time.monotonic() > begun + 2:
            signal_all(left, signal.SIGKILL)
        if left:
            time.sleep(POLL_SECONDS)
