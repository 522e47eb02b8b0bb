"""The events intake publishes, exactly as they cross the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.events import Event, timestamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every event of a request carries: its own id, its place in the request's sequence, where and when."""

    id: str
    source: str
    request: str
    time: datetime
    sequence: int
    traceparent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLeg:
    """One leg as it leaves intake: codes, rules, and what only the agency can open.

    ``programme`` is the outward id; ``index`` the agency's truncated search tokens.
    """

    id: str
    number: str
    agency: str
    programme: str
    rules: Mapping[str, Any]
    packet: str
    badge: str
    index: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The codes of a filed request that referrals routes and counts by."""

    number: str
    unit: str
    street: str | None
    residence: str
    urgency: str
    pack: str


def request_submitted(stamp: Stamp, submission: Submission, legs: Sequence[SealedLeg]) -> Event:
    """Tell that a request was filed and which legs it has."""
    return _about_request(
        "request.submitted.v1",
        stamp,
        {
            "number": submission.number,
            "unit": submission.unit,
            "street": submission.street,
            "residence": submission.residence,
            "urgency": submission.urgency,
            "pack": submission.pack,
            "legs": [
                {
                    "id": leg.id,
                    "number": leg.number,
                    "agency": leg.agency,
                    "programme": leg.programme,
                    "rules": leg.rules,
                    "packet": leg.packet,
                    "badge": leg.badge,
                    "index": leg.index,
                }
                for leg in legs
            ],
        },
    )


def cancel_requested(stamp: Stamp, *, leg: str, agency: str, reason: str) -> Event:
    """Ask referrals to cancel one leg; counted with the request, so that it cannot overtake its filing."""
    return _about_request(
        "referral.cancel-requested.v1", stamp, {"referral": leg, "reason": reason}, agency=agency
    )


def staff_fact(fact: str, *, id: str, source: str, staff: str, time: datetime, sequence: int) -> Event:  # noqa: A002 - CloudEvents' word
    """Tell that an account was ``disabled`` or ``changed``: tokens signed before ``time`` are no longer good."""
    return Event(
        id=id,
        type=f"staff.{fact}.v1",
        source=source,
        subject=staff,
        time=time,
        sequence=sequence,
        data={"at": timestamp(time)},
    )


def _about_request(type_: str, stamp: Stamp, data: Mapping[str, Any], *, agency: str | None = None) -> Event:
    return Event(
        id=stamp.id,
        type=type_,
        source=stamp.source,
        subject=stamp.request,
        time=stamp.time,
        sequence=stamp.sequence,
        data=data,
        agency=agency,
        correlation=stamp.request,
        traceparent=stamp.traceparent,
    )
