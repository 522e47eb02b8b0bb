"""What may happen to events: some cannot be handled for a while, all come again and again and in any order."""

from __future__ import annotations

import random

import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from shared.inbox.letters import Letter, list_letters, show_letter
from shared.messaging import Message
from shared.messaging.publisher import PikaPublisher
from shared.outbox.tables import outbox
from tests.faults import poison
from tests.faults.matrix.broker import pause
from tests.faults.matrix.rig import Rig
from tests.faults.matrix.scenario import scenario
from tests.waiting import until

POISONED_SECONDS = 120
PRODUCERS = ("intake", "referrals")
COPIES = 3
PILED_UP = 10
OLD_ONES = 100


@scenario("poison", ci=1, long=20)
def poisoned(rig: Rig, chance: random.Random) -> None:
    """One event in a hundred cannot be handled by any service; mended, they are replayed, and what waited follows."""
    for service in SERVICES:
        rig.recorder.fault("poison", service)
        poison.put_on(rig.databases[service])
    try:
        until(lambda: _dead(rig), seconds=POISONED_SECONDS, what="an event that cannot be handled")
        pause(chance.uniform(0, 2))
    finally:
        for service in SERVICES:
            poison.take_off(rig.databases[service])
            rig.recorder.fault("mended", service)
    pause(1)  # what failed for the last time just before is kept by now
    for service, letter in _dead(rig):
        number = letter.fields["id"]
        body = show_letter(rig.databases[service], number).body or b""
        rig.recorder.poison(consumer=service, body=body, event_id=letter.fields["event_id"])
        rig.full.run("dead-letters", "replay", f"{service}/{number}")


@scenario("thrice-and-shuffled", ci=1, long=20)
def thrice(rig: Rig, chance: random.Random) -> None:
    """Every event of a while, and many older ones, are delivered three times and shuffled, most before their turn."""
    for service in chance.sample(PRODUCERS, len(PRODUCERS)):
        # While its own relay rests, its events pile up, and copies can overtake what they are copies of.
        rig.freeze(f"work-{service}")
        try:
            until(lambda: len(_waiting(rig, service)) >= PILED_UP, what="events that wait")  # noqa: B023
            copies = _waiting(rig, service) * (COPIES - 1) + _older(rig, service, chance) * COPIES
            chance.shuffle(copies)
            rig.recorder.fault("copies", service, count=len(copies))
            publisher = PikaPublisher(rig.servers.amqp_url(service))
            outcome = publisher.publish(copies, timeout=10)
            publisher.close()
            assert outcome.confirmed == {copy.id for copy in copies}, outcome
        finally:
            rig.thaw(f"work-{service}")


def _dead(rig: Rig) -> list[tuple[str, Letter]]:
    return [
        (service, letter)
        for service in SERVICES
        for letter in list_letters(rig.databases[service], limit=1000)
        if letter.fields["state"] == "dead"
    ]


def _waiting(rig: Rig, service: str) -> list[Message]:
    return _messages(rig, service, sa.select(outbox).where(outbox.c.published_at.is_(None)))


def _older(rig: Rig, service: str, chance: random.Random) -> list[Message]:
    published = _messages(rig, service, sa.select(outbox).where(outbox.c.published_at.is_not(None)))
    return chance.sample(published, min(OLD_ONES, len(published)))


def _messages(rig: Rig, service: str, query: sa.Select[tuple[object, ...]]) -> list[Message]:
    with rig.databases[service].read() as connection:
        return [
            Message(id=str(row.event_id), routing_key=row.routing_key, body=row.body)
            for row in connection.execute(query)
        ]
