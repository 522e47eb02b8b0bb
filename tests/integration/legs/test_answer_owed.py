"""Consent is taken back from an agency that has accepted: until it has answered, the leg is overdue everywhere."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from services.intake.domain.tasks import NotByHand
from services.intake.use_cases.tasks import ListTasks, finish_task, list_tasks
from services.referrals.domain.status import ENDED, TABS, Tab
from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.cases import WantedCases, count_lights, list_cases
from services.referrals.use_cases.erase import erase_request
from services.referrals.use_cases.explain_clock import explain_clock
from services.referrals.use_cases.read import Wanted, list_referrals
from services.referrals.use_cases.tick import tick
from tests.builders import a_principal
from tests.integration.legs.both_ways import HUT, BothWays, consent_for
from tests.integration.legs.test_consents import consent_of, take_back

DESK = a_principal("desk", agency="civil-affairs")
COORDINATOR = a_principal("coordinator")
AT_THE_END = ("note", "message", "acknowledge-withdrawal")
"""What a desk may do about a leg that has ended and is still owed an answer of."""


def an_owed_answer(ways: BothWays) -> tuple[str, str]:
    """File a request, let the agency accept it, and take the consent back; gives request and leg."""
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    ways.later(minutes=1)
    return request, leg


def test_it_is_red_in_every_list_and_count_until_the_agency_has_answered(ways: BothWays) -> None:
    request, leg = an_owed_answer(ways)
    for light, red in (("red", 1), ("green", 0)):
        shown = list_referrals(ways.parts, DESK, Wanted(light=light))
        assert [row.referral.id for row in shown] == [leg] * red
        assert count_lights(ways.parts, COORDINATOR, WantedCases())[light] == red
    assert ways.leg(request, leg)["light"] == "red"
    clocks = explain_clock(ways.parts, DESK, leg).clocks
    assert [clock.clock for clock in clocks if clock.running] == ["answer-withdrawal", "decide"]
    assert [clock.clock for clock in clocks if clock.days] == ["decide"]
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted())] == ["green"]
    assert ways.leg(request, leg)["light"] == "green"


def test_it_is_escalated_once_by_the_table_and_no_more_when_answered(ways: BothWays) -> None:
    _, leg = an_owed_answer(ways)
    for days in (0, 0, 2, 1):
        ways.later(days=days)
        tick(ways.parts)
    told = [event.data["level"] for event in ways.told(leg) if event.type == "referral.supervised.v1"]
    assert told == ["blue", "yellow"]
    assert "due-soon" not in {event.data.get("about") for event in ways.told(leg)}
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    ways.later(days=10)
    tick(ways.parts)
    assert ways.referral(leg).supervised is None
    assert ways.facts(leg).count("supervised") == len(told)


def test_it_is_red_even_while_its_own_clock_stands_still(ways: BothWays) -> None:
    request, leg = an_owed_answer(ways)
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交"})
    ways.later(minutes=1)
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted(light="red"))] == ["red"]
    assert list_referrals(ways.parts, DESK, Wanted(light="grey")) == []
    assert ways.leg(request, leg)["light"] == "red"


def closed_unanswered(ways: BothWays) -> tuple[str, str]:
    """Have the agency decide before it has answered; gives request and leg."""
    request, leg = an_owed_answer(ways)
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    return request, leg


def test_a_decision_in_time_owes_no_reason_for_it(ways: BothWays) -> None:
    _, leg = closed_unanswered(ways)
    assert ways.referral(leg).life.overdue_reason is None


def test_it_stays_owed_in_every_list_by_an_agency_that_has_closed_the_leg(ways: BothWays) -> None:
    request, leg = closed_unanswered(ways)
    desk = ways.caller(ways.app(), "desk", agency="civil-affairs")
    for drawer in (Wanted(light="red"), Wanted(statuses=TABS[Tab.TODO], owing=True), Wanted(statuses=ENDED)):
        (shown,) = list_referrals(ways.parts, DESK, drawer)
        assert (shown.referral.id, shown.light, shown.side_actions) == (leg, "red", AT_THE_END)
    assert list_referrals(ways.parts, DESK, Wanted(light="blue")) == []
    assert "acknowledge-withdrawal" in desk.get(f"/referrals/{leg}").json["side_actions"]
    assert count_lights(ways.parts, COORDINATOR, WantedCases()) == {
        "grey": 0,
        "green": 0,
        "yellow": 0,
        "red": 1,
    }
    assert [case.light for case in list_cases(ways.parts, COORDINATOR, WantedCases(light="red"))] == ["red"]
    assert ways.leg(request, leg)["light"] == "red"
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert list_referrals(ways.parts, DESK, Wanted(light="red")) == []
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted(statuses=ENDED))] == ["blue"]
    assert ways.leg(request, leg)["light"] == "blue"
    assert ways.seen(request)["status"] == "ended"


def test_what_has_ended_is_escalated_until_it_is_answered(ways: BothWays) -> None:
    _, leg = closed_unanswered(ways)
    for days in (0, 2, 1):
        ways.later(days=days)
        tick(ways.parts)
    assert ways.referral(leg).supervised == "yellow"
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "deleted"})
    assert (ways.referral(leg).supervised, ways.referral(leg).timer) == (None, "forget")


def test_what_ended_unanswered_before_it_was_counted_comes_into_the_lists(ways: BothWays) -> None:
    request, leg = closed_unanswered(ways)
    as_before = dict.fromkeys(("clock", "due_at", "due_on", "yellow_at", "yellow_on"))
    with ways.parts.database.unit_of_work() as uow:
        uow.connection.execute(
            sa.update(referrals)
            .where(referrals.c.id == leg)
            .values(**as_before, rank=10**12, timer="reckon", timer_at=referrals.c.ended_at)
        )
    tick(ways.parts)
    ways.carry()
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted(light="red"))] == ["red"]
    assert ways.facts(leg)[-2:] == ["due-moved", "supervised"]
    assert ways.leg(request, leg)["light"] == "red"


@pytest.mark.parametrize("how", ["in-time", "erased"])
def test_when_the_data_are_removed_in_the_end_nothing_is_owed_any_more(ways: BothWays, how: str) -> None:
    request, leg = closed_unanswered(ways)
    if how == "erased":
        with ways.parts.database.unit_of_work() as uow:
            erase_request(ways.parts, uow, request, ways.installation.clock.now())
    else:
        ways.later(days=366 * 5 + 1)
        tick(ways.parts)
    ways.carry()
    assert list_referrals(ways.parts, DESK, Wanted(light="red")) == []
    assert (ways.referral(leg).timer, ways.leg(request, leg)["light"]) == (None, "blue")
    assert "answer-owed" not in ways.tasks(request)


def handed_on(ways: BothWays) -> tuple[str, str, str]:
    """Have the agency hand over what is frozen meanwhile, and the desk make a successor; gives request and legs."""
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    fields = {"reason": "needs-other-help", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "propose-transfer", fields)
    take_back(ways, request, consent_of(ways, request))
    added = ways.add(
        request, {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),)
    )
    ways.later(minutes=1)
    return request, leg, added["legs"][0]["id"]


def test_it_stays_owed_by_an_agency_that_has_handed_the_leg_over(ways: BothWays) -> None:
    request, leg, successor = handed_on(ways)
    assert ways.referral(successor).status == "issued"
    (shown,) = list_referrals(ways.parts, DESK, Wanted(light="red"))
    assert (shown.referral.id, shown.referral.status) == (leg, "transfer-proposed")
    assert "acknowledge-withdrawal" in shown.side_actions
    assert ways.leg(request, leg)["light"] == "red"


def test_once_it_is_given_the_leg_that_was_handed_over_ends(ways: BothWays) -> None:
    request, leg, successor = handed_on(ways)
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert ways.facts(leg)[-2:] == ["withdrawal-acknowledged", "transferred"]
    assert ways.referral(leg).life.successor == successor
    assert ways.leg(request, leg)["status"] == "transferred"
    assert ways.seen(request)["status"] == "in-progress"
    assert ways.all_letters() == []


def test_a_new_consent_ends_the_leg_that_was_handed_over_too(ways: BothWays) -> None:
    request, leg, successor = handed_on(ways)
    ways.add(request, consents=(consent_for("dibao", agency="civil-affairs"),))
    assert ways.facts(leg)[-3:] == ["unfrozen", "transferred", "unfreeze-done"]
    assert (ways.referral(leg).status, ways.referral(successor).status) == ("transferred", "issued")


def test_on_a_day_off_it_is_owed_when_offices_open_and_nobody_is_supervised_before(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.installation.clock.move_to(datetime.fromisoformat("2026-11-29T10:00:00+08:00"))
    take_back(ways, request, consent_of(ways, request))
    tick(ways.parts)
    owed = ways.referral(leg)
    assert (owed.clock, str(owed.due_on), owed.supervised) == ("answer-withdrawal", "2026-11-30", None)
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted())] == ["yellow"]
    (clock,) = [each for each in explain_clock(ways.parts, DESK, leg).clocks if each.clock == owed.clock]
    assert (clock.started_at, str(clock.due_on)) == (ways.installation.clock.now(), "2026-11-30")
    ways.installation.clock.move_to(datetime.fromisoformat("2026-11-30T08:30:00+08:00"))
    tick(ways.parts)
    assert ways.referral(leg).supervised == "blue"
    assert [row.light for row in list_referrals(ways.parts, DESK, Wanted())] == ["red"]


def test_the_help_desk_has_it_among_its_tasks_until_the_agency_has_answered(ways: BothWays) -> None:
    request, leg = closed_unanswered(ways)
    assert "answer-owed" in ways.tasks(request)
    (task,) = list_tasks(ways.intake, HUT, ListTasks(kinds=["answer-owed"], request=request))
    with pytest.raises(NotByHand):
        finish_task(ways.intake, HUT, task["id"])
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert "answer-owed" not in ways.tasks(request)
