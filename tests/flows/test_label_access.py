"""Every operation as everybody, on one's own things and on others': what is not one's own does not exist."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.embedded.environment import SERVICES
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.transitions import TRANSITIONS
from shared import ids
from shared.identity import Post
from tests.flows.conftest import Told
from tests.flows.label import AGENCIES, LEAVER, STAFF
from tests.flows.label_within import WITHIN
from tests.waiting import until

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

EVERYBODY = (*STAFF, "other-hut")
STALE = {"If-Match": '"999"'}
BODIES: Mapping[str, Any] = {
    "packet/open": {"reason": "核对材料"},
    "close": {"outcome": "enrolled"},
    "withdraw": {"reason": "withdrawn-by-person", "legs": []},
    "note": {"text": "核对材料"},
    "message": {"text": "核对材料"},
    "record-on-behalf": {"action": "accept", "fields": {}, "slip": "019aae10-4c01-7c42-8a10-6d5b3e9f7c09"},
}
"""What is sent where a body is asked for; all that is decided on a version is sent stale, so that nothing changes."""

DESKS = {f"desk-{agency}" for agency in AGENCIES.values()}
LEADERS = {f"leader-{agency}" for agency in AGENCIES.values()}
CASEWORK = {"hut", "specialist", "coordinator"}
ACTIONS: Mapping[str, frozenset[str]] = {
    **{action: row.roles for action, row in TRANSITIONS.items()},
    **{action: row.roles for action, row in SIDE_ACTIONS.items()},
}
REACHED: Mapping[str, set[str]] = {
    "GET /intake/api/v1/requests/{request}": {"hut", "specialist"},
    "GET /intake/api/v1/requests/{request}/history": {"hut", "specialist"},
    "GET /intake/api/v1/requests/{request}/consents": {"hut"},
    "POST /intake/api/v1/requests/{request}/withdraw": {"hut"},
    "GET /referrals/api/v1/referrals/{referral_id}": DESKS | LEADERS | CASEWORK,
    "GET /referrals/api/v1/referrals/{referral_id}/history": DESKS | LEADERS | CASEWORK,
    "GET /referrals/api/v1/referrals/{referral_id}/clock": DESKS | LEADERS | CASEWORK,
    "POST /referrals/api/v1/referrals/{referral_id}/packet/open": DESKS | LEADERS,
    **{
        f"POST /referrals/api/v1/referrals/{{referral_id}}/{action}": {
            who for who in (*DESKS, *LEADERS, "coordinator") if who.partition("-")[0] in roles
        }
        for action, roles in ACTIONS.items()
        if roles
    },
    "POST /referrals/api/v1/referrals/{referral_id}/pending/open": DESKS | LEADERS,
    "GET /referrals/api/v1/referrals/{referral_id}/messages": DESKS | LEADERS,
    "GET /referrals/api/v1/cases/{request_id}": CASEWORK,
}
"""Operation → who may do it to the request of the story, or to one of its legs. All others learn nothing."""

LISTS: Mapping[str, set[str]] = {
    "/intake/api/v1/requests": {"hut", "other-hut", "specialist"},
    "/intake/api/v1/drafts": {"hut", "other-hut"},
    "/intake/api/v1/tasks": {"hut", "other-hut", "specialist", "grid"},
    "/referrals/api/v1/statistics": {
        *(who for who in EVERYBODY if who.startswith("leader-")), *CASEWORK, "other-hut",
    },
    "/intake/api/v1/screenings/questions": {"hut", "other-hut", "specialist"},
    "/intake/api/v1/capacities": {"hut", "other-hut", "specialist"},
    "/intake/api/v1/programmes": {"hut", "other-hut", "specialist"},
    "/referrals/api/v1/capacities": {
        *(who for who in EVERYBODY if who.startswith(("desk-", "leader-"))), *CASEWORK, "other-hut",
    },
    "/referrals/api/v1/referrals": {
        *(who for who in EVERYBODY if who.startswith(("desk-", "leader-"))), *CASEWORK, "other-hut",
    },
    "/referrals/api/v1/cases": {*CASEWORK, "other-hut"},
    "/notifications/api/v1/messages": {
        *(who for who in EVERYBODY if who.startswith(("desk-", "leader-"))), *CASEWORK, "other-hut",
    },
    "/notifications/api/v1/deliveries": {"operator"},
    **{f"/{service}/api/v1/audit": {"auditor"} for service in SERVICES},
}  # fmt: skip


def _operations(told: Told) -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        paths = told.story.http.get(f"/{service}/openapi.json").json()["paths"]
        for path, item in paths.items():
            yield from (
                (verb.upper(), path) for verb in item if verb in {"get", "post", "put", "patch", "delete"}
            )


def _asked(told: Told, who: str, method: str, path: str, thing: str) -> tuple[int, Any]:
    """Ask about a thing; give status and body without what differs from answer to answer."""
    before, _, after = path.partition("{")
    after = after.partition("}")[2].lstrip("/").replace("{action}", "suspend")
    body = BODIES.get(after, {}) if method == "POST" else None
    answer = told.story.ask(
        who, method, "/".join((before + thing, after)).rstrip("/"), json=body, headers=STALE
    )
    if answer.headers["Content-Type"] == "application/problem+json":
        return answer.status_code, {**answer.json(), "request_id": None}
    return answer.status_code, answer.json()


def _thing(told: Told, path: str, who: str, story: str) -> str:
    if "{request" in path:
        return str(told.story.requests[story]["id"])
    agency = who.partition("-")[2]
    programme = next((name for name, owner in AGENCIES.items() if owner == agency), "dibao")
    return told.story.leg(story, programme)


def test_the_documents_name_every_operation_that_is_looked_at_here(told: Told) -> None:
    on_things = {f"{method} {path}" for method, path in _operations(told) if "{" in path}
    others = {
        "POST /referrals/api/v1/referrals/{referral_id}/{action}",
        "POST /notifications/api/v1/messages/{message}/read",
        # About a programme and nobody in particular.
        "PUT /referrals/api/v1/capacities/{programme}",
        *WITHIN,
    }
    assert on_things == set(REACHED) | others
    lists = {path for method, path in _operations(told) if method == "GET" and "{" not in path}
    assert lists == set(LISTS)


@pytest.mark.parametrize("operation", REACHED)
def test_an_operation_is_done_to_ones_own_and_everything_else_does_not_exist(
    told: Told, operation: str
) -> None:
    method, path = operation.split()
    reached, wrong = set(), []
    for who in EVERYBODY:
        nothing = _asked(told, who, method, path, ids.new())
        assert nothing[0] in {403, 404}
        for story in ("told", "elsewhere"):
            found = _asked(told, who, method, path, _thing(told, path, who, story))
            if found == nothing:
                continue
            if found[0] in {401, 403, 404, 500} or (story == "elsewhere" and who == "hut"):
                wrong.append((who, story, found))
            if story == "told":
                reached.add(who)
    assert wrong == []
    assert reached == REACHED[operation]


@pytest.mark.parametrize(
    "verb", ["", "/history", "/clock", "/packet/open", "/acknowledge", "/close", "/suspend"]
)
def test_no_agency_learns_whether_anothers_leg_exists(told: Told, verb: str) -> None:
    method = "GET" if verb in {"", "/history", "/clock"} else "POST"
    path = f"{method} /referrals/api/v1/referrals/{{referral_id}}{verb}".split()[1]
    for agency, other in itertools.permutations(AGENCIES.values(), 2):
        leg = next(leg for leg in told.story.requests["told"]["legs"] if leg["agency"] == other)["id"]
        who = f"desk-{agency}"
        nothing = _asked(told, who, method, path, ids.new())
        assert nothing[0] == 404
        assert _asked(told, who, method, path, leg) == nothing


def test_a_message_in_anothers_inbox_does_not_exist(told: Told) -> None:
    path = "/notifications/api/v1/messages/{message}/read"
    inboxes = {
        who: [
            item["id"]
            for item in told.story.ask(who, "GET", "/notifications/api/v1/messages").json()["items"]
        ]
        for who in ("hut", *sorted(DESKS))
    }
    assert all(inboxes.values())
    for who, other in itertools.permutations(inboxes, 2):
        assert not set(inboxes[who]) & set(inboxes[other])
        nothing = _asked(told, who, "POST", path, ids.new())
        assert nothing[0] == 404
        assert _asked(told, who, "POST", path, inboxes[other][0]) == nothing


@pytest.mark.parametrize("path", LISTS)
def test_a_list_is_for_those_who_work_with_it(told: Told, path: str) -> None:
    opened = {who for who in EVERYBODY if told.story.ask(who, "GET", path).status_code == 200}
    assert opened == LISTS[path]


@pytest.mark.parametrize("who", [who for who in EVERYBODY if who.startswith(("desk-", "leader-"))])
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


def test_somebody_elses_cursor_opens_nothing(told: Told) -> None:
    path = "/referrals/api/v1/referrals"
    theirs = told.story.ask("coordinator", "GET", path, params={"limit": 1}).json()["next"]
    shown = told.story.ask("desk-health", "GET", path, params={"cursor": theirs, "limit": 100})
    assert {item["agency"] for item in shown.json()["items"]} <= {"health"}
    assert (
        told.story.ask("coordinator", "GET", "/referrals/api/v1/cases", params={"cursor": theirs}).status_code
        == 422
    )


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
