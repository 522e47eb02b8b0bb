"""What /live and /ready say, and when /ready is 503."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.http.app import create_app
from shared.telemetry.heartbeat import SILENT_AFTER, Heartbeat, Trouble
from shared.text import Text
from tests.unit.http.tiny import Tiny, check


def test_a_service_whose_parts_beat_is_ok(service: Tiny) -> None:
    for part in service.spec.parts:
        Heartbeat(service.database, part, clock=service.clock).beat()
    answer = service.client().get("/ready")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "problems": []})
    assert service.client().get("/intake/live").json == {"status": "ok"}


def test_a_silent_part_degrades_but_takes_no_request_away(service: Tiny) -> None:
    relay = Heartbeat(service.database, "relay", clock=service.clock)
    relay.beat()
    Heartbeat(service.database, "consumer", clock=service.clock).beat()
    last = service.clock.now()
    service.clock.move_to(last + SILENT_AFTER + timedelta(seconds=1))
    Heartbeat(service.database, "consumer", clock=service.clock).beat("broker-away")
    Heartbeat(service.database, "timers", clock=service.clock).beat()
    answer = service.client().get("/intake/ready")
    assert answer.status_code == 200
    assert answer.json["status"] == "degraded"
    problems = {problem["code"]: problem for problem in answer.json["problems"]}
    assert set(problems) == {"relay-silent", "broker-away"}
    assert problems["relay-silent"]["since"].startswith("2026-11-23T01:30:00")
    assert "RabbitMQ" in problems["broker-away"]["remedy"]


def test_a_part_may_bring_its_own_remedy(service: Tiny) -> None:
    Heartbeat(service.database, "relay", clock=service.clock).beat(Trouble("odd", Text("修", "mend")))
    found = {
        problem["code"]: problem["remedy"] for problem in service.client().get("/ready").json["problems"]
    }
    assert found["odd"] == "mend"


def test_a_needed_check_that_fails_is_503_and_says_since_when(service: Tiny) -> None:
    spec = replace(
        service.spec, blueprints=(), pages=(), checks=[check("keys-missing", holds=False, needed=True)]
    )
    client: Any = create_app(spec).test_client()
    first = client.get("/ready")
    service.clock.move_to(service.clock.now() + timedelta(minutes=5))
    second = client.get("/ready")
    assert (first.status_code, second.status_code) == (503, 503)
    assert first.json["status"] == "unavailable"
    since = [p["since"] for p in second.json["problems"] if p["code"] == "keys-missing"]
    assert since == ["2026-11-23T01:30:00Z"]


def test_a_check_that_is_not_needed_only_degrades(service: Tiny) -> None:
    spec = replace(
        service.spec, blueprints=(), pages=(), checks=[check("demo-key", holds=False, needed=False)]
    )
    answer: Any = create_app(spec).test_client().get("/ready")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")


def test_a_pack_that_cannot_be_read_is_503(service: Tiny) -> None:
    def broken() -> object:
        raise LookupError("no pack")

    service.spec.directory.current = broken  # type: ignore[method-assign, assignment]
    answer = service.client().get("/ready")
    assert answer.status_code == 503
    assert "no-district-pack" in {problem["code"] for problem in answer.json["problems"]}
