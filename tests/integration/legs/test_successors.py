"""A leg goes on at another agency: the old holder stays answerable until the new one's referral has been issued."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.use_cases.reissue import RefuseReissue, refuse_reissue
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain.status import ENDED, Status
from services.referrals.use_cases.read import read_history
from tests.builders import MONDAY, a_consent, a_principal
from tests.integration.legs.both_ways import HUT, BothWays, consent_for

BOTH = [a_consent("civil-affairs", ("dibao",)), a_consent("employment", ("unemp-reg",))]


def a_successor(ways: BothWays, request: str) -> str:
    legs: list[dict[str, Any]] = ways.seen(request)["legs"]
    return str(legs[-1]["id"])


def test_a_consent_that_covers_the_new_agency_makes_the_successor_at_once(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor(consents=BOTH)
    successor = a_successor(ways, request)
    assert ways.facts(leg) == ["issued", "return-proposed", "reissue-requested", "returned"]
    assert ways.told(leg)[-1].data["successor"] == successor
    assert ways.facts(successor) == ["issued"]
    assert [(one["programme"], one["status"]) for one in ways.seen(request)["legs"]] == [
        ("dibao", "returned"),
        ("unemp-reg", "issued"),
    ]
    assert ways.seen(request)["status"] == "in-progress"
    assert ways.tasks(request) == []
    assert ways.all_letters() == []


def test_neither_agency_reads_in_its_history_which_leg_is_the_others(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor(consents=BOTH)
    successor = a_successor(ways, request)
    for one, agency, others in ((leg, "civil-affairs", successor), (successor, "employment", leg)):
        told = read_history(ways.parts, a_principal("desk", agency=agency), one)
        assert told
        assert others not in str(told)
    returned = read_history(ways.parts, a_principal("desk", agency="civil-affairs"), leg)[-1]
    assert returned.fields["next"] == "reissue"


def test_the_successor_keeps_the_link_the_papers_and_the_days_already_used(ways: BothWays) -> None:
    beneficiary = {"relation": "child", "name": "李小雨"}
    legs = [{"programme": "dibao", "note": "屋顶漏雨", "beneficiary": beneficiary}]
    filed = ways.file("dibao", legs=legs, consents=BOTH)
    leg = filed["legs"][0]["id"]
    ways.later(days=3)
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    ways.at_desk(
        leg,
        "confirm-return",
        {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"},
        role="coordinator",
    )
    successor = a_successor(ways, filed["id"])
    life = ways.referral(successor).life
    assert (life.predecessor, life.days_used) == (leg, 2)
    assert ways.referral(leg).life.successor == successor
    shown = ways.leg(filed["id"], successor)
    assert (shown["note"], shown["beneficiary"]) == ("屋顶漏雨", beneficiary)
    assert ways.opened(successor)["note"] == "屋顶漏雨"


def test_without_a_consent_the_desk_gets_a_task_and_the_old_holder_stays(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    assert ways.tasks(request) == ["consent-needed"]
    assert ways.referral(leg).status is Status.RETURN_PROPOSED
    assert ways.leg(request, leg)["status"] == "return-proposed"
    added = ways.add(
        request, {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),)
    )
    successor = added["legs"][0]["id"]
    assert ways.referral(leg).status is Status.RETURNED
    assert ways.referral(successor).status is Status.ISSUED
    assert ways.tasks(request) == []
    assert ways.seen(request)["status"] == "in-progress"


def test_the_person_is_never_without_an_open_leg(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor(consents=BOTH)
    told = [(event.subject, str(event.data["status"])) for event in ways.told() if "status" in event.data]
    ended = {str(status) for status in ENDED}
    now: dict[str, str] = {}
    for subject, status in told:
        now[subject] = status
        assert any(one not in ended for one in now.values())
    assert now[leg] == "returned"
    assert now[a_successor(ways, request)] == "issued"


def test_a_transfer_goes_the_same_way_and_its_clock_runs_until_then(ways: BothWays) -> None:
    filed = ways.file("dibao")
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    fields = {"reason": "needs-other-help", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "propose-transfer", fields)
    assert ways.tasks(filed["id"]) == ["consent-needed"]
    assert ways.referral(leg).due_on is not None
    ways.add(filed["id"], {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),))
    assert ways.referral(leg).status is Status.TRANSFERRED
    assert ways.facts(leg)[-1] == "transferred"


def test_a_transfer_the_desk_refuses_leaves_the_leg_as_it_was(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "propose-transfer", {"reason": "needs-other-help", "to_agency": "employment"})
    ways.later(minutes=1)
    refuse_reissue(ways.intake, HUT, RefuseReissue(request=request, leg=leg, reason="person-declines"))
    ways.carry()
    assert ways.referral(leg).status is Status.ACCEPTED
    assert ways.told(leg)[-1].data["reason"] == "person-declines"
    assert ways.tasks(request) == []


def test_a_return_the_desk_finds_no_consent_for_is_decided_about_again(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    ways.later(minutes=1)
    refuse_reissue(ways.intake, HUT, RefuseReissue(request=request, leg=leg, reason="no-consent"))
    ways.carry()
    referral = ways.referral(leg)
    assert referral.status is Status.RETURN_PROPOSED
    assert referral.life.proposal is not None
    assert referral.life.proposal.failed == "no-consent"
    ways.at_desk(leg, "confirm-return", {"next": "none", "reason": "already-granted"}, role="coordinator")
    assert ways.referral(leg).status is Status.RETURNED
    assert ways.tasks(request)[0] == "returned"


def test_where_no_programme_is_named_the_desk_chooses_one(ways: BothWays) -> None:
    request, _ = ways.waits_for_successor(programme=None)
    assert ways.tasks(request) == ["reissue"]


def test_a_successor_goes_to_the_agency_that_was_decided_on(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    with pytest.raises(InvalidFiling) as refused:
        ways.add(
            request,
            {"programme": "pension", "replaces": leg},
            consents=(consent_for("pension", agency="social-security"),),
        )
    assert [fault.field for fault in refused.value.faults] == ["legs.0.programme"]
    assert refused.value.rule == "successor-elsewhere"


def test_nothing_is_replaced_that_nobody_wants_replaced(ways: BothWays) -> None:
    filed = ways.file("dibao", consents=BOTH)
    with pytest.raises(Breach) as refused:
        ways.add(filed["id"], {"programme": "unemp-reg", "replaces": filed["legs"][0]["id"]})
    assert refused.value.id == "no-reissue-asked"


def test_a_withdrawn_request_gets_no_successor(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    ways.withdraw(request)
    assert ways.referral(leg).status is Status.CANCELLED
    assert ways.seen(request)["status"] == "withdrawn"


def test_a_successor_nobody_waits_for_any_more_never_reaches_its_agency(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    # Decided at the same time as the desk makes the successor: the leg stays where it is.
    ways.later(minutes=1)
    version = ways.referral(leg).version
    ways.act(leg, "refuse-return", version, {"reason": "is-their-duty"}, role="coordinator", agency=None)
    added = ways.add(
        request, {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),)
    )
    assert ways.referral(leg).status is Status.ISSUED
    successor = added["legs"][0]["id"]
    assert ways.facts(successor) == ["planned", "cancelled"]
    assert ways.all_letters() == []
    assert ways.leg(request, leg)["successor"] is None
    (task,) = list_tasks(ways.intake, HUT, ListTasks(kinds=["successor-dropped"]))
    assert (task["leg"], task["detail"]["reason"]) == (successor, "not-needed")


def test_a_successor_that_meets_the_end_of_its_leg_is_told_to_the_desk_as_dropped(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    ways.later(minutes=1)
    version, fields = ways.referral(leg).version, {"next": "none", "reason": "already-granted"}
    ways.act(leg, "confirm-return", version, fields, role="coordinator", agency=None)
    ways.add(request, {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),))
    assert ways.leg(request, leg)["successor"] is None
    assert "successor-dropped" in ways.tasks(request)


def test_a_return_the_coordinator_refuses_after_all_wants_no_successor(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor()
    ways.at_desk(leg, "refuse-return", {"reason": "is-their-duty"}, role="coordinator")
    assert ways.tasks(request) == []
    with pytest.raises(Breach) as refused:
        ways.add(request, {"programme": "unemp-reg", "replaces": leg}, consents=(consent_for("unemp-reg"),))
    assert refused.value.id == "no-reissue-asked"


def test_the_third_return_of_one_need_is_put_before_the_coordinator(ways: BothWays) -> None:
    consents = [
        a_consent("civil-affairs", ("dibao",)),
        a_consent("employment", ("unemp-reg",)),
        a_consent("social-security", ("pension",)),
    ]
    request, _ = ways.waits_for_successor(consents=consents)
    second = a_successor(ways, request)
    ways.at_desk(second, "propose-return", {"reason": "not-our-duty"})
    fields = {"next": "reissue", "to_agency": "social-security", "to_programme": "pension"}
    ways.at_desk(second, "confirm-return", fields, role="coordinator")
    third = a_successor(ways, request)
    assert ways.referral(third).life.returns == 2
    ways.at_desk(third, "propose-return", {"reason": "not-our-duty"})
    assert ways.facts(third) == ["issued", "return-proposed", "supervised"]
    assert ways.told(third)[-1].data["cause"] == "third-return"
    assert ways.tasks(request) == ["third-return"]
    assert "supervised" not in ways.facts(second)


def test_the_successor_of_a_clinical_leg_takes_no_note_along(ways: BothWays) -> None:
    legs = [{"programme": "psy", "note": "每周一次"}]
    consents = [a_consent("health", ("psy",)), a_consent("civil-affairs", ("dibao",))]
    filed = ways.file("psy", legs=legs, consents=consents)
    leg = filed["legs"][0]["id"]
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    fields = {"next": "reissue", "to_agency": "civil-affairs", "to_programme": "dibao"}
    ways.at_desk(leg, "confirm-return", fields, role="coordinator")
    successor = a_successor(ways, filed["id"])
    assert "note" not in ways.opened(successor)
    assert ways.referral(successor).issued_at > MONDAY
