"""Two things stand in each other's place."""

from __future__ import annotations

import random
from collections.abc import Callable, Hashable

from tests.faults.history.mutations.draft import SERVICES, Draft, Row


def sequences(draft: Draft, chance: random.Random) -> str | None:
    """Two events of one aggregate bear each other's number, in the row and perhaps in the body."""
    service = chance.choice(("intake", "referrals"))
    pair = _pair(draft.table(service, "outbox"), lambda row: row["subject"], chance)
    if pair is None:
        return None
    one, other = pair
    one["sequence"], other["sequence"] = other["sequence"], one["sequence"]
    if chance.random() < 0.5:
        one["body"]["sequence"], other["body"]["sequence"] = one["sequence"], other["sequence"]
        told = {one["event_id"]: one["sequence"], other["event_id"]: other["sequence"]}
        for line in draft.log(service):
            if line["table_name"] == "outbox" and line["key"] in told:
                for row in filter(None, (line["before"], line["after"])):
                    row["sequence"] = told[line["key"]]
    return f"events {one['event_id']} and {other['event_id']} of {one['subject']}"


def receipts(draft: Draft, chance: random.Random) -> str | None:
    """A consumer took two events of one aggregate the wrong way round."""
    service = chance.choice(SERVICES)
    log = [line for line in draft.log(service) if line["table_name"] == "inbox_receipts"]
    pair = _pair(log, lambda line: (line["after"]["source"], line["after"]["subject"]), chance)
    if pair is None:
        return None
    one, other = pair
    for name in ("key", "after"):
        one[name], other[name] = other[name], one[name]
    return f"receipts {one['key']} and {other['key']} of {service}"


def steps(draft: Draft, chance: random.Random) -> str | None:
    """Two lines of one referral's history stand in each other's place."""
    pair = _pair(draft.table("referrals", "history"), lambda line: line["referral_id"], chance)
    if pair is None or pair[0]["action"] == pair[1]["action"]:
        return None
    one, other = pair
    for name in ("action", "from_status", "to_status", "actor", "role", "fields"):
        one[name], other[name] = other[name], one[name]
    written = {one["id"]: one, other["id"]: other}
    for line in draft.log("referrals"):
        if line["table_name"] == "history" and line["key"] in written:
            line["after"] |= {name: written[line["key"]][name] for name in line["after"]}
    return f"{other['action']} and {one['action']} of {one['referral_id']}"


def statuses(draft: Draft, chance: random.Random) -> str | None:
    """Two legs have each other's status, at intake or where it is decided."""
    service, table = chance.choice((("intake", "legs"), ("referrals", "referrals")))
    rows = draft.table(service, table)
    pairs = [
        (one, other)
        for one in rows
        for other in rows
        if one["id"] < other["id"] and one["status"] != other["status"]
    ]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    one["status"], other["status"] = other["status"], one["status"]
    return f"the statuses of {one['id']} and {other['id']} in {service}.{table}"


def client_lines(draft: Draft, chance: random.Random) -> str | None:
    """A client heard an answer before it asked."""
    lines = draft.file("clients")
    places = [
        place
        for place in range(len(lines) - 1)
        if lines[place]["event"] == "invoke"
        and lines[place + 1]["event"] != "invoke"
        and lines[place]["key"] == lines[place + 1]["key"]
    ]
    if not places:
        return None
    place = chance.choice(places)
    lines[place], lines[place + 1] = lines[place + 1], lines[place]
    return f"lines {place + 1} and {place + 2} of clients"


def outcomes(draft: Draft, chance: random.Random) -> str | None:
    """A client was told that what was done had been refused, and that what was refused had been done."""
    done = [op for op in draft.book.operations if op.op != "open" and op.came_out("ok")]
    refused = [op for op in draft.book.operations if op.came_out("fail") and not op.came_out("ok", "unknown")]
    pairs = [(one, other) for one in done for other in refused if one.op == other.op]
    if not pairs:
        return None
    one, other = chance.choice(pairs)
    heard = {"ok": other.attempts[0].outcome, "fail": one.attempts[0].outcome}
    for line in draft.file("clients"):
        if line["key"] in {one.key, other.key} and line["event"] != "invoke":
            told = heard.get("ok" if line["key"] == one.key else "fail") or {}
            line |= {name: told[name] for name in ("event", "status", "answer") if name in told}
    return f"how {one.op} {one.key} and {other.key} came out"


def effects(draft: Draft, chance: random.Random) -> str | None:
    """Two changes of one row happened the wrong way round."""
    service = chance.choice(SERVICES)
    log = draft.log(service)
    changes = [line for line in log if line["op"] == "update" and line["before"] != line["after"]]
    pair = _pair(changes, lambda line: (line["table_name"], line["key"]), chance)
    if pair is None or pair[0]["before"] == pair[1]["before"]:
        return None
    one, other = pair
    for name in ("txid", "before", "after"):
        one[name], other[name] = other[name], one[name]
    return f"two changes of {service}.{one['table_name']} {one['key']}"


def _pair(rows: list[Row], key: Callable[[Row], Hashable], chance: random.Random) -> tuple[Row, Row] | None:
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return None
    one, other = sorted(chance.sample(range(len(group := chance.choice(several))), 2))
    return group[one], group[other]
