"""The summed ``/ready`` and the front door's own answers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Mapping
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from werkzeug.test import Client

from deploy.front import FrontApp, remote
from deploy.front.ready import Reporter, summed
from deploy.local.ports import free_port

OK = ({"status": "ok", "problems": []}, 200)
BROKER_AWAY = {"code": "broker-away", "since": "2026-11-20T08:00:00Z", "remedy": "look", "messages": {}}


def _saying(**reports: tuple[Mapping[str, Any], int]) -> dict[str, Reporter]:
    def reporter(report: tuple[Mapping[str, Any], int]) -> Reporter:
        return lambda: report

    return {service: reporter(report) for service, report in reports.items()}


def test_all_well_is_ok() -> None:
    assert summed(_saying(intake=OK, referrals=OK)) == ({"status": "ok", "problems": []}, 200)


def test_a_problem_names_its_service_and_does_not_close_the_door() -> None:
    troubled = ({"status": "degraded", "problems": [BROKER_AWAY]}, 200)
    body, status = summed(_saying(intake=OK, referrals=troubled))
    assert status == 200
    assert body == {"status": "degraded", "problems": [{"service": "referrals", **BROKER_AWAY}]}


def test_one_service_that_cannot_take_requests_closes_the_door() -> None:
    unable = ({"status": "unavailable", "problems": []}, 503)
    assert summed(_saying(intake=OK, referrals=unable))[1] == 503


def test_a_web_process_that_is_away_is_a_problem_with_a_remedy() -> None:
    client = Client(FrontApp(remote({"referrals": [f"127.0.0.1:{free_port()}"]})))
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    problem = answer.get_json()["problems"][0]
    assert problem["code"] == "referrals-away"
    assert "serve referrals" in problem["remedy"]
    again = client.get("/ready").get_json()["problems"][0]
    assert again["since"] == problem["since"], "the time since when it is away does not move"


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_second_address_answers_when_the_first_is_away() -> None:
    def service(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        assert environ["PATH_INFO"] == "/intake/ready"
        start_response("503 Service Unavailable", [])
        return [b'{"status": "unavailable", "problems": [{"code": "database-away"}]}']

    with make_server("127.0.0.1", 0, service, handler_class=_Quiet) as server:
        assert isinstance(server, socketserver.BaseServer)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        addresses = [f"127.0.0.1:{free_port()}", f"127.0.0.1:{server.server_port}"]
        body, status = summed(remote({"intake": addresses}))
        server.shutdown()
    assert (status, body["problems"]) == (503, [{"service": "intake", "code": "database-away"}])


def test_live_says_that_the_process_answers() -> None:
    assert Client(FrontApp({})).get("/live").json == {"status": "ok"}


def test_only_reading_is_possible() -> None:
    answer = Client(FrontApp({})).post("/live", headers={"Accept-Language": "en"})
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.get_json()["type"] == "urn:aid:problem:method-not-allowed"


def test_what_is_not_there_is_a_problem_in_chinese_first() -> None:
    answer = Client(FrontApp({})).get("/elsewhere")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.get_json()["detail"] == answer.get_json()["messages"]["zh"]
