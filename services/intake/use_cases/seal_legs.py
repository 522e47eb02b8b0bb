"""Turns each need into a leg: its number, its rules, and what its agency alone can open."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from services.intake.domain import disclosure
from services.intake.domain.ages import is_for_minor
from services.intake.domain.events import SealedLeg
from services.intake.domain.filing import Need, Person, SubmitRequest
from services.intake.domain.own_names import own_names
from services.intake.use_cases.context import Context
from services.intake.use_cases.counted_as import counted_as
from services.intake.use_cases.routing import desk_street, flags
from shared import ids
from shared.clock import local_date
from shared.directory import District, Programme, forbidden_word
from shared.directory.unpublished import is_published, unpublished
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


def sent(legs: Iterable[PlannedLeg], kinds: Mapping[str, Collection[str]]) -> list[dict[str, Any]]:
    """Say what is sent to whom, for the audit log, which keeps it as the record of provision (个人信息保护法 56).

    ``kinds`` are the kinds of data that consent covers, by programme.
    """
    return [{"leg": leg.id, "agency": leg.agency, "kinds": sorted(kinds[leg.need.programme])} for leg in legs]


def leg_number(letters: str, year: int) -> str:
    """Make a leg's own number, such as ``MZ-2026-7Q3KXW2A``: random, so that two agencies cannot join theirs."""
    number = f"{letters}-{year}-{base64.b32encode(secrets.token_bytes(RANDOM_BYTES)).decode()}"
    # Chance writes words too, and this one is printed on slips.
    return leg_number(letters, year) if forbidden_word(number) else number


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose legs are sealed: the person, what was answered, and the initials of the name, worked out once."""

    person: Person
    answers: Mapping[str, Any]
    initials: str


def whose(person: Person, answers: Mapping[str, Any]) -> Whose:
    """Gather what the packets of one person's legs are made from."""
    # An edited pinyin has the last word about how a name is read.
    return Whose(person, answers, initials(person.name_pinyin or person.name))


PapersOf = Callable[[str, frozenset[str]], Sequence[Mapping[str, Any]]]
"""Gives the papers for the packet of a programme's leg under the data kinds consented to."""


def plan_legs(
    context: Context,
    district: District,
    command: SubmitRequest,
    kinds: Mapping[str, frozenset[str]],
    now: datetime,
    *,
    papers: PapersOf = lambda _programme, _kinds: (),
) -> Sequence[PlannedLeg]:
    """Make and seal one leg per need. ``kinds`` tells, by programme, which data kinds are consented to."""
    subject = whose(command.person, command.answers)
    year = now.astimezone(ZoneInfo(district.timezone)).year
    return [
        plan_leg(
            context,
            district,
            subject,
            need,
            kinds[need.programme],
            now=now,
            year=year,
            papers=papers(need.programme, kinds[need.programme]),
        )
        for need in command.needs
    ]


def plan_leg(
    context: Context,
    district: District,
    subject: Whose,
    need: Need,
    kinds: frozenset[str],
    *,
    now: datetime,
    year: int,
    papers: Sequence[Mapping[str, Any]] = (),
) -> PlannedLeg:
    """Make and seal a leg for one need under the data ``kinds`` consented to, with the ``papers`` on file for it."""
    programme = district.programmes[need.programme]
    leg, number = ids.at(now), leg_number(district.agencies[programme.agency].letters, year)
    sealed = seal_leg(context, district, subject, need, kinds, Sealing(leg, number, papers=papers), now)
    return PlannedLeg(leg, number, programme.agency, need, sealed)


@dataclass(frozen=True, slots=True)
class Sealing:
    """Which leg is sealed: ``rev`` counts how often it was, ``papers`` are those on file for it.

    ``changed`` are the ids of the fields that a correction has touched, told inside the packet.
    """

    id: str
    number: str
    rev: int = 1
    papers: Sequence[Mapping[str, Any]] = ()
    changed: Sequence[str] = ()


def seal_leg(
    context: Context,
    district: District,
    subject: Whose,
    need: Need,
    kinds: frozenset[str],
    leg: Sealing,
    now: datetime,
) -> SealedLeg:
    """Seal what the agency of a leg may read under the data ``kinds`` consented to."""
    programme = district.programmes[need.programme]
    may_read = may_be_read(district, programme, kinds)
    packet = disclosure.packet(programme.id, subject.person, need, subject.answers, may_read, leg.papers)
    if leg.changed:
        packet["changed"] = list(leg.changed)
    heed = flags(district, programme, subject.person, may_read.person)
    badge = disclosure.badge(programme.id, subject.person, _own_names(district, programme), heed)
    seal = partial(context.keyring.seal, programme.agency, "intake", leg.id, rev=leg.rev, now=now)
    return SealedLeg(
        id=leg.id,
        number=leg.number,
        agency=programme.agency,
        programme=programme.outward_id,
        rules=rules_for(district, subject.person, need, local_date(now, district.timezone)),
        packet=seal("packet", packet),
        badge=seal("badge", badge),
        index=_index(context, programme.agency, subject, may_read),
        desk_street=desk_street(district, programme, subject.person),
        counts_as=counted_as(context, programme, subject.person, need),
    )


def rules_for(district: District, person: Person, need: Need, day: date) -> Mapping[str, Any]:
    """Give the rules that travel with a leg: a minor's is never put on public notice, and its rules do not say why."""
    rules = district.leg_rules(need.programme)
    return unpublished(rules) if is_kept_quiet(district, person, need, day) else rules


def is_kept_quiet(district: District, person: Person, need: Need, day: date) -> bool:
    """Tell whether a leg whose programme is put on public notice is not, being for a minor (as of ``day``)."""
    return is_published(district.leg_rules(need.programme)) and is_for_minor(person, need, day)


def may_be_read(district: District, programme: Programme, kinds: frozenset[str]) -> disclosure.Readable:
    """Give the fields that a programme's agency may read under the data kinds consented to."""
    return disclosure.readable(*_fields(district, programme), kinds)


def _fields(district: District, programme: Programme) -> tuple[dict[str, str], dict[str, str]]:
    return (
        {name: district.person_fields[name].kind for name in programme.person_fields},
        {name: district.fields[name].kind for name in programme.fields},
    )


def _own_names(district: District, programme: Programme) -> Mapping[str, Any]:
    clinical = (each for each in district.programmes.values() if each.clinical)
    return own_names(programme, clinical, district.options["outcomes_for_all"])


def _index(
    context: Context, agency: str, subject: Whose, may_read: disclosure.Readable
) -> Mapping[str, object]:
    person = subject.person
    return context.keyring.index.agency_tokens(
        agency,
        name=person.name,
        initials=subject.initials,
        phone=person.phone if "phone" in may_read.person else None,
        last4=person.id_number[-LAST:] if person.id_number and "id_number" in may_read.person else None,
    )
