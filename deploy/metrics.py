"""``/metrics`` on a private port: how much is under way, how much was kept back, and which parts are alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import DBAPIError

from shared.inbox.letters import OPEN_STATES
from shared.inbox.tables import dead_letters
from shared.outbox.tables import outbox
from shared.settings import number
from shared.telemetry.tables import heartbeats

if TYPE_CHECKING:
    from shared.db import Database

ADDRESS = "127.0.0.1"
SETTING = "CAREHUT_METRICS_PORT"

_WAITING = sa.select(sa.func.count(), sa.func.min(outbox.c.recorded_at)).where(
    outbox.c.published_at.is_(None)
)
_LETTERS = (
    sa.select(dead_letters.c.state, sa.func.count().label("letters"))
    .where(dead_letters.c.state.in_(OPEN_STATES))
    .group_by(dead_letters.c.state)
)
_BEATS = sa.select(heartbeats.c.part, sa.func.max(heartbeats.c.beat_at)).group_by(heartbeats.c.part)


class Books(Collector):
    """Reads the books of some services whenever it is asked: counts and ages, nothing of any case."""

    def __init__(self, databases: Mapping[str, Database]) -> None:
        self._databases = databases

    def describe(self) -> Iterable[Metric]:
        """Say nothing beforehand, so that registering reads no database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Give the gauges; a service whose database is away shows ``aid_database_up 0`` and no more."""
        up = GaugeMetricFamily("aid_database_up", "1 if the database answers", labels=["service"])
        waiting = GaugeMetricFamily("aid_outbox_waiting", "events not yet published", labels=["service"])
        age = GaugeMetricFamily(
            "aid_outbox_oldest_seconds", "age of the oldest event not yet published", labels=["service"]
        )
        letters = GaugeMetricFamily("aid_dead_letters", "open dead letters", labels=["service", "state"])
        silence = GaugeMetricFamily(
            "aid_part_silent_seconds", "since a part was last heard of", labels=["service", "part"]
        )
        now = datetime.now(UTC)
        for service, database in self._databases.items():
            try:
                with database.read() as connection:
                    count, oldest = connection.execute(_WAITING).one()
                    kept: dict[str, int] = {row.state: row.letters for row in connection.execute(_LETTERS)}
                    beats = connection.execute(_BEATS).all()
            except DBAPIError:
                up.add_metric([service], 0)
                continue
            up.add_metric([service], 1)
            waiting.add_metric([service], count)
            age.add_metric([service], 0 if oldest is None else (now - oldest).total_seconds())
            for state in OPEN_STATES:
                letters.add_metric([service, state], kept.get(state, 0))
            for part, beat in beats:
                silence.add_metric([service, part], (now - beat).total_seconds())
        return (up, waiting, age, letters, silence)


def offer(environ: Mapping[str, str], databases: Mapping[str, Database]) -> WSGIServer | None:
    """Serve ``/metrics`` on CAREHUT_METRICS_PORT of loopback, in a thread, if that is set; gives the server.

    Raises OSError when the port is taken, and ``shared.settings.NotANumber``.
    """
    port = environ.get(SETTING)
    if not port:
        return None
    registry = CollectorRegistry()
    registry.register(Books(databases))
    server, _thread = start_http_server(number(environ, SETTING, 0), addr=ADDRESS, registry=registry)
    return server
