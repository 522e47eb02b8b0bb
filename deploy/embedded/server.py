"""The embedded server: one gunicorn worker whose threads are three webs, three relays and three consumers."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask
from gunicorn.arbiter import Arbiter

from deploy.doctor.watch import with_watch
from deploy.front import FrontApp, dispatcher
from deploy.front.ready import Report
from deploy.metrics import Meters, offer
from deploy.serve import Server
from deploy.work import Crew, Memory, parts
from services.intake import bootstrap as intake
from services.intake.config import Config as IntakeConfig
from services.notifications import bootstrap as notifications
from services.notifications.config import Config as NotificationsConfig
from services.referrals import bootstrap as referrals
from services.referrals.config import Config as ReferralsConfig
from shared.messaging.memory import MemoryTransport
from shared.messaging.topology import topology
from shared.sealing.master import SOURCES
from shared.telemetry.trouble import Trouble

if TYPE_CHECKING:
    from deploy.installation import Installation

THREADS = 16
STOP_SECONDS = 1.5
SETTINGS: Mapping[str, object] = {
    "workers": 1,
    "threads": THREADS,
    # A stopping worker waits this long for connections that browsers keep open; Ctrl-C should be quick.
    "keepalive": 1,
    "graceful_timeout": 5,
}

log = structlog.get_logger(__name__)


class OneWorker(Arbiter):  # type: ignore[misc] # gunicorn has no types
    """A gunicorn master that keeps exactly one worker: a second one would have queues that nobody reads."""

    def refuse(self) -> None:
        """Take no notice of a signal that would start another worker beside the first."""
        log.warning(
            "embedded.signal-refused", reason="the embedded run has one worker; stop it and start it again"
        )

    handle_hup = handle_ttin = handle_ttou = handle_usr2 = handle_winch = refuse


class Embedded(Server):
    """Everything of one installation behind one socket. ``ready`` is called once, when the first worker serves."""

    def __init__(
        self, installation: Installation, listening: socket.socket, ready: Callable[[], None]
    ) -> None:
        self._environ = installation.environ
        self._installation = installation
        self._code = installation.code
        self._ready = ready
        self._crew: Crew | None = None
        self._since = datetime.now(UTC)
        hooks = {"post_worker_init": self._begin, "worker_exit": self._end}
        super().__init__(self._applications, {**SETTINGS, "bind": [f"fd://{listening.fileno()}"], **hooks})

    def run(self) -> None:
        """Serve until told to stop; gunicorn's own entry."""
        OneWorker(self).run()

    def _applications(self) -> Any:  # noqa: ANN401 - a WSGI application
        environ = self._environ
        webs: dict[str, Flask] = {
            "intake": intake.create_app(IntakeConfig.from_environment(environ)),
            "referrals": referrals.create_app(ReferralsConfig.from_environment(environ)),
            "notifications": notifications.create_app(NotificationsConfig.from_environment(environ)),
        }
        reporters = {name: web.extensions["aid-health"].report for name, web in webs.items()}
        return dispatcher({**webs, "front": FrontApp({**reporters, "embedded": self._report})})

    def _begin(self, worker: Any) -> None:  # noqa: ANN401 - gunicorn's worker
        environ = self._environ
        workers = [
            intake.worker(IntakeConfig.from_environment(environ)),
            referrals.worker(ReferralsConfig.from_environment(environ)),
            notifications.worker(NotificationsConfig.from_environment(environ)),
        ]
        workers = [with_watch(one, self._installation) for one in workers]
        broker = Memory(MemoryTransport(topology(self._code)), {one.service: one.database for one in workers})
        meters = Meters()
        self._crew = Crew(
            [(one.service, part) for one in workers for part in parts(one, broker, meters=meters)]
        )
        self._crew.start()
        offer(environ, {one.service: one.database for one in workers}, meters)
        threading.Thread(target=self._watch, args=(self._crew,), name="watch", daemon=True).start()
        if worker.age == 1:
            self._ready()

    def _watch(self, crew: Crew) -> None:
        crew.wait()
        if crew.failed is not None:
            # The master starts a fresh worker, whose relays deliver again what was under way.
            os.kill(os.getpid(), signal.SIGTERM)

    def _end(self, _server: object, _worker: object) -> None:
        if self._crew is not None:
            self._crew.stop(within=STOP_SECONDS)

    def _report(self) -> Report:
        running = self._crew is not None and self._crew.complete
        problems = [] if running else [self._problem("parts-not-started")]
        if not any(self._environ.get(name) for name in SOURCES):
            problems.append(self._problem("demo-key"))
        if not running:
            return {"status": "unavailable", "problems": problems}, 503
        return {"status": "degraded" if problems else "ok", "problems": problems}, 200

    def _problem(self, code: str) -> dict[str, object]:
        return Trouble.of(code, since=self._since).as_json()
