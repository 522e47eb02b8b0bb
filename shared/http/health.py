"""``/live`` and ``/ready``: whether this process runs, whether it can take requests, and what troubles the service."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import flask
import structlog

from shared.http.json_provider import json_response
from shared.http.policy import public
from shared.http.spec import AppSpec, Check
from shared.telemetry.heartbeat import Trouble, troubles
from shared.text import Text

log = structlog.get_logger()

_DATABASE = Text(
    "无法访问数据库；请检查数据库并执行命令 migrate。",
    "The database cannot be used: see that it runs, and run the command migrate.",
)
_PACK = Text(
    "尚未应用地区配置；请执行命令 district apply。",
    "No district pack is applied: run the command district apply.",
)


class Health:
    """What one service's web knows of its own state; ``deploy`` sums it up over all services."""

    def __init__(self, spec: AppSpec) -> None:
        self._spec = spec
        self._failing: dict[str, datetime] = {}
        self._found: list[Trouble] = []
        self._checks = (
            Check("database-away", _DATABASE, self._read_heartbeats),
            Check("no-district-pack", _PACK, lambda: bool(spec.directory.current())),
            *spec.checks,
        )

    def report(self) -> tuple[dict[str, object], int]:
        """Give ``{status, problems: [{code, since, remedy}]}`` and the HTTP status, 503 if none can be served."""
        now = self._spec.clock.now()
        self._found = []
        failed = [check for check in self._checks if not self._holds(check, now)]
        listed = [_entry(Trouble(check.code, check.remedy, self._failing[check.code])) for check in failed]
        listed += [_entry(trouble) for trouble in self._found]
        unable = any(check.needed for check in failed)
        status = "unavailable" if unable else "degraded" if listed else "ok"
        return {"status": status, "problems": listed}, 503 if unable else 200

    def _read_heartbeats(self) -> bool:
        with self._spec.database.read() as connection:
            self._found = troubles(connection, self._spec.parts, self._spec.clock.now())
        return True

    def _holds(self, check: Check, now: datetime) -> bool:
        try:
            holds = check.holds()
        except Exception as error:  # whatever keeps a probe from answering is the finding itself
            log.warning("check failed", code=check.code, exc_info=error)
            holds = False
        if holds:
            self._failing.pop(check.code, None)
        else:
            self._failing.setdefault(check.code, now)
        return holds


def _entry(trouble: Trouble) -> dict[str, object]:
    return {
        "code": trouble.code,
        "since": trouble.since,
        "remedy": trouble.remedy.en,
        "messages": trouble.remedy.both(),
    }


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
