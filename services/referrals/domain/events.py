"""What this service tells the others about a referral: the data of each event, and nothing but ids, codes and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain.clocks import ACKNOWLEDGE, Timetable, clock
from services.referrals.domain.referral import Change, Referral
from shared.events import Event, timestamp


def issued(referral: Referral, timetable: Timetable, sealed: Mapping[str, str]) -> dict[str, Any]:
    """Give the data of ``referral.issued.v1``.

    ``acknowledge_by`` is the day by which the agency must sign for it. ``sealed`` holds packet and badge where the
    agency keeps its own key, and nothing otherwise.
    """
    signature = clock(ACKNOWLEDGE, referral.rules, referral.starts, timetable)
    return {
        **_common(referral, referral.issued_at),
        "acknowledge_by": signature.due_on.isoformat() if signature else None,
        **sealed,
    }


TOLD_OF_CODES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "close": ("outcome", "overdue_reason"),
        "cancel": ("reason",),
        "reissue-failed": ("about", "on"),
        # Every fact tells the day that runs, which need not be that of the decision.
        "extend": ("reason",),
    }
)
"""By action, which of its codes the event tells, where it is not all of them."""
TELLS_POST = frozenset({"acknowledge", "urge", "record-on-behalf"})
"""Actions whose event names the post that acted."""


def changed(
    change: Change, at: datetime, *, by_post: str, more: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the data of the event that an action tells.

    ``more`` are sealed parts: the ``answer`` to intake, of an action with words; or packet and badge for whoever keeps
    its own key.
    """
    data = _common(change.after, at)
    names = TOLD_OF_CODES.get(change.action)
    data |= {name: value for name, value in change.fields.items() if names is None or name in names}
    if change.action in TELLS_POST:
        data["by_post"] = by_post
    return data | dict(more or {})


def reissue_requested(change: Change, at: datetime) -> dict[str, Any]:
    """Give the data of the request for a successor that goes with a change."""
    return _common(change.after, at) | dict(change.asks or {})


def opened(
    referral: Referral, at: datetime, *, what: str, by_post: str, answer: str | None = None
) -> dict[str, Any]:
    """Give the data of ``referral.opened.v1``; ``answer`` is the reason, sealed to intake."""
    data = {**_common(referral, at), "what": what, "by_post": by_post}
    return data if answer is None else {**data, "answer": answer}


def erased(referral: Referral, at: datetime, *, keys: str) -> dict[str, Any]:
    """Give the data of ``referral.erased.v1``; with ``keys`` of its ``own`` an agency was asked, else it is deleted."""
    return {**_common(referral, at), "keys": keys}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command is not carried out (a code), and the names of the fields that did not fit.

    ``action`` is what should have been taken down from paper, ``on`` the last day on which it is too early.
    """

    reason: str
    wrong: Sequence[str] = ()
    action: str | None = None
    on: date | None = None


def settled(referral: Referral, at: datetime, refusal: Refusal | None = None) -> dict[str, Any]:
    """Give the data of the answer to a command: done, or refused."""
    data = _common(referral, at)
    if refusal is None:
        return data
    data["reason"] = refusal.reason
    if refusal.wrong:
        data["wrong_fields"] = list(refusal.wrong)
    if refusal.action is not None:
        data["action"] = refusal.action
    if refusal.on is not None:
        data["on"] = refusal.on.isoformat()
    return data


def event(
    type_: str,
    referral: Referral,
    data: Mapping[str, Any],
    *,
    id: str,  # noqa: A002 - the attribute is called id in CloudEvents
    source: str,
    at: datetime,
    sequence: int,
    cause: Event | None = None,
) -> Event:
    """Put data in its envelope; ``cause`` is the event that this one answers.

    Of a leg that has not been issued its agency's own system hears nothing.
    """
    return Event(
        id=id,
        type=type_,
        source=source,
        subject=referral.id,
        time=at,
        sequence=sequence,
        data=data,
        agency=referral.agency,
        correlation=referral.request_id,
        causation=cause.id if cause else None,
        traceparent=cause.traceparent if cause else None,
        inside_only=not referral.has_been_issued,
    )


def _common(referral: Referral, at: datetime) -> dict[str, Any]:
    # Every fact may start or stop a clock, so each tells the days of the one that now runs and is due first; and its
    # moments, for a clock in hours.
    due_on, yellow_on = referral.due_on, referral.yellow_on
    return {
        "number": referral.number,
        "programme": referral.programme,
        "status": referral.status.value,
        "version": referral.version,
        "unit": referral.unit,
        "street": referral.street,
        "at": timestamp(at),
        "due_on": due_on.isoformat() if due_on else None,
        "yellow_on": yellow_on.isoformat() if yellow_on else None,
        "due_at": timestamp(referral.due_at) if referral.due_at else None,
        "yellow_at": timestamp(referral.yellow_at) if referral.yellow_at else None,
        **({"desk_street": referral.desk_street} if referral.desk_street else {}),
    }
