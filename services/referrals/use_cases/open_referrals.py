"""A request was submitted, or legs were added to one: each leg becomes a referral, delivered at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.referral import NewLeg, Referral, issue
from services.referrals.domain.status import Status
from services.referrals.persistence import figures, referrals
from services.referrals.persistence.referrals import SealedPacket
from services.referrals.schemas.messages import Leg, Submitted, Tokens
from services.referrals.use_cases.commands import NO_SUCH_LEG
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.succeed import drop, is_awaited, let_go
from shared import ids
from shared.db import UnitOfWork
from shared.directory import District, UnknownVersion
from shared.events import Event
from shared.inbox import NotYet, Refused
from shared.text import Text

_NO_INDEX: Mapping[str, str | None] = {
    "index_key": None,
    "index_name": None,
    "index_initials": None,
    "index_phone": None,
    "index_last4": None,
}


@dataclass(frozen=True, slots=True)
class _Opening:
    """One event whose legs are opened, with all it needs."""

    context: Context
    uow: UnitOfWork
    event: Event
    district: District
    reckoning: Timetable

    @property
    def data(self) -> Submitted:
        """What the event tells."""
        return cast("Submitted", self.event.data)


def open_referrals(context: Context, uow: UnitOfWork, told: Sequence[Event]) -> None:
    """Open the referrals of many requests with two statements, and tell of each.

    A leg in another's place ends that one in the same transaction, and not before: there is always one open.

    Raises ``NotYet`` for a request filed under a pack that has not arrived here, ``Refused`` for one with a leg to
    an agency which that pack does not have, or in the place of a leg that the request does not have.
    """
    # By the calendar in force: a notice may have been imported since the request was filed.
    reckoning = timetable(context.directory.current())
    new: list[tuple[Referral, Mapping[str, str | None], SealedPacket]] = []
    ended: list[tuple[_Opening, Referral, Referral]] = []
    before = _predecessors(uow, told)
    for event in told:
        data = cast("Submitted", event.data)
        opening = _Opening(context, uow, event, _district(context, data["pack"]), reckoning)
        for place, leg in enumerate(data["legs"]):
            predecessor = _predecessor(before, event, leg)
            referral = _open(opening, leg, place, predecessor)
            new.append((referral, _tokens(leg["index"]), SealedPacket(1, leg["packet"], leg["badge"])))
            if predecessor is not None:
                ended.append((opening, predecessor, referral))
    if new:
        referrals.insert(uow.connection, new)
    for opening, predecessor, referral in ended:
        if is_awaited(predecessor):
            let_go(context, uow, predecessor, referral, opening.event)
        else:
            drop(context, uow, referral, opening.event)


def _predecessors(uow: UnitOfWork, told: Sequence[Event]) -> dict[str, Referral]:
    wanted = sorted(
        {
            leg["replaces"]
            for event in told
            for leg in cast("Submitted", event.data)["legs"]
            if leg["replaces"]
        }
    )
    return referrals.load(uow.connection, wanted, lock=True) if wanted else {}


def _predecessor(before: Mapping[str, Referral], event: Event, leg: Leg) -> Referral | None:
    if leg["replaces"] is None:
        return None
    found = before.get(leg["replaces"])
    if found is None or found.request_id != event.subject:
        raise Refused(NO_SUCH_LEG)
    return found


def _open(opening: _Opening, leg: Leg, place: int, predecessor: Referral | None) -> Referral:
    data, event, district = opening.data, opening.event, opening.district
    agency = district.agencies.get(leg["agency"])
    if agency is None:
        raise Refused(
            Text(
                f"地区配置 {district.version} 中没有单位 {leg['agency']}。",
                f"District pack {district.version} has no agency {leg['agency']}.",
            )
        )
    # A successor that nobody waits for any more never reaches its agency: it is planned, and dropped at once.
    # Where aid comes first nobody waits for the street: it checks that afterwards.
    waits = data["check"] and not leg["rules"].get("aid_first")
    planned = waits or (predecessor is not None and not is_awaited(predecessor))
    returned = predecessor is not None and predecessor.status is Status.RETURN_PROPOSED
    referral = issue(
        NewLeg(
            id=leg["id"],
            number=leg["number"],
            request_id=event.subject,
            request_number=data["number"],
            agency=leg["agency"],
            programme=leg["programme"],
            unit=data["unit"],
            street=data["street"] or data["unit"],
            urgency=data["urgency"],
            position=place if leg["position"] is None else leg["position"],
            rules=leg["rules"],
            predecessor=leg["replaces"],
            days_used=leg["days_used"] or 0,
            returns=predecessor.life.returns + returned if predecessor is not None else 0,
            planned=planned,
            sent_back=data["sent_back"],
            desk_street=leg["desk_street"],
            counts_as=leg["counts_as"],
        ),
        event.time,
        opening.reckoning,
    )
    # Only whoever keeps its own key gets the packet by message: everybody else opens it here, where that is audited.
    sealed = {"packet": leg["packet"], "badge": leg["badge"]} if agency.keys == "own" else {}
    figures.count(opening.uow, None, referral, event.time, district)
    opening.uow.record(
        events.event(
            "referral.planned.v1" if planned else "referral.issued.v1",
            referral,
            events.settled(referral, event.time)
            if planned
            else events.issued(referral, opening.reckoning, sealed),
            id=ids.new(),
            source=opening.context.source,
            at=event.time,
            sequence=referral.event_sequence,
            cause=event,
        )
    )
    return referral


def _district(context: Context, version: str) -> District:
    try:
        return context.directory.version(version)
    except UnknownVersion as error:
        raise NotYet(str(error)) from error


def _tokens(index: Tokens | None) -> Mapping[str, str | None]:
    if index is None:
        return _NO_INDEX
    return {
        "index_key": index["key_id"],
        "index_name": index.get("name"),
        "index_initials": index.get("initials"),
        "index_phone": index.get("phone"),
        "index_last4": index.get("last4"),
    }
