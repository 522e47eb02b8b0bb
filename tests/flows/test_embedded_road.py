"""The road in the embedded run, from the front door: filed, issued, worked on, told of, tracked, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import FOUR_PROGRAMMES, a_filing, the_district
from tests.running import Running, running
from tests.waiting import until

AGENCIES = {the_district().programmes[name].agency: name for name in FOUR_PROGRAMMES}
OUTCOMES = {
    "civil-affairs": {"outcome": "approved", "amount": 560, "period": "monthly"},
    "social-security": {"outcome": "enrolled"},
    "employment": {"outcome": "waitlisted"},
    "health": {"outcome": "service-delivered"},
}


class Staff:
    """One member of staff at the APIs."""

    def __init__(self, run: Running, name: str) -> None:
        token = run.carehut("token", name).splitlines()[-1]
        self.name = name
        self._client = httpx.Client(
            base_url=run.url,
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            trust_env=False,
            timeout=30,
        )

    def get(self, path: str, **query: Any) -> Any:
        """Ask; the answer must be 200."""
        answer = self._client.get(path, params=query)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Send."""
        return self._client.post(path, json=body, headers=headers)

    def messages(self) -> list[dict[str, Any]]:
        """Give what one was told, newest first."""
        found: list[dict[str, Any]] = self.get("/notifications/api/v1/messages", limit=100)["items"]
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


@pytest.fixture
def sign_in() -> Iterator[Callable[[Running, str], Staff]]:
    """Call with a run and a name."""
    known: list[Staff] = []

    def make(run: Running, name: str) -> Staff:
        known.append(Staff(run, name))
        return known[-1]

    yield make
    for one in known:
        one.close()


def _queue(desk: Staff) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("/referrals/api/v1/referrals")["items"]
    return found


def _work_through(desk: Staff, agency: str) -> None:
    """Take the one referral of a desk from the queue to its outcome."""
    (referral,) = _queue(desk)
    version = referral["version"]
    for action, fields in (("acknowledge", {}), ("accept", {}), ("start", {}), ("close", OUTCOMES[agency])):
        answer = desk.post(
            f"/referrals/api/v1/referrals/{referral['id']}/{action}", fields, **{"If-Match": f'"{version}"'}
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        version = answer.json()["version"]


def test_one_request_becomes_four_referrals_that_are_worked_told_tracked_and_kept(
    tmp_path: Path, sign_in: Callable[[Running, str], Staff]
) -> None:
    home = tmp_path / "home"
    with running(home) as run:
        hut, coordinator = sign_in(run, "hut"), sign_in(run, "coordinator")
        desks = {agency: sign_in(run, f"desk-{agency}") for agency in AGENCIES}
        body = a_filing()
        filed = hut.post("/intake/api/v1/requests", body, **{"Idempotency-Key": "the-first"})
        assert filed.status_code == httpx.codes.CREATED, filed.text
        request = filed.json()
        again = hut.post("/intake/api/v1/requests", body, **{"Idempotency-Key": "the-first"})
        assert again.json() == request

        for agency, desk in desks.items():
            until(partial(_queue, desk), what=f"the referral of {agency}")
            until(desk.messages, what=f"the message to {agency}")
            (referral,) = _queue(desk)
            assert referral["id"] == next(leg["id"] for leg in request["legs"] if leg["agency"] == agency)
            assert desk.messages()[0]["number"] == referral["number"]
            _work_through(desk, agency)

        until(lambda: len(hut.messages()) == 16, what="every step to be told to the hut")
        case = coordinator.get(f"/referrals/api/v1/cases/{request['id']}")
        assert {leg["status"] for leg in case["legs"]} == {"closed"}
        assert "health-service" in {leg["programme"] for leg in case["legs"]}
        assert "psy" not in str(case)
        assert coordinator.messages() == []

    with running(home) as run:
        hut = sign_in(run, "hut")
        shown = hut.get(f"/intake/api/v1/requests/{request['id']}")
        assert shown["number"] == request["number"]
        assert {leg["status"] for leg in shown["legs"]} == {"closed"}
        assert len(hut.messages()) == 16


def test_the_demo_is_filled_once_and_is_visible_when_it_returns(
    tmp_path: Path, sign_in: Callable[[Running, str], Staff]
) -> None:
    with running(tmp_path / "home") as run:
        run.carehut("demo")
        coordinator, hut = sign_in(run, "coordinator"), sign_in(run, "hut")
        legs = _all(coordinator, "/referrals/api/v1/referrals")
        assert sum(leg["programme"] == "dibao" for leg in legs) == 12
        assert sum(leg["programme"] == "pub-job" for leg in legs) == 1
        figures = coordinator.get("/referrals/api/v1/statistics")["programmes"]
        granted = {row["programme"]: row["granted"] for row in figures}
        assert granted["dibao"] == {"people": 12, "referrals": 12, "amount": 12 * 560}
        assert granted["pub-job"]["people"] == 1
        lights = {leg["light"] for leg in legs}
        assert {"green", "yellow", "red", "blue"} <= lights
        told = _all(hut, "/notifications/api/v1/messages")
        assert sum(item["type"] == "referral.closed.v1" for item in told) == sum(
            leg["status"] == "closed" for leg in legs
        )
        until(
            lambda: _days_at_the_desk(hut).items() <= _days(legs).items(),
            what="the desk to see each leg's day and light as its agency does",
        )
        assert len({light for _due_on, light in _days_at_the_desk(hut).values()}) > 1
        people = {leg["request_id"] for leg in legs if leg["programme"] == "dibao"}
        assert len(people) == 12
        with pytest.raises(Exception, match="returned non-zero exit status 1"):
            run.carehut("demo")
        assert len(_all(coordinator, "/referrals/api/v1/referrals")) == len(legs)


def _days(legs: list[dict[str, Any]]) -> dict[str, tuple[str | None, str]]:
    return {leg["id"]: (leg["due_on"], leg["light"]) for leg in legs}


def _days_at_the_desk(hut: Staff) -> dict[str, tuple[str | None, str]]:
    return _days([leg for request in _all(hut, "/intake/api/v1/requests") for leg in request["legs"]])


def _all(staff: Staff, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = staff.get(path, **query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]
