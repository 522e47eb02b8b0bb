"""A referral came to where it is without a state that lies between."""

from __future__ import annotations

import random
from typing import Any

from tests.faults.history.mutations.draft import SERVICES, Draft, Row

COUNTS = ("version", "event_sequence", "sequence")


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
    """One action without which the next was not allowed is gone from every file, and all later ones count one less."""
    places = [
        (lines, place)
        for lines in draft.book.history.values()
        for place, line in enumerate(lines[:-1])
        if line["action"] == "accept"
    ]
    if not places:
        return None
    lines, place = chance.choice(places)
    gone, leg = lines[place], lines[place]["referral_id"]
    version = place + 2
    chain = draft.book.chains["referrals", leg]
    event = next(event for event in chain if event["body"]["data"]["version"] == version)
    _take_out(draft, leg, gone["id"], event["event_id"], version)
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


def _take_out(draft: Draft, leg: str, line_id: str, event_id: str, version: int) -> None:
    """Take one action out of every file: its line, event, receipts, effects, audit line, and the client's words."""

    def is_its(name: str, line: Row) -> bool:
        row = line.get("after") or line
        if name == "clients":
            return any(
                (about["referral"], about["version"]) == (leg, version - 1)
                for about in (abouts.get((line["op"], line["key"]), {}),)
                if "version" in about
            )
        if row.get("object_id") == leg and isinstance(row.get("detail"), dict):
            return bool(row["detail"].get("version") == version)
        return line_id in (row.get("id"), line.get("key")) or event_id in (row.get("event_id"), row.get("id"))

    abouts = {(op.op, op.key): op.about for op in draft.book.operations}
    for name in [name for name in draft.files if draft.files[name]]:
        draft.files[name] = [line for line in draft.file(name) if not is_its(name, line)]
    for service, table in (("referrals", "referrals"), ("intake", "legs")):
        own = [line for line in draft.log(service) if (line["table_name"], line["key"]) == (table, leg)]
        for place, line in enumerate(own):
            if (line["before"] or {}).get("version", version) == version - 1 != line["after"]["version"]:
                draft.log(service).remove(line)
                if place + 1 < len(own):
                    own[place + 1]["before"] = line["before"]


def _count_down(draft: Draft, leg: str, version: int, sequence: int) -> None:
    """Have everything of a referral that counts beyond the lost step count one less."""
    limits = {"version": version, "event_sequence": sequence, "sequence": sequence}

    def lower(value: Any) -> None:
        if isinstance(value, dict):
            for name in COUNTS:
                if isinstance(value.get(name), int) and value[name] >= limits[name]:
                    value[name] -= 1
            for inner in value.values():
                lower(inner)

    def is_about(name: str, line: Row) -> bool:
        return name.rsplit(".", maxsplit=1)[-1] in {*SERVICES, *TABLES, "clients"} and leg in repr(line)

    draft.change(is_about, lower)


TABLES = (
    "referrals",
    "legs",
    "leg_events",
    "outbox",
    "inbox_receipts",
    "audit_log",
    "history",
)
