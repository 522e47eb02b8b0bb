"""Turns each need into a leg: its number, its rules, and what its agency alone can open."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import disclosure
from services.intake.domain.events import SealedLeg
from services.intake.domain.filing import Need, Person, SubmitRequest
from services.intake.use_cases.context import Context
from shared import ids
from shared.directory import District, Programme, forbidden_word
from shared.sealing import initials

RANDOM_BYTES = 5
"""Forty bits: eight characters of base32."""
LAST = 4


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """A leg before it is issued: what intake keeps of it (``id``, ``number``, ``need``) and what it sends."""

    id: str
    number: str
    agency: str
    need: Need
    sealed: SealedLeg


def leg_number(letters: str, year: int) -> str:
    """Make a leg's own number, such as ``MZ-2026-7Q3KXW2A``: random, so that two agencies cannot join theirs."""
    number = f"{letters}-{year}-{base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode()}"
    # Chance writes words too, and this one is printed on slips.
    return leg_number(letters, year) if forbidden_word(number) else number


def plan_legs(
    context: Context,
    district: District,
    command: SubmitRequest,
    kinds: Mapping[str, frozenset[str]],
    now: datetime,
    year: int,
) -> Sequence[PlannedLeg]:
    """Make and seal one leg per need. ``kinds`` tells, by programme, which data kinds are consented to."""
    # An edited pinyin has the last word about how a name is read.
    short = initials(command.person.name_pinyin or command.person.name)
    legs = []
    for need in command.needs:
        programme = district.programmes[need.programme]
        leg, number = ids.at(now), leg_number(district.agencies[programme.agency].letters, year)
        may_read = disclosure.readable(*_fields(district, programme), kinds[need.programme])
        packet = disclosure.packet(programme.id, command.person, need, command.answers, may_read)
        legs.append(
            PlannedLeg(
                leg,
                number,
                programme.agency,
                need,
                SealedLeg(
                    id=leg,
                    number=number,
                    agency=programme.agency,
                    programme=programme.outward_id,
                    rules=district.leg_rules(programme.id),
                    packet=context.keyring.seal(programme.agency, "intake", leg, "packet", packet, now=now),
                    badge=context.keyring.seal(
                        programme.agency,
                        "intake",
                        leg,
                        "badge",
                        disclosure.badge(programme.id, command.person),
                        now=now,
                    ),
                    index=_index(context, programme.agency, command.person, short, may_read),
                ),
            )
        )
    return legs


def _fields(district: District, programme: Programme) -> tuple[dict[str, str], dict[str, str]]:
    return (
        {name: district.person_fields[name].kind for name in programme.person_fields},
        {name: district.fields[name].kind for name in programme.fields},
    )


def _index(
    context: Context, agency: str, person: Person, short: str, may_read: disclosure.Readable
) -> Mapping[str, object]:
    return context.keyring.index.agency_tokens(
        agency,
        name=person.name,
        initials=short,
        phone=person.phone if "phone" in may_read.person else None,
        last4=person.id_number[-LAST:] if person.id_number and "id_number" in may_read.person else None,
    )
