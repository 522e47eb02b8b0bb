"""A server that is asked for more than it can do serves some in time and refuses the others in words."""

from __future__ import annotations

import threading
from collections import Counter

import httpx

from tests.integration.http.conftest import Served

CLIENTS = 12


def test_what_has_waited_too_long_is_refused_and_afterwards_all_are_served_again(served: Served) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.post(served.url, content=b"{}", timeout=60, trust_env=False))

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert {answer.json()["type"] for answer in refused} == {"urn:aid:problem:busy"}
    assert all(int(answer.headers["Retry-After"]) for answer in refused)
    assert httpx.post(served.url, content=b"{}", trust_env=False).status_code == 200
