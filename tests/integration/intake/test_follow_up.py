"""The follow-up call: due after the last leg, rated, and the end of the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.domain.errors import IllegalStep, InvalidFiling
from services.intake.domain.follow_up import Call
from services.intake.use_cases.context import Context
from services.intake.use_cases.follow_up import FollowUp, follow_up
from services.intake.use_cases.read_requests import read_history, read_request
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick
from shared.identity import Forbidden
from tests.builders import MONDAY, Installation, a_command, a_principal
from tests.integration.intake.test_mirror import Tell, tell
from tests.integration.intake.test_submit import events_of

__all__ = ["tell"]  # a fixture

HUT, SPECIALIST = a_principal("hut"), a_principal("specialist")
WELL = Call(reached=True, outcome="settled", satisfied=5, words="很满意")
BAD = Call(reached=True, outcome="not-settled", satisfied=1)
NOBODY = Call(reached=False, outcome="no-answer")

Record = Callable[[Call], dict[str, Any]]


@pytest.fixture
def ended(context: Context, tell: Tell) -> dict[str, Any]:
    """A request of two legs, both of which their agencies have closed."""
    filed = submit_request(context, HUT, a_command("dibao", "pension"))
    tell(["issued", "acknowledged", "accepted", "closed"], *(leg["id"] for leg in filed["legs"]))
    return filed


@pytest.fixture
def record(context: Context, ended: dict[str, Any]) -> Record:
    """Call with a call to record it."""
    return lambda call: follow_up(context, HUT, FollowUp(request=ended["id"], call=call))


def kinds_of(context: Context, principal: Any = HUT) -> set[str]:
    return {task["kind"] for task in list_tasks(context, principal, ListTasks())}


def test_five_working_days_after_the_last_leg_a_call_is_due(context: Context, ended: dict[str, Any]) -> None:
    assert tick(context) == 1
    (task,) = list_tasks(context, HUT, ListTasks(kinds=["call-back"]))
    assert (task["request"], task["due_on"]) == (ended["id"], date(2026, 11, 30))
    assert tick(context) == 0


@pytest.mark.usefixtures("ended")
def test_not_made_in_time_it_is_a_task_of_the_street(context: Context, installation: Installation) -> None:
    tick(context)
    installation.clock.move_to(MONDAY + timedelta(8))
    assert tick(context) == 1
    assert "call-back-overdue" in kinds_of(context, SPECIALIST)
    assert tick(context) == 0


def test_a_call_that_reached_the_person_closes_the_request(
    context: Context, ended: dict[str, Any], record: Record
) -> None:
    tick(context)
    assert record(WELL)["status"] == "closed"
    assert not {"call-back", "call-back-overdue"} & kinds_of(context)
    found = read_request(context, HUT, ended["id"])
    assert [line["fact"] for line in found["history"] if line["leg"] is None] == [
        "submitted",
        "followed-up",
    ]
    (call,) = [line for line in found["history"] if line["fact"] == "followed-up"]
    assert (call["detail"]["satisfied"], call["detail"]["leads_to"]) == (5, "closed")
    assert call["words"] == "很满意"
    assert "很满意" not in str(read_history(context, HUT, ended["id"]))


def test_the_rating_goes_on_to_each_leg(context: Context, ended: dict[str, Any], record: Record) -> None:
    record(WELL)
    rated = [event for event in events_of(context) if event.type == "referral.rate-requested.v1"]
    assert {event.data["referral"] for event in rated} == {leg["id"] for leg in ended["legs"]}
    assert all(event.data == {"referral": event.data["referral"], "grade": 5} for event in rated)
    assert {event.agency for event in rated} == {"civil-affairs", "social-security"}
    assert "很满意" not in str([event.data for event in events_of(context)])


@pytest.mark.usefixtures("ended")
def test_who_does_not_rate_is_rated_nowhere(context: Context, record: Record) -> None:
    assert record(Call(reached=True, outcome="settled"))["status"] == "closed"
    assert not [event for event in events_of(context) if event.type == "referral.rate-requested.v1"]


def test_a_bad_rating_is_mended_and_the_person_called_again(context: Context, record: Record) -> None:
    tick(context)
    assert record(BAD)["status"] == "followed-up"
    (task,) = list_tasks(context, HUT, ListTasks(kinds=["bad-rating"]))
    assert task["due_on"] == date(2026, 11, 30)
    assert record(BAD)["status"] == "closed"
    assert "bad-rating" not in kinds_of(context)


def test_the_third_call_that_reaches_nobody_closes_it(context: Context, record: Record) -> None:
    tick(context)
    assert [record(NOBODY)["status"] for _ in range(2)] == ["ended", "ended"]
    assert "call-back" in kinds_of(context)
    assert record(NOBODY)["status"] == "closed"
    assert "call-back" not in kinds_of(context)


def test_who_declines_is_not_called_again(record: Record) -> None:
    assert record(Call(reached=False, outcome="declined"))["status"] == "closed"


def test_a_closed_request_is_not_followed_up(record: Record) -> None:
    record(WELL)
    with pytest.raises(IllegalStep) as told:
        record(WELL)
    assert told.value.status == "closed"


def test_before_the_last_leg_has_ended_there_is_no_call(context: Context, tell: Tell) -> None:
    filed = submit_request(context, HUT, a_command("dibao", "pension"))
    first, second = (leg["id"] for leg in filed["legs"])
    tell("issued", first, second)
    tell(["acknowledged", "accepted", "closed"], first)
    assert tick(context) == 0
    with pytest.raises(IllegalStep) as told:
        follow_up(context, HUT, FollowUp(request=filed["id"], call=WELL))
    assert told.value.status == "in-progress"


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (Call(reached=True, outcome="no-answer"), {"outcome"}),
        (Call(reached=False, outcome="settled"), {"outcome"}),
        (Call(reached=False, outcome="no-answer", satisfied=3), {"satisfied"}),
    ],
)
def test_the_parts_of_a_call_fit_each_other(record: Record, call: Call, fields: set[str]) -> None:
    with pytest.raises(InvalidFiling) as told:
        record(call)
    assert {fault.field for fault in told.value.faults} == fields


def test_only_the_desk_follows_up(context: Context, ended: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        follow_up(context, SPECIALIST, FollowUp(request=ended["id"], call=WELL))
