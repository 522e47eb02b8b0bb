"""A request was submitted: each of its legs becomes a referral, delivered to its agency at that moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from services.referrals.domain import events
from services.referrals.domain.clocks import Timetable
from services.referrals.domain.referral import NewLeg, Referral, issue
from services.referrals.persistence import figures, referrals
from services.referrals.persistence.referrals import SealedPacket
from services.referrals.schemas.messages import Submitted, Tokens
from services.referrals.use_cases.context import Context, timetable
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


def open_referrals(context: Context, uow: UnitOfWork, submitted: Sequence[Event]) -> None:
    """Open the referrals of many requests with two statements, and tell of each.

    Raises ``NotYet`` for a request filed under a pack that has not arrived here, ``Refused`` for one with a leg to
    an agency which that pack does not have.
    """
    new: list[tuple[Referral, Mapping[str, str | None], SealedPacket]] = []
    for event in submitted:
        data = cast("Submitted", event.data)
        district = _district(context, data["pack"])
        # By the calendar in force: a notice may have been imported since the request was filed.
        reckoning = timetable(context.directory.current())
        new += [_open(context, uow, event, place, district, reckoning) for place in range(len(data["legs"]))]
    if new:
        referrals.insert(uow.connection, new)


def _open(
    context: Context,
    uow: UnitOfWork,
    event: Event,
    place: int,
    district: District,
    reckoning: Timetable,
) -> tuple[Referral, Mapping[str, str | None], SealedPacket]:
    data = cast("Submitted", event.data)
    leg = data["legs"][place]
    agency = district.agencies.get(leg["agency"])
    if agency is None:
        raise Refused(
            Text(
                f"地区配置 {district.version} 中没有单位 {leg['agency']}。",
                f"District pack {district.version} has no agency {leg['agency']}.",
            )
        )
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
            position=place,
            rules=leg["rules"],
        ),
        event.time,
        reckoning,
    )
    # Only whoever keeps its own key gets the packet by message: everybody else opens it here, where that is audited.
    sealed = {"packet": leg["packet"], "badge": leg["badge"]} if agency.keys == "own" else {}
    figures.count(uow, None, referral, event.time, district)
    uow.record(
        events.event(
            "referral.issued.v1",
            referral,
            events.issued(referral, reckoning, sealed),
            id=ids.new(),
            source=context.source,
            at=event.time,
            sequence=referral.event_sequence,
            cause=event,
        )
    )
    return referral, _tokens(leg["index"]), SealedPacket(1, leg["packet"], leg["badge"])


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
