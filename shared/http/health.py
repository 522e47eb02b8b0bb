"""``/live`` and ``/ready``: whether this process runs, whether it can take requests, and what troubles the service."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import flask
import structlog

from shared.clock import SystemClock
from shared.http.json_provider import json_response
from shared.http.policy import public
from shared.http.spec import AppSpec, Check
from shared.outbox import books
from shared.telemetry.clocks import differing, measured
from shared.telemetry.heartbeat import troubles
from shared.telemetry.trouble import Trouble, merged

log = structlog.get_logger()

_SCHEMA = {"older": Trouble.of("migration-pending"), "newer": Trouble.of("schema-newer")}


class Health:
    """What one service's web knows of its own state; ``deploy`` sums it up over all services.

    It asks its own database and nothing else: what takes longer to find, the worker's parts find and write down.
    """

    def __init__(self, spec: AppSpec) -> None:
        self._spec = spec
        self._failing: dict[tuple[str, str], datetime] = {}
        self._found: list[Trouble] = []
        self._schema = "current"
        self._readable = False
        self._checks = (
            Check(Trouble.of("database-away"), self._read_database),
            # An older process serves on while the machines are brought up to date one by one.
            Check(_SCHEMA["newer"], lambda: self._schema != "newer", needed=False),
            Check(_SCHEMA["older"], lambda: self._schema != "older"),
            Check(Trouble.of("no-district-pack"), self._if_readable(lambda: bool(spec.directory.current()))),
            Check(
                Trouble.of("keys-missing", about=spec.service, count=1),
                self._if_readable(lambda: spec.keyring.district),
            ),
            *spec.checks,
        )

    def report(self) -> tuple[dict[str, object], int]:
        """Give ``{status, problems: [{code, about, since, what, remedy, messages}]}`` and the HTTP status.

        The status is 503 if no request can be served.
        """
        now = self._spec.clock.now()
        self._found, self._schema, self._readable = [], "current", False
        failed = [check for check in self._checks if not self._holds(check, now)]
        listed = [replace(check.trouble, since=self._failing[check.trouble.key]) for check in failed]
        listed = merged([*listed, *self._found])
        unable = any(check.needed for check in failed)
        status = "unavailable" if unable else "degraded" if listed else "ok"
        return {
            "status": status,
            "problems": [trouble.as_json() for trouble in listed],
        }, 503 if unable else 200

    def _read_database(self) -> bool:
        from shared.db.migrate import standing  # noqa: PLC0415 - alembic is not needed before somebody asks

        spec = self._spec
        with spec.database.read() as connection:
            self._schema = standing(connection, spec.service)
            now, difference = measured(
                connection, None if isinstance(spec.clock, SystemClock) else spec.clock
            )
            found = differing(socket.gethostname(), difference)
            found += troubles(connection, spec.service, spec.parts, now)
            found += books.troubles(connection, spec.service, now)
        self._found, self._readable = found, True
        return True

    def _if_readable(self, probe: Callable[[], object]) -> Callable[[], bool]:
        # What lies in a database that is away may well be there.
        return lambda: not self._readable or bool(probe())

    def _holds(self, check: Check, now: datetime) -> bool:
        key = check.trouble.key
        try:
            holds = check.holds()
        except Exception as error:  # whatever keeps a probe from answering is the finding itself
            log.warning("check failed", code=check.trouble.code, exc_info=error)
            holds = False
        if holds:
            self._failing.pop(key, None)
        else:
            self._failing.setdefault(key, now)
        return holds


def register(app: flask.Flask, spec: AppSpec) -> Health:
    """Serve ``/live`` and ``/ready``, also under the service's own path, where the front door reaches them."""
    health = Health(spec)

    @public("a supervisor asks without an account; the answer holds nothing of any case")
    def live() -> flask.Response:
        """Tell that the process answers."""
        return json_response({"status": "ok"})

    @public("a load balancer asks without an account; the answer holds nothing of any case")
    def ready() -> flask.Response:
        """Tell whether requests can be taken, and what troubles the service."""
        body, status = health.report()
        return json_response(body, status, {"Retry-After": "5"} if status != 200 else None)  # noqa: PLR2004 - OK

    views: tuple[tuple[str, Callable[[], flask.Response]], ...] = (("live", live), ("ready", ready))
    for name, view in views:
        app.add_url_rule(f"/{name}", name, view)
        app.add_url_rule(f"/{spec.service}/{name}", f"{name}_here", view)
    app.extensions["aid-health"] = health
    return health
