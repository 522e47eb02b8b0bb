"""Who has waited too long is refused at once, in words and with a time to come again; who only reads, later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from shared.http.admission import FREE_SECONDS, PATIENCE, STANDING_AFTER_SECONDS, Admission, waited
from shared.http.security_headers import SECURITY_HEADERS

WRITE, READ = PATIENCE[False], PATIENCE[True]
PATH = "/intake/api/v1/requests"


class Time:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        """Give the seconds."""
        return self.now


@pytest.fixture
def time() -> Time:
    """Time stands still until a test moves it."""
    return Time()


@pytest.fixture
def client(time: Time) -> Iterator[Client]:
    """A client of an application that answers everything, with admission before it."""
    yield Client(Admission(Response("done"), monotonic=time), Response)
    waited.seconds = 0.0


def after(client: Client, seconds: float, method: str = "POST", path: str = PATH, **headers: str) -> Any:
    """Send a request that has waited so long for a thread."""
    waited.seconds = seconds
    return client.open(
        path, method=method, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def stand(client: Client, time: Time) -> None:
    """Have nobody find a thread free for so long that the queue counts as standing."""
    after(client, FREE_SECONDS * 2)
    time.now += STANDING_AFTER_SECONDS + 0.1


def test_a_burst_is_let_wait_longer_than_a_queue_that_stands(client: Client, time: Time) -> None:
    assert after(client, WRITE.burst).status_code == 200
    assert after(client, WRITE.burst + 0.1).status_code == 503
    stand(client, time)
    assert after(client, WRITE.standing).status_code == 200
    assert after(client, WRITE.standing + 0.1).status_code == 503


def test_what_gathered_while_the_process_stood_still_is_a_burst(client: Client, time: Time) -> None:
    after(client, FREE_SECONDS / 2)
    time.now += STANDING_AFTER_SECONDS * 1.5
    assert after(client, WRITE.burst).status_code == 200


def test_one_free_thread_ends_a_standing_queue(client: Client, time: Time) -> None:
    stand(client, time)
    assert after(client, FREE_SECONDS / 2).status_code == 200
    assert after(client, WRITE.burst).status_code == 200


def test_who_only_reads_is_let_in_longer(client: Client, time: Time) -> None:
    stand(client, time)
    assert after(client, READ.standing, method="GET").status_code == 200
    assert after(client, READ.standing, method="POST").status_code == 503


@pytest.mark.parametrize("path", ["/live", "/ready", "/intake/ready"])
def test_a_health_check_always_passes(client: Client, time: Time, path: str) -> None:
    stand(client, time)
    assert after(client, 100.0, method="GET", path=path).status_code == 200


def test_a_refusal_is_a_problem_in_both_languages_with_a_time_to_come_again(client: Client) -> None:
    answer = after(client, 100.0, Accept_Language="en")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    problem = orjson.loads(answer.data)
    assert problem["type"] == "urn:aid:problem:busy"
    assert set(problem["messages"]) == {"zh", "en"}
    assert problem["detail"] == problem["messages"]["en"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(answer.headers.getlist(name) == [value] for name, value in SECURITY_HEADERS.items())


def test_who_was_refused_together_is_not_told_to_come_back_together(client: Client) -> None:
    times = {after(client, 100.0).headers["Retry-After"] for _ in range(8)}
    assert len(times) > 1
    assert all(1 <= int(time) <= 5 for time in times)


def test_a_browser_is_told_in_a_page(client: Client) -> None:
    answer = after(client, 100.0, Accept="text/html,*/*")
    assert answer.mimetype == "text/html"
    assert "Busy just now" in answer.text
    assert "现在太忙" in answer.text
