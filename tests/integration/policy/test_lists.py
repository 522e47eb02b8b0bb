"""What others have in hand changes nothing in what somebody is shown: no list, count, search, cursor or refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from tests.integration.policy.operations import Operation, operations
from tests.integration.policy.seats import SEATS, Seat
from tests.integration.policy.world import HERE, THERE, World

UNTOUCHED = [seat for seat in SEATS if seat.role not in {"coordinator", "operator", "auditor", "person"}]
"""Everybody who has lists, but those whose lists are about the whole district."""
FOREIGN = "social-security"
"""The agency of which nobody here is; what is added is filed in another street, and is this agency's."""
ONCE = re.compile(rb'name="idempotency_key" value="[^"]+"|"next":"[^"]+"|cursor=[^"&]+')
"""Keys and cursors, which are others each time."""
OK, FAILED = 200, 500
VALUES: Mapping[str, tuple[str, ...]] = {
    "agency": ("civil-affairs", FOREIGN),
    "unit": (HERE, THERE[:9]),
    "limit": ("1", "100"),
    "programme": ("dibao", "pension"),
    "assignee": ("me", "none", "desk-social-security"),
    "supervised": ("red",),
    "from": ("2026-01",),
    "to": ("2026-12",),
    "unread": ("true",),
    "tab": ("todo", "doing", "done"),
}
"""By the name of what a list may be asked for, what is asked."""
SAME_FOR_ALL = frozenset({"cursor", "q", "request", "reason", "key", "field", "kind"})
"""Asked for in tests of their own, or about no case of anybody."""


def a_list(operation: Operation) -> bool:
    return operation.method == "GET" and not operation.places


def asked_of(operation: Operation) -> Iterable[dict[str, str]]:
    """Give every question to a list: without more, and with each value of each thing it may be asked for."""
    yield dict(operation.query)
    for name, schema in operation.queries.items():
        if name in SAME_FOR_ALL:
            continue
        given = schema.get("items", schema)
        choices = given.get("enum") or VALUES.get(name) or ([given["example"]] if "example" in given else ())
        assert choices or given.get("type") != "string", (
            f"{operation.name} may be asked for {name}: for what?"
        )
        yield from ({**operation.query, name: str(value)} for value in (*choices[:2], *choices[-1:]))


def shown(world: World, seat: Seat, operation: Operation, query: Mapping[str, str]) -> tuple[int, bytes]:
    answer = world.request(seat.who, "GET", operation.path, query_string=query)
    assert answer.status_code < FAILED, (operation.name, query, answer.text)
    return answer.status_code, ONCE.sub(b"(once)", answer.data)


def all_shown(world: World, lists: list[Operation]) -> dict[tuple[str, str, str], tuple[int, bytes]]:
    found = {}
    for seat in UNTOUCHED:
        for operation in lists:
            for query in asked_of(operation):
                answer = shown(world, seat, operation, query)
                found[seat.name, operation.name, str(query)] = answer
                if answer[0] != OK:
                    break
    return found


@pytest.fixture(scope="module")
def lists(world: World) -> list[Operation]:
    """Every list, count and page that is about no one thing."""
    found = [operation for operation in operations(world.apps) if a_list(operation)]
    # The log is for the auditor alone, who may read all of it.
    return [operation for operation in found if operation.access.action != "audit.read"]


def test_what_is_filed_elsewhere_for_others_changes_no_list_and_no_count(
    world: World, lists: list[Operation]
) -> None:
    clock = world.installation.clock
    now = clock.now()
    before = all_shown(world, lists)
    world.settle(THERE, "pension")
    leg = world.leg_at(THERE, FOREIGN)
    for action in ("acknowledge", "accept"):
        world.at_desk(leg, action)
    clock.move_to(now)
    after = all_shown(world, lists)
    assert [key for key, answer in after.items() if answer != before[key]] == []


def test_a_search_for_what_is_anothers_is_answered_like_one_for_what_nobody_has(
    world: World, lists: list[Operation]
) -> None:
    request = world.filed[THERE]
    number = world.referral(world.leg_at(THERE, FOREIGN)).number
    pairs = (
        (request["number"], "PL-2026-999999"),
        (request["receipt_code"], "0000-0000-0000"),
        (number, number[:-8] + "ZZZZZZZZ"),
        *zip(world.said[THERE], ("欧阳无名", "13811112222", "990000198803120029"), strict=True),
    )
    wrong = []
    for operation in (one for one in lists if "q" in one.queries):
        for seat in (one for one in UNTOUCHED if one.agencies is None):
            for known, unknown in pairs:
                answers = [
                    shown(world, seat, operation, {"q": text})[1].replace(text.encode(), b"")
                    for text in (known, unknown)
                ]
                if answers[0] != answers[1]:
                    wrong.append((seat.name, operation.name, known))
    assert wrong == []


@pytest.mark.parametrize("seat", UNTOUCHED, ids=lambda seat: seat.name)
def test_a_cursor_made_for_somebody_else_leads_to_nothing_but_ones_own(
    world: World, lists: list[Operation], seat: Seat
) -> None:
    for operation in (one for one in lists if "cursor" in one.queries):
        own: Any = world.request(seat.who, "GET", operation.path, query_string={"limit": "100"})
        if own.status_code != OK:
            continue
        known = [item["id"] for item in own.get_json()["items"]]
        for other in SEATS:
            first = world.request(other.who, "GET", operation.path, query_string={"limit": "1"})
            cursor = first.get_json().get("next") if first.status_code == OK else None
            if cursor is None:
                continue
            found = world.request(
                seat.who, "GET", operation.path, query_string={"limit": "100", "cursor": cursor}
            )
            assert found.status_code in {OK, 422}, (operation.name, other.name)
            there = {item["id"] for item in found.get_json().get("items", ())}
            assert there <= set(known), (operation.name, other.name)
