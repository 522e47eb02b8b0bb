"""An agency's search finds everybody before, while and after its index gets another key."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from deploy.key_life import KeyRefused
from deploy.key_needs import needs
from services.intake.use_cases.correct import CorrectRequest, correct_request
from services.notifications.domain.messages import Fact, messages_for
from services.referrals.persistence.tables import packets, referrals
from services.referrals.use_cases.search import search
from shared.sealing import Use
from tests.builders import a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.deploy.test_key_replacement import destroy, look_again, move, put_in_place
from tests.integration.legs.both_ways import HUT, BothWays

INDEX = (Use.INDEX, "civil-affairs")
PERSON = a_person(name="单雄信", phone="13800001234")


@pytest.fixture
def ways(database: MakeDatabase) -> BothWays:
    return BothWays(an_installation(database))


def found(ways: BothWays, *words: str) -> list[set[str]]:
    """Look for each of these at civil affairs; gives the referrals."""
    desk = a_principal("desk", agency="civil-affairs")
    with ways.parts.database.unit_of_work() as uow:
        return [
            {one.id for one in search(ways.parts, desk, word, ways.installation.district, uow)}
            for word in words
        ]


def looked_for(**changes: Any) -> tuple[str, ...]:
    return ("单雄信", changes.get("initials", "sxx"), PERSON["id_number"][-4:], PERSON["phone"])


def keys(ways: BothWays) -> set[str | None]:
    with ways.parts.database.read() as connection:
        return set(connection.execute(sa.select(referrals.c.index_key)).scalars())


def test_everybody_is_found_before_while_and_after(ways: BothWays) -> None:
    legs = [ways.file("dibao", person=PERSON)["legs"][0]["id"] for _ in range(3)]
    ended, *at_work = legs
    for action, fields in (
        ("acknowledge", {}),
        ("accept", {}),
        ("close", {"outcome": "withdrawn"}),
    ):
        ways.at_desk(ended, action, fields)
    everywhere = [set(legs)] * 4
    assert found(ways, *looked_for()) == everywhere

    old = put_in_place(ways, INDEX)
    late = ways.file("dibao", person=PERSON)["legs"][0]["id"]
    everywhere = [{*legs, late}] * 4
    assert found(ways, *looked_for()) == everywhere
    with pytest.raises(KeyRefused, match=r"referrals\.referrals \(3\)"):
        destroy(ways, old)

    assert move(ways, INDEX) == 3
    assert found(ways, *looked_for()) == everywhere, "commands are on their way"
    ways.carry()
    for leg in at_work:
        (told,) = [event for event in ways.told(leg) if event.type == "referral.resealed.v1"]
        assert (told.data["changed"], told.data["reason"]) == ([], "new-key")
        assert ways.opened(leg)["rev"] == 2
    assert "resealed" not in ways.facts(ended), "nothing new may be sent there"

    assert needs(ways.installation.databases, old) == {}
    destroy(ways, old)
    look_again(ways)
    assert found(ways, *looked_for()) == everywhere
    assert len(keys(ways)) == 1


def test_how_a_name_is_read_is_not_lost_with_a_leg_that_has_ended(ways: BothWays) -> None:
    filed = ways.file("dibao", person=PERSON)
    leg = filed["legs"][0]["id"]
    correct_request(
        ways.intake, HUT, CorrectRequest(request=filed["id"], person={"name_pinyin": "Dan Xiong Xin"})
    )
    ways.carry()
    for action, fields in (
        ("acknowledge", {}),
        ("accept", {}),
        ("close", {"outcome": "withdrawn"}),
    ):
        ways.at_desk(leg, action, fields)
    old = put_in_place(ways, INDEX)
    move(ways, INDEX)
    destroy(ways, old)

    assert found(ways, *looked_for(initials="dxx")) == [{leg}] * 4


def test_what_was_asked_before_and_not_answered_is_not_asked_again(ways: BothWays) -> None:
    ways.file("dibao", person=PERSON)
    put_in_place(ways, INDEX)
    assert move(ways, INDEX) == 1
    assert move(ways, INDEX) == 1, "it is done here now, rather than asked for twice"
    ways.carry()
    assert move(ways, INDEX) == 0


def test_a_packet_that_is_gone_leaves_no_tokens(ways: BothWays) -> None:
    leg = ways.file("dibao", person=PERSON)["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "close", {"outcome": "withdrawn"})
    with ways.parts.database.unit_of_work() as uow:
        uow.connection.execute(sa.delete(packets))
    old = put_in_place(ways, INDEX)
    move(ways, INDEX)
    destroy(ways, old)
    assert keys(ways) == {None}


def test_nobody_is_told_of_another_key(ways: BothWays) -> None:
    def told(reason: str | None) -> int:
        fact = Fact(
            event_id="1",
            type="referral.resealed.v1",
            subject="2",
            agency="civil-affairs",
            at=ways.installation.clock.now(),
            number="MZ-2026-AAAAAAAA",
            unit="530103004007",
            marks={"reason": reason} if reason else {},
        )
        return len(messages_for(fact))

    assert (told(None), told("new-key")) == (2, 0)
