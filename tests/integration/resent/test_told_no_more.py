"""Where somebody may be told is never sent again once they are told no more: by no replay, reconcile or letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from deploy.cli.dead_letters import dead_letters as command
from deploy.reconcile import reconcile
from deploy.resend import Ask, carry_out, plan
from services.intake.schemas.http import ContactConsentBody, contact_from
from services.intake.use_cases.contact import record_contact, withdraw_contact
from services.intake.use_cases.erase_person import approve_erasure, ask_erasure
from services.intake.use_cases.read_requests import read_request
from services.notifications.entrypoints.consumer import CONTACT_TOLD
from shared.db import Database
from shared.events import Event, parse
from shared.inbox import Receiver, Subscription
from shared.inbox.tables import dead_letters
from shared.outbox.scrubbing import SCRUBBED
from shared.outbox.tables import outbox
from tests.builders import a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.inbox.deliveries import AnyData
from tests.integration.legs.both_ways import BothWays
from tests.integration.notifications.far_ends import (
    CONSENT,
    Told,
    a_real_district,
    filed,
    kept,
    ready,
    take_in,
    told_by_intake,
)
from tests.integration.notifications.post_room import PostRoom
from tests.integration.resent.site import refuse
from tests.integration.resent.test_replay import LONG_AGO

NOW, YEARS_ON = datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 6, 1, tzinfo=UTC)
HUT = a_principal()


@pytest.fixture
def room(sqlite_database: MakeDatabase) -> PostRoom:
    """Notifications in files, beside the other services."""
    return PostRoom(an_installation(sqlite_database, district=a_real_district()))


def withdrawn(room: PostRoom, told: Told) -> None:
    withdraw_contact(room.installation.intake(), HUT, told.request)


def given_anew(room: PostRoom, told: Told) -> None:
    record_contact(
        room.installation.intake(), HUT, told.request, contact_from(ContactConsentBody().load(CONSENT))
    )


def erased(room: PostRoom, told: Told) -> None:
    ways = BothWays(room.installation)
    ways.carry()
    ways.withdraw(told.request)
    ways.carry()
    person = str(read_request(ways.intake, HUT, told.request)["person_id"])
    asked = ask_erasure(ways.intake, HUT, person, "no-longer-needed")
    approve_erasure(ways.intake, a_principal("auditor"), asked["id"])


def run_out(_room: PostRoom, _told: Told) -> None:
    """Nobody says anything: time alone does."""


def lost(databases: Mapping[str, Database]) -> None:
    """Have everything published long ago, to queues that have been deleted since."""
    with databases["intake"].unit_of_work() as uow:
        uow.connection.execute(sa.update(outbox).values(published_at=LONG_AGO))


def to_be_published(databases: Mapping[str, Database]) -> Sequence[Event]:
    """Give what the relay would publish now of where people may be told."""
    waiting = sa.select(outbox.c.body).where(
        outbox.c.published_at.is_(None), outbox.c.type.like("consent.contact-%")
    )
    with databases["intake"].read() as connection:
        return [parse(body) for body in connection.execute(waiting.order_by(outbox.c.id)).scalars()]


def packets(events: Sequence[Event]) -> list[bool]:
    """Tell of each event that says where, in order, whether it has a packet still."""
    return [event.data["packet"] != SCRUBBED for event in events if event.type == CONTACT_TOLD]


@pytest.mark.parametrize(
    ("happens", "at", "sealed", "lying"),
    [
        (withdrawn, NOW, [False], []),
        (erased, NOW, [False], []),
        (given_anew, NOW, [False, True], [2]),
        (run_out, YEARS_ON, [False], []),
        (run_out, NOW, [True], [1]),
    ],
)
def test_what_was_lost_comes_again_with_the_packet_that_is_good_and_with_no_other(
    room: PostRoom,
    happens: Callable[[PostRoom, Told], None],
    at: datetime,
    sealed: list[bool],
    lying: list[int],
) -> None:
    happens(room, filed(room))
    databases = room.installation.databases
    lost(databases)
    assert reconcile(databases, at)["intake"] >= len(sealed)
    again = to_be_published(databases)
    assert packets(again) == sealed
    take_in(room, *again)
    assert [row.rev for row in kept(room) if row.packet is not None] == lying
    assert room.letters() == []


def test_a_replay_says_what_it_takes_out_and_what_is_there_already_has_no_second_effect(
    room: PostRoom,
) -> None:
    first = ready(room)
    withdrawn(room, first)
    take_in(room, told_by_intake(room)[-1])
    # The very bytes of then, as a queue would have them that was brought back.
    take_in(room, first.contact)
    databases = room.installation.databases
    lost(databases)
    ask = Ask(to="notifications")
    shares = plan(databases, ask, NOW)
    assert [dict(share.withheld) for share in shares] == [{"told-no-more": 1}]
    assert carry_out(databases, ask, shares, reason="a test", at=NOW) == 2
    again = to_be_published(databases)
    assert packets(again) == [False]
    take_in(room, *again)
    assert [(row.packet, row.ended) for row in kept(room)] == [(None, "withdrawn")]
    assert room.letters() == []


def test_a_letter_tried_again_after_the_withdrawal_tells_nobody_where(room: PostRoom, tmp_path: Path) -> None:
    told, installation = filed(room), room.installation
    whole, defect = room.receiver, [Subscription(CONTACT_TOLD, AnyData(unknown="exclude"), refuse)]
    room.receiver = Receiver(room.parts.database, "notifications", defect)
    take_in(room, told.contact)
    withdrawn(room, told)
    room.receiver = whole
    take_in(room, told_by_intake(room)[-1])
    (number, _) = room.letters()
    settings = {
        f"CAREHUT_{name.upper()}_DATABASE_URL": database.url
        for name, database in installation.databases.items()
    } | {
        "CAREHUT_DISTRICT": installation.district.code,
        "CAREHUT_HOME": str(tmp_path / "home"),
        "CAREHUT_PUBLIC_URL": "http://127.0.0.1",
        "CAREHUT_MASTER_KEY": installation.master.secret.hex(),
        "LC_ALL": "C.UTF-8",
    }
    said = CliRunner().invoke(command, ["replay", f"notifications/{number}"], env=settings)
    assert "the person is told of news no more" in said.output
    while room.receiver.tick():
        pass
    with room.parts.database.read() as connection:
        letters = connection.execute(sa.select(dead_letters.c.state, dead_letters.c.body)).all()
    assert [
        (letter.state, str(told.contact.data["packet"]).encode() in letter.body) for letter in letters
    ] == [
        ("replayed", False),
        ("replayed", False),
    ]
    assert kept(room) == []
