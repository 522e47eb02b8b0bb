"""An agency answers a withdrawal of consent on paper: desk or coordinator takes it down, and nothing is owed."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.referrals.domain.clocks import owes_answer
from services.referrals.domain.errors import BadFields, TooLate
from services.referrals.domain.status import Status
from services.referrals.use_cases.read import read_referral
from services.referrals.use_cases.slips import add_slip
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import COORDINATOR, BothWays, hand_in, outcomes
from tests.integration.legs.test_consents import consent_of, take_back
from tests.papers import a_pdf

ACTION = "acknowledge-withdrawal"
KEPT = {"ground": "retention-law", "note": "依法保存五年"}


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite alone: what happens in a database is tried where it happens."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def frozen(ways: BothWays) -> tuple[str, str]:
    """Take consent back from an agency that has accepted: it owes an answer."""
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    assert owes_answer(ways.referral(leg).life)
    return request, leg


def by_the_desk(ways: BothWays, request: str, leg: str, fields: dict[str, Any]) -> None:
    (slip,) = hand_in(ways, request, "slip")
    ways.ask(request, leg, "record", {"action": ACTION, "fields": fields, "slip": slip})


def by_the_coordinator(ways: BothWays, leg: str, fields: dict[str, Any]) -> None:
    slip = add_slip(ways.parts, COORDINATOR, leg, a_pdf())
    given = {"action": ACTION, "fields": fields, "slip": slip.id}
    ways.at_desk(leg, "record-on-behalf", given, role="coordinator")


def test_the_desk_takes_it_down_with_its_scan_and_the_overdue_item_is_gone(
    ways: BothWays, frozen: tuple[str, str]
) -> None:
    request, leg = frozen
    ways.later(days=10)
    by_the_desk(ways, request, leg, KEPT)
    life = ways.referral(leg).life
    assert life.frozen is not None
    assert (life.frozen.ground, owes_answer(life)) == ("retention-law", False)
    assert ways.facts(leg)[-3:] == ["withdrawal-acknowledged", "recorded-on-behalf", "record-done"]
    assert outcomes(ways, request)[-1] == ("record", None)
    told = {line["fact"]: line["detail"] for line in ways.seen(request)["history"]}
    assert told["withdrawal-acknowledged"] == {"ground": "retention-law"}
    for event in ways.told(leg):
        assert KEPT["note"] not in event.internal().decode()
    by_the_desk(ways, request, leg, KEPT)
    assert outcomes(ways, request)[-1] == ("record", "already-done")


def test_the_coordinator_takes_it_down_and_words_reach_the_desk_sealed(
    ways: BothWays, frozen: tuple[str, str]
) -> None:
    request, leg = frozen
    by_the_coordinator(ways, leg, KEPT)
    assert not owes_answer(ways.referral(leg).life)
    assert KEPT["note"] in str(ways.seen(request)["history"])
    assert ways.all_letters() == []
    with pytest.raises(TooLate):
        by_the_coordinator(ways, leg, KEPT)


def test_of_a_leg_that_is_closed_it_is_taken_down_too(ways: BothWays) -> None:
    filed = ways.file("dibao", "pension")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    take_back(ways, request, consent_of(ways, request))
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    assert owes_answer(ways.referral(leg).life)
    by_the_desk(ways, request, leg, {"ground": "deleted"})
    assert (ways.referral(leg).status, owes_answer(ways.referral(leg).life)) == (Status.CLOSED, False)
    assert "record-on-behalf" in read_referral(ways.parts, COORDINATOR, leg).side_actions


@pytest.mark.parametrize("fields", [{}, {"ground": "we like it"}, {"ground": "deleted", "amount": 5}])
def test_it_needs_a_ground_of_the_list(
    ways: BothWays, frozen: tuple[str, str], fields: dict[str, Any]
) -> None:
    with pytest.raises(InvalidFiling):
        by_the_desk(ways, *frozen, fields)
    with pytest.raises(BadFields):
        by_the_coordinator(ways, frozen[1], fields)
    assert owes_answer(ways.referral(frozen[1]).life)


def test_where_no_consent_was_withdrawn_there_is_nothing_to_take_down(ways: BothWays) -> None:
    filed = ways.file("dibao")
    request, leg = filed["id"], filed["legs"][0]["id"]
    ways.at_desk(leg, "accept")
    with pytest.raises(Breach) as refused:
        by_the_desk(ways, request, leg, {"ground": "deleted"})
    assert refused.value.id == "nothing-withdrawn"
    with pytest.raises(TooLate):
        by_the_coordinator(ways, leg, {"ground": "deleted"})
