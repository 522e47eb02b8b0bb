"""Who acts for the leader decides as the leader does, and never on what they asked for themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.referrals.domain.errors import OwnRequest
from services.referrals.domain.status import Status
from services.referrals.use_cases.act import Action, take_action
from tests.builders import a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, leg_of

REFUSAL = {"outcome": "refused", "reason": "income-above-limit"}


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """The demo district's road."""
    return Road(an_installation(sqlite_database))


def test_four_eyes_stay_four(road: Road) -> None:
    leg = leg_of(road.file("dibao"))
    for action in ("acknowledge", "accept"):
        version = road.act(leg, action, 1 if action == "acknowledge" else 2).referral.version
    asked = road.act(leg, "close", version, REFUSAL)
    desk = a_principal("desk", agency="civil-affairs")
    leader = a_principal("leader", agency="civil-affairs")
    approval = Action(referral_id=leg, action="approve", version=asked.referral.version)
    with pytest.raises(OwnRequest):
        take_action(road.parts, replace(leader, staff=desk.staff, acting_for=leader.staff), approval)
    colleague = replace(leader, staff="another-officer", acting_for=leader.staff)
    assert take_action(road.parts, colleague, approval).referral.status is Status.CLOSED
    (line,) = road.audited("referral.approve")
    assert (line.actor, line.post) == ("another-officer", "leader@civil-affairs")
