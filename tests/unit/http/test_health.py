"""What /live and /ready say, and when /ready is 503."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.http.app import create_app
from shared.outbox.tables import outbox
from shared.telemetry.heartbeat import SILENT_AFTER, Heartbeat
from shared.telemetry.trouble import Trouble
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
    Heartbeat(service.database, "relay", clock=service.clock).beat(
        Trouble("odd", Text("坏", "odd"), Text("修", "mend"))
    )
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
    assert since == ["2026-11-23T01:30:00.000Z"]


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


def _well(service: Tiny) -> None:
    for part in service.spec.parts:
        Heartbeat(service.database, part, clock=service.clock).beat()


def _problems(service: Tiny) -> tuple[int, dict[str, Any]]:
    answer = service.client().get("/ready")
    return answer.status_code, {problem["code"]: problem for problem in answer.json["problems"]}


def test_an_event_that_does_not_leave_is_told_after_half_a_minute(service: Tiny) -> None:
    _well(service)
    with service.database.unit_of_work() as uow:
        uow.connection.execute(
            outbox.insert().values(
                event_id="01a20116-2e9e-7380-90f2-b700949b06c0",
                type="request.submitted.v1",
                subject="one",
                sequence=1,
                partition=0,
                routing_key="request.submitted",
                body=b"{}",
                recorded_at=service.clock.now() - timedelta(seconds=94),
            )
        )
    status, problems = _problems(service)
    assert (status, set(problems)) == (200, {"outbox-late"})
    assert problems["outbox-late"]["what"] == "Events not yet published: 1; the oldest has waited 94 s."
    assert "最早的已等待 94 秒" in problems["outbox-late"]["messages"]["zh"]["what"]
    assert problems["outbox-late"]["since"] == "2026-11-23T01:28:26.000Z"


def test_a_schema_that_is_too_old_closes_the_door_and_one_too_new_does_not(service: Tiny) -> None:
    _well(service)
    with service.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'of a later release'")
    status, problems = _problems(service)
    assert (status, set(problems)) == (200, {"schema-newer"})
    with service.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DELETE FROM alembic_version")
    status, problems = _problems(service)
    assert (status, set(problems)) == (503, {"migration-pending"})
    assert problems["migration-pending"]["remedy"] == "Run the command migrate."


def test_a_service_without_keys_cannot_take_requests(service: Tiny) -> None:
    _well(service)
    with service.database.unit_of_work() as uow:
        uow.connection.exec_driver_sql("DELETE FROM keys")
    status, problems = _problems(service)
    assert (status, set(problems)) == (503, {"keys-missing"})
