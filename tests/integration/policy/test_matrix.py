"""Every operation from every seat on one's own things and on others': what is not one's own does not exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from shared import ids
from shared.identity import Grant, Role
from tests.integration.policy.least import AN_ID
from tests.integration.policy.operations import Operation, operations
from tests.integration.policy.seats import SEATS, SPOTS, Seat, Spot, is_object, nobodys, value
from tests.integration.policy.world import World

HIDDEN = frozenset({403, 404})
FAILED = 500
Told = tuple[int, bytes, Mapping[str, str]]
NAMED_INSIDE: Mapping[str, str] = {
    "into": "request",
    "items.[].id": "referral_id",
    "leg": "leg",
    "legs.[]": "leg",
    "legs.[].id": "leg",
    "legs.[].replaces": "leg",
    "members.[].request": "request",
    "papers.[]": "paper",
    "slip": "slip",
}
"""By its place in a body, what an id names. A new place fails the matrix until it stands here."""

by_seat = pytest.mark.parametrize("seat", SEATS, ids=lambda seat: seat.name)


@pytest.fixture(scope="module")
def everything(world: World) -> list[Operation]:
    """Every operation there is."""
    return operations(world.apps)


def told(world: World, seat: Seat, operation: Operation, values: Mapping[str, str], body: Any = None) -> Told:
    """Ask, and give the answer without the ids that were asked for: status, body and headers."""
    given = operation.sent(body)
    answer = world.request(seat.who, operation.method, operation.path.format(**values), **given)
    text = answer.data
    for name, asked in values.items():
        text = text.replace(asked.encode(), f"<{name}>".encode())
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    return answer.status_code, text, headers


def foreign(
    world: World, seat: Seat, operation: Operation
) -> Iterator[tuple[dict[str, str], dict[str, str], bool]]:
    """Give what to ask for of others' things, the same with nothing in their place, and whether all of it is others'.

    Of a thing within another, both may be others', or one of the two. Whoever may not do it at all is refused before
    anything is looked at: of them one is asked for.
    """
    allowed = operation.allows(seat.role)
    others = [spot for spot in SPOTS if not seat.owns(spot)]
    own = [spot for spot in SPOTS if seat.owns(spot)]
    objects = [name for name in operation.places if is_object(name)]
    for spot in others[:1] + (others[-1:] if allowed else []):
        chosen: list[dict[str, Spot]] = [dict.fromkeys(objects, spot)]
        if allowed and own and len(objects) > 1:
            chosen += [{**dict.fromkeys(objects, own[0]), name: spot} for name in objects]
        for where in chosen:
            asked = {
                name: value(world, seat, name, operation.path, where.get(name, spot))
                for name in operation.places
            }
            nothing = {
                name: nobodys(name) if where.get(name) == spot else given for name, given in asked.items()
            }
            yield asked, nothing, where[objects[0]] == spot


def test_every_role_has_a_seat() -> None:
    assert {seat.role for seat in SEATS} == set(Role)


def revealed(
    world: World, seat: Seat, everything: list[Operation]
) -> list[tuple[str, Mapping[str, str], Told, Told]]:
    """Give where another's thing is answered in another way than nobody's, or is not hidden at all."""
    wrong: list[tuple[str, Mapping[str, str], Told, Told]] = []
    for operation in everything:
        if not any(map(is_object, operation.places)):
            continue
        for asked, nothing, wholly in foreign(world, seat, operation):
            found, missing = (told(world, seat, operation, values) for values in (asked, nothing))
            # Within one's own thing the version that was sent may be looked at first.
            hidden = HIDDEN if wholly else HIDDEN | {412}
            if found != missing or found[0] not in hidden:
                wrong.append((operation.name, asked, found, missing))
    return wrong


@by_seat
def test_what_is_anothers_is_answered_like_what_does_not_exist(
    world: World, everything: list[Operation], seat: Seat
) -> None:
    assert revealed(world, seat, everything) == []


def test_a_filter_that_is_forgotten_is_noticed(
    world: World, everything: list[Operation], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [one for one in everything if one.method == "GET"]
    monkeypatch.setattr(Grant, "reaches", lambda *_, **__: True)
    noticed = {
        name for seat in SEATS if seat.role in {"hut", "desk"} for name, *_ in revealed(world, seat, looks)
    }
    assert {
        "GET /referrals/api/v1/referrals/{referral_id}",
        "GET /referrals/{referral_id}",
        "GET /intake/api/v1/requests/{request}",
        "GET /intake/api/v1/drafts/{draft}",
    } <= noticed


def test_a_new_kind_of_thing_in_a_path_has_to_be_described(world: World) -> None:
    with pytest.raises(LookupError):
        value(world, SEATS[0], "unheard-of", "/intake/api/v1/{unheard-of}", SPOTS[0])


@by_seat
def test_anothers_thing_named_in_a_body_is_answered_like_one_that_does_not_exist(
    world: World, everything: list[Operation], seat: Seat
) -> None:
    wrong = []
    own = [spot for spot in SPOTS if seat.owns(spot)]
    others = [spot for spot in SPOTS if not seat.owns(spot)]
    for operation in everything:
        for where, body in operation.named_inside:
            kind = NAMED_INSIDE[where]
            if not own or not others or not operation.allows(seat.role):
                continue
            values = {name: value(world, seat, name, operation.path, own[0]) for name in operation.places}
            theirs = value(world, seat, kind, operation.path, others[-1])
            answers = []
            for named in (theirs, ids.new()):
                sent = orjson.loads(orjson.dumps(body).replace(AN_ID.encode(), named.encode()))
                answers.append(told(world, seat, operation, {**values, "inside": named}, sent))
            if answers[0] != answers[1] or answers[0][0] >= FAILED:
                wrong.append((operation.name, where, answers))
    assert wrong == []


@by_seat
def test_what_is_ones_own_is_reached_by_whom_the_policy_names_and_by_nobody_else(
    world: World, everything: list[Operation], seat: Seat
) -> None:
    wrong = []
    own = next((spot for spot in SPOTS if seat.owns(spot)), None)
    for operation in everything:
        if operation.places and own is None:
            continue
        try:
            values = {
                name: value(world, seat, name, operation.path, own or SPOTS[0]) for name in operation.places
            }
        except LookupError:
            continue
        found = told(world, seat, operation, values)
        reached = found[0] not in HIDDEN
        if not reached and any(map(is_object, operation.places)):
            nothing = {name: nobodys(name) for name in operation.places}
            reached = found[:2] != told(world, seat, operation, nothing)[:2]
        if reached != operation.allows(seat.role) or found[0] >= FAILED:
            wrong.append((operation.name, operation.allows(seat.role), found))
    assert wrong == []
