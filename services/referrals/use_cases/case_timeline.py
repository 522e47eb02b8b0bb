"""A person's whole case as one timeline: what each desk did, when, for what reason, and how many days it had used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.referrals.domain.beginnings import ACTION_TEXTS, ISSUE, beginning
from services.referrals.domain.clocks import DECIDE, Timetable, rule_of
from services.referrals.domain.figures import working_days
from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence.referrals import Line
from services.referrals.persistence.timeline import lines_of
from services.referrals.use_cases.case_facts import OF_THE_CASE, TEXTS, CaseFact, facts_of_case
from services.referrals.use_cases.case_order import in_order
from services.referrals.use_cases.cases import CaseView, read_case
from services.referrals.use_cases.context import Context, timetable
from services.referrals.use_cases.own_rules import codes_for_others
from services.referrals.use_cases.views import ReferralView
from shared.clock import Pause
from shared.identity import Principal, Role, outward_role
from shared.text import Text

CODES = (
    "action",
    "approved",
    "step",
    "outcome",
    "reason",
    "overdue_reason",
    "papers",
    "level",
    "cause",
    "whose",
    "copy_to",
    "circular",
    "until",
    "due_on",
    "review_on",
    "next",
    "to_agency",
    "successor",
    "grade",
    "ground",
)
"""What is told of an action besides its name: codes and days. Amounts, periods and words stay with agency and hut."""

SYSTEM = "system"

_AT_THE_AGENCY = frozenset({str(Role.DESK), str(Role.LEADER), str(Role.CLIENT)})
_AT_THE_HUT = frozenset({outward_role(Role.HUT), str(Role.HUT)})
_SIDES: Mapping[str, frozenset[str]] = {
    Role.HUT: _AT_THE_HUT,
    Role.SPECIALIST: _AT_THE_HUT | {str(Role.SPECIALIST)},
    Role.COORDINATOR: frozenset({str(Role.COORDINATOR)}),
}
"""Whose staff ids a role reads: those of its own side, never an agency's officers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done with one leg, or with the case as a whole: then there is no leg, and nothing of one.

    ``name`` says what was asked for or taken down, too. ``role`` did it, at ``by_agency`` or ``by_unit`` where it
    belongs to one; ``staff`` is told to their own side alone. ``days_used`` are the working days of the agency's time
    for its decision that were gone by then, those included which a predecessor had used.
    """

    at: datetime
    leg: ReferralView | None
    action: str
    name: Text
    from_status: Status | None
    to_status: Status | None
    role: str
    by_agency: str | None
    by_unit: str | None
    staff: str | None
    codes: Mapping[str, Any]
    days_used: int | None


def read_whole_case(context: Context, principal: Principal, request_id: str) -> tuple[CaseView, list[Entry]]:
    """Show a case with its timeline, oldest first; audited. Raises ``NoSuchReferral`` as ``read_case``."""
    case = read_case(context, principal, request_id)
    with context.database.read() as connection:
        lines = lines_of(connection, [leg.referral.id for leg in case.legs])
    return case, timeline(case.legs, lines, principal, timetable(context.directory.current()))


def timeline(
    legs: Sequence[ReferralView],
    lines: Mapping[str, Sequence[Line]],
    principal: Principal,
    reckoning: Timetable,
) -> list[Entry]:
    """Put the lines of all legs in one order: by moment, causes first; else legs step by step beside each other."""
    mine = frozenset[str]().union(*(_SIDES.get(post.role, frozenset()) for post in principal.posts))
    of_legs = {
        leg.referral.id: _entries(leg, lines.get(leg.referral.id, ()), mine, reckoning) for leg in legs
    }
    facts = facts_of_case([leg.referral for leg in legs], lines)
    came_with = {leg: place for place, fact in enumerate(facts) for leg in fact.joined}
    replaced = {
        leg.referral.id: leg.referral.life.predecessor for leg in legs if leg.referral.life.predecessor
    }
    return in_order(of_legs, [_of_case(fact) for fact in facts], came_with, replaced)


def days_used(referral: Referral, at: datetime, reckoning: Timetable) -> int:
    """Count the working days of the agency's decision clock that were gone at a moment, pauses left out."""
    rule = rule_of(DECIDE, referral.rules, referral.starts, referral.life, reckoning)
    if rule is None or rule[1] >= at:
        return referral.life.days_used
    until = min(at, referral.ended_at or at)
    pauses = [
        Pause(pause.start, max(pause.end or until, pause.start), pause.kind) for pause in referral.life.pauses
    ]
    return referral.life.days_used + max(working_days(reckoning, rule[1], until, pauses), 0)


def _entries(
    leg: ReferralView, lines: Sequence[Line], mine: frozenset[str], reckoning: Timetable
) -> list[Entry]:
    first = [] if any(line.action == ISSUE for line in lines) else [_delivery(leg)]
    return first + [_entry(leg, line, mine, reckoning) for line in lines if line.action not in OF_THE_CASE]


def _of_case(fact: CaseFact) -> Entry:
    role = str(Role.SPECIALIST) if fact.action == "send-back" else outward_role(Role.HUT)
    return Entry(
        at=fact.at,
        leg=None,
        action=fact.action,
        name=TEXTS[fact.action],
        from_status=None,
        to_status=None,
        role=role,
        by_agency=None,
        by_unit=fact.unit,
        staff=None,
        codes=fact.codes,
        days_used=None,
    )


def _delivery(leg: ReferralView) -> Entry:
    # A leg that came with its request was delivered at once, of which the history has no line.
    referral = leg.referral
    action, status = beginning(referral)
    return Entry(
        at=referral.issued_at,
        leg=leg,
        action=action,
        name=_name(action),
        from_status=None,
        to_status=status,
        role=SYSTEM,
        by_agency=None,
        by_unit=None,
        staff=None,
        codes={},
        days_used=referral.life.days_used,
    )


def _entry(leg: ReferralView, line: Line, mine: frozenset[str], reckoning: Timetable) -> Entry:
    referral = leg.referral
    codes = {name: line.fields[name] for name in CODES if line.fields.get(name) is not None}
    return Entry(
        at=line.at,
        leg=leg,
        action=line.action,
        name=_name(line.action, line.fields.get("action")),
        from_status=line.from_status,
        to_status=line.to_status,
        role=line.role,
        by_agency=referral.agency if line.role in _AT_THE_AGENCY else None,
        by_unit=_unit(referral, line.role),
        staff=line.actor if line.role in mine else None,
        codes=codes_for_others(referral, codes),
        days_used=days_used(referral, line.at, reckoning),
    )


def _unit(referral: Referral, role: str) -> str | None:
    if role in _AT_THE_HUT:
        return referral.unit
    return referral.street if role == Role.SPECIALIST else None


def _name(action: str, asked: str | None = None) -> Text:
    # Lines outlive actions: one that no table knows any more is shown by its id.
    name = ACTION_TEXTS.get(action, Text(action, action))
    if asked is None:
        return name
    what = ACTION_TEXTS.get(asked, Text(asked, asked))
    return Text(f"{name.zh}：{what.zh}", f"{name.en}: {what.en}")
