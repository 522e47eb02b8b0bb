"""An agency holds what was not addressed to it."""

from __future__ import annotations

import copy
import random

from shared import ids
from tests.builders import the_district
from tests.faults.history.mutations.draft import Draft, Row

USER = "aid-referrals"


def a_message(draft: Draft, chance: random.Random) -> str | None:
    """A message lies in another agency's inbox, in the log of effects too."""
    messages = draft.table("notifications", "messages")
    if not messages:
        return None
    message = chance.choice(messages)
    old = draft.key("notifications", "messages", message)
    message["inbox"] = f"desk:{_other(message['agency'], chance)}"
    for line in draft.log("notifications"):
        if (line["table_name"], line["key"]) == ("messages", old):
            line["key"] = draft.key("notifications", "messages", message)
            line["after"]["inbox"] = message["inbox"]
    return f"a message about {message['subject']} in {message['inbox']}"


def a_copy(draft: Draft, chance: random.Random) -> str | None:
    """Another agency is told, too."""
    messages = draft.table("notifications", "messages")
    if not messages:
        return None
    message = chance.choice(messages)
    again = copy.deepcopy(message) | {
        "id": ids.new(),
        "event_id": ids.new(),
        "inbox": f"desk:{_other(message['agency'], chance)}",
    }
    messages.append(again)
    draft.note("notifications", "messages", again, draft.key("notifications", "messages", message))
    return f"a second message about {message['subject']} in {again['inbox']}"


def a_packet(draft: Draft, chance: random.Random) -> str | None:
    """Two agencies have each other's packet."""
    packets = draft.table("referrals", "packets")
    agency = {id_: row["agency"] for id_, row in draft.book.referrals.items()}
    pairs = [
        (one, other)
        for one in packets
        for other in packets
        if agency[one["referral_id"]] < agency[other["referral_id"]]
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    name = chance.choice(("packet", "badge"))
    one[name], other[name] = other[name], one[name]
    return f"the {name}s of {one['referral_id']} and {other['referral_id']}"


def a_referral(draft: Draft, chance: random.Random) -> str | None:
    """A referral lies in another agency's queue, and everything referrals wrote down says so."""
    referrals = draft.table("referrals", "referrals")
    if not referrals:
        return None
    referral = chance.choice(referrals)
    referral["agency"] = _other(referral["agency"], chance)
    for line in draft.log("referrals"):
        if (line["table_name"], line["key"]) == ("referrals", referral["id"]):
            for row in filter(None, (line["before"], line["after"])):
                row["agency"] = referral["agency"]
    return f"{referral['id']} at {referral['agency']}"


def an_event(draft: Draft, chance: random.Random) -> str | None:
    """An event names another agency, in its routing key too."""
    events = [row for row in draft.table("referrals", "outbox") if "agency" in row["body"]]
    if not events:
        return None
    event = chance.choice(events)
    old = event["body"]["agency"]
    new = event["body"]["agency"] = _other(old, chance)
    event["routing_key"] = event["routing_key"].replace(f".{old}.", f".{new}.")
    for line in draft.log("referrals"):
        if (line["table_name"], line["key"]) == ("outbox", event["event_id"]):
            for row in filter(None, (line["before"], line["after"])):
                row["routing_key"] = event["routing_key"]
    return f"{event['type']} {event['event_id']} to {new}"


def a_queue(draft: Draft, chance: random.Random) -> str | None:
    """What was told of one agency's referral lies in the queue of another agency's system."""
    events = draft.files.get("referrals.outbox", [])
    if not events:
        return None
    event = chance.choice(events)
    agency = _other(event["body"]["agency"], chance)
    body = {
        name: value for name, value in event["body"].items() if name not in {"correlationid", "causationid"}
    }
    draft.file(f"queue.agency.{agency}.inbox").append(_message(event, body))
    return f"{event['type']} of {event['body']['agency']} in the queue of {agency}"


def a_join(draft: Draft, chance: random.Random) -> str | None:
    """An agency gets what lets it join two legs of one person."""
    desks = [row for row in draft.table("notifications", "messages") if row["inbox"].startswith("desk:")]
    queues = [name for name in draft.files if name.startswith("queue.agency.") and draft.files[name]]
    if queues and (not desks or chance.random() < 0.5):
        name = chance.choice(queues)
        message = chance.choice(draft.file(name))
        message["body"]["correlationid"] = chance.choice(list(draft.book.requests))
        return f"a correlation in {name}"
    if not desks:
        return None
    message = chance.choice(desks)
    message["request"] = draft.book.referrals[message["subject"]]["request_id"]
    return f"the request in {message['inbox']}"


def _message(event: Row, body: Row) -> Row:
    return {
        "routing_key": event["routing_key"],
        "message_id": event["event_id"],
        "user_id": USER,
        "body": body,
    }


def _other(agency: str, chance: random.Random) -> str:
    return chance.choice([id_ for id_ in the_district().agencies if id_ != agency])
