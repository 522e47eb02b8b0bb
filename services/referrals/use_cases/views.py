"""What people are shown of a referral: its state with today's light, the days left, and what they may do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.referrals.domain import wording
from services.referrals.domain.appointments import day_off
from services.referrals.domain.assigning import deputy, is_at_hand
from services.referrals.domain.clocks import owes_answer
from services.referrals.domain.effects import puts_off_aid
from services.referrals.domain.keeping import may_be_read
from services.referrals.domain.outcome_needs import OutcomeNeeds, outcome_needs
from services.referrals.domain.outcomes import choices
from services.referrals.domain.publicity import is_granted_unpublished
from services.referrals.domain.referral import Referral
from services.referrals.domain.side_actions import possible_side_actions
from services.referrals.domain.status import ENDED, HANDED_ON, Status, status_kind
from services.referrals.domain.supervision import is_overdue
from services.referrals.domain.transitions import possible_actions
from services.referrals.use_cases.badges import Badge
from services.referrals.use_cases.context import timetable
from services.referrals.use_cases.own_rules import as_others_know
from services.referrals.use_cases.reaching import reaches
from services.referrals.use_cases.words import holds_own_key
from shared.clock import Light, days_left, light, local_date
from shared.directory import District, UnknownProgramme
from shared.directory.programmes import CLINICAL_OUTWARD
from shared.identity import Forbidden, Post, Principal, Role, allow
from shared.text import Text

ELSEWHERE = "registered-elsewhere"
"""Flag of a badge: the programme goes by household registration, and that lies in another district."""
ACTS_AS: Mapping[str, str] = {Role.CLIENT: Role.DESK}
"""Whose part a role takes in the tables of actions: an agency's own system is its desk, as far as its scopes go."""


@dataclass(frozen=True, slots=True)
class Warn:
    """What the agency should think of again though it was taken: which field it is about, and what is odd about it."""

    code: str
    field: str
    message: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralView:
    """One referral as one person may see it.

    ``days_left`` counts working days, negative once overdue. ``actions`` and ``side_actions`` are those this person may
    take now.
    ``own`` says that it was referred to the person's own agency: only then are outcome details, badge, steps and
    outcomes to choose from there, with what each asks for (``outcome_needs``), the ``warnings``, and the ``deputy`` who
    stands in today for whose it is.
    ``request_id`` is None for agencies, which must not be able to join two legs.
    """

    referral: Referral
    agency_name: Text
    programme_name: Text
    unit_name: str
    street_name: str
    light: Light
    days_left: int | None
    own: bool
    deputy: str | None
    actions: tuple[str, ...]
    side_actions: tuple[str, ...]
    steps: tuple[str, ...]
    outcomes: tuple[str, ...]
    outcome_needs: Mapping[str, OutcomeNeeds]
    outcome_fields: Mapping[str, Any] | None
    request_id: str | None
    badge: Badge | None
    warnings: tuple[Warn, ...] = ()

    @property
    def successor_refused(self) -> str | None:
        """Say why nobody goes on with what is to be returned, while that has to be decided about again."""
        proposal = self.referral.life.proposal
        again = self.referral.status is Status.RETURN_PROPOSED
        return proposal.failed if proposal is not None and again else None


def view(
    referral: Referral, principal: Principal, district: District, now: datetime, *, badge: Badge | None = None
) -> ReferralView:
    """Show a referral, as it is now, to somebody who may see it."""
    today = local_date(now, district.timezone)
    own = any(_is_of(post, referral) for post in principal.posts)
    agency = district.agency_ever(referral.agency)
    rules = referral.rules
    return ReferralView(
        referral=referral if own else as_others_know(referral),
        agency_name=agency.name if agency else Text(referral.agency, referral.agency),
        programme_name=programme_name(district, referral.programme),
        unit_name=unit_name(district, referral.unit),
        street_name=unit_name(district, referral.street),
        light=light_of(referral, now),
        days_left=None if referral.due_on is None else days_left(referral.due_on, today, district.calendar),
        own=own,
        deputy=deputy(referral, today) if own else None,
        actions=actions_for(referral, principal),
        side_actions=side_actions_for(referral, principal, district, now),
        steps=tuple(rules["steps"]) if own else (),
        outcomes=choices(rules) if own and referral.status not in ENDED else (),
        outcome_needs=_needs(referral, district) if own and referral.status not in ENDED else {},
        outcome_fields=referral.outcome_fields if own else None,
        request_id=referral.request_id if may_read_cases(principal, referral) else None,
        badge=badge if own else None,
        warnings=_warnings(referral, district, today, badge) if own else (),
    )


def _needs(referral: Referral, district: District) -> dict[str, OutcomeNeeds]:
    clinical = referral.programme == CLINICAL_OUTWARD
    return outcome_needs(referral.rules, clinical=clinical, own_key=holds_own_key(referral, district))


def _warnings(referral: Referral, district: District, today: date, badge: Badge | None) -> tuple[Warn, ...]:
    off = day_off(referral.life.appointment_on, today, district.calendar.is_working_day)
    found = [Warn("day-off", "on", off)] if off is not None and referral.status not in ENDED else []
    if is_granted_unpublished(referral):
        found.append(Warn("no-public-notice", "step", wording.NOT_RECORDED_AS_PUBLISHED))
    if badge is not None and ELSEWHERE in badge.flags and referral.status not in ENDED:
        found.append(Warn(ELSEWHERE, "person.household_registration", wording.REGISTERED_ELSEWHERE))
    return tuple(found)


def actions_for(referral: Referral, principal: Principal) -> tuple[str, ...]:
    """Name what this person may decide about a referral now: in the table for its status, and theirs by the policy."""
    if referral.pending is not None:
        return ()
    return tuple(
        action
        for action in possible_actions(
            referral.status, accepted=referral.accepted, roles=_roles(referral, principal)
        )
        if _may(principal, f"referrals.{action}", referral)
        and not puts_off_aid(action, referral)
        and (action != "reopen" or may_be_read(referral.life))
    )


def side_actions_for(
    referral: Referral, principal: Principal, district: District, now: datetime
) -> tuple[str, ...]:
    """Name what this person may do about a referral now without changing its status."""
    today = local_date(now, district.timezone)
    return tuple(
        action
        for action in possible_side_actions(
            referral.status, _roles(referral, principal), owing=owes_answer(referral.life)
        )
        if _may(principal, f"referrals.{action}", referral)
        and _has_sense(action, referral, principal, today)
        and (action != "explain-delay" or _is_late(referral, district, now))
    )


def _is_late(referral: Referral, district: District, now: datetime) -> bool:
    # What is due later is not late by any clock: most of a list needs no reckoning.
    due = referral.due_at is not None and now > referral.due_at
    return due and is_overdue(referral, now, timetable(district))


def _roles(referral: Referral, principal: Principal) -> frozenset[str]:
    held = (post.role for post in principal.posts if post.agency is None or _is_of(post, referral))
    return frozenset(ACTS_AS.get(role, role) for role in held)


def _is_of(post: Post, referral: Referral) -> bool:
    """Tell whether a post is at the referral's agency: for all of it, or at the counter it belongs to."""
    return post.agency == referral.agency and post.unit in {None, referral.desk_street}


def _has_sense(action: str, referral: Referral, principal: Principal, today: date) -> bool:
    """Tell whether an action that is in the table for the status has anything to act on."""
    frozen = referral.life.frozen
    match action:
        case "approve" | "decline":
            pending = referral.pending
            return pending is not None and (action == "decline" or pending.by != principal.staff)
        case "claim":
            return referral.assignee is None
        case "reassign" | "delegate":
            leads = "leader" in _roles(referral, principal)
            return referral.assignee is not None and (leads or is_at_hand(referral, principal.staff, today))
        case "acknowledge-withdrawal":
            return frozen is not None and frozen.acknowledged_at is None
        case "record-on-behalf":
            # Of what was handed on nothing is left to be answered but a withdrawal.
            return referral.status not in HANDED_ON or owes_answer(referral.life)
        case _:
            return True


def light_of(referral: Referral, now: datetime) -> Light:
    """Give a referral's light."""
    if referral.due_at is None or referral.yellow_at is None:
        return light(status_kind(referral.status), None, now)
    # What owes an answer to a withdrawn consent is overdue even while it is paused, or when it has ended.
    return light("running", _Due(referral.due_at, referral.yellow_at), now)


def may_read_cases(principal: Principal, referral: Referral) -> bool:
    """Tell whether this person may see the whole case that a referral belongs to."""
    return _may(principal, "cases.read", referral)


def programme_name(district: District, programme: str) -> Text:
    """Give a programme's name, or its id where no pack in force ever had it."""
    try:
        return district.programme_name(programme)
    except UnknownProgramme:
        return Text(programme, programme)


def unit_name(district: District, code: str) -> str:
    """Give a unit's name, or its code where today's pack no longer has it."""
    unit = district.units.get(code)
    return unit.name if unit else code


def paper_names(shown: ReferralView, district: District) -> Mapping[str, Text]:
    """Give the names of a referral's papers, by their codes, as this person may read them."""
    if shown.badge is not None and shown.badge.papers is not None:
        return shown.badge.papers
    programme = district.programme_ever(shown.referral.programme)
    return {paper.id: paper.name for paper in programme.papers} if programme else {}


def step_names(shown: ReferralView, district: District) -> Mapping[str, Text]:
    """Give the names of a referral's steps, by their codes, as this person may read them."""
    if shown.badge is not None and shown.badge.steps is not None:
        return shown.badge.steps
    programme = district.programme_ever(shown.referral.programme)
    return {step.id: step.name for step in programme.steps} if programme else {}


@dataclass(frozen=True, slots=True)
class _Due:
    due_at: datetime
    yellow_at: datetime


def _may(principal: Principal, action: str, referral: Referral) -> bool:
    try:
        grant = allow(principal, action)
    except Forbidden:
        return False
    return reaches(grant, referral)
