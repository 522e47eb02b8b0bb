"""Order: the events of an aggregate, and what each consumer took of them, count 1, 2, 3 … without gap or fall."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from shared.events import CATALOGUE
from tests.faults.history.book import SERVICES, Book, Line

AGGREGATES: Mapping[str, tuple[str, str, str]] = {
    "request": ("intake", "requests", "event_sequence"),
    "referral": ("referrals", "referrals", "event_sequence"),
    "capacity": ("referrals", "capacities", "version"),
}
"""Aggregate of the catalogue → whose row counts its events, and in which column."""


def of_aggregates(book: Book) -> Iterator[tuple[str, str]]:
    """Check that written order, numbers and the aggregate's own count agree, and that each body says as its row."""
    for (service, subject), chain in book.chains.items():
        told = [event["sequence"] for event in chain]
        if told != list(range(1, len(told) + 1)):
            yield subject, f"{service} told its events in the order {told}"
        for event in chain:
            yield from _body(event)
    for noun, (service, table, count) in AGGREGATES.items():
        for row in book.table(service, table):
            subject = row.get("id") or row["programme"]
            told = [event["sequence"] for event in book.chains.get((service, subject), [])]
            if len(told) != row[count]:
                yield subject, f"the {noun} counts {row[count]} events and {len(told)} are there"


def _body(event: Line) -> Iterator[tuple[str, str]]:
    body = event["body"]
    for of_row, of_body in (
        ("event_id", "id"),
        ("type", "type"),
        ("subject", "subject"),
        ("sequence", "sequence"),
    ):
        if event[of_row] != body[of_body]:
            yield (
                event["subject"],
                f"an event's row says {of_row} {event[of_row]}, its body {body[of_body]}",
            )
    if event["routing_key"] != CATALOGUE[body["type"]].routing_key(body.get("agency")):
        yield event["subject"], f"{body['type']} goes out under {event['routing_key']}"


def of_consumers(book: Book) -> Iterator[tuple[str, str]]:
    """Check the receipts of each consumer, in the order in which they were written."""
    for service in SERVICES:
        taken: dict[tuple[str, str, str], list[int]] = defaultdict(list)
        for effect in book.effects(service, "inbox_receipts", "insert"):
            row = effect["after"]
            taken[row["consumer"], row["source"], row["subject"]].append(row["sequence"])
        for (consumer, source, subject), sequences in taken.items():
            if sequences != list(range(1, len(sequences) + 1)):
                yield subject, f"{consumer} took the events of {source} in the order {sequences}"
