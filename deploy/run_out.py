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
    from shared.directory import District

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
    return dict.fromkeys(_run_out(databases, Directory(databases[INTAKE]).current(), legs, at), EXPIRED)


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
    asked = {event: body for event, (subject, body) in opening.items() if subject not in taken_back}
    return _waiting(databases, asked, at)


def letter_waits(databases: Mapping[str, Database], consumer: str, number: int, at: datetime) -> bool:
    """Tell whether a letter waits for a new consent. Raises ``UnknownLetterError``."""
    letter = show_letter(databases[consumer], number)
    fields = letter.fields
    if consumer != REFERRALS or fields["type"] not in OPENS or letter.body is None:
        return False
    with databases[INTAKE].read() as connection:
        taken_back = with_type(connection, [fields["subject"]], TAKES_BACK)
    return not taken_back and bool(_waiting(databases, {fields["event_id"]: letter.body}, at))


def _waiting(databases: Mapping[str, Database], opening: Mapping[str, bytes], at: datetime) -> frozenset[str]:
    if not opening:
        return frozenset()
    district = Directory(databases[INTAKE]).current()
    outside = {agency.id for agency in district.agencies.values() if agency.system}
    legs = {
        event: {leg["id"] for leg in orjson.loads(body)["data"]["legs"] if leg["agency"] in outside}
        for event, body in opening.items()
    }
    gone = _run_out(databases, district, frozenset().union(*legs.values()), at)
    return frozenset(event for event, theirs in legs.items() if theirs & gone)


def _run_out(
    databases: Mapping[str, Database], district: District, legs: Collection[str], at: datetime
) -> frozenset[str]:
    with databases[INTAKE].read() as connection:
        return run_out(connection, legs, local_date(at, district.timezone))
