"""Each event has exactly one effect at each consumer, made in the transaction of its receipt."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from services.intake.domain.leg_facts import fact_of
from services.notifications.domain.messages import COPIED, TOLD
from shared.events import CATALOGUE
from shared.inbox.tables import SETTLED_STATES
from shared.messaging.topology import INTERESTS
from tests.faults.history.book import SERVICES, Book, Line, group

Breaches = Iterator[tuple[str, str]]

ANSWERS = ("referral.cancel-done.v1", "referral.cancel-refused.v1")
CANCELLING = (
    ["referral.cancel-done.v1", "referral.cancelled.v1"],
    ["referral.cancel-refused.v1"],
    ["referral.cancel-refused.v1", "referral.withdrawal-asked.v1"],
    ["referral.cancel-done.v1", "referral.line-left.v1"],
    ["capacity.changed.v1", "referral.cancel-done.v1", "referral.line-left.v1"],
)
"""How a wish to cancel is answered: done; refused; refused, and the agency told for the first time of the wish.

Done also where somebody waited for a place, which is counted where the programme's places are.
"""
OF_LEGS = "referral."
ASKED_ON_THE_SPOT = "cancel-requested"
"""The one line of intake's timeline that intake writes itself."""


def one_receipt(book: Book) -> Breaches:
    """Check that each consumer took each event once, and nothing that nobody told."""
    kept = {
        (letter["event_id"], letter["consumer"])
        for service in SERVICES
        for letter in book.table(service, "dead_letters")
        if letter["state"] not in SETTLED_STATES
    }
    injected = {line["event_id"] for line in book.files.get("poison", [])}
    taken = Counter((row["event_id"], row["consumer"]) for row in _receipts(book))
    for event_id, event in book.events.items():
        for consumer in _consumers(event["type"]):
            place = (event_id, consumer)
            if taken[place] != 1 and not (place in kept and not taken[place]):
                yield event["subject"], f"{consumer} took {event['type']} {event_id} {taken[place]} times"
    for row in _receipts(book):
        told = book.events.get(row["event_id"])
        if told is None:
            if row["event_id"] not in injected and not row["subject"].startswith("audit-"):
                yield row["subject"], f"{row['consumer']} took {row['event_id']}, which nobody told"
            continue
        for name in ("source", "subject", "sequence"):
            if row[name] != told["body"][name]:
                yield told["subject"], f"{row['consumer']} took {told['type']} as of {name} {row[name]}"


def referrals_open_once(book: Book) -> Breaches:
    """Check that each leg of a submitted request became one referral, and no referral came from nowhere."""
    legs: Counter[str] = Counter()
    for event in _taken(book, "referrals", ("request.submitted.v1",)):
        for leg in event["body"]["data"]["legs"]:
            legs[leg["id"]] += 1
            referral = book.referrals.get(leg["id"])
            if referral is None:
                yield (
                    leg["id"],
                    f"request {event['subject']} was taken, and this leg of it became no referral",
                )
            elif referral["request_id"] != event["subject"]:
                yield (
                    leg["id"],
                    f"belongs to request {event['subject']} and is under {referral['request_id']}",
                )
        yield from _together(
            book, "referrals", event, "referrals", [leg["id"] for leg in event["body"]["data"]["legs"]]
        )
    for referral in book.table("referrals", "referrals"):
        if legs[referral["id"]] != 1:
            yield referral["id"], f"{legs[referral['id']]} submitted requests have this leg"
    packets = group(book.table("referrals", "packets"), "referral_id")
    for leg_id in book.referrals:
        revisions = [packet["rev"] for packet in packets.pop(leg_id, [])]
        if revisions != list(range(1, len(revisions) + 1)) or not revisions:
            yield leg_id, f"has packets with the revisions {revisions}"
    for leg_id in packets:
        yield leg_id, "has a packet and no referral"


def timeline_once(book: Book) -> Breaches:
    """Check that intake wrote one line of timeline for each fact of a leg, and one for each wish to cancel it."""
    lines = group(book.table("intake", "leg_events"), "id")
    for event in _taken(book, "intake", _types_of("referral")):
        found = lines.pop(event["event_id"], [])
        said = [(line["leg_id"], line["fact"], line["status"], line["sequence"]) for line in found]
        body = event["body"]
        wanted = (event["subject"], fact_of(event["type"]), body["data"]["status"], event["sequence"])
        if said != [wanted]:
            yield event["subject"], f"{event['type']} {event['event_id']} is in the timeline as {said}"
        yield from _together(book, "intake", event, "leg_events", [event["event_id"]])
    wishes: Counter[str] = Counter()
    for strays in lines.values():
        for line in strays:
            wishes[line["leg_id"]] += line["fact"] == ASKED_ON_THE_SPOT
            if line["fact"] != ASKED_ON_THE_SPOT:
                yield line["leg_id"], f"the timeline says {line['fact']} for an event that was not taken"
    asked = Counter(
        event["body"]["data"]["referral"]
        for event in book.events.values()
        if event["type"] == "referral.cancel-requested.v1"
    )
    for leg in sorted(wishes.keys() | asked.keys()):
        if wishes[leg] != asked[leg]:
            yield leg, f"{asked[leg]} cancellations were asked for, {wishes[leg]} are in its timeline"


def told_once(book: Book) -> Breaches:
    """Check that each fact made one message for each who is to be told of it, and no more."""
    messages = group(book.table("notifications", "messages"), "event_id")
    for event in _taken(book, "notifications", _types_of("referral")):
        found = messages.pop(event["event_id"], [])
        copies = {COPIED[post] for post in event["body"]["data"].get("copy_to", ())}
        if len(found) != len({*TOLD.get(event["type"], ()), *copies}):
            yield event["subject"], f"{event['type']} {event['event_id']} was told {len(found)} times"
        for message in found:
            if (message["subject"], message["type"]) != (event["subject"], event["type"]):
                yield (
                    event["subject"],
                    f"{event['type']} was told as {message['type']} of {message['subject']}",
                )
            yield from _together(
                book, "notifications", event, "messages", [f"{message['inbox']}/{message['id']}"]
            )
    for strays in messages.values():
        for message in strays:
            yield message["subject"], f"a message tells {message['event_id']}, which was not taken"


def cancelling_answered_once(book: Book) -> Breaches:
    """Check that each wish to cancel was answered once: done or refused, with the fact told beside it."""
    caused: dict[str, list[Line]] = defaultdict(list)
    for event in book.events.values():
        if event["service"] == "referrals" and event["type"] != "referral.issued.v1":
            caused[event["body"].get("causationid", "")].append(event)
    caused.pop("", None)
    for wish in _taken(book, "referrals", ("referral.cancel-requested.v1",)):
        events = caused.pop(wish["event_id"], [])
        leg = wish["body"]["data"]["referral"]
        told = sorted(event["type"] for event in events)
        if told not in CANCELLING:
            yield leg, f"the wish to cancel it was answered by {told}"
        for event in events:
            if event["subject"] != leg and event["type"].startswith(OF_LEGS):
                yield leg, f"the wish to cancel it was answered about {event['subject']}"
    for events in caused.values():
        for event in events:
            yield event["subject"], f"{event['type']} answers a wish that was not taken"


def _together(book: Book, consumer: str, event: Line, table: str, keys: Sequence[str]) -> Breaches:
    """Check that what an event led to was written in the transaction of its receipt."""
    wrote = book.transactions(consumer, table)
    took = book.transactions(consumer, "inbox_receipts").get(f"{event['event_id']}/{consumer}")
    for key in keys:
        if wrote.get(key) != took:
            yield event["subject"], f"{consumer} wrote {table} {key} in another transaction than the receipt"


def _receipts(book: Book) -> Iterator[Line]:
    for service in SERVICES:
        yield from book.table(service, "inbox_receipts")


def _taken(book: Book, consumer: str, types: Sequence[str]) -> list[Line]:
    # What an operator dismissed has its place in the chain, and no effect.
    took = {row["event_id"] for row in book.table(consumer, "inbox_receipts") if not row["dismissed"]}
    return [event for event in book.events.values() if event["type"] in types and event["event_id"] in took]


def _types_of(aggregate: str) -> Sequence[str]:
    return [row.type for row in CATALOGUE.values() if row.aggregate == aggregate]


def _consumers(type_: str) -> list[str]:
    row = CATALOGUE[type_]
    return [service for service, follows in INTERESTS.items() if (row.producer, row.aggregate) in follows]
