"""The full run on this machine: every process of an installation on private servers, started, watched, stopped."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from deploy.embedded.environment import SERVICES
from deploy.front.paths import FRONT
from deploy.local.ports import free_port
from deploy.local.program import POLL_SECONDS, Program, Stuck
from deploy.local.servers import Servers

CAREHUT = (str(Path(sys.executable).with_name("carehut")),)
_READY_SECONDS = 60
NEW = (("migrate",), ("district", "apply"), ("topology", "apply"))
"""The commands that bring databases, pack and topology up to date before anything is started."""


_NO_ANSWER = ({"code": "no-answer"},)


class FullRun:
    """Web and worker of each service and the front door, as programs of ``servers`` (which must have nginx).

    ``programs`` maps ``web-<service>``, ``work-<service>`` and ``web-front`` to their programs. ``commands`` replaces
    the command line of some of them, ``extra`` adds to everybody's environment. ``first`` are the commands run before
    anything is started, such as those that make it again from a backup.
    """

    def __init__(
        self,
        servers: Servers,
        *,
        commands: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, str] | None = None,
        first: Sequence[Sequence[str]] = NEW,
    ) -> None:
        if servers.nginx is None:
            message = "the full run needs servers with nginx"
            raise ValueError(message)
        self.servers = servers
        self._nginx = servers.nginx
        self._commands = dict(commands or {})
        self._extra = dict(extra or {})
        self._first = first
        self._ports = {name: free_port() for name in (*SERVICES, FRONT)}
        self.programs: dict[str, Program] = {}

    @property
    def url(self) -> str:
        """The address of the front door."""
        return self._nginx.url

    def start(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Start the servers, bring databases, pack and topology up to date, and start every process.

        Returns when ``/ready`` finds nothing wrong. ``say`` is told each step.

        Raises:
            Missing: a server is not installed.
            Stuck: something did not come up, or a command failed; the message carries its output, and what had
                been started is ended.
        """
        try:
            self._start(say)
        except BaseException:
            self.discard()
            raise

    def wait(self, *, within: float = _READY_SECONDS, known: Collection[str] = ()) -> None:
        """Wait until every part of every service gives a sign of life and nothing troubles it but what is ``known``.

        Raises:
            Stuck: ``/ready`` still names another problem after so many seconds.
        """
        deadline = time.monotonic() + within
        while True:
            report = self.ready()
            problems = report.get("problems", _NO_ANSWER)
            if {problem["code"] for problem in problems} <= set(known):
                return
            if time.monotonic() > deadline:
                message = f"/ready still says: {report}"
                raise Stuck(message)
            time.sleep(POLL_SECONDS)

    def ready(self) -> dict[str, Any]:
        """Ask the front door for its summed readiness; empty while it has none to tell, as nginx alone has not."""
        connection = http.client.HTTPConnection("127.0.0.1", self._nginx.port, timeout=10)
        try:
            connection.request("GET", "/ready", headers={"Accept": "application/json"})
            report: dict[str, Any] = orjson.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
            return {}
        finally:
            connection.close()
        return report if "problems" in report else {}

    def run(self, *words: str) -> str:
        """Run one ``carehut`` command to its end and give what it printed.

        Raises:
            Stuck: it failed; the message carries what it said.
        """
        done = subprocess.run(
            [*CAREHUT, *words],
            env=self.settings(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"carehut {' '.join(words)} failed:\n{done.stdout}{done.stderr}"
            raise Stuck(message)
        return done.stdout

    def settings(self, *, role: str = "worker") -> dict[str, str]:
        """Give the environment of commands: PORT is the front door's, the databases are those of ``role``."""
        addresses = {
            f"CAREHUT_{name.upper()}_ADDRESSES": f"127.0.0.1:{port}" for name, port in self._ports.items()
        }
        # A setting of somebody's own installation must not reach into this one.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CAREHUT_")}
        return inherited | self.servers.environment(role=role) | addresses | self._extra

    def environment(self, name: str, *, role: str = "web") -> dict[str, str]:
        """Give the environment of one process of ``name``, a service or ``front``: PORT is its own."""
        return self.settings(role=role) | {"PORT": str(self._ports[name])}

    def kill(self, name: str) -> None:
        """SIGKILL one program, or a server (``postgres``, ``rabbitmq``), with all its processes."""
        if name in self.programs:
            self.programs[name].kill()
        else:
            self.servers.kill(name)

    def resume(self, name: str) -> None:
        """Start again what was killed, and wait until it serves."""
        if name in self.programs:
            self.programs[name].start()
        else:
            self.servers.resume(name)

    def revive(self) -> list[str]:
        """Start again every process of the installation that has ended, without waiting; give their names."""
        return _revived(self.programs)

    def revive_servers(self) -> list[str]:
        """Likewise for PostgreSQL, RabbitMQ and nginx."""
        return _revived(self.servers.programs())

    def stop(self) -> None:
        """Stop the door, the web processes, the workers, the servers, in this order."""
        self._nginx.stop()
        for program in self.programs.values():
            program.stop()
        self.servers.stop()

    def discard(self) -> None:
        """End every process at once, the servers too, for data that nobody will want."""
        for program in self.programs.values():
            program.kill()
        self.servers.discard()

    def _start(self, say: Callable[[str], None]) -> None:
        say("PostgreSQL, RabbitMQ")
        self.servers.start()
        for words in self._first:
            say(f"carehut {' '.join(words)}")
            self.run(*words)
        door = self.run("front", "render")
        say("serve, work, nginx")
        for program in self._make_programs():
            program.begin()
        for program in self.programs.values():
            program.wait()
        self._nginx.start(door)
        self.wait()

    def _make_programs(self) -> list[Program]:
        for name in (*SERVICES, FRONT):
            path = "/live" if name == FRONT else f"/{name}/live"
            self._add(f"web-{name}", ("serve", name), self.environment(name), self._answers(name, path))
        for service in SERVICES:
            # A worker listens on nothing; that it works is seen by its heartbeats, which /ready sums up.
            self._add(
                f"work-{service}", ("work", service), self.environment(service, role="worker"), lambda: True
            )
        return list(self.programs.values())

    def _add(
        self, name: str, words: Sequence[str], environment: Mapping[str, str], ready: Callable[[], bool]
    ) -> None:
        command = self._commands.get(name, (*CAREHUT, *words))
        self.programs[name] = Program(
            name, command, folder=self.servers.folder, ready=ready, environment=environment
        )

    def _answers(self, name: str, path: str) -> Callable[[], bool]:
        def answers() -> bool:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports[name], timeout=5)
            try:
                connection.request("GET", path)
                return connection.getresponse().status == http.HTTPStatus.OK
            except (OSError, http.client.HTTPException):
                return False
            finally:
                connection.close()

        return answers


def _revived(programs: Mapping[str, Program]) -> list[str]:
    ended = [name for name, program in programs.items() if program.pid is None]
    for name in ended:
        programs[name].begin()
    return ended
