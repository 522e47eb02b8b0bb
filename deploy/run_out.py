"""What is not sent again because a consent has run out meanwhile: asked of intake, which alone knows of consents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from services.intake.persistence.run_out import run_out
from shared.clock import local_date
from shared.directory import Directory
from shared.inbox.letters import show_letter
from shared.outbox.replay import bodies, with_type

if TYPE_CHECKING:
    from shared.db import Database

EXPIRED = "expired"
INTAKE, REFERRALS = "intake", "referrals"
OPENS = frozenset({"request.submitted.v1", "request.legs-added.v1"})
"""What opens legs at agencies, with all that is sealed to them."""

TAKES_BACK = frozenset({"referral.cancel-requested.v1", "person.erased.v1"})
"""What takes back what an earlier event of the same aggregate asked for, or brought."""


def expired(databases: Mapping[str, Database], legs: Collection[str], at: datetime) -> Mapping[str, str]:
    """Give those of these legs whose consent has run out, each with that reason."""
    if not legs:
        return {}
    zone = Directory(databases[INTAKE]).current().timezone
    with databases[INTAKE].read() as connection:
        return dict.fromkeys(run_out(connection, legs, local_date(at, zone)), EXPIRED)


def held_back(
    databases: Mapping[str, Database], producer: str, lacking: Collection[str], at: datetime
) -> frozenset[str]:
    """Give those of the events referrals lacks that wait for a new consent.

    They would open a leg at an agency with a system of its own, to which it would be sent at once. What the person
    has taken something back behind waits for nothing: no withdrawal is kept from having effect.
    """
    if producer != INTAKE or not lacking:
        return frozenset()
    with databases[INTAKE].read() as connection:
        opening = bodies(connection, lacking, OPENS)
        taken_back = with_type(connection, {subject for subject, _ in opening.values()}, TAKES_BACK)
    return frozenset(
        event
        for event, (subject, body) in opening.items()
        if subject not in taken_back and _waits(databases, body, at)
    )


def letter_waits(databases: Mapping[str, Database], consumer: str, number: int, at: datetime) -> bool:
    """Tell whether a letter waits for a new consent. Raises ``UnknownLetterError``."""
    letter = show_letter(databases[consumer], number)
    fields = letter.fields
    if consumer != REFERRALS or fields["type"] not in OPENS or letter.body is None:
        return False
    with databases[INTAKE].read() as connection:
        taken_back = with_type(connection, [fields["subject"]], TAKES_BACK)
    return not taken_back and _waits(databases, letter.body, at)


def _waits(databases: Mapping[str, Database], body: bytes, at: datetime) -> bool:
    agencies = Directory(databases[INTAKE]).current().agencies
    legs = [
        leg["id"]
        for leg in orjson.loads(body)["data"]["legs"]
        if leg["agency"] in agencies and agencies[leg["agency"]].system
    ]
    return bool(expired(databases, legs, at))
