"""All legs of one request side by side: for the desk that filed it, its street and the coordinator, never an agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.referrals.domain.errors import NoSuchReferral
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import ENDED
from services.referrals.persistence import queries
from services.referrals.persistence.filters import Filter
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context, filed_at, reach
from services.referrals.use_cases.known_codes import refuse_unknown
from services.referrals.use_cases.views import ReferralView, unit_name, view
from shared.directory import District
from shared.identity import Forbidden, Grant, Principal, allow

WORST_FIRST = ("red", "yellow", "green", "grey", "blue")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One request with all its legs; its light is the worst of theirs, ``due_on`` the first day due.

    ``status`` is ``in-progress`` while any leg is open, else ``ended``: what the request itself is called is decided
    at intake. While no leg has been issued it is ``submitted``, or ``sent-back`` by the street, as there; then
    ``issued_at`` is None. ``rank`` and ``leading`` are its place in the list of cases.
    """

    id: str
    number: str
    status: str
    light: str
    unit: str
    unit_name: str
    street: str
    street_name: str
    urgency: str
    filed_at: datetime
    issued_at: datetime | None
    due_on: date | None
    legs: Sequence[ReferralView]
    rank: int
    leading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedCases:
    """What a board is to show."""

    agency: str | None = None
    unit: str | None = None
    light: str | None = None
    limit: int = 20
    after: tuple[int, str] | None = None


def list_cases(context: Context, principal: Principal, wanted: WantedCases) -> list[CaseView]:
    """List cases by their leg due first, one more than ``limit`` where there are more; audited once.

    Raises ``NoSuchReferral`` for whoever may not know that cases exist, ``BadFields`` for a code that nobody knows.
    """
    grant = _grant(principal)
    district = context.directory.current()
    now = context.clock.now()
    unit, street = filed_at(district, wanted.unit)
    chosen = Filter(
        reach=reach(grant),
        now=now,
        today=context.today(district),
        agency=wanted.agency,
        unit=unit,
        street=street,
        light=wanted.light,
    )
    with context.database.unit_of_work() as uow:
        found = queries.cases(uow.connection, chosen, limit=wanted.limit + 1, after=wanted.after)
        refuse_unknown(found, district, agency=wanted.agency, unit=wanted.unit)
        legs = queries.legs_of(uow.connection, [request for request, _, _ in found])
        audit(
            context, uow, principal, grant, "cases.listed", ("board", wanted.agency or wanted.unit or "all")
        )
    return [_case(legs[request], principal, district, now, rank, leading) for request, rank, leading in found]


def count_lights(context: Context, principal: Principal, wanted: WantedCases) -> dict[str, int]:
    """Count the open cases a board is about by their light now, whatever light it shows; raises as ``list_cases``."""
    grant = _grant(principal)
    district = context.directory.current()
    unit, street = filed_at(district, wanted.unit)
    chosen = Filter(
        reach=reach(grant),
        now=context.clock.now(),
        today=context.today(district),
        agency=wanted.agency,
        unit=unit,
        street=street,
    )
    with context.database.read() as connection:
        return queries.count_cases(connection, chosen)


def read_case(context: Context, principal: Principal, request_id: str) -> CaseView:
    """Show one case; audited. Raises ``NoSuchReferral`` for whoever may not know that it exists."""
    grant = _grant(principal)
    district = context.directory.current()
    with context.database.unit_of_work() as uow:
        legs = queries.legs_of(uow.connection, [request_id])[request_id]
        if not legs or not grant.reaches(unit=legs[0].unit, street=legs[0].street):
            raise NoSuchReferral(request_id)
        audit(context, uow, principal, grant, "case.opened", ("case", request_id))
    first = min(legs, key=lambda leg: (leg.rank, leg.id))
    return _case(legs, principal, district, context.clock.now(), first.rank, first.id)


def _grant(principal: Principal) -> Grant:
    try:
        return allow(principal, "cases.read")
    except Forbidden as error:
        # Not 403: an agency is not to learn that a referral belongs to anything larger.
        raise NoSuchReferral("cases") from error


def _case(
    legs: Sequence[Referral], principal: Principal, district: District, now: datetime, rank: int, leading: str
) -> CaseView:
    first = legs[0]
    shown = [view(leg, principal, district, now) for leg in legs]
    lights = {leg.light for leg in shown}
    return CaseView(
        id=first.request_id,
        number=first.request_number,
        status=_status(legs),
        light=next(light for light in WORST_FIRST if light in lights),
        unit=first.unit,
        unit_name=unit_name(district, first.unit),
        street=first.street,
        street_name=unit_name(district, first.street),
        urgency=first.urgency,
        filed_at=min(leg.issued_at for leg in legs),
        issued_at=min((leg.issued_at for leg in legs if leg.has_been_issued), default=None),
        due_on=min((leg.due_on for leg in legs if leg.due_on is not None), default=None),
        legs=shown,
        rank=rank,
        leading=leading,
    )


def _status(legs: Sequence[Referral]) -> str:
    open_ones = [leg for leg in legs if leg.status not in ENDED]
    if not open_ones:
        return "ended"
    if any(leg.has_been_issued for leg in legs):
        return "in-progress"
    return "sent-back" if all(leg.life.sent_back for leg in open_ones) else "submitted"
