"""Takes in what referrals says about legs: the mirror intake shows, and the request's own status that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.intake.domain.leg_facts import MEANINGS, Meaning, fact_of
from services.intake.persistence import mirror
from shared.db import UnitOfWork
from shared.events import Event
from shared.inbox import Refused
from shared.text import Text

UNKNOWN_LEG = Text(
    "本区没有这个转介事项；请核对事件是否发错地区。",
    "There is no such leg here; check whether the event was meant for this district.",
)


def mirror_legs(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Apply events of one type, in the order given; their data is loaded by intake's reader schema.

    Raises:
        Refused: when an event is about a leg that intake never made.
    """
    meaning = MEANINGS[events[0].type]
    requests = mirror.lock_requests_of(uow.connection, {event.subject for event in events})
    if any(event.subject not in requests for event in events):
        raise Refused(UNKNOWN_LEG)
    if meaning.moves:
        newest = {event.subject: event for event in sorted(events, key=lambda event: event.sequence)}
        mirror.move(uow.connection, [_move(event, meaning) for event in newest.values()])
    if meaning.answers_cancel:
        mirror.settle_cancel(uow.connection, [_settlement(event) for event in events])
    mirror.add_to_timeline(
        uow.connection, [_line(event, requests[event.subject], meaning) for event in events]
    )
    if meaning.request is not None:
        concerned = {requests[event.subject] for event in events}
        mirror.follow(uow.connection, meaning.request, concerned, max(event.time for event in events))


def _move(event: Event, meaning: Meaning) -> dict[str, Any]:
    data = event.data
    return {
        "id": event.subject,
        "status": data["status"],
        "version": data["version"],
        "due_on": data["due_on"],
        "yellow_on": data["yellow_on"],
        "outcome": data.get("outcome"),
        "answer": data.get("answer"),
        "ended_at": event.time if meaning.ends else None,
        "updated_at": event.time,
    }


def _settlement(event: Event) -> dict[str, Any]:
    return {"leg": event.subject, "refusal": event.data.get("reason"), "at": event.time}


def _line(event: Event, request: str, meaning: Meaning) -> dict[str, Any]:
    return {
        "id": event.id,
        "request_id": request,
        "leg_id": event.subject,
        "fact": fact_of(event.type),
        "status": event.data["status"],
        "at": event.time,
        "sequence": event.sequence,
        "staff": None,
        "detail": _codes(event.data, meaning.shows),
    }


def _codes(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    return {name: str(data[name]) for name in names if data.get(name) is not None}
