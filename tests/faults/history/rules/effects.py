"""The effect log against the tables, and rows against events: neither may change without the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.transitions import TRANSITIONS
from shared.events import CATALOGUE
from tests.faults.history.book import Book, Line
from tests.faults.history.effects import WATCHED, Watched
from tests.faults.history.rules.chains import AGGREGATES

Breaches = Iterator[tuple[str, str]]

SUBJECT: Mapping[str, str] = {
    "requests": "id",
    "legs": "id",
    "leg_events": "leg_id",
    "consents": "request_id",
    "referrals": "id",
    "packets": "referral_id",
    "history": "referral_id",
    "messages": "subject",
    "outbox": "subject",
    "inbox_receipts": "subject",
    "audit_log": "object_id",
    "dead_letters": "subject",
}
"""Which column of a watched table says what a row is about."""
PURGED = frozenset({"outbox", "inbox_receipts", "idempotency_keys"})
"""Tables whose old rows are taken away; nothing else ever is."""
MOMENTS = frozenset({"published_at", "agencies_published_at", "cancel_requested_at"})
"""Written differently by database and dump; that they are there is what counts."""
BESIDE = {name: SIDE_ACTIONS[name] for name in ("ask-withdrawal", "leave-line", "offer-place")}
"""Side actions that the load's people bring about.

A withdrawal that comes after acceptance or from a waiting list, and that it is the turn of who waited behind.
"""
TELLS = {name: row.fact for name, row in TRANSITIONS.items()} | {
    name: row.fact for name, row in BESIDE.items()
}
FACTS = frozenset(TELLS.values())


def log_agrees(book: Book) -> Breaches:
    """Check that each table is what its log of effects leads to, each row written once and changed from what it was."""
    for service, tables in WATCHED.items():
        places = [line["n"] for line in book.log(service)]
        if places != sorted(places):
            yield "", f"the effect log of {service} is out of order"
        for table, watched in tables.items():
            yield from _one_table(book, service, table, watched)


def _subject(table: str, row: Line) -> str:
    return str(row.get(SUBJECT.get(table, ""), "") or "")


def _one_table(book: Book, service: str, table: str, watched: Watched) -> Breaches:
    state: dict[str, Line] = {}
    where = f"{service}.{table}"
    for effect in book.effects(service, table):
        key, before, after = effect["key"], effect["before"], effect["after"]
        subject = _subject(table, after or before)
        if effect["op"] == "insert" and key in state:
            yield subject, f"{where} {key} was written twice"
        elif effect["op"] != "insert" and state.get(key) != before:
            yield subject, f"{where} {key} was changed from something else than it had become"
        if after is not None:
            state[key] = after
        elif table in PURGED:
            state.pop(key, None)
        else:
            yield subject, f"{where} {key} was deleted"
    rows: dict[str, Line] = {}
    for row in book.table(service, table):
        key = "/".join(str(row[column]) for column in watched.key)
        if key in rows:
            yield _subject(table, row), f"{where} {key} is there twice"
        rows[key] = row
    for key in sorted(rows.keys() | state.keys()):
        yield from _one_row(table, where, key, rows.get(key), state.get(key))


def _one_row(table: str, where: str, key: str, row: Line | None, logged: Line | None) -> Breaches:
    subject = _subject(table, row or logged or {})
    if row is None:
        yield subject, f"{where} {key} was written and is gone"
    elif logged is None:
        # The installation itself was audited before anybody began to watch.
        if table != "audit_log" or row["object_type"] in {"request", "referral"}:
            yield subject, f"{where} {key} is there, and nothing wrote it"
    else:
        for column, value in logged.items():
            if _differ(column, value, row[column]):
                yield subject, f"{where} {key}: {column} was last {value} and is {row[column]}"


def _differ(column: str, one: Any, other: Any) -> bool:
    return (one is None) is not (other is None) if column in MOMENTS else bool(one != other)


def rows_and_events(book: Book) -> Breaches:
    """Check each transaction: an aggregate counts on by exactly the events told with it, and changes by one fact."""
    for aggregate, (service, table, count) in AGGREGATES.items():
        told: dict[tuple[int, str], list[Line]] = defaultdict(list)
        for effect in book.effects(service, "outbox", "insert"):
            if CATALOGUE[effect["after"]["type"]].aggregate == aggregate:
                told[effect["txid"], effect["after"]["subject"]].append(effect["after"])
        counted: dict[tuple[int, str], list[int]] = defaultdict(list)
        changed: Counter[tuple[int, str]] = Counter()
        for effect in book.effects(service, table):
            before, after = effect["before"] or _NEW, effect["after"] or _NEW
            place = (effect["txid"], effect["key"])
            counted[place] += range(before[count] + 1, after[count] + 1)
            changed[place] += after["version"] - before["version"]
            yield from _one_step(effect["key"], before, after)
        for place in sorted(counted.keys() | told.keys()):
            events = told.get(place, [])
            sequences = sorted(event["sequence"] for event in events)
            if sequences != counted.get(place, []):
                yield place[1], f"counted {counted.get(place, [])} and told {sequences} in one transaction"
            facts = sum(event["type"] in FACTS for event in events)
            if table == "referrals" and facts != changed[place]:
                yield place[1], f"changed {changed[place]} times and told {facts} facts in one transaction"


def _one_step(subject: str, before: Line, after: Line) -> Breaches:
    if after["version"] not in {before["version"], before["version"] + 1}:
        yield subject, f"went from version {before['version']} to {after['version']}"
    if after.get("status") != before.get("status") and after["version"] == before["version"]:
        yield subject, f"became {after['status']} without a new version"


_NEW: Line = {"event_sequence": 0, "version": 0, "status": None}


def mirror_and_timeline(book: Book) -> Breaches:
    """Check each transaction of intake: a leg changes only with a line of its timeline."""
    lines = {
        (effect["txid"], effect["after"]["leg_id"])
        for effect in book.effects("intake", "leg_events", "insert")
    }
    for effect in book.effects("intake", "legs", "update"):
        if (effect["txid"], effect["key"]) not in lines:
            yield effect["key"], "the mirror of the leg changed without a line of its timeline"
