"""What changes while everything runs reaches everybody: places as decisions take them, days as a notice moves them.

On real servers, and the last to use this installation: from here on its calendar is another.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa

from services.intake.persistence.tables import leg_events
from shared.identity import Post
from shared.outbox.tables import outbox
from tests.builders import HUT_UNIT, a_filing
from tests.flows.conftest import Told
from tests.flows.label import Story
from tests.unit.directory.notices import write_notice_with
from tests.waiting import until

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

PLACES, REQUESTS = "/referrals/api/v1/capacities", "/intake/api/v1/requests"
PLACED = {
    "outcome": "approved",
    "amount": 1990,
    "period": "monthly",
    "post": "保洁员",
    "employer": "社区居委会",
}
POSTS = {
    "hut": Post("hut", unit=HUT_UNIT),
    "desk-civil-affairs": Post("desk", agency="civil-affairs"),
    "desk-employment": Post("desk", agency="employment"),
    "leader-employment": Post("leader", agency="employment"),
}


@pytest.fixture
def story(told: Told) -> Story:
    """The story's people, signed in anew: a token lasts a quarter of an hour."""
    told.story.bearers |= {who: told.bearer(who, post) for who, post in POSTS.items()}
    return told.story


def filed(story: Story, programme: str, agency: str, **changes: Any) -> dict[str, Any]:
    """File a request and wait until its leg is at its agency."""
    request: dict[str, Any] = story.ask("hut", "POST", REQUESTS, json=a_filing(programme, **changes)).json()
    path = f"/referrals/api/v1/referrals/{leg_of(request)}"
    until(lambda: story.ask(f"desk-{agency}", "GET", path).status_code == httpx.codes.OK, what="the leg")
    return request


def leg_of(request: dict[str, Any]) -> str:
    return str(request["legs"][0]["id"])


def test_places_are_shown_where_a_leg_is_chosen_and_counted_down_by_decisions(story: Story) -> None:
    def at_the_hut() -> tuple[int, int]:
        items = story.ask("hut", "GET", "/intake/api/v1/capacities").json()["items"]
        return next((item["free"], item["waiting"]) for item in items if item["programme"] == "pub-job")

    def warned(request: dict[str, Any]) -> bool:
        return "no-place-free" in {warning["code"] for warning in request["warnings"]}

    def decide(request: dict[str, Any], outcome: dict[str, Any]) -> int:
        return story.act("desk-employment", leg_of(request), "close", outcome).status_code

    counted = story.ask("leader-employment", "GET", PLACES).json()["items"]
    version = next(item["version"] for item in counted if item["programme"] == "pub-job")
    figures = {"places": 40, "free": 1, "as_of": datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()}
    answer = story.ask(
        "leader-employment", "PUT", f"{PLACES}/pub-job", json=figures, headers={"If-Match": f'"{version}"'}
    )
    assert answer.status_code == httpx.codes.OK, answer.text
    until(lambda: at_the_hut() == (1, 0), what="the leader's figures at the hut")
    assert "名额 40 个，空余 1 个" in story.ask("hut", "GET", "/intake/requests/new").text

    answers = {"hard_to_employ": True}
    first, second = (filed(story, "pub-job", "employment", answers=answers) for _ in range(2))
    for request in (first, second):
        assert not warned(request)
        assert story.act("desk-employment", leg_of(request), "accept", {}).status_code == httpx.codes.OK
    assert decide(first, PLACED) == httpx.codes.OK
    until(lambda: at_the_hut() == (0, 0), what="one place less at the hut")
    assert decide(second, PLACED) == httpx.codes.CONFLICT
    assert warned(filed(story, "pub-job", "employment", answers=answers))
    assert decide(second, {"outcome": "waitlisted"}) == httpx.codes.OK
    until(lambda: at_the_hut() == (0, 1), what="who waits, at the hut")


def test_a_notice_imported_by_the_command_moves_a_day_at_agency_and_hut_and_does_so_once(
    told: Told, story: Story, tmp_path: Path
) -> None:
    request = filed(story, "dibao", "civil-affairs")
    leg = leg_of(request)

    def at_the_agency() -> dict[str, Any]:
        shown: dict[str, Any] = story.ask(
            "desk-civil-affairs", "GET", f"/referrals/api/v1/referrals/{leg}"
        ).json()
        return shown

    def day_at_the_hut() -> str:
        shown = story.ask("hut", "GET", f"{REQUESTS}/{request['id']}").json()
        return str(shown["legs"][0]["due_on"])

    assert story.act("desk-civil-affairs", leg, "accept", {}).status_code == httpx.codes.OK
    before = at_the_agency()
    file = str(write_notice_with(tmp_path, date.fromisoformat(before["due_on"])))
    printed = told.full.run("calendar", "import", file, "--replace")
    after = at_the_agency()
    assert after["due_on"] > before["due_on"]
    assert f"{before['number']}  {before['due_on']} → {after['due_on']}\n" in printed
    until(lambda: day_at_the_hut() == after["due_on"], what="the new day at the hut")

    again = told.full.run("calendar", "import", file, "--replace")
    assert "→" not in again
    assert at_the_agency()["due_on"] == day_at_the_hut() == after["due_on"]
    with told.databases["referrals"].read() as connection:
        wanted = sa.select(outbox.c.type).where(
            outbox.c.subject == leg, outbox.c.type == "referral.due-moved.v1"
        )
        assert len(connection.execute(wanted).all()) == 1
    with told.databases["intake"].read() as connection:
        facts = connection.execute(sa.select(leg_events.c.fact).where(leg_events.c.leg_id == leg)).scalars()
        assert list(facts).count("due-moved") == 1
