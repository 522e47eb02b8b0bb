"""Something that happened once happened twice."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping

from shared import ids
from tests.faults.history.mutations.draft import FACTS, Draft, Row, is_about_cases, says_something
from tests.faults.history.mutations.dropping import LOGS, ONE_EACH, TABLES

AGAIN: Mapping[tuple[str, str], str] = {
    ("intake", "leg_events"): "id",
    ("intake", "requests"): "id",
    ("intake", "legs"): "id",
    ("intake", "consents"): "id",
    ("intake", "audit_log"): "id",
    ("referrals", "referrals"): "id",
    ("referrals", "history"): "id",
    ("referrals", "audit_log"): "id",
    ("referrals", "outbox"): "event_id",
    ("notifications", "messages"): "id",
}
"""Tables in which a second effect would have an id of its own, and the column it stands in."""


def a_line(draft: Draft, chance: random.Random) -> str | None:
    """Have one line of one file twice."""
    name = chance.choice([name for name in (*LOGS, *TABLES, *ONE_EACH) if draft.files.get(name)])
    places = [place for place, line in enumerate(draft.files[name]) if says_something(line)]
    if not places:
        return None
    place = chance.choice(places)
    lines = draft.file(name)
    lines.insert(place, copy.deepcopy(lines[place]))
    return f"line {place + 1} of {name}"


def an_effect(draft: Draft, chance: random.Random) -> str | None:
    """Have one effect again: a second row under an id of its own, or the same row written a second time."""
    service, table = chance.choice([place for place in FACTS if draft.files.get(".".join(place))])
    rows = [
        row for row in draft.table(service, table) if is_about_cases(row) and not _may_be_twice(draft, row)
    ]
    if not rows:
        return None
    row = chance.choice(rows)
    again = copy.deepcopy(row)
    column = AGAIN.get((service, table))
    if column is not None:
        again[column] = ids.new()
        draft.table(service, table).append(again)
    draft.note(service, table, again, draft.key(service, table, row))
    return f"{service}.{table} {draft.key(service, table, row)}"


def _may_be_twice(draft: Draft, row: Row) -> bool:
    """Tell whether a second line would be nothing wrong: a sending without an answer may have been refused, too."""
    return row.get("action") == "referral.action-refused" and any(
        operation.about.get("referral") == row["object_id"] and operation.came_out("unknown")
        for operation in draft.book.operations
    )


def a_request(draft: Draft, chance: random.Random) -> str | None:
    """Have a whole filing again, in its own transaction: request, legs, consents, event, audit line, kept answer."""
    requests = draft.table("intake", "requests")
    if not requests:
        return None
    old = chance.choice(requests)
    new = {old["id"]: ids.new(), old["number"]: f"{old['number']}0", old["person_id"]: ids.new()}
    for leg in draft.book.legs_of.get(old["id"], []):
        new |= {leg["id"]: ids.new(), leg["number"]: f"{leg['number']}0"}
    # Everything that names the request, in every file but the clients', once more under new names.
    again = 0
    for name in [name for name in draft.files if name not in {"clients", "faults", "poison", "read"}]:
        copies = [_renamed(line, new) for line in draft.files[name] if _names(line, new)]
        if copies:
            again += len(copies)
            draft.file(name).extend(copies)
    for service in ("intake", "referrals", "notifications"):
        for number, line in enumerate(draft.log(service), start=1):
            line["n"] = number
    return f"request {old['number']}, {again} lines"


def _names(line: Row, new: Mapping[str, str]) -> bool:
    text = repr(line)
    return any(name in text for name in new)


def _renamed(value: object, new: Mapping[str, str]) -> dict[str, object]:
    def rename(value: object) -> object:
        if isinstance(value, dict):
            return {name: rename(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [rename(inner) for inner in value]
        if isinstance(value, str):
            for old, name in new.items():
                value = value.replace(old, name)
        return value

    made = rename(value)
    assert isinstance(made, dict)
    return made
