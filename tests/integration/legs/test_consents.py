"""A consent is taken back: what nobody has accepted is cancelled, everything else frozen; nothing new is sent."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.changes import EFFECTS, NOTHING
from services.intake.entrypoints.fact_labels import REASONS
from services.intake.schemas.http import ConsentBody, consent_from, need_from
from services.intake.use_cases.add_legs import Added, AddLegs, add_legs
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.withdraw_consent import (
    WithdrawConsent,
    explain_withdrawal,
    withdraw_consent,
)
from services.referrals.domain.errors import PacketDeleted, PacketFrozen
from services.referrals.domain.status import Status
from services.referrals.entrypoints.problems import DELETED, FROZEN
from services.referrals.use_cases.no_longer import no_longer
from services.referrals.use_cases.open_packet import open_packet
from services.referrals.use_cases.read import Wanted, list_referrals, read_referral
from shared.text import Text
from tests.builders import a_consent, a_principal
from tests.integration.legs.both_ways import HUT, BothWays, consent_for
from tests.integration.referrals.desk import Caller

DESK = a_principal("desk", agency="civil-affairs")


def consent_of(ways: BothWays, request: str, programme: str = "dibao") -> str:
    consents: list[dict[str, Any]] = ways.seen(request)["consents"]
    return str(next(one["id"] for one in consents if one["programmes"] == [programme]))


def take_back(ways: BothWays, request: str, consent: str) -> dict[str, Any]:
    ways.later(minutes=1)
    answer = withdraw_consent(ways.intake, HUT, WithdrawConsent(request=request, consent=consent))
    ways.carry()
    return answer


def test_the_effect_is_explained_before_anybody_confirms(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    ways.at_desk(filed["legs"][1]["id"], "accept")
    events = len(ways.asked(filed["id"]))
    for programme, effect in (("dibao", "cancel"), ("pension", "freeze")):
        consent = consent_of(ways, filed["id"], programme)
        told = explain_withdrawal(ways.intake, HUT, filed["id"], consent)
        assert [(leg["programme"], leg["effect"]) for leg in told["legs"]] == [(programme, effect)]
        assert told["legs"][0]["messages"]["zh"]
        assert told["withdrawn"] is False
    assert len(ways.asked(filed["id"])) == events


def test_before_acceptance_the_leg_is_cancelled(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    leg, other = (one["id"] for one in filed["legs"])
    take_back(ways, filed["id"], consent_of(ways, filed["id"]))
    assert ways.referral(leg).status is Status.CANCELLED
    assert ways.referral(leg).reason == "consent-withdrawn"
    assert ways.referral(other).status is Status.ISSUED
    # What nobody has accepted nobody has a ground to read, nor to be asked for one.
    with pytest.raises(PacketDeleted):
        open_packet(ways.parts, DESK, leg, "查看材料")
    assert "acknowledge-withdrawal" not in read_referral(ways.parts, DESK, leg).side_actions
    assert (ways.referral(leg).clock, ways.leg(filed["id"], leg)["light"]) == (None, "blue")


def test_after_acceptance_the_packet_is_frozen_and_the_agency_acknowledges(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    answer = take_back(ways, request, consent_of(ways, request))
    assert answer["legs"][0]["effect"] == "freeze"
    frozen = ways.referral(leg).life.frozen
    assert frozen is not None
    assert ways.referral(leg).status is Status.ACCEPTED
    assert ways.leg(request, leg)["frozen_at"] is not None
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    line = ways.seen(request)["history"][-1]
    assert (line["fact"], line["detail"]) == ("withdrawal-acknowledged", {"ground": "statutory-duty"})


def test_nothing_new_is_sent_about_a_frozen_leg(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    with pytest.raises(Breach) as refused:
        ways.ask(request, leg, "message", {"text": "你好"})
    assert refused.value.id == "leg-frozen"


def test_a_frozen_packet_is_read_on_a_ground_of_the_agencys_own_or_not_at_all(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    with pytest.raises(PacketFrozen):
        open_packet(ways.parts, DESK, leg, "查看材料")
    with ways.parts.database.read() as connection:
        assert no_longer(connection, [leg]) == {leg: "frozen"}
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert open_packet(ways.parts, DESK, leg, "查看材料").rev == 1


def shows(desk: Caller, leg: str, words: Text) -> tuple[bool, bool]:
    """Tell whether the agency's page of a leg says this, and whether it offers to open the data."""
    page = desk.client.get(f"/referrals/{leg}", headers={"Accept": "text/html"}).get_data(as_text=True)
    return words.zh in page, f"/referrals/{leg}/packet" in page


def test_what_was_answered_as_deleted_is_not_opened_and_nobody_is_sent_back_to_answer_again(
    ways: BothWays,
) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    desk = ways.caller(ways.app(), "desk", agency="civil-affairs")
    desk.client.set_cookie("sid", desk.token)
    assert shows(desk, leg, FROZEN) == (True, False)
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "deleted"})
    assert shows(desk, leg, DELETED) == (True, False)
    reason = {"reason": "查看材料"}
    for refused in (
        desk.post(f"/referrals/{leg}/packet/open", reason),
        desk.get(f"/referrals/{leg}/papers", **reason),
        desk.get(f"/referrals/{leg}/papers/1", **reason),
    ):
        assert (refused.status_code, refused.json["type"]) == (409, "urn:aid:problem:packet-deleted")
        assert "acknowledge" not in refused.json["messages"]["en"]
    shown = desk.get(f"/referrals/{leg}").json
    assert (shown["frozen"], "acknowledge-withdrawal" in shown["side_actions"]) == (True, False)


def test_an_acceptance_that_crossed_the_withdrawal_freezes_instead(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    # The desk has not heard of it yet.
    ways.later(minutes=1)
    ways.act(leg, "accept", ways.referral(leg).version)
    answer = take_back(ways, request, consent_of(ways, request))
    assert answer["legs"][0]["effect"] == "cancel"
    assert ways.referral(leg).life.frozen is not None
    assert ways.facts(leg)[-2:] == ["frozen", "cancel-refused"]
    assert ways.leg(request, leg)["frozen_at"] is not None


@pytest.mark.parametrize(("before", "told"), [("acknowledge", "cancel-refused"), ("accept", "freeze-done")])
def test_what_was_handed_over_at_that_very_moment_is_frozen_with_its_old_holder_who_owes_an_answer(
    ways: BothWays, before: str, told: str
) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, before)
    fields = {"reason": "needs-other-help", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "propose-transfer", fields)
    # The successor is on its way while the desk still sees a leg that has not ended.
    consent = consent_from(ConsentBody().load(consent_for("unemp-reg")))
    successor = Added(need_from({"programme": "unemp-reg"}), leg)
    add_legs(ways.intake, HUT, AddLegs(request=request, legs=(successor,), consents=(consent,)))
    take_back(ways, request, consent_of(ways, request))
    assert ways.facts(leg)[-3:] == ["transferred", "frozen", told]
    held_by_the_old_holder(ways, request, leg)


def held_by_the_old_holder(ways: BothWays, request: str, leg: str) -> None:
    """See that what was handed on is frozen and overdue with its old holder until that has answered."""
    with pytest.raises(PacketFrozen):
        open_packet(ways.parts, DESK, leg, "查看材料")
    ways.later(minutes=1)
    assert [row.referral.id for row in list_referrals(ways.parts, DESK, Wanted(light="red"))] == [leg]
    ended = ways.leg(request, leg)
    assert (ended["light"], ended["frozen_at"] is not None) == ("red", True)
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "deleted"})
    assert (ways.leg(request, leg)["light"], ways.leg(request, leg)["status"]) == ("blue", ended["status"])
    assert ways.all_letters() == []


@pytest.mark.parametrize("crossing", [True, False])
def test_what_was_returned_and_issued_anew_is_frozen_with_its_old_holder(
    ways: BothWays,
    crossing: bool,
) -> None:
    request, leg = ways.waits_for_successor("dibao")
    ways.later(minutes=1)
    consent = consent_from(ConsentBody().load(consent_for("unemp-reg")))
    successor = Added(need_from({"programme": "unemp-reg"}), leg)
    add_legs(ways.intake, HUT, AddLegs(request=request, legs=(successor,), consents=(consent,)))
    if not crossing:
        ways.carry()
    answer = take_back(ways, request, consent_of(ways, request))
    assert answer["legs"][0]["effect"] == ("cancel" if crossing else "handed-on")
    assert ways.facts(leg)[-3:-1] == ["returned", "frozen"]
    held_by_the_old_holder(ways, request, leg)


def test_what_was_decided_at_that_very_moment_stays_as_it_is_and_the_desk_learns_why(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ways.later(minutes=1)
    ways.act(
        leg, "close", ways.referral(leg).version, {"outcome": "approved", "amount": "100", "period": "month"}
    )
    take_back(ways, request, consent_of(ways, request))
    (task,) = list_tasks(ways.intake, HUT, ListTasks(kinds=["command-refused"], request=request))
    assert (task["detail"]["fact"], task["detail"]["reason"]) == ("freeze-refused", "ended-before-withdrawal")
    assert EFFECTS[NOTHING].zh.split("：")[1].rstrip("。") in REASONS[task["detail"]["reason"]].zh


def test_a_consent_is_taken_back_once(ways: BothWays) -> None:
    filed = ways.file("dibao")
    consent = consent_of(ways, filed["id"])
    ways.at_desk(filed["legs"][0]["id"], "accept")
    take_back(ways, filed["id"], consent)
    with pytest.raises(Breach) as refused:
        take_back(ways, filed["id"], consent)
    assert refused.value.id == "consent-withdrawn"


def test_a_consent_taken_back_covers_no_successor(ways: BothWays) -> None:
    consents = [a_consent("civil-affairs", ("dibao",)), a_consent("employment", ("unemp-reg",))]
    filed = ways.file("dibao", consents=consents)
    request, leg = filed["id"], filed["legs"][0]["id"]
    take_back(ways, request, consent_of(ways, request, "unemp-reg"))
    ways.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
    fields = {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "confirm-return", fields, role="coordinator")
    assert ways.tasks(request) == ["consent-needed"]


def test_a_new_consent_takes_the_place_of_an_old_one_which_is_kept(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request = filed["id"]
    old = consent_of(ways, request)
    ways.add(request, consents=(consent_for("dibao", agency="civil-affairs", expires_on="2027-11-01"),))
    (consent,) = ways.seen(request)["consents"]
    assert consent["id"] != old
    assert str(consent["expires_on"]) == "2027-11-01"
    assert [event.type for event in ways.asked(request)] == ["request.submitted.v1"]


def test_a_leg_whose_consent_has_run_out_is_sent_nothing_new(ways: BothWays) -> None:
    consents = [a_consent("civil-affairs", ("dibao",), expires_on="2026-11-30")]
    filed = ways.file("dibao", consents=consents)
    ways.later(days=20)
    with pytest.raises(Breach) as refused:
        ways.ask(filed["id"], filed["legs"][0]["id"], "message", {"text": "你好"})
    assert refused.value.id == "consent-ended"
