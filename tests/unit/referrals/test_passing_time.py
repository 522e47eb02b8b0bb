"""What time does to a referral by itself, told to whoever is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.referrals.domain.errors import BadFields
from services.referrals.domain.passing_time import DEEDS
from services.referrals.domain.referral import Change, Referral, act, reckoned
from services.referrals.domain.status import Status
from services.referrals.domain.timers import FORGET
from tests.unit.referrals.referral import MONDAY, TIMETABLE, referral, rules

WEEKS_LATER = MONDAY + timedelta(weeks=3)


def passed(leg: Referral, until: Any = WEEKS_LATER) -> list[Change]:
    """Let time do everything it has to do by a moment, each thing at its own time."""
    done: list[Change] = []
    while leg.timer is not None and leg.timer_at is not None and leg.timer_at <= until:
        if leg.timer == FORGET:
            break
        done.append(DEEDS[leg.timer](leg, leg.timer_at, TIMETABLE))
        leg = done[-1].after
    return done


def planned() -> Referral:
    return reckoned(referral(Status.PLANNED), MONDAY, TIMETABLE)


def return_proposed() -> Referral:
    return act(referral(), "propose-return", {"reason": "not-our-duty"}, MONDAY, TIMETABLE, by="desk").after


@pytest.mark.parametrize(
    ("leg", "whose", "day"),
    [(planned(), "specialist", "2026-11-24"), (return_proposed(), "coordinator", "2026-11-25")],
    ids=["the street", "the coordinator"],
)
def test_who_else_than_the_agency_is_late_is_told_by_the_table_and_no_notice_is_given_to_the_agency(
    leg: Referral, whose: str, day: str
) -> None:
    told = passed(leg)
    assert {change.action for change in told} == {"remind"}
    assert [(change.fields["about"], change.fields.get("level")) for change in told] == [
        ("due-soon", None),
        ("due-soon", "blue"),
        ("overdue", "yellow"),
        ("overdue", "red"),
    ]
    assert {(change.fields["whose"], change.fields["on"]) for change in told} == {(whose, day)}
    assert (told[-1].after.supervised, told[-1].after.timer) == (None, None)


def test_an_agency_that_is_late_is_given_notices() -> None:
    accepted = act(referral(), "accept", {}, MONDAY, TIMETABLE).after
    told = passed(accepted, MONDAY + timedelta(weeks=12))
    assert [change.fields.get("level") for change in told if change.action == "supervise"] == [
        "blue",
        "yellow",
        "red",
    ]
    assert all("whose" not in change.fields for change in told)


def test_a_clock_in_hours_is_told_at_half_of_it_and_at_its_hour_and_not_on_arrival() -> None:
    hours = {"unit": "hour", "total": 24, "starts_on": "issued"}
    urgent = referral(rules=rules(acknowledge=hours))
    told = passed(urgent, MONDAY + timedelta(days=3))
    assert [(change.fields.get("about"), change.fields.get("level")) for change in told] == [
        ("due-soon", None),
        (None, "blue"),
        (None, "yellow"),
    ]
    moments = [change.before.timer_at for change in told]
    assert moments == [MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=24), moments[2]]
    assert moments[2] == MONDAY + timedelta(days=2, hours=-1)


@pytest.mark.parametrize(
    ("limits", "latest"),
    [({}, "2027-02-22"), ({"suspension": {"unit": "working_day", "total": 5}}, "2026-11-30")],
    ids=["90 days where the district says nothing", "as the district says"],
)
def test_a_suspended_leg_is_looked_at_before_long(limits: dict[str, Any], latest: str) -> None:
    timetable = replace(TIMETABLE, limits={**TIMETABLE.limits, **limits})
    accepted = act(referral(), "accept", {}, MONDAY, timetable).after
    last = date.fromisoformat(latest)

    def suspended_until(day: date) -> Referral:
        fields = {"reason": "hearing", "review_on": day}
        return act(accepted, "suspend", fields, MONDAY, timetable, by="desk").after

    assert suspended_until(last).life.review_on == last
    with pytest.raises(BadFields) as refused:
        suspended_until(last + timedelta(days=1))
    assert [(fault.field, latest in fault.message.zh) for fault in refused.value.faults] == [
        ("review_on", True)
    ]


def test_whoever_means_to_hand_on_what_they_never_accepted_has_the_same_days_to_accept_and_accepts_on_silence() -> (
    None
):
    held = act(referral(), "acknowledge", {}, MONDAY, TIMETABLE, by="desk").after
    fields = {"reason": "needs-other-help", "to_agency": "employment"}
    going = act(held, "propose-transfer", fields, MONDAY, TIMETABLE, by="desk").after
    assert (going.clock, going.due_on, going.timer) == (held.clock, held.due_on, held.timer)
    silent = next(change for change in passed(going) if change.action == "accept")
    assert (silent.after.status, silent.fields) == (Status.TRANSFER_PROPOSED, {"deemed": True})
    assert (silent.after.accepted_at, silent.after.clock) == (held.due_at, "decide")
    kept = act(silent.after, "refuse-transfer", {"reason": "no-consent"}, WEEKS_LATER, TIMETABLE).after
    assert (kept.status, kept.clock) == (Status.ACCEPTED, "decide")


def test_an_accepted_leg_that_is_to_be_handed_on_has_only_its_time_to_decide() -> None:
    fields = {"reason": "needs-other-help", "to_agency": "employment"}
    going = act(referral(Status.ACCEPTED), "propose-transfer", fields, MONDAY, TIMETABLE, by="desk").after
    assert going.clock == "decide"
    assert not [change for change in passed(going) if change.action == "accept"]


def test_a_refused_return_leaves_the_time_to_accept_that_was_left() -> None:
    later = MONDAY + timedelta(days=1)
    back = act(
        return_proposed(), "refuse-return", {"reason": "is-their-duty"}, later, TIMETABLE, by="c"
    ).after
    silent = next(change for change in passed(back) if change.action == "accept")
    assert (back.status, silent.after.status) == (Status.ISSUED, Status.ACCEPTED)
    # A day later than it would have been, for the day it lay with the coordinator.
    assert TIMETABLE.day_of(silent.after.accepted_at or MONDAY) == date(2026, 12, 1)
