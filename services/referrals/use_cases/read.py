"""Reading referrals: a queue, one referral, and its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referrals.domain import wording
from services.referrals.domain.beginnings import ISSUE, beginning
from services.referrals.domain.errors import BadFields, FieldFault, NoSuchReferral
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence import queries, referrals
from services.referrals.persistence.filters import Filter
from services.referrals.persistence.referrals import Line
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.badges import Badge
from services.referrals.use_cases.context import Context, filed_at, own_reach, reach
from services.referrals.use_cases.known_codes import refuse_unknown
from services.referrals.use_cases.own_rules import as_its_agency_knows, codes_for_others
from services.referrals.use_cases.reaching import is_own, reaches
from services.referrals.use_cases.search import search
from services.referrals.use_cases.views import ReferralView, view
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.directory import District
from shared.events import JOINS
from shared.identity import Forbidden, Grant, Principal, allow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a queue is to show; ``q`` looks a person up instead of listing.

    ``assignee`` is ``me``, ``none`` or a staff id: of one's own agency alone. ``owing`` is as in ``Filter``.
    """

    agency: str | None = None
    unit: str | None = None
    statuses: frozenset[Status] = frozenset()
    light: str | None = None
    assignee: str | None = None
    supervised: str | None = None
    owing: bool = False
    q: str | None = None
    limit: int = 20
    after: tuple[int, str] | None = None


def list_referrals(context: Context, principal: Principal, wanted: Wanted) -> list[ReferralView]:
    """List referrals due first, one more than ``limit`` where there are more; opening the list is audited once.

    Rows of one's own agency carry their badge. Raises ``NoSuchReferral`` for another agency's queue, ``BadFields`` when
    somebody of no agency asks whose they are or a code is nobody's, and ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.read")
    district = context.directory.current()
    now = context.clock.now()
    mine = grant.agencies | {agency for agency, _ in grant.counters}
    if wanted.agency is not None and mine and not grant.everything and wanted.agency not in mine:
        raise NoSuchReferral(wanted.agency)
    if wanted.assignee is not None and not mine:
        raise BadFields([FieldFault("assignee", wording.OWN_AGENCY_ONLY)])
    may_see_badge = _badge_readers(principal, district)
    unit, street = filed_at(district, wanted.unit)
    with context.database.unit_of_work() as uow:
        chosen = Filter(
            reach=reach(grant) if wanted.assignee is None else own_reach(grant),
            now=now,
            today=local_date(now, district.timezone),
            agency=wanted.agency,
            unit=unit,
            street=street,
            statuses=wanted.statuses,
            light=wanted.light,
            assignee=principal.staff if wanted.assignee == "me" else wanted.assignee,
            supervised=wanted.supervised,
            owing=wanted.owing,
        )
        if wanted.q:
            found = search(context, principal, wanted.q, district, uow)
        else:
            found = queries.listing(uow.connection, chosen, limit=wanted.limit + 1, after=wanted.after)
        refuse_unknown(found, district, agency=wanted.agency if not mine else None, unit=wanted.unit)
        badges = _badges(context, uow, [leg for leg in found if may_see_badge(leg)])
        what = "badges.opened" if badges else "referrals.listed"
        queue = wanted.agency or ",".join(_own_queues(grant)) or "district"
        audit(
            context,
            uow,
            principal,
            grant,
            what,
            ("queue", queue),
            {"badges": len(badges), "rows": len(found)},
        )
    return [
        view(as_its_agency_knows(leg, badge), principal, district, now, badge=badge)
        for leg, badge in ((leg, badges.get(leg.id)) for leg in found)
    ]


def count_by_status(
    context: Context, principal: Principal, agency: str | None, *, most: int
) -> tuple[dict[Status, int], int]:
    """Count a queue's referrals by status; all ended ones together under ``closed``, up to ``most``.

    The second number is of ended ones whose agency still owes an answer to a withdrawn consent.
    """
    grant = allow(principal, "referrals.read")
    with context.database.read() as connection:
        return queries.counts(connection, reach(grant), agency, most=most)


def read_referral(context: Context, principal: Principal, referral_id: str) -> ReferralView:
    """Show one referral; audited, by another name where its badge is opened.

    Raises ``NoSuchReferral`` for one that is out of reach, and ``Forbidden``.
    """
    return read_shown(context, principal, referral_id, with_badge=True)


def read_shown(context: Context, principal: Principal, referral_id: str, *, with_badge: bool) -> ReferralView:
    """Show one referral, with its badge or without. Raises as ``read_referral``."""
    grant = allow(principal, "referrals.read")
    district = context.directory.current()
    with context.database.read() as connection:
        referral = _reached(referrals.load(connection, [referral_id]).get(referral_id), grant, referral_id)
        readable = with_badge and _badge_readers(principal, district)(referral)
        sealed = referrals.packet_of(connection, referral_id) if readable else None
    badge = None
    with context.database.unit_of_work() as uow:
        if sealed is None:
            audit(context, uow, principal, grant, "referral.opened", ("referral", referral.id))
        else:
            badge = context.badges.open(context.keyring, referral.agency, referral.id, sealed.badge)
            opened = {"badges": int(badge is not None), "rows": 1}
            audit(context, uow, principal, grant, "badges.opened", ("referral", referral.id), opened)
    shown = as_its_agency_knows(referral, badge)
    return view(shown, principal, district, context.clock.now(), badge=badge)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history as it is shown; ``actor`` (a staff id) only to the agency itself."""

    at: datetime
    action: str
    from_status: Status | None
    to_status: Status
    role: str
    actor: str | None
    fields: Mapping[str, Any]


def read_history(
    context: Context, principal: Principal, referral_id: str, *, on_its_page: bool = False
) -> list[HistoryLine]:
    """Tell what was done with a referral, oldest first; how it began is told by the referral itself.

    Audited, but ``on_its_page``, whose opening is. Raises as ``read_referral``.
    """
    grant = allow(principal, "referrals.read")
    with context.database.read() as connection:
        referral = _reached(referrals.load(connection, [referral_id]).get(referral_id), grant, referral_id)
        lines = queries.history_of(connection, referral_id)
    if not on_its_page:
        with context.database.unit_of_work() as uow:
            about = ("referral", referral.id)
            audit(context, uow, principal, grant, "referral.opened", about, {"part": "history"})
    own = is_own(grant, referral)
    shown = [_shown(referral, line, own=own) for line in lines]
    if any(line.action == ISSUE for line in lines):
        # It waited for the street's check first, and its issue is a line of its own.
        return shown
    action, status = beginning(referral)
    return [HistoryLine(referral.issued_at, action, None, status, "system", None, {}), *shown]


def _reached(referral: Referral | None, grant: Grant, referral_id: str) -> Referral:
    if referral is None or not reaches(grant, referral):
        raise NoSuchReferral(referral_id)
    return referral


def _badge_readers(principal: Principal, district: District) -> Callable[[Referral], bool]:
    """Give what tells whether this person may see a referral's badge, and its key is held here."""
    try:
        grant = allow(principal, "referrals.open-badge")
    except Forbidden:
        return lambda _: False
    here = {name for name, agency in district.agencies.items() if agency.keys == "platform"}
    return lambda leg: leg.agency in here and is_own(grant, leg)


def _badges(context: Context, uow: UnitOfWork, legs: Sequence[Referral]) -> dict[str, Badge]:
    sealed = queries.newest_badges(uow.connection, [leg.id for leg in legs])
    opened = {
        leg.id: context.badges.open(context.keyring, leg.agency, leg.id, sealed[leg.id]) for leg in legs
    }
    return {leg: badge for leg, badge in opened.items() if badge is not None}


def _own_queues(grant: Grant) -> list[str]:
    return [*sorted(grant.agencies), *(f"{agency}/{street}" for agency, street in sorted(grant.counters))]


def _shown(referral: Referral, line: Line, *, own: bool) -> HistoryLine:
    fields: Mapping[str, Any]
    if own:
        fields = {name: value for name, value in line.fields.items() if name not in JOINS}
    else:
        told = {name: line.fields[name] for name in _FOR_ALL if name in line.fields}
        fields = codes_for_others(referral, told)
    return HistoryLine(
        line.at, line.action, line.from_status, line.to_status, line.role, line.actor if own else None, fields
    )


_FOR_ALL = (
    "action",
    "approved",
    "step",
    "outcome",
    "reason",
    "overdue_reason",
    "level",
    "cause",
    "whose",
    "copy_to",
    "circular",
    "until",
)
"""What others than the agency read of an action: codes; amounts and periods stay with the agency and the help desk."""
