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
    causation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLeg:
    """One leg as it leaves intake: codes, rules, and what only the agency can open.

    ``programme`` is the outward id; ``index`` the agency's truncated search tokens; ``desk_street`` the street whose
    counter of the agency it belongs to, if it does; ``counts_as`` stands for whom it is for in the figures.
    """

    id: str
    number: str
    agency: str
    programme: str
    rules: Mapping[str, Any]
    packet: str
    badge: str
    index: Mapping[str, Any] | None
    desk_street: str | None = None
    counts_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLeg:
    """A leg that joins a request later: ``position`` is its place among all, counted from 0.

    ``replaces`` names the leg in whose place it stands, whose agency has used ``days_used`` units of its time.
    """

    sealed: SealedLeg
    position: int
    replaces: str | None = None
    days_used: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The codes of a filed request that referrals routes and counts by.

    ``check`` tells that the street is to check it first: its legs are planned and wait for ``request.approved``;
    ``sent_back`` that the street has sent it back, so that nobody's time runs until it is submitted again. Where aid
    comes first a leg waits for neither.
    """

    number: str
    unit: str
    street: str | None
    residence: str
    urgency: str
    pack: str
    check: bool = False
    sent_back: bool = False


def request_submitted(stamp: Stamp, submission: Submission, legs: Sequence[SealedLeg]) -> Event:
    """Tell that a request was filed and which legs it has."""
    return _about_request(
        "request.submitted.v1", stamp, {**_codes(submission), "legs": [_sealed(leg) for leg in legs]}
    )


def legs_added(stamp: Stamp, submission: Submission, legs: Sequence[AddedLeg]) -> Event:
    """Tell that legs have joined a request, some of them perhaps in the place of others."""
    return _about_request(
        "request.legs-added.v1",
        stamp,
        {
            **_codes(submission),
            "legs": [
                {
                    **_sealed(leg.sealed),
                    "position": leg.position,
                    **({"replaces": leg.replaces, "days_used": leg.days_used} if leg.replaces else {}),
                }
                for leg in legs
            ],
        },
    )


def approved(stamp: Stamp) -> Event:
    """Tell that the street has checked a request: its planned legs are to be issued."""
    return _about_request("request.approved.v1", stamp, {})


def sent_back(stamp: Stamp, reasons: Sequence[str]) -> Event:
    """Tell that the street has sent a request back to its desk, for reasons (codes)."""
    return _about_request("request.sent-back.v1", stamp, {"reasons": list(reasons)})


def resubmitted(stamp: Stamp) -> Event:
    """Tell that a request that was sent back has been submitted again: the street's time runs anew."""
    return _about_request("request.resubmitted.v1", stamp, {})


def moved(stamp: Stamp, *, unit: str, street: str | None) -> Event:
    """Tell that a request belongs to another unit now."""
    return _about_request("request.moved.v1", stamp, {"unit": unit, "street": street})


def person_erased(stamp: Stamp) -> Event:
    """Tell that whoever asked is to be forgotten: everybody deletes what they hold about this request's legs."""
    return _about_request("person.erased.v1", stamp, {})


def command(verb: str, stamp: Stamp, *, leg: str, agency: str, data: Mapping[str, Any]) -> Event:
    """Ask something of one leg; counted with the request, so that it cannot overtake its filing."""
    return _about_request(f"referral.{verb}-requested.v1", stamp, {"referral": leg, **data}, agency=agency)


def reissue_done(stamp: Stamp, *, leg: str, agency: str, successor: str) -> Event:
    """Answer referrals that a leg has a successor now."""
    data = {"referral": leg, "successor": successor}
    return _about_request("referral.reissue-done.v1", stamp, data, agency=agency)


def reissue_refused(stamp: Stamp, *, leg: str, agency: str, reason: str) -> Event:
    """Answer referrals that a leg gets no successor, and why (a code)."""
    data = {"referral": leg, "reason": reason}
    return _about_request("referral.reissue-refused.v1", stamp, data, agency=agency)


def cancel_requested(stamp: Stamp, *, leg: str, agency: str, reason: str) -> Event:
    """Ask referrals to cancel one leg."""
    return command("cancel", stamp, leg=leg, agency=agency, data={"reason": reason})


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


def _codes(submission: Submission) -> dict[str, Any]:
    return {
        "number": submission.number,
        "unit": submission.unit,
        "street": submission.street,
        "residence": submission.residence,
        "urgency": submission.urgency,
        "pack": submission.pack,
        **({"check": True} if submission.check else {}),
        **({"sent_back": True} if submission.sent_back else {}),
    }


def _sealed(leg: SealedLeg) -> dict[str, Any]:
    return {
        "id": leg.id,
        "number": leg.number,
        "agency": leg.agency,
        "programme": leg.programme,
        "rules": leg.rules,
        "packet": leg.packet,
        "badge": leg.badge,
        "index": leg.index,
        **({"desk_street": leg.desk_street} if leg.desk_street else {}),
        "counts_as": leg.counts_as,
    }


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
        causation=stamp.causation,
        traceparent=stamp.traceparent,
    )
