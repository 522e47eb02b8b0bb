"""The mirror: what referrals decides shows at the desk, whatever the order it comes in, and moves the request on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.intake.schemas.messages import READERS
from services.intake.use_cases.context import Context
from services.intake.use_cases.mirror_legs import mirror_legs
from services.intake.use_cases.read_requests import ListRequests, list_requests, read_history, read_request
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from shared import ids
from shared.events import Event, timestamp
from shared.inbox import Refused
from tests.builders import Installation, a_command, a_principal
from tests.integration.intake.test_submit import events_of

HUT = a_principal("hut")

SIGN = {"due_on": "2026-11-25", "yellow_on": "2026-11-25"}
ACCEPT = {"due_on": "2026-11-30", "yellow_on": "2026-11-26"}
DECIDE = {"due_on": "2027-01-06", "yellow_on": "2026-12-25"}
NO_CLOCK = {"due_on": None, "yellow_on": None}

DATA: dict[str, dict[str, Any]] = {
    "issued": {"status": "issued", "version": 1, **SIGN},
    "acknowledged": {"status": "received", "version": 2, "by_post": "desk", **ACCEPT},
    "accepted": {"status": "accepted", "version": 3, **DECIDE},
    "step-recorded": {"status": "in-progress", "version": 4, "step": "survey", **DECIDE},
    "closed": {"status": "closed", "version": 5, "outcome": "approved", **NO_CLOCK},
    "cancelled": {"status": "cancelled", "version": 3, "reason": "withdrawn-by-person", **NO_CLOCK},
    "cancel-done": {"status": "cancelled", "version": 3, **NO_CLOCK},
    "cancel-refused": {"status": "accepted", "version": 3, "reason": "already-accepted", **DECIDE},
}

Tell = Callable[..., None]


@pytest.fixture
def tell(installation: Installation, context: Context) -> Tell:
    """Call with facts and legs: each fact is taken in for all the legs as one batch, a minute after the last."""
    sequences: dict[str, int] = {}

    def take(facts: str | Sequence[str], *legs: str, **changes: Any) -> None:
        for fact in [facts] if isinstance(facts, str) else facts:
            installation.clock.move_to(installation.clock.now() + timedelta(minutes=1))
            type_ = f"referral.{fact}.v1"
            events = []
            for leg in legs:
                sequences[leg] = sequences.get(leg, 0) + 1
                sent = {"number": "MZ-2026-7K3F9QXD", "programme": "dibao", "unit": "530103004007"}
                events.append(
                    Event(
                        id=ids.new(),
                        type=type_,
                        source="/aid/530103/referrals",
                        subject=leg,
                        time=installation.clock.now(),
                        sequence=sequences[leg],
                        data=READERS[type_].load({**sent, **DATA[fact], **changes}),
                        agency="civil-affairs",
                    )
                )
            with context.database.unit_of_work() as uow:
                mirror_legs(uow, events)

    return take


def filed(context: Context, *programmes: str) -> tuple[str, list[str]]:
    made = submit_request(context, HUT, a_command(*programmes))
    return made["id"], [leg["id"] for leg in made["legs"]]


def withdraw(context: Context, request: str, *legs: str, version: int | None = None) -> dict[str, Any]:
    command = WithdrawRequest(request=request, reason="withdrawn-by-person", legs=legs, version=version)
    return withdraw_request(context, HUT, command)


def test_the_first_issued_leg_takes_the_request_into_progress(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao", "pension")
    tell("issued", legs[0])
    read = read_request(context, HUT, request)
    assert (read["status"], read["version"]) == ("in-progress", 2)
    assert [leg["status"] for leg in read["legs"]] == ["issued", "planned"]
    assert str(read["legs"][0]["due_on"]) == "2026-11-25"
    tell("issued", legs[1])
    assert read_request(context, HUT, request)["version"] == 2


def test_a_leg_is_followed_to_its_outcome_and_the_request_ends_with_its_last(
    context: Context, tell: Tell
) -> None:
    request, legs = filed(context, "dibao", "pension")
    tell(["issued", "acknowledged", "accepted", "step-recorded"], *legs)
    tell("closed", legs[0])
    assert read_request(context, HUT, request)["status"] == "in-progress"
    tell("closed", legs[1], outcome="enrolled")
    read = read_request(context, HUT, request)
    assert read["status"] == "ended"
    assert read["ended_at"] is not None
    assert [(leg["status"], leg["outcome"]) for leg in read["legs"]] == [
        ("closed", "approved"),
        ("closed", "enrolled"),
    ]


@pytest.mark.parametrize(
    ("facts", "days", "light"),
    [
        ([], NO_CLOCK, None),
        (["issued"], SIGN, "green"),
        (["issued", "acknowledged"], ACCEPT, "green"),
        (["issued", "acknowledged", "accepted"], DECIDE, "green"),
        (["issued", "acknowledged", "accepted", "step-recorded"], DECIDE, "green"),
        (["issued", "acknowledged", "accepted", "closed"], NO_CLOCK, "blue"),
        (["issued", "acknowledged", "cancelled", "cancel-done"], NO_CLOCK, "blue"),
        (["issued", "acknowledged", "accepted", "cancel-refused"], DECIDE, "green"),
        (["issued", "accepted", "acknowledged"], DECIDE, "green"),
    ],
)
def test_every_fact_sets_the_days_the_agency_goes_by(
    context: Context, tell: Tell, facts: list[str], days: dict[str, str | None], light: str | None
) -> None:
    request, legs = filed(context, "dibao")
    tell(facts, legs[0])
    (leg,) = read_request(context, HUT, request)["legs"]
    assert {name: leg[name] and str(leg[name]) for name in days} == days
    assert leg["light"] == light
    (item,) = list_requests(context, HUT, ListRequests())
    assert (item["legs"][0]["due_on"], item["legs"][0]["light"]) == (leg["due_on"], light)


@pytest.mark.parametrize(
    ("days_later", "light"), [(0, "green"), (2, "yellow"), (3, "red")], ids=["first", "due", "day after"]
)
def test_the_desk_sees_the_light_of_the_clock_due_first(
    installation: Installation, context: Context, tell: Tell, days_later: int, light: str
) -> None:
    request, legs = filed(context, "dibao")
    tell("issued", legs[0])
    installation.clock.move_to(installation.clock.now() + timedelta(days=days_later))
    assert read_request(context, HUT, request)["legs"][0]["light"] == light


@pytest.mark.parametrize(("minutes", "light"), [(119, "green"), (121, "yellow"), (241, "red")])
def test_a_clock_in_hours_goes_by_the_hour_at_the_desk_too(
    installation: Installation, context: Context, tell: Tell, minutes: int, light: str
) -> None:
    request, legs = filed(context, "temp-urgent")
    start = installation.clock.now()
    tell(
        "issued",
        legs[0],
        due_on="2026-11-23",
        yellow_on="2026-11-23",
        due_at=timestamp(start + timedelta(hours=4)),
        yellow_at=timestamp(start + timedelta(hours=2)),
    )
    installation.clock.move_to(start + timedelta(minutes=minutes))
    assert read_request(context, HUT, request)["legs"][0]["light"] == light


def test_legs_of_one_request_that_end_in_one_batch_end_it(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao", "pension", "pub-job", "psy")
    tell(["issued", "acknowledged", "accepted", "closed"], *legs)
    assert read_request(context, HUT, request)["status"] == "ended"


def test_an_older_fact_does_not_turn_a_leg_back(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao")
    tell(["issued", "accepted", "acknowledged"], legs[0])
    assert read_request(context, HUT, request)["legs"][0]["status"] == "accepted"


def test_a_leg_nobody_made_here_is_refused(context: Context, tell: Tell) -> None:
    with pytest.raises(Refused):
        tell("issued", ids.new())


def test_the_history_tells_each_fact_in_its_order(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao")
    tell(["issued", "acknowledged", "step-recorded"], legs[0])
    lines = read_history(context, HUT, request)
    assert [line["fact"] for line in lines] == ["submitted", "issued", "acknowledged", "step-recorded"]
    assert lines[1]["detail"] == {"due_on": "2026-11-25"}
    assert lines[3]["detail"] == {"step": "survey"}
    assert lines[1]["leg"]["programme"] == "dibao"


def test_the_agencys_sealed_answer_is_opened_for_the_desk(
    installation: Installation, context: Context, tell: Tell
) -> None:
    request, legs = filed(context, "dibao")
    body = {"action": "close", "fields": {"amount": 640}, "note": "自2027年1月起发放"}
    now = installation.clock.now()
    answer = installation.keyring("referrals").seal(
        "intake", "civil-affairs", legs[0], "answer", body, now=now
    )
    tell(["issued", "acknowledged", "accepted"], legs[0])
    tell("closed", legs[0], answer=answer)
    assert read_request(context, HUT, request)["legs"][0]["answer"] == body


def test_withdrawing_one_leg_asks_for_its_cancellation(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao", "pension")
    tell("issued", *legs)
    answer = withdraw(context, request, legs[1])
    assert [leg["id"] for leg in answer["legs"]] == [legs[1]]
    asked = events_of(context)[-1]
    assert (asked.type, asked.subject, asked.sequence) == ("referral.cancel-requested.v1", request, 2)
    assert asked.agency == "social-security"
    assert asked.data == {"referral": legs[1], "reason": "withdrawn-by-person"}
    tell(["cancelled", "cancel-done"], legs[1])
    read = read_request(context, HUT, request)
    assert read["status"] == "in-progress"
    assert read["legs"][1]["status"] == "cancelled"
    assert read["legs"][1]["cancel_requested_at"] is None


def test_the_timeline_puts_the_question_before_its_answer(
    installation: Installation, context: Context, tell: Tell
) -> None:
    request, legs = filed(context, "dibao")
    tell("issued", legs[0])
    installation.clock.move_to(installation.clock.now() + timedelta(microseconds=1_999))
    withdraw(context, request)
    # Its answer bears the same moment: clocks, like events, tell whole milliseconds.
    installation.clock.move_to(installation.clock.now() - timedelta(minutes=1))
    tell("cancelled", legs[0])
    facts = [line["fact"] for line in read_history(context, HUT, request)]
    assert facts == ["submitted", "issued", "cancel-requested", "cancelled"]


def test_a_request_whose_legs_are_all_withdrawn_is_withdrawn(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao", "pension")
    tell("issued", *legs)
    withdraw(context, request)
    assert [event.sequence for event in events_of(context)] == [1, 2, 3]
    tell(["cancelled", "cancel-done"], *legs)
    assert read_request(context, HUT, request)["status"] == "withdrawn"


def test_withdrawing_before_anything_was_issued_is_asked_for_too(context: Context) -> None:
    request, legs = filed(context, "dibao")
    assert [leg["status"] for leg in withdraw(context, request)["legs"]] == ["planned"]
    assert read_request(context, HUT, request)["legs"][0]["cancel_requested_at"] is not None
    assert legs


def test_a_refused_cancellation_shows_why_and_can_be_asked_for_again(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao")
    tell(["issued", "acknowledged", "accepted"], legs[0])
    withdraw(context, request)
    tell("cancel-refused", legs[0])
    read = read_request(context, HUT, request)
    assert read["status"] == "in-progress"
    assert read["legs"][0]["cancel_refusal"] == "already-accepted"
    assert read["legs"][0]["cancel_requested_at"] is None
    assert withdraw(context, request, legs[0])["legs"]
    assert read_request(context, HUT, request)["legs"][0]["cancel_refusal"] is None


def test_a_leg_that_ended_otherwise_leaves_a_withdrawn_request_ended(context: Context, tell: Tell) -> None:
    request, legs = filed(context, "dibao", "pension")
    tell(["issued", "acknowledged", "accepted"], legs[0])
    tell("issued", legs[1])
    withdraw(context, request)
    tell("cancel-refused", legs[0])
    tell("cancelled", legs[1])
    tell("closed", legs[0])
    assert read_request(context, HUT, request)["status"] == "ended"
