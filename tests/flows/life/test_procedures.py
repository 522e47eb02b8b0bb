"""Each family of programmes by its real procedure and dates, from the help desk to the outcome."""

from __future__ import annotations

from datetime import date

from services.intake.use_cases.withdraw_consent import WithdrawConsent, withdraw_consent
from tests.builders import HUT_UNIT, a_consent
from tests.flows.life.town import Town
from tests.integration.legs.both_ways import HUT


def test_an_allowance_with_survey_data_check_public_notice_and_decision(place: Town) -> None:
    filed = place.file("dibao")  # Monday, 23 November 2026
    (leg,) = [one["id"] for one in filed["legs"]]
    assert (place.status(leg), place.due_on(leg)) == ("issued", "2026-11-25")
    place.at_desk(leg, "acknowledge")
    assert place.due_on(leg) == "2026-11-30"
    place.at_desk(leg, "accept")
    assert place.due_on(leg) == "2027-01-05"  # thirty working days; New Year's Day does not count
    place.at("2026-11-25T10:00:00")
    place.at_desk(leg, "start", {"step": "home-visit"})
    place.at("2026-11-27T10:00:00")
    place.at_desk(leg, "step", {"step": "data-check"})
    place.at_desk(leg, "step", {"step": "publicity"})
    place.at("2026-12-14T10:00:00")
    place.at_desk(leg, "step", {"step": "district-decision"})
    place.at_desk(
        leg, "close", {"outcome": "approved", "amount": 680, "period": "monthly", "note": "自下月发放"}
    )
    assert place.status(leg) == "closed"
    assert place.answer(leg, "closed")["fields"]["amount"] == 680
    request = place.seen(filed["id"])
    assert request["status"] == "ended"
    assert [line[0] for line in place.done(leg)] == [
        "acknowledge",
        "accept",
        "start",
        "step",
        "step",
        "step",
        "close",
    ]


def test_emergency_relief_is_paid_within_hours_and_the_papers_come_after(place: Town) -> None:
    filed = place.file("temp-urgent", urgency="urgent")
    (leg,) = [one["id"] for one in filed["legs"]]
    place.at_desk(leg, "accept")
    paid_by = place.referral(leg).due_at
    assert paid_by is not None
    assert (paid_by - place.referral(leg).issued_at).total_seconds() == 24 * 3600
    place.at_desk(leg, "start", {"step": "relief-paid"})
    after = place.referral(leg)
    assert after.due_at is not None
    assert after.due_at > paid_by  # what is left is the paperwork
    place.at_desk(leg, "close", {"outcome": "approved", "amount": 2000, "period": "once"})
    assert place.status(leg) == "closed"


def test_recognition_comes_first_and_the_public_post_after(place: Town) -> None:
    filed = place.file("hard-emp")
    (recognition,) = [one["id"] for one in filed["legs"]]
    place.at_desk(recognition, "accept")
    place.at_desk(recognition, "start", {"step": "community-check"})
    place.at("2026-12-04T10:00:00")
    added = place.add(
        filed["id"], {"programme": "pub-job"}, consents=(a_consent("employment", ("pub-job",)),)
    )
    (post,) = [one["id"] for one in added["legs"]]
    place.at_desk(
        recognition, "close", {"outcome": "approved", "category": "长期失业", "period": "12 months"}
    )
    place.at_desk(post, "accept")
    place.at_desk(post, "start", {"step": "job-matching"})
    place.at_desk(
        post,
        "close",
        {
            "outcome": "approved",
            "amount": 1800,
            "period": "monthly",
            "post": "保洁员",
            "employer": "社区居委会",
        },
    )
    assert (place.status(recognition), place.status(post)) == ("closed", "closed")
    assert place.seen(filed["id"])["status"] == "ended"


def test_counselling_goes_on_in_sessions_and_nobody_outside_reads_what_it_is(place: Town) -> None:
    filed = place.file("psy")
    (leg,) = [one["id"] for one in filed["legs"]]
    assert place.referral(leg).programme == "health-service"
    place.at_desk(leg, "accept")
    place.at_desk(leg, "start", {"step": "step-1"})
    appointment = {"on": date(2026, 11, 26), "at": "14:00", "place": "三楼二室", "bring": "身份证"}
    place.at_desk(leg, "appointment", appointment)
    assert place.answer(leg, "appointment-made")["fields"]["place"] == "三楼二室"
    for _ in range(3):
        place.at_desk(leg, "step", {"step": "step-3"})
    place.at_desk(leg, "close", {"outcome": "service-delivered"})
    assert place.status(leg) == "closed"
    assert place.leg(filed["id"], leg)["programme"] == "psy"


def test_what_came_to_the_wrong_agency_goes_on_at_the_right_one(place: Town) -> None:
    both = [a_consent("civil-affairs", ("dibao",)), a_consent("employment", ("unemp-reg",))]
    request, leg = place.waits_for_successor(consents=both)
    successor = place.seen(request)["legs"][-1]["id"]
    assert (place.status(leg), place.status(successor)) == ("returned", "issued")
    assert place.seen(request)["status"] == "in-progress"
    place.at_desk(successor, "accept")
    place.at_desk(successor, "close", {"outcome": "enrolled"})
    assert place.seen(request)["status"] == "ended"


def test_papers_that_never_come_lapse_after_reminders_and_reopen_as_of_right(place: Town) -> None:
    filed = place.file("dibao")
    (leg,) = [one["id"] for one in filed["legs"]]
    place.at_desk(leg, "acknowledge")
    place.at_desk(leg, "request-documents", {"papers": ["income-statement"], "note": "缺近三个月流水"})
    assert (place.status(leg), place.due_on(leg)) == ("awaiting-documents", None)
    assert place.answer(leg, "documents-requested")["note"] == "缺近三个月流水"
    for day in ("2026-11-30", "2026-12-03", "2026-12-07", "2026-12-09"):
        place.at(f"{day}T09:00:00")
    assert place.facts(leg).count("reminded") == 3
    assert (place.status(leg), place.referral(leg).outcome) == ("closed", "lapsed")
    place.ask(filed["id"], leg, "reopen", {"reason": "papers-after-lapse"})
    assert place.status(leg) == "in-progress"
    assert place.seen(filed["id"])["status"] == "in-progress"
    assert place.due_on(leg) is not None


def test_more_time_comes_from_the_leader_and_the_person_is_told(place: Town) -> None:
    filed = place.file("dibao")
    (leg,) = [one["id"] for one in filed["legs"]]
    place.at_desk(leg, "accept")
    place.at_desk(leg, "extend", {"reason": "survey-difficult", "due_on": date(2027, 1, 12)})
    waiting = place.referral(leg)
    assert (place.due_on(leg), waiting.pending is not None) == ("2027-01-05", True)
    place.at_desk(leg, "approve", role="leader")
    assert place.due_on(leg) == "2027-01-12"
    assert "extended" in place.facts(leg)
    assert f"hut:{HUT_UNIT}" in place.inboxes(leg, "referral.extended.v1")


def test_a_refusal_waits_for_the_leader_and_can_be_objected_to(place: Town) -> None:
    filed = place.file("dibao")
    (leg,) = [one["id"] for one in filed["legs"]]
    place.at_desk(leg, "accept")
    place.at_desk(
        leg, "close", {"outcome": "refused", "reason": "income-above-limit", "note": "人均收入超标"}
    )
    assert place.status(leg) == "accepted"
    place.at_desk(leg, "approve", role="leader")
    assert (place.status(leg), place.referral(leg).reason) == ("closed", "income-above-limit")
    assert place.answer(leg, "closed")["note"] == "人均收入超标"
    place.ask(filed["id"], leg, "reopen", {"reason": "appeal"})
    assert place.status(leg) == "in-progress"


def test_silence_grows_from_blue_to_red_and_then_the_law_accepts(place: Town) -> None:
    filed = place.file("dibao")
    (leg,) = [one["id"] for one in filed["legs"]]
    for day in ("2026-11-25", "2026-11-26"):
        place.at(f"{day}T09:00:00")
    assert place.notices(leg) == ["blue", "yellow"]
    place.at("2026-12-01T01:00:00")
    assert place.status(leg) == "accepted"  # five working days from delivery
    assert ("accept", "clock") in place.done(leg)
    for day in ("2026-12-30", "2027-01-05", "2027-01-06", "2027-01-12"):
        place.at(f"{day}T09:00:00")
    assert place.notices(leg)[-3:] == ["blue", "yellow", "red"]
    told = place.inboxes(leg, "referral.supervised.v1")
    assert told == dict.fromkeys(("desk:civil-affairs", f"hut:{HUT_UNIT}", "coordinator"), 5) | {
        "leader:civil-affairs": 3  # two yellow notices and the circular of the red one
    }


def test_consent_withdrawn_in_mid_way_freezes_the_packet_until_the_agency_names_its_ground(
    place: Town,
) -> None:
    filed = place.file("dibao")
    (leg,) = [one["id"] for one in filed["legs"]]
    place.at_desk(leg, "accept")
    (consent,) = [one["id"] for one in place.seen(filed["id"])["consents"]]
    place.later(minutes=1)
    withdraw_consent(place.intake, HUT, WithdrawConsent(request=filed["id"], consent=consent))
    place.carry()
    frozen = place.referral(leg).life.frozen
    assert frozen is not None
    assert frozen.acknowledged_at is None
    place.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert [fact for fact in place.facts(leg) if fact in {"frozen", "withdrawal-acknowledged"}] == [
        "frozen",
        "withdrawal-acknowledged",
    ]
    settled = place.referral(leg).life.frozen
    assert settled is not None
    assert settled.ground == "statutory-duty"
