"""A referral came to where it is without a state that lies between."""

from __future__ import annotations

import random
from typing import Any

from tests.faults.history.mutations.draft import Draft, Row


def a_step(draft: Draft, chance: random.Random) -> str | None:
    """One action left no line in the history, which goes on as if nothing were missing."""
    found = _step(draft, chance)
    if found is None:
        return None
    lines, place = found
    gone = lines[place]
    history = draft.table("referrals", "history")
    history[:] = [line for line in history if line["id"] != gone["id"]]
    draft.forget("referrals", "history", gone["id"])
    if place + 1 < len(lines):
        _goes_on(draft, lines[place + 1]["id"], gone["from_status"])
    return f"{gone['action']} of {gone['referral_id']} in the history"


def a_step_without_a_trace(draft: Draft, chance: random.Random) -> str | None:
    """One action without which the next was not allowed is gone from every file, and all later ones count one less.

    All files agree with each other then: only the table of transitions can tell.
    """
    entangled = {
        event["subject"]
        for event in draft.book.events.values()
        if event["agencies_id"] or event["type"] == "referral.cancel-refused.v1"
    }
    places = [
        (lines, place)
        for leg, lines in draft.book.history.items()
        for place, line in enumerate(lines[:-1])
        if line["action"] == "accept" and leg not in entangled
    ]
    if not places:
        return None
    lines, place = chance.choice(places)
    gone, leg = lines[place], lines[place]["referral_id"]
    version = place + 2
    chain = draft.book.chains["referrals", leg]
    event = next(event for event in chain if event["body"]["data"]["version"] == version)
    _take_out(draft, gone, event["event_id"], version)
    for service, table in (("referrals", "referrals"), ("intake", "legs")):
        _close_the_gap(draft, service, table, leg, version)
    _count_down(draft, leg, version, event["sequence"])
    _goes_on(draft, lines[place + 1]["id"], gone["from_status"])
    return f"{gone['action']} of {leg}, everywhere"


def to_the_end(draft: Draft, chance: random.Random) -> str | None:
    """A referral went to its status at once, without the versions that lie between."""
    changed = [row for row in draft.table("referrals", "referrals") if row["version"] > 2]
    if not changed:
        return None
    referral = chance.choice(changed)
    log = draft.log("referrals")
    own = [line for line in log if (line["table_name"], line["key"]) == ("referrals", referral["id"])]
    own[-1]["before"] = own[0]["after"]
    for line in own[1:-1]:
        log.remove(line)
    return f"{referral['id']} from version 1 to {referral['version']}"


def _step(draft: Draft, chance: random.Random) -> tuple[list[Row], int] | None:
    histories = [lines for lines in draft.book.history.values() if lines]
    if not histories:
        return None
    lines = chance.choice(histories)
    return lines, chance.randrange(len(lines))


def _goes_on(draft: Draft, line_id: str, from_status: str) -> None:
    for line in draft.table("referrals", "history"):
        if line["id"] == line_id:
            line["from_status"] = from_status
    for line in draft.log("referrals"):
        if (line["table_name"], line["key"]) == ("history", line_id):
            line["after"]["from_status"] = from_status


def _take_out(draft: Draft, gone: Row, event_id: str, version: int) -> None:
    """Take an action out of every file: its line, event, receipts, effects, audit line, and the client's words."""
    leg = gone["referral_id"]
    asked = {
        operation.key: operation.digest
        for operation in draft.book.operations
        if (operation.op, operation.about.get("referral")) == (gone["action"], leg)
        and operation.about["version"] == version - 1
        and operation.came_out("ok", "unknown")
    }
    names = {gone["id"], event_id, *asked.values()}

    def is_its(name: str, line: Row) -> bool:
        if name == "clients":
            return line["key"] in asked
        row = line.get("after") or line
        if "object_id" in row:
            return bool(row["object_id"] == leg and row["detail"].get("version") == version)
        return not names.isdisjoint((row.get("id"), row.get("event_id"), line.get("key")))

    for name in [name for name in draft.files if any(is_its(name, line) for line in draft.files[name])]:
        lines = draft.file(name)
        lines[:] = [line for line in lines if not is_its(name, line)]


def _close_the_gap(draft: Draft, service: str, table: str, leg: str, version: int) -> None:
    """Have the next change of a row begin where the lost one began."""
    own = [line for line in draft.log(service) if (line["table_name"], line["key"]) == (table, leg)]
    for place, line in enumerate(own):
        if line["op"] == "update" and line["before"]["version"] < version == line["after"]["version"]:
            draft.log(service).remove(line)
            own[place + 1]["before"] = line["before"]
            if "previous_status" in line["before"]:
                own[place + 1]["after"]["previous_status"] = line["before"]["status"]
                _was_before(draft, leg, own[place + 1 :], line)
            return


def _was_before(draft: Draft, leg: str, later: list[Row], lost: Row) -> None:
    """Have the state after the gap say that it came from the state before it, for as long as it stays."""
    last = later[0]["after"]["status"]
    for line in later[1:]:
        if line["before"]["status"] == last:
            line["before"]["previous_status"] = lost["before"]["status"]
        if line["after"]["status"] == last:
            line["after"]["previous_status"] = lost["before"]["status"]
    for row in draft.table("referrals", "referrals"):
        if row["id"] == leg and row["status"] == last:
            row["previous_status"] = lost["before"]["status"]


def _count_down(draft: Draft, leg: str, version: int, sequence: int) -> None:
    """Have everything of a referral that counts beyond the lost step count one less."""
    limits = {"version": version, "event_sequence": sequence, "sequence": sequence}

    def lower(value: Any) -> None:
        if isinstance(value, dict):
            for name, limit in limits.items():
                if isinstance(value.get(name), int) and value[name] >= limit:
                    value[name] -= 1
            for inner in value.values():
                lower(inner)

    def is_about(name: str, line: Row) -> bool:
        if name == "clients":
            return line["key"] in keys
        table = line.get("table_name") or name.rpartition(".")[2]
        return draft.subject(table, line.get("after") or line) == leg

    keys = {op.key for op in draft.book.operations if op.about.get("referral") == leg}
    draft.change(is_about, lower)
