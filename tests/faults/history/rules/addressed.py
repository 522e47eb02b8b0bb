"""No agency holds what was not addressed to it: legs, packets, messages, and the queues of agencies' own systems."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from shared.events import CATALOGUE
from tests.faults.history.book import SERVICES, Book, Line

Breaches = Iterator[tuple[str, str]]

PREFIX, SUFFIX = "agency.", ".inbox"
JOINS = frozenset({"correlationid", "causationid", "traceparent"})
"""By these an agency could join two legs of one person."""


def legs(book: Book) -> Breaches:
    """Check that each leg goes to one agency in every book, under a consent that names it."""
    consents = Counter(
        (row["request_id"], row["agency"], row["programme"]) for row in book.table("intake", "consents")
    )
    for id_, leg in book.legs.items():
        if consents[leg["request_id"], leg["agency"], leg["programme"]] != 1:
            yield id_, f"no single consent covers {leg['programme']} at {leg['agency']}"
    for event in book.events.values():
        body, data = event["body"], event["body"]["data"]
        if event["type"] == "request.submitted.v1":
            for leg in data["legs"]:
                yield from _same_agency(book, leg["id"], leg["agency"], "the submission")
        elif "agency" in body and CATALOGUE[event["type"]].aggregate in {"request", "referral"}:
            leg_id = data.get("referral", event["subject"])
            yield from _same_agency(book, leg_id, body["agency"], event["type"])


def _same_agency(book: Book, leg: str, agency: str, where: str) -> Breaches:
    for table in (book.legs, book.referrals):
        known = table.get(leg)
        if known is None or known["agency"] != agency:
            yield (
                leg,
                f"{where} addresses {agency}, the leg is at {known['agency'] if known else 'no agency'}",
            )


def packets(book: Book) -> Breaches:
    """Check that each packet and badge is the one that was submitted, sealed to a key of the leg's own agency."""
    owners = {key["kid"]: key["owner"] for service in SERVICES for key in book.table(service, "keys")}
    sent: dict[str, Mapping[str, Any]] = {}
    for event in book.events.values():
        if event["type"] == "request.submitted.v1":
            sent |= {leg["id"]: leg for leg in event["body"]["data"]["legs"]}
    for row in book.table("referrals", "packets"):
        leg = row["referral_id"]
        agency = book.referrals.get(leg, {}).get("agency")
        for name in ("packet", "badge"):
            owner = owners.get(_key_of(row[name]))
            if owner != agency:
                yield leg, f"its {name} is sealed to {owner}, and it is at {agency}"
            if row["rev"] == 1 and row[name] != sent.get(leg, {}).get(name):
                yield leg, f"its {name} is not the one that was submitted"


def _key_of(sealed: str) -> str:
    head = sealed.partition(".")[0]
    return str(orjson.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


def messages(book: Book) -> Breaches:
    """Check that each message lies in the inbox of the leg's own agency or of the unit that filed its request."""
    for message in book.table("notifications", "messages"):
        leg = book.referrals.get(message["subject"])
        if leg is None:
            yield message["subject"], "a message is about no referral"
            continue
        role, _, place = message["inbox"].partition(":")
        wanted = {"desk": leg["agency"], "hut": leg["unit"]}.get(role)
        if place != wanted:
            yield leg["id"], f"a message about it lies in {message['inbox']}"
        if message["agency"] != leg["agency"]:
            yield leg["id"], f"a message about it names {message['agency']}, it is at {leg['agency']}"
        if message["number"] != leg["number"]:
            yield leg["id"], f"a message about it names {message['number']}, it is {leg['number']}"
        wanted_request = leg["request_id"] if role == "hut" else None
        if message["request"] != wanted_request:
            yield leg["id"], f"a message in {message['inbox']} names the request {message['request']}"


def outside(book: Book) -> Breaches:
    """Check that each system of an agency has or had every event of its own legs, in their order, and none else."""
    told = {event["agencies_id"]: event for event in book.events.values() if event["agencies_id"]}
    # What a queue lost is sent again by an operator, behind what came since: its sequence says where it belongs.
    again = {
        fault["target"]: fault["detail"]["until"]
        for fault in book.files.get("faults", [])
        if fault["kind"] == "replay"
    }
    seen: dict[str, set[str]] = {}
    for queue, lines in _outside(book).items():
        agency = queue.removeprefix(PREFIX).removesuffix(SUFFIX)
        reached: dict[str, int] = {}
        for message in lines:
            if "unread" in message:
                yield "", f"{queue} could not be read"
                continue
            yield from _one_outside(agency, message, told)
            body = message["body"]
            if message["message_id"] not in seen.setdefault(agency, set()):
                seen[agency].add(message["message_id"])
                sent_again = told.get(message["message_id"], {}).get("recorded_at", "") < again.get(
                    agency, ""
                )
                if body["sequence"] <= reached.get(body["subject"], 0) and not sent_again:
                    yield body["subject"], f"{agency} got {body['type']} after a later event"
                reached[body["subject"]] = max(body["sequence"], reached.get(body["subject"], 0))
    for id_, event in told.items():
        agency = event["agencies_body"]["agency"]
        if f"{PREFIX}{agency}{SUFFIX}" in book.queues and id_ not in seen.get(agency, set()):
            yield event["subject"], f"{event['type']} never reached the system of {agency}"


def _outside(book: Book) -> Mapping[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in book.files.get("read", []):
        found.setdefault(line["queue"], []).append(line)
    for queue, lines in book.queues.items():
        if queue.startswith(PREFIX) and queue.endswith(SUFFIX):
            found[queue] = found.get(queue, []) + list(lines)
    return found


def _one_outside(agency: str, message: Line, told: Mapping[str, Line]) -> Breaches:
    body = message["body"]
    subject = body["subject"]
    if body.get("agency") != agency or f".{agency}." not in message.get("routing_key", f".{agency}."):
        yield subject, f"{agency} holds {body['type']} for {body.get('agency')}"
    if JOINS & body.keys():
        yield subject, f"{agency} holds {sorted(JOINS & body.keys())}"
    if message["user_id"] != "aid-referrals":
        yield subject, f"{agency} holds what {message['user_id']} published"
    event = told.get(message["message_id"])
    if event is None or not _same(event["agencies_body"], body):
        yield subject, f"{agency} holds {body['type']} {message['message_id']}, which is not what was told"


def _same(told: Line, held: Line) -> bool:
    """Compare two forms of an event; what is sealed may have been taken out of ``told`` after it had left."""
    sealed = set(CATALOGUE[held["type"]].sealed) - told["data"].keys()
    left = {name: value for name, value in held["data"].items() if name not in sealed}
    return bool(told == {**held, "data": left})
