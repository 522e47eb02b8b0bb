"""What the codes of a clinical leg stand for: its agency reads it, and nobody else, nor from any length."""

from __future__ import annotations

from typing import Any

import flask
import pytest

from services.intake.domain.errors import InvalidFiling
from services.referrals.domain.referral import act
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import timetable
from services.referrals.use_cases.record import CLOCK, record_change
from tests.builders import a_consent, a_person, a_principal
from tests.integration.legs.both_ways import BothWays, hand_in
from tests.integration.referrals.desk import Caller, leg_of

PERSON = a_person(name="李明华", id_number="990000198503120019")
NOTE = {"note": "请补交材料"}
UNUSED = "paper-2"
"""A code of the rules, which are the same for all; the programme of these legs lists one paper only."""


@pytest.fixture
def app(ways: BothWays) -> flask.Flask:
    """The web application of referrals."""
    return ways.app()


@pytest.fixture
def health(ways: BothWays, app: flask.Flask) -> Caller:
    """An officer of the health agency."""
    return ways.caller(app, "desk", agency="health")


def file(ways: BothWays, *programmes: str) -> dict[str, Any]:
    consent = a_consent("health", programmes, data_kinds=["identity", "contact", "health"])
    return ways.file(*programmes, consents=[consent], person=PERSON)


def at_work(ways: BothWays, programme: str) -> tuple[str, str]:
    made = file(ways, programme)
    leg = leg_of(made, "health")
    ways.at_desk(leg, "accept")
    return made["id"], leg


def test_the_health_desk_reads_the_names_of_its_own_papers_and_steps(ways: BothWays, health: Caller) -> None:
    _, leg = at_work(ways, "smi")
    read = health.get(f"/referrals/{leg}").json
    (paper,) = read["badge"]["papers"]
    assert (paper["id"], paper["name"]["en"]) == ("paper-1", "Diagnosis")
    assert [step["id"] for step in read["badge"]["steps"]] == read["steps"] == ["step-1", "step-2"]
    (row,) = health.get("/referrals").json["items"]
    assert (row["steps"], row["badge"]) == (read["steps"], read["badge"])


def test_its_page_offers_them_by_name_and_no_others(ways: BothWays, app: flask.Flask) -> None:
    _, leg = at_work(ways, "smi")
    desk = ways.caller(app, "desk", agency="health")
    page = desk.client.get(
        f"/referrals/{leg}", headers={"Authorization": f"Bearer {desk.token}", "Accept-Language": "en"}
    ).text
    assert 'value="paper-1"' in page
    assert "Diagnosis" in page
    assert UNUSED not in page
    assert "step-3" not in page
    assert "Paper 1" not in page


@pytest.mark.parametrize(
    ("action", "fields", "field"),
    [
        ("request-documents", {"papers": [UNUSED], **NOTE}, "papers.0"),
        ("step", {"step": "step-3"}, "step"),
        ("close", {"outcome": "service-delivered", "sessions": 6}, "outcome"),
    ],
)
def test_what_is_another_programmes_is_refused(
    ways: BothWays, health: Caller, action: str, fields: dict[str, Any], field: str
) -> None:
    _, leg = at_work(ways, "smi")
    answer = health.post(f"/referrals/{leg}/{action}", fields, version=ways.referral(leg).version)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, field)


def test_it_closes_with_the_outcomes_of_its_own_programme_and_may_tell_what_these_ask_for(
    ways: BothWays, health: Caller
) -> None:
    _, leg = at_work(ways, "psy")
    assert health.get(f"/referrals/{leg}").json["outcomes"] == [
        "service-delivered",
        "withdrawn",
        "unreachable",
    ]
    version = ways.referral(leg).version
    for fields, wrong in (
        ({"outcome": "approved", "amount": 100, "period": "once"}, "outcome"),
        ({"outcome": "withdrawn", "sessions": 6}, "sessions"),
        ({"outcome": "service-delivered", "sessions": -1}, "sessions"),
    ):
        refused = health.post(f"/referrals/{leg}/close", fields, version=version)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, wrong)
    done = health.post(
        f"/referrals/{leg}/close", {"outcome": "service-delivered", "sessions": 6}, version=version
    )
    assert (done.status_code, done.json["outcome"]) == (200, "service-delivered")
    ways.carry()
    outcomes = [ways.referral(each).rules["outcomes"] for each in (leg, at_work(ways, "smi")[1])]
    assert outcomes[0] == outcomes[1]
    assert "approved" in outcomes[0]


def test_what_is_granted_is_told_and_how_a_treatment_went_need_not_be(ways: BothWays, health: Caller) -> None:
    _, granted = at_work(ways, "fee-rel")
    asked = health.get(f"/referrals/{granted}").json["outcome_needs"]
    assert asked["approved"] == {"needed": ["share"], "optional": ["amount", "period"]}
    version = ways.referral(granted).version
    bare = health.post(f"/referrals/{granted}/close", {"outcome": "approved"}, version=version)
    assert (bare.status_code, bare.json["errors"][0]["field"]) == (422, "share")
    told = health.post(f"/referrals/{granted}/close", {"outcome": "approved", "share": 50}, version=version)
    assert told.status_code == 200
    _, treated = at_work(ways, "psy")
    asked = health.get(f"/referrals/{treated}").json["outcome_needs"]
    assert asked["service-delivered"] == {"needed": [], "optional": ["sessions"]}
    version = ways.referral(treated).version
    done = health.post(f"/referrals/{treated}/close", {"outcome": "service-delivered"}, version=version)
    assert done.status_code == 200


def test_nobody_else_reads_them_and_the_table_has_what_all_have(
    ways: BothWays, app: flask.Flask, health: Caller
) -> None:
    _, leg = at_work(ways, "smi")
    answer = health.post(f"/referrals/{leg}/step", {"step": "step-1"}, version=ways.referral(leg).version)
    assert answer.json["steps"] == ["step-1", "step-2"]
    kept = ways.referral(leg).rules
    assert (kept["papers"], kept["steps"]) == (["paper-1", UNUSED], ["step-1", "step-2", "step-3"])
    seen = ways.caller(app, "coordinator").get(f"/referrals/{leg}").json
    assert (seen["badge"], seen["steps"]) == (None, [])


def test_the_length_of_a_sealed_badge_tells_no_programme_from_another(ways: BothWays) -> None:
    made = file(ways, "psy", "smi", "fee-rel")
    with ways.parts.database.read() as connection:
        sealed = [referrals.packet_of(connection, leg["id"]) for leg in made["legs"]]
    assert len({len(one.badge) for one in sealed if one}) == 1
    assert all(sealed)


def test_a_paper_that_the_programme_does_not_list_holds_nothing_up(ways: BothWays) -> None:
    request, leg = at_work(ways, "smi")
    district, at = ways.parts.directory.current(), ways.installation.clock.now()
    with ways.parts.database.unit_of_work() as uow:
        held = referrals.load(uow.connection, [leg], lock=True)[leg]
        change = act(held, "request-documents", {"papers": ["paper-1", UNUSED]}, at, timetable(district))
        record_change(ways.parts, uow, change, CLOCK, district, at=at)
    ways.carry()
    hand_in(ways, request, "diagnosis")
    ways.ask(request, leg, "supply", by=a_principal())
    assert ways.referral(leg).status is Status.ACCEPTED


def test_an_answer_on_paper_names_papers_of_the_programme_itself(ways: BothWays) -> None:
    request, leg = at_work(ways, "smi")
    (slip,) = hand_in(ways, request, "slip", leg=leg)
    answer = {"action": "request-documents", "fields": {"papers": [UNUSED], **NOTE}, "slip": slip}
    with pytest.raises(InvalidFiling) as told:
        ways.ask(request, leg, "record", answer)
    assert [fault.field for fault in told.value.faults] == ["fields.papers"]


def test_an_answer_on_paper_tells_no_number_of_sessions_that_cannot_be(ways: BothWays) -> None:
    request, leg = at_work(ways, "psy")
    (slip,) = hand_in(ways, request, "slip", leg=leg)
    fields = {"outcome": "service-delivered", "sessions": 2.5}
    with pytest.raises(InvalidFiling) as told:
        ways.ask(request, leg, "record", {"action": "close", "fields": fields, "slip": slip})
    assert [fault.field for fault in told.value.faults] == ["fields.sessions"]
