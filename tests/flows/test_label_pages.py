"""What people write stays words on every page, and a browser's session is theirs alone."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie

import httpx
import pytest

from tests.builders import a_consent, a_filing, a_person
from tests.flows.conftest import Told
from tests.flows.label import STRANGER
from tests.waiting import until

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>"
LIVE = ("<script", "<img", "onerror=alert(1)>", "\"'><b>")
ELSEWHERE = (
    "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:alert(1)",
    "/ok\r\nSet-Cookie: sid=x", "\\\\evil.example", "///evil.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def marked(told: Told) -> dict[str, str]:
    """File a request in which every free field holds markup, and take it through an agency; give its ids."""
    story = told.story
    guardian = {"name": MARKUP[:40], "relation": "parent"}
    body = a_filing(
        person=a_person(name=MARKUP[:40]),
        legs=[
            {"programme": "dibao", "note": MARKUP, "beneficiary": {"relation": "child", "name": MARKUP[:40]}}
        ],
        consents=[a_consent("civil-affairs", ("dibao",), guardian=guardian, witnessed_by=MARKUP[:40])],
        answers={"hardship_note": MARKUP},
    )
    filed = story.ask("hut", "POST", "/intake/api/v1/requests", json=body)
    assert filed.status_code == httpx.codes.CREATED, filed.text
    request, leg = filed.json()["id"], filed.json()["legs"][0]["id"]
    path = f"/referrals/api/v1/referrals/{leg}"
    until(lambda: story.ask("desk-civil-affairs", "GET", path).status_code == httpx.codes.OK, what="the leg")
    assert story.act("desk-civil-affairs", leg, "accept", {}).status_code == httpx.codes.OK
    outcome = {"outcome": "approved", "amount": 1, "period": "once", "note": MARKUP, "evidence": MARKUP}
    assert story.act("desk-civil-affairs", leg, "close", outcome).status_code == httpx.codes.OK
    shown = f"/intake/api/v1/requests/{request}"
    until(
        lambda: "alert(1)" in str(story.ask("hut", "GET", shown).json()["legs"][0]["answer"]),
        what="the answer",
    )
    return {"request": request, "leg": leg}


def test_markup_that_somebody_wrote_is_text_on_every_page(told: Told, marked: dict[str, str]) -> None:
    request, leg = f"/intake/requests/{marked['request']}", f"/referrals/{marked['leg']}"
    pages = {
        "hut": [
            "/intake/",
            "/intake/requests",
            request,
            f"{request}/consents",
            "/notifications/messages",
            leg,
        ],
        "specialist": [request],
        "desk-civil-affairs": ["/referrals/queue?tab=done", leg, "/notifications/messages"],
        "coordinator": ["/referrals/board", f"/referrals/cases/{marked['request']}", leg],
    }
    for who, paths in pages.items():
        browser = told.story.browse(who)
        for path in paths:
            page = browser.get(path, headers={"Accept": "text/html"})
            assert page.status_code == httpx.codes.OK, path
            assert not [live for live in LIVE if live in page.text], path
    desk = told.story.browse("desk-civil-affairs")
    for reason in ("核对", "<"):
        opened = desk.post(f"{leg}/packet", data={"reason": reason, "csrf_token": _token(desk.get(leg).text)})
        assert not [live for live in LIVE if live in opened.text]
    for path in ("/referrals/queue", "/intake/requests"):
        found = told.story.browse("desk-civil-affairs" if "queue" in path else "hut")
        assert not [live for live in LIVE if live in found.get(path, params={"q": MARKUP[:30]}).text]


@pytest.mark.parametrize("place", ["username", "next"])
def test_the_sign_in_page_repeats_nothing_live(told: Told, place: str) -> None:
    form = {"username": "x", "password": "x", place: "/" + MARKUP}
    answer = told.story.browse(STRANGER).post("/auth/sign-in", data=form)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert not [live for live in LIVE if live in answer.text]


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_cookies_are_for_this_place_alone_and_no_script_reads_them(told: Told) -> None:
    browser = told.story.browse("hut")
    set_by = [
        line.partition(": ")[2]
        for answer in told.story.answers
        for line in answer.headers.splitlines()
        if line.startswith("set-cookie")
    ]
    browser.get("/intake/language/en")
    assert set_by
    for line in set_by:
        ((name, cookie),) = SimpleCookie(line).items()
        assert cookie["httponly"], name
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", ""), name


def test_nobody_is_led_away(told: Told) -> None:
    browser = told.story.browse("desk-health")
    ways = ("/", "/auth/renew", "/intake/language/zh", "/referrals/language/zh", "/notifications/language/en")
    answers = [browser.get(way, params={"next": target}) for way in ways for target in ELSEWHERE]
    for answer in answers:
        location = answer.headers.get("Location", "/")
        assert re.match(r"/(?![/\\])", location), location
        assert "evil" not in location
        assert "sid=x" not in "".join(answer.headers.get_list("Set-Cookie"))


def test_a_form_needs_its_sessions_token_and_our_own_pages(told: Told) -> None:
    leg = told.story.leg("mmt", "mmt")
    browser, other = told.story.browse("desk-health"), told.story.browse("desk-health")
    token, foreign = (
        _token(browser.get(f"/referrals/{leg}").text),
        _token(other.get(f"/referrals/{leg}").text),
    )
    path, form = f"/referrals/{leg}/packet", {"reason": "核对"}
    refused = [
        browser.post(path, data=form),
        browser.post(path, data=form | {"csrf_token": foreign}),
        browser.post(path, data=form | {"csrf_token": token}, headers={"Origin": "http://evil.example"}),
        browser.post(path, data=form | {"csrf_token": token}, headers={"Origin": "null"}),
        browser.post(path, data=form | {"csrf_token": token}, headers={"Referer": "http://evil.example/x"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert browser.post(path, data=form | {"csrf_token": token}).status_code == httpx.codes.OK
