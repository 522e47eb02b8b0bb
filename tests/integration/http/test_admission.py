"""A server that is asked for more than it can do serves some in time and refuses the others in words."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.ports import free_port
from tests.waiting import until

CLIENTS = 12


@pytest.fixture
def url() -> Iterator[str]:
    """A server with one thread, which takes 0.4 s for each write."""
    address = f"http://127.0.0.1:{(port := free_port())}"

    def serves() -> bool:
        try:
            return httpx.get(address, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    with subprocess.Popen([sys.executable, "-m", "tests.integration.http.slow", str(port)]) as process:
        until(serves)
        yield address
        process.terminate()


def test_what_has_waited_too_long_is_refused_and_afterwards_all_are_served_again(url: str) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        answers.append(httpx.post(url, content=b"{}", timeout=60, trust_env=False))

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
    assert httpx.post(url, content=b"{}", trust_env=False).status_code == 200
