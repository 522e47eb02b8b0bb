"""Takes in what referrals says about legs: the mirror intake shows, and the request's own status that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.intake.domain.leg_facts import ANSWER_OWED, MEANINGS, MENDED_BY, NOT_NEEDED, Meaning, fact_of
from services.intake.persistence import cases, mirror
from services.intake.persistence import tasks as task_store
from services.intake.use_cases.tasks import SYSTEM, raise_task, settle_tasks
from shared.db import UnitOfWork
from shared.events import Event
from shared.inbox import Refused
from shared.text import Text

CANCELLED = "referral.cancelled.v1"
FROZEN, UNFROZEN = "referral.frozen.v1", "referral.unfrozen.v1"
DUE_MOVED, PAPERS_EXTENDED = "referral.due-moved.v1", "papers-extended"
DUE_BY: Mapping[str, str] = {"appointment": "on", ANSWER_OWED: "due_on"}
"""Tasks that are to be done by a day the fact tells, and where it stands; of the others it is that for papers."""
OF_PAPERS = ("papers-wanted", "papers-lapsing")
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
    places = mirror.lock_requests_of(uow.connection, {event.subject for event in events})
    if any(event.subject not in places for event in events):
        raise Refused(UNKNOWN_LEG)
    if meaning.moves:
        newest = {event.subject: event for event in sorted(events, key=lambda event: event.sequence)}
        mirror.move(
            uow.connection, [_move(event, meaning, places[event.subject]) for event in newest.values()]
        )
    if meaning.answers_cancel:
        mirror.settle_cancel(uow.connection, [_settlement(event) for event in events])
    if meaning.answers:
        cases.settle_commands(uow.connection, [_answered(event) for event in events])
    _mark(uow, events, places)
    if meaning.stays:
        cases.drop_reissues(uow.connection, [event.subject for event in events], events[-1].time)
    lines = [_line(event, places[event.subject], meaning) for event in events]
    mirror.add_to_timeline(uow.connection, lines)
    if meaning.request is not None:
        concerned = {places[event.subject].request for event in events}
        mirror.follow(uow.connection, meaning.request, concerned, max(event.time for event in events))
    for event, line in zip(events, lines, strict=True):
        _tasks(uow, event, places[event.subject], meaning, line["detail"])


def _mark(uow: UnitOfWork, events: Sequence[Event], places: Mapping[str, mirror.Place]) -> None:
    """Note what a fact says beside the status: that data are frozen, or that a leg stands in no other's place."""
    if events[0].type in {FROZEN, UNFROZEN}:
        mirror.freeze(
            uow.connection,
            [
                {
                    "leg": event.subject,
                    "since": event.time if event.type == FROZEN else None,
                    "at": event.time,
                }
                for event in events
            ],
        )
    for event in events:
        if event.type == CANCELLED and event.data.get("reason") == NOT_NEEDED:
            mirror.unlink(uow.connection, places[event.subject].request, event.subject)


def _tasks(
    uow: UnitOfWork, event: Event, place: mirror.Place, meaning: Meaning, codes: Mapping[str, Any]
) -> None:
    fact = fact_of(event.type)
    if meaning.newest and mirror.is_overtaken(
        uow.connection, place.request, event.subject, fact, event.sequence
    ):
        return
    if meaning.settles:
        settle_tasks(uow, place.request, *meaning.settles, at=event.time, leg=event.subject)
    if meaning.mends is not None:
        task_store.settle_refused(
            uow.connection, place.request, event.subject, meaning.mends, event.time, SYSTEM
        )
    if event.type == DUE_MOVED and event.data["due_on"] is None:
        # What was owed for is removed, years after the end.
        settle_tasks(uow, place.request, ANSWER_OWED, at=event.time, leg=event.subject)
    another: Any = _papers_day(event)
    if another is not None:
        task_store.put_off(uow.connection, place.request, event.subject, OF_PAPERS, another)
    kind = meaning.task_for(event.data)
    if kind is None or (kind == "returned" and event.data.get("successor")):
        return
    if fact in MENDED_BY and mirror.is_overtaken(
        uow.connection, place.request, event.subject, MENDED_BY[fact], event.sequence
    ):
        return
    due: Any = event.data.get(DUE_BY.get(kind, "papers_due_on"))
    raise_task(
        uow,
        kind=kind,
        unit=place.unit,
        street=place.street,
        request=place.request,
        leg=event.subject,
        due_on=due,
        detail={"fact": fact, "agency": event.agency, **codes},
        at=event.time,
        # Each thing that was refused is a thing to be done otherwise.
        apart=":".join([fact, codes.get("action", ""), codes.get("reason", "")]) if meaning.answers else "",
    )


def _papers_day(event: Event) -> object:
    """Give the new day for a person's papers, where that is what has moved: by a notice, or as the person asked."""
    if event.data.get("about") == PAPERS_EXTENDED:
        return event.data.get("on")
    return event.data.get("papers_due_on") if event.type == DUE_MOVED else None


def _move(event: Event, meaning: Meaning, place: mirror.Place) -> dict[str, Any]:
    data = event.data
    return {
        "id": event.subject,
        "status": data["status"],
        "version": data["version"],
        "due_at": data.get("due_at"),
        "due_on": data["due_on"],
        "yellow_at": data.get("yellow_at"),
        "yellow_on": data["yellow_on"],
        "outcome": data.get("outcome"),
        "answer": _answer(event, place),
        "ended_at": event.time if meaning.ends else None,
        "updated_at": event.time,
    }


def _settlement(event: Event) -> dict[str, Any]:
    return {"leg": event.subject, "refusal": event.data.get("reason"), "at": event.time}


def _answered(event: Event) -> dict[str, Any]:
    return {"command": event.causation, "at": event.time, "reason": event.data.get("reason")}


def _answer(event: Event, place: mirror.Place) -> object:
    # What comes late brings nothing back that was removed.
    return None if place.emptied else event.data.get("answer")


def _line(event: Event, place: mirror.Place, meaning: Meaning) -> dict[str, Any]:
    return {
        "id": event.id,
        "request_id": place.request,
        "leg_id": event.subject,
        "fact": fact_of(event.type),
        "status": event.data["status"],
        "at": event.time,
        "sequence": event.sequence,
        "staff": None,
        "detail": _codes(event.data, meaning.shows),
        "answer": _answer(event, place),
    }


def _codes(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: _plain(data[name]) for name in names if data.get(name) is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - a code of an event
    return value.isoformat() if isinstance(value, date) else value
