"""The figures an operator's tools collect, on both databases."""

from __future__ import annotations

import urllib.request
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry

from deploy.local.ports import free_port
from deploy.metrics import Books, offer
from services.intake.use_cases.submit_request import submit_request
from shared.db import Database
from shared.inbox.tables import dead_letters
from shared.telemetry.heartbeat import Heartbeat
from tests.builders import a_command, a_principal, an_installation
from tests.conftest import MakeDatabase


def test_what_waits_and_what_was_kept_is_counted(database: MakeDatabase) -> None:
    installation = an_installation(database)
    submit_request(installation.intake(), a_principal(), a_command("dibao"))
    referrals = installation.databases["referrals"]
    with referrals.unit_of_work() as uow:
        uow.connection.execute(
            dead_letters.insert().values(
                consumer="referrals",
                state="dead",
                reason="malformed",
                body_sha256=b"x" * 32,
                body=b"",
                routing_key="request.submitted",
                queue="referrals.events",
                detail={},
                kept_at=datetime.now(UTC),
            )
        )
    Heartbeat(referrals, "consumer").beat(None)
    registry = CollectorRegistry()
    registry.register(Books(installation.databases))
    assert registry.get_sample_value("aid_database_up", {"service": "intake"}) == 1
    assert (
        registry.get_sample_value("aid_outbox_waiting", {"service": "intake", "lane": "events"}) or 0
    ) >= 1
    assert (
        registry.get_sample_value("aid_outbox_waiting", {"service": "notifications", "lane": "events"}) == 0
    )
    assert registry.get_sample_value("aid_dead_letters", {"service": "referrals", "state": "dead"}) == 1
    silent = registry.get_sample_value(
        "aid_part_silent_seconds", {"service": "referrals", "part": "consumer"}
    )
    assert silent is not None
    assert silent >= 0


def test_a_database_that_is_away_is_said_and_hides_no_other(sqlite_database: MakeDatabase) -> None:
    gone = Database("sqlite:////nowhere/at/all.sqlite")
    registry = CollectorRegistry()
    registry.register(Books({"intake": gone, "referrals": sqlite_database("referrals")}))
    assert registry.get_sample_value("aid_database_up", {"service": "intake"}) == 0
    assert registry.get_sample_value("aid_database_up", {"service": "referrals"}) == 1


def test_figures_are_served_on_loopback_if_a_port_is_set(sqlite_database: MakeDatabase) -> None:
    databases = {"intake": sqlite_database("intake")}
    assert offer({}, databases) is None
    port = free_port()
    server = offer({"CAREHUT_METRICS_PORT": str(port)}, databases)
    assert server is not None
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert b'aid_database_up{service="intake"} 1.0' in answer.read()
    server.shutdown()
    server.server_close()
