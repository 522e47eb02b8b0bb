"""Who gets in, and what an agency cannot put together: in a full run, where the story has been played."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.embedded.environment import SERVICES
from shared.identity import Post
from tests.flows.conftest import Told
from tests.flows.label import AGENCIES, LEAVER, STAFF
from tests.waiting import until

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

DESKS = {f"desk-{agency}" for agency in AGENCIES.values()}
LEADERS = {f"leader-{agency}" for agency in AGENCIES.values()}


@pytest.mark.parametrize("who", [who for who in STAFF if who.startswith(("desk-", "leader-"))])
def test_no_filter_brings_another_agencys_legs_into_a_list(told: Told, who: str) -> None:
    agency = who.partition("-")[2]
    path = "/referrals/api/v1/referrals"
    legs = [leg for request in told.story.requests.values() for leg in request["legs"]]
    foreign = {leg["id"] for leg in legs if leg["agency"] != agency}
    numbers = [
        item["number"]
        for item in told.story.ask("coordinator", "GET", path, params={"limit": 50}).json()["items"]
    ]
    asked: list[dict[str, Any]] = [
        {"limit": 100}, {"unit": "530103004"}, {"status": "closed"}, *({"q": number} for number in numbers),
        *({"q": text} for text in ("犀渠玄鸟", "13988877665", "xqxn")),
    ]  # fmt: skip
    found = [told.story.ask(who, "GET", path, params=query) for query in asked]
    assert {answer.status_code for answer in found} == {200}
    shown = {item["id"] for answer in found for item in answer.json()["items"]}
    assert not shown & foreign
    for other in {*AGENCIES.values()} - {agency}:
        assert told.story.ask(who, "GET", path, params={"agency": other}).status_code == 404


def test_no_agency_can_join_two_legs_by_what_it_is_shown(told: Told) -> None:
    story = told.story
    request, number = story.requests["told"]["id"], story.requests["told"]["number"]
    for who in (*DESKS, *LEADERS):
        said = "\n".join(answer.headers + answer.text for answer in story.answers if answer.who == who)
        own = said.replace(f"/requests/{request}", "").replace(f"/cases/{request}", "")
        assert request not in own, who
        assert number not in said, who


def test_only_a_token_that_is_whole_and_fresh_signs_anybody_in(told: Told) -> None:
    story, desk = told.story, Post("desk", agency="health")
    old = told.bearer("desk-health", desk, at=datetime.now(UTC) - timedelta(minutes=16))
    head, claims, signature = told.bearer("desk-health", desk).split(".")
    other = told.bearer("desk-health", Post("coordinator")).split(".")[1]
    broken = (old, f"{head}.{other}.{signature}", f"{head}.{claims}.", f"{head}.{claims}", "x")
    for token, service in itertools.product(
        broken, ("referrals/api/v1/referrals", "notifications/api/v1/messages")
    ):
        headers = {"Authorization": f"Bearer {token}"}
        assert story.http.get(f"/{service}", headers=headers).status_code == 401
    assert story.http.get("/referrals/api/v1/referrals").status_code == 401


def test_a_disabled_account_is_out_everywhere_within_a_minute(told: Told) -> None:
    who, browser = LEAVER, told.story.browse(LEAVER)
    pages = ("/intake/", "/referrals/queue", "/notifications/messages")
    assert [browser.get(page).status_code for page in pages] == [200] * 3
    told.full.run("staff", "disable", who, "--reason", "left the agency")

    def out() -> bool:
        # A page leads to the renewal of its session, which there is none of any more.
        answers = [browser.get(page) for page in pages]
        shown = [told.story.ask(who, "GET", f"/{service}/api/v1/audit").status_code for service in SERVICES]
        return [answer.status_code for answer in answers] == [302] * 3 and shown == [401] * 3

    until(out, seconds=60, what="the end of a disabled account's token")
    renewed = browser.get("/auth/renew", params={"next": "/referrals/queue"})
    assert renewed.headers["Location"].startswith("/?")
    assert "sid" not in browser.cookies
