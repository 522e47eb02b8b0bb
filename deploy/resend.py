"""Delivers again what was published: to our own services by their receipts, to an agency's own system when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from deploy.run_out import REFERRALS, TAKES_BACK, expired, held_back
from deploy.told_no_more import told_no_more
from services.referrals.use_cases.no_longer import no_longer
from shared.audit import AuditEntry
from shared.events import CATALOGUE, types_of
from shared.inbox.letters import lay_by, show_letter
from shared.messaging import Delivery, service_user
from shared.messaging.topology import INTERESTS, events_queue
from shared.outbox.replay import (
    Found,
    Wanted,
    agencies_rows,
    find,
    forgotten,
    publish_again,
    starts,
    with_type,
    written_after,
)
from shared.outbox.scrubbing import scrub_events
from shared.outbox.upkeep import settled
from shared.outbox.withholding import shorten

if TYPE_CHECKING:
    from shared.db import Database
    from shared.outbox import NoLonger

NO_LONGER: Mapping[str, NoLonger] = {"referrals": no_longer}
"""What each producer's relay asks before anything leaves for an outside system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What an operator wants delivered again; ``to`` is a service or an agency with a system of its own.

    Without ``to`` it goes to our own services and to nobody else.
    """

    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one producer would send again.

    ``wanted`` counts the events each receiver follows and ``lacking`` names those that a service of ours has neither
    receipt nor letter for. ``withheld`` counts, by reason, the events that go outside without what is sealed in
    them, and ``expired`` names whose consent has run out. ``emptied`` are the events of ours that say where somebody
    may be told no more: they lose their packet, for good. ``held`` counts what is not sent at all until there is a new
    consent. ``forgotten`` are too old to be sent: only the ledger knows them.
    """

    producer: str
    events: frozenset[str]
    forgotten: int
    wanted: Mapping[str, int]
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    withheld: Mapping[str, int] = field(default_factory=dict)
    expired: Mapping[str, str] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    held: int = 0


def followed(consumer: str, producer: str) -> frozenset[str]:
    """Name the types a service follows of a producer."""
    return frozenset(
        row.type
        for owner, about in INTERESTS[consumer]
        if owner == producer
        for row in types_of(owner, about)
    )


def plan(databases: Mapping[str, Database], ask: Ask, at: datetime) -> list[Share]:
    """Tell what would be delivered again at a moment, by producer, and change nothing."""
    outside = ask.to is not None and ask.to not in INTERESTS
    shares = (
        [_outside(databases, ask, at)]
        if outside
        else [_inside(databases, ask, name, at) for name in databases]
    )
    return [share for share in shares if share.events or share.forgotten or share.held]


def carry_out(
    databases: Mapping[str, Database], ask: Ask, shares: Collection[Share], *, reason: str, at: datetime
) -> int:
    """Have the relays publish what was planned, and write it to each producer's audit log; gives how many."""
    outside = ask.to is not None and ask.to not in INTERESTS
    count = 0
    for share in shares:
        if share.emptied:
            with databases[share.producer].unit_of_work() as uow:
                scrub_events(uow.connection, share.emptied)
        for consumer, lacking in share.lacking.items():
            lay_by_what_takes_back(databases, share.producer, consumer, lacking)
        with databases[share.producer].unit_of_work() as uow:
            if share.expired:
                # The relay's own gate knows what referrals knows, which is nothing of consents that run out.
                lane, rows = agencies_rows(uow.connection, share.events, share.expired)
                shorten(uow, lane, rows, share.expired, at)
            count += publish_again(uow.connection, share.events, outside=outside)
            uow.audit(_entry(share, ask, reason, at))
    return count


def lay_by_what_takes_back(
    databases: Mapping[str, Database], producer: str, consumer: str, lacking: Collection[str]
) -> int:
    """Lay what takes something back into the consumer's inbox before that something is delivered again.

    A leg that was withdrawn meanwhile is then opened and cancelled in one transaction: it never stands open, so that
    no agency sees it and no outside system is sent what is sealed in it. Gives how many events were laid by.
    """
    if not lacking or not TAKES_BACK & followed(consumer, producer):
        return 0
    with databases[producer].read() as connection:
        first = starts(connection, lacking)
    return lay_by_after(databases, producer, consumer, first)


def lay_by_after(
    databases: Mapping[str, Database], producer: str, consumer: str, first: Mapping[str, int]
) -> int:
    """Likewise for aggregates of which the event with this sequence is tried again; gives how many were laid by."""
    if not TAKES_BACK & followed(consumer, producer):
        return 0
    with databases[producer].read() as connection:
        taken_back = with_type(connection, first, TAKES_BACK)
        later = [
            event
            for subject in sorted(taken_back)
            for event in written_after(connection, subject, first[subject])
        ]
    with databases[consumer].read() as connection:
        there = settled(connection, consumer, [event.id for event in later])
    deliveries = [
        Delivery(
            body=event.body,
            routing_key=event.routing_key,
            user_id=service_user(producer),
            redelivered=False,
            content_type=None,
            tag=0,
            queue=events_queue(consumer),
        )
        for event in later
        if event.id not in there
    ]
    lay_by(databases[consumer], consumer, deliveries)
    return len(deliveries)


def lay_by_behind_letter(databases: Mapping[str, Database], consumer: str, number: int) -> int:
    """Likewise for a letter that is to be tried again; gives how many were laid by.

    Raises ``UnknownLetterError``.
    """
    letter = show_letter(databases[consumer], number).fields
    producer = (letter["source"] or "").rpartition("/")[2]
    if producer not in databases or letter["subject"] is None or letter["sequence"] is None:
        return 0
    return lay_by_after(databases, producer, consumer, {letter["subject"]: letter["sequence"]})


def _inside(databases: Mapping[str, Database], ask: Ask, producer: str, at: datetime) -> Share:
    receivers = [ask.to] if ask.to is not None else list(INTERESTS)
    wanted, events = _found(databases, ask, producer, receivers)
    with databases[producer].read() as connection:
        old = forgotten(connection, wanted)
    followers = {consumer: _theirs(events, consumer, producer) for consumer in receivers}
    lacking, held = _free(databases, producer, _lacking(databases, followers), at)
    going = frozenset(event.id for event in events) - held
    emptied = told_no_more(databases, producer, going, at)
    return Share(
        producer=producer,
        events=going,
        forgotten=old,
        wanted={consumer: count for consumer, theirs in followers.items() if (count := len(theirs - held))},
        lacking=lacking,
        withheld=Counter(emptied.values()),
        emptied=frozenset(emptied),
        held=len(held),
    )


def never_settled(databases: Mapping[str, Database], ask: Ask, producer: str, at: datetime) -> Share:
    """Tell what a producer would send again of that alone which a service of ours follows and never settled."""
    _, events = _found(databases, ask, producer, list(INTERESTS))
    missing = _lacking(databases, {consumer: _theirs(events, consumer, producer) for consumer in INTERESTS})
    lacking, held = _free(databases, producer, missing, at)
    going = frozenset[str]().union(*lacking.values())
    emptied = told_no_more(databases, producer, going, at)
    return Share(
        producer=producer,
        events=going,
        forgotten=0,
        wanted={consumer: len(theirs) for consumer, theirs in lacking.items()},
        lacking=lacking,
        withheld=Counter(emptied.values()),
        emptied=frozenset(emptied),
        held=len(held),
    )


def _free(
    databases: Mapping[str, Database], producer: str, lacking: Mapping[str, frozenset[str]], at: datetime
) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Take out what waits for a new consent; gives what is left, and what was taken out."""
    held = held_back(databases, producer, lacking.get(REFERRALS, frozenset()), at)
    return {consumer: theirs - held for consumer, theirs in lacking.items()}, held


def _found(
    databases: Mapping[str, Database], ask: Ask, producer: str, receivers: Collection[str]
) -> tuple[Wanted, list[Found]]:
    types = frozenset().union(*(followed(consumer, producer) for consumer in receivers))
    wanted = Wanted(types=types, subject=ask.subject, since=ask.since, until=ask.until)
    with databases[producer].read() as connection:
        return wanted, find(connection, wanted)


def _theirs(events: Collection[Found], consumer: str, producer: str) -> set[str]:
    types = followed(consumer, producer)
    return {event.id for event in events if event.type in types}


def _lacking(
    databases: Mapping[str, Database], followers: Mapping[str, Collection[str]]
) -> dict[str, frozenset[str]]:
    lacking = {}
    for consumer, theirs in followers.items():
        if theirs:
            with databases[consumer].read() as connection:
                lacking[consumer] = frozenset(theirs) - settled(connection, consumer, theirs)
    return lacking


def _outside(databases: Mapping[str, Database], ask: Ask, at: datetime) -> Share:
    outside = [row for row in CATALOGUE.values() if row.outside]
    (producer,) = {row.producer for row in outside}
    wanted = Wanted(
        types=frozenset(row.type for row in outside),
        subject=ask.subject,
        since=ask.since,
        until=ask.until,
        agency=ask.to,
    )
    with databases[producer].read() as connection:
        events = find(connection, wanted)
        sealed = [event.subject for event in events if CATALOGUE[event.type].sealed]
        let_go = NO_LONGER[producer](connection, set(sealed))
    ran_out = expired(databases, set(sealed) - set(let_go), at)
    reasons = {**ran_out, **let_go}
    return Share(
        producer=producer,
        events=frozenset(event.id for event in events),
        # The ledger does not know which agency an event was for.
        forgotten=0,
        wanted={str(ask.to): len(events)},
        withheld=Counter(reasons[subject] for subject in sealed if subject in reasons),
        expired=ran_out,
    )


def _entry(share: Share, ask: Ask, reason: str, at: datetime) -> AuditEntry:
    span = {name: moment.isoformat() for name in ("since", "until") if (moment := getattr(ask, name))}
    return AuditEntry(
        at=at,
        actor="system",
        post="operator",
        action="events.replayed",
        object_type="events",
        object_id=ask.subject or ask.to or "span",
        reason=reason,
        detail={"count": len(share.events), "to": ask.to, "withheld": dict(share.withheld), **span},
    )
