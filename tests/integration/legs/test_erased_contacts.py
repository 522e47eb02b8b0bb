"""Whoever is erased is reached nowhere any more: not at the desk, not at notifications, nor in an older copy of it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.intake.persistence.rights_tables import contact_consents
from services.intake.use_cases.contact import withdraw_contact
from services.notifications.persistence.tables import contacts, sendings
from services.notifications.use_cases.contacts import forget_contacts
from shared.outbox.tables import outbox
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays
from tests.integration.legs.test_erasure import erase
from tests.integration.notifications.far_ends import (
    CONSENT,
    MAIL,
    PAPERS,
    happens,
    kept,
    states,
    take_in,
    told_by_intake,
)
from tests.integration.notifications.post_room import PostRoom

WISH = {**CONSENT, "channels": ["sms", "mail"], "mail": MAIL}


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation in files."""
    return BothWays(an_installation(sqlite_database))


def wishes(ways: BothWays, room: PostRoom) -> tuple[str, str]:
    """File for somebody who wishes to be told, and let something happen; gives request and leg."""
    made = ways.file("dibao", contact_consent=WISH)
    hear(room)
    happens(room, PAPERS, made["id"])
    assert (len(kept(room)), states(room)) == (1, [("waiting", None)])
    return made["id"], made["legs"][0]["id"]


def hear(room: PostRoom) -> None:
    """Hand notifications all that intake has told of contacts: some of it a second time."""
    take_in(room, *(event for event in told_by_intake(room) if "contact" in event.type))


def nowhere(ways: BothWays, room: PostRoom) -> None:
    """Look wherever an address or a packet could lie."""
    with ways.intake.database.read() as connection:
        assert connection.execute(sa.select(contact_consents.c.mail)).scalars().all() == [None]
        told = outbox.c.type.like("consent.contact-%")
        bodies = connection.execute(sa.select(outbox.c.body).where(told)).scalars().all()
    assert [body for body in bodies if b"eyJ" in body] == []
    assert [(row.packet, list(row.channels), row.ended) for row in kept(room)] == [(None, [], "erased")]
    assert (states(room), room.letters()) == ([], [])


@pytest.mark.parametrize("first", ["standing", "withdrawn"])
def test_an_erased_person_is_reached_nowhere_and_told_of_nothing(ways: BothWays, first: str) -> None:
    room = PostRoom(ways.installation)
    request, _ = wishes(ways, room)
    if first == "withdrawn":
        withdraw_contact(ways.intake, HUT, request)
    ways.withdraw(request)
    erase(ways, str(ways.seen(request)["person_id"]))
    hear(room)
    nowhere(ways, room)


def test_what_a_law_has_kept_is_no_address_to_be_told_at(ways: BothWays) -> None:
    room = PostRoom(ways.installation)
    request, leg = wishes(ways, room)
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "close", {"outcome": "approved", "amount": 650, "period": "monthly"})
    assert erase(ways, str(ways.seen(request)["person_id"]))["state"] == "held"
    hear(room)
    assert [(row.packet, row.ended) for row in kept(room)] == [(None, "erased")]
    assert states(room) == []


def test_an_older_copy_of_notifications_loses_the_packet_again(ways: BothWays) -> None:
    room = PostRoom(ways.installation)
    request, _ = wishes(ways, room)
    (packet,) = (row.packet for row in kept(room))
    ways.withdraw(request)
    erase(ways, str(ways.seen(request)["person_id"]))
    hear(room)
    with room.parts.database.unit_of_work() as uow:
        uow.connection.execute(sa.update(contacts).values(packet=packet, ended_at=None, ended=None))
    with room.parts.database.unit_of_work() as uow:
        assert forget_contacts(uow, request, ways.installation.clock.now()) == 1
        assert forget_contacts(uow, request, ways.installation.clock.now()) == 0
        assert uow.connection.execute(sa.select(sa.func.count()).select_from(sendings)).scalar_one() == 0
    nowhere(ways, room)
