"""A person says no: nobody asks again for the district's days, and a yes on any day counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.filing import Refused
from services.intake.use_cases.drafts import ChangeDraft, create_draft, submit_draft
from services.intake.use_cases.refuse_consent import RefuseConsent, refuse_consent
from services.intake.use_cases.reissue import RefuseReissue, refuse_reissue
from services.intake.use_cases.tick import tick
from tests.builders import a_consent, a_filing, a_person, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays, consent_for

EMPLOYMENT = Refused(agency="employment", programmes=("unemp-reg",))


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database))


def refuse(ways: BothWays, request: str, refused: Refused = EMPLOYMENT) -> dict[str, object]:
    ways.later(minutes=1)
    told = refuse_consent(ways.intake, HUT, RefuseConsent(request=request, refused=refused))
    ways.carry()
    return told


def ticked_on(ways: BothWays, day: str) -> None:
    ways.installation.clock.move_to(datetime.fromisoformat(f"{day}T09:00:00+08:00"))
    tick(ways.intake)


def proposed_again(ways: BothWays, leg: str) -> None:
    fields = {"next": "reissue", "to_agency": "employment", "to_programme": "unemp-reg"}
    ways.at_desk(leg, "confirm-return", fields, role="coordinator")


def test_a_no_ends_the_asking_and_the_successor_that_waited_for_a_yes(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor("dibao")
    assert ways.tasks(request) == ["consent-needed"]
    told = refuse(ways, request)
    assert (told["agency"], told["programmes"]) == ("employment", ["unemp-reg"])
    assert ways.tasks(request) == []
    proposal = ways.referral(leg).life.proposal
    assert proposal is not None
    assert proposal.failed == "person-declines"
    (shown,) = ways.seen(request)["refusals"]
    assert (shown["agency"], shown["programme"]) == ("employment", "unemp-reg")
    assert shown["ask_again_from"] - shown["refused_at"] == timedelta(90)


def test_within_ninety_days_the_desk_is_not_told_to_ask_again(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor("dibao")
    command = RefuseReissue(request=request, leg=leg, reason="person-declines")
    ways.later(minutes=1)
    refuse_reissue(ways.intake, HUT, command)
    ways.carry()
    proposed_again(ways, leg)
    assert ways.tasks(request) == []
    proposal = ways.referral(leg).life.proposal
    assert proposal is not None
    assert proposal.failed == "person-declines"


def test_the_person_may_say_yes_on_any_day(ways: BothWays) -> None:
    request, leg = ways.waits_for_successor("dibao")
    refuse(ways, request)
    ways.add(request, consents=(consent_for("unemp-reg"),))
    proposed_again(ways, leg)
    assert ways.referral(leg).status == "returned"


def test_who_does_not_renew_is_asked_again_after_ninety_days_if_it_is_still_open(ways: BothWays) -> None:
    filed = ways.file("dibao", consents=[a_consent("civil-affairs", ("dibao",), expires_on="2026-12-31")])
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    ticked_on(ways, "2026-12-18")
    assert ways.tasks(request) == ["renewal"]
    refuse(ways, request, Refused(agency="civil-affairs"))
    assert ways.tasks(request) == []
    for day, asked in (("2027-01-02", []), ("2027-03-17", []), ("2027-03-19", ["consent-needed"])):
        ticked_on(ways, day)
        assert ways.tasks(request) == asked


def test_a_no_is_known_in_the_persons_other_requests_and_from_a_draft(ways: BothWays) -> None:
    person = a_person()
    body = a_filing("pension", person=person) | {"refusals": [{"agency": "employment", "programmes": []}]}
    ways.later(minutes=1)
    draft = create_draft(ways.intake, HUT, body)
    submit_draft(ways.intake, HUT, ChangeDraft(draft=draft["id"]))
    request, leg = ways.waits_for_successor("dibao", person=person)
    assert (ways.tasks(request), ways.referral(leg).status) == ([], "return-proposed")
    assert [(one["agency"], one["programme"]) for one in ways.seen(request)["refusals"]] == [
        ("employment", None)
    ]


def test_a_no_is_about_what_there_is(ways: BothWays) -> None:
    request = ways.file("dibao")["id"]
    for refused, field in (
        (Refused(agency="lottery"), "agency"),
        (Refused(agency="employment", programmes=("dibao",)), "programmes.0"),
    ):
        with pytest.raises(InvalidFiling) as wrong:
            refuse(ways, request, refused)
        assert [fault.field for fault in wrong.value.faults] == [field]
