"""Whatever an agency may answer on paper, taken down by either desk, is written so that everybody can read it after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import flask
import pytest
import sqlalchemy as sa

from services.referrals.domain.slips import RECORDED
from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.slips import add_slip
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import COORDINATOR, BothWays, hand_in
from tests.integration.legs.test_consents import consent_of, take_back
from tests.papers import a_pdf

Filed = tuple[str, str]
REVIEW = {"reason": "hearing", "review_on": "2027-01-04"}
TRANSFER = {"reason": "needs-other-help", "to_agency": "employment", "to_programme": "unemp-reg"}
KEPT = {"ground": "retention-law", "note": "依法保存五年"}
GRANT = {"outcome": "approved", "amount": 650, "period": "monthly"}
ANSWERS: Mapping[str, tuple[tuple[str, ...], dict[str, Any], str]] = {
    "acknowledge": ((), {}, "received"),
    "accept": (("acknowledge",), {}, "accepted"),
    "request-documents": (("acknowledge",), {"papers": ["id-card"], "note": "请补交"}, "awaiting-documents"),
    "start": (("acknowledge", "accept"), {}, "in-progress"),
    "step": (("acknowledge", "accept"), {"step": "home-visit"}, "in-progress"),
    "suspend": (("acknowledge", "accept"), REVIEW, "suspended"),
    "resume": (("acknowledge", "accept", "suspend"), {}, "accepted"),
    "propose-return": (("acknowledge",), {"reason": "not-our-duty"}, "return-proposed"),
    "propose-transfer": (("acknowledge",), TRANSFER, "transfer-proposed"),
    "close": (("acknowledge", "accept"), GRANT, "closed"),
    "acknowledge-withdrawal": (("acknowledge", "accept"), KEPT, "accepted"),
}
"""Answer → what its desk has taken down before, its fields, and where it leads."""
READERS = (("desk", "civil-affairs"), ("leader", "civil-affairs"), ("coordinator", None))
Record = Callable[[Filed, str, Mapping[str, Any]], None]


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite: a life is the same JSON in both databases."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def filed(ways: BothWays) -> Filed:
    """Give a request and its one leg, which lies at civil affairs."""
    made = ways.file("dibao")
    return made["id"], made["legs"][0]["id"]


@pytest.fixture(params=["help desk", "coordinator"])
def record(request: pytest.FixtureRequest, ways: BothWays) -> Record:
    """Take an answer down at the help desk, or as the coordinator."""

    def at_the_hut(filed: Filed, action: str, fields: Mapping[str, Any]) -> None:
        (slip,) = hand_in(ways, filed[0], "slip")
        ways.ask(*filed, "record", {"action": action, "fields": fields, "slip": slip})

    def by_the_coordinator(filed: Filed, action: str, fields: Mapping[str, Any]) -> None:
        slip = add_slip(ways.parts, COORDINATOR, filed[1], a_pdf()).id
        given = {"action": action, "fields": fields, "slip": slip}
        ways.at_desk(filed[1], "record-on-behalf", given, role="coordinator")

    return at_the_hut if request.param == "help desk" else by_the_coordinator


def all_that_is_read(ways: BothWays, leg: str) -> list[int]:
    """Read the leg, and every list that it stands in, as whoever sees it; gives the statuses of the answers."""
    app: flask.Flask = ways.app()
    told = []
    for role, agency in READERS:
        caller = ways.caller(app, role, **({"agency": agency} if agency else {}))
        told += [caller.get(path).status_code for path in ("/referrals", f"/referrals/{leg}")]
    return [*told, ways.caller(app, "coordinator").get("/cases").status_code]


def test_every_answer_that_may_be_taken_down_is_tried_here() -> None:
    assert tuple(ANSWERS) == RECORDED


@pytest.mark.parametrize("action", RECORDED)
def test_an_answer_that_was_taken_down_is_read_by_everybody(
    ways: BothWays, filed: Filed, record: Record, action: str
) -> None:
    before, fields, status = ANSWERS[action]
    for step in before:
        record(filed, step, ANSWERS[step][1])
    if action == "acknowledge-withdrawal":
        take_back(ways, filed[0], consent_of(ways, filed[0]))
    record(filed, action, fields)
    assert set(all_that_is_read(ways, filed[1])) == {200}
    assert (ways.referral(filed[1]).status, ways.letters()) == (status, [])


@pytest.mark.parametrize("action", ["propose-return", "propose-transfer"])
def test_what_was_proposed_on_paper_can_be_withdrawn(
    ways: BothWays, filed: Filed, record: Record, action: str
) -> None:
    record(filed, "acknowledge", {})
    record(filed, action, ANSWERS[action][1])
    ways.withdraw(filed[0])
    assert (ways.referral(filed[1]).status, ways.all_letters()) == ("cancelled", [])


def test_a_proposal_that_was_written_without_its_author_is_read(ways: BothWays, filed: Filed) -> None:
    ways.at_desk(filed[1], "propose-return", {"reason": "not-our-duty"})
    with ways.parts.database.unit_of_work() as uow:
        kept = uow.connection.execute(sa.select(referrals.c.life)).scalar_one()
        del kept["proposal"]["by"]
        uow.connection.execute(sa.update(referrals).values(life=kept))
    assert set(all_that_is_read(ways, filed[1])) == {200}
    ways.at_desk(filed[1], "refuse-return", {"reason": "is-their-duty"}, role="coordinator")
    assert ways.referral(filed[1]).status == "issued"
