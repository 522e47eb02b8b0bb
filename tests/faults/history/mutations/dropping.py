"""Something that was is no more."""

from __future__ import annotations

import random

from tests.faults.history.mutations.draft import FACTS, SERVICES, Draft, is_about_cases, says_something

LOGS = ("clients", *(f"effects.{service}" for service in SERVICES))
TABLES = tuple(f"{service}.{table}" for service, table in FACTS)
ONE_EACH = ("intake.people",)


def a_line(draft: Draft, chance: random.Random) -> str | None:
    """Lose one line of one file, whatever else still speaks of it."""
    name = chance.choice([name for name in (*LOGS, *TABLES, *ONE_EACH) if draft.files.get(name)])
    places = [
        place for place, line in enumerate(draft.files[name]) if says_something(line) and is_about_cases(line)
    ]
    if not places:
        return None
    place = chance.choice(places)
    del draft.file(name)[place]
    return f"line {place + 1} of {name}"


def a_row_and_its_effects(draft: Draft, chance: random.Random) -> str | None:
    """Lose one row as if it had never been written."""
    service, table = chance.choice([place for place in FACTS if draft.files.get(".".join(place))])
    rows = draft.table(service, table)
    places = [place for place, row in enumerate(rows) if is_about_cases(row)]
    if not places:
        return None
    row = rows.pop(chance.choice(places))
    key = draft.key(service, table, row)
    draft.forget(service, table, key)
    return f"{service}.{table} {key} with its effects"


def an_event(draft: Draft, chance: random.Random) -> str | None:
    """Lose all that one consumer made of one event, its receipt too."""
    service = chance.choice(SERVICES)
    receipts = draft.table(service, "inbox_receipts")
    if not receipts:
        return None
    receipt = receipts.pop(chance.randrange(len(receipts)))
    draft.forget(service, "inbox_receipts", draft.key(service, "inbox_receipts", receipt))
    made = {"intake": ("leg_events", "id"), "notifications": ("messages", "event_id")}.get(service)
    if made is not None:
        table, column = made
        for row in [row for row in draft.table(service, table) if row[column] == receipt["event_id"]]:
            draft.table(service, table).remove(row)
            draft.forget(service, table, draft.key(service, table, row))
    return f"what {service} made of {receipt['event_id']}"


def a_dead_letter(draft: Draft, chance: random.Random) -> str | None:
    """Lose a dead letter, or the word that it was sent on purpose."""
    service = chance.choice(SERVICES)
    letters = draft.table(service, "dead_letters")
    dead = [letter for letter in letters if letter["state"] == "dead"]
    if not dead:
        return None
    letter = chance.choice(dead)
    if chance.random() < 0.5:
        letters.remove(letter)
        draft.forget(service, "dead_letters", draft.key(service, "dead_letters", letter))
        return f"letter {letter['id']} of {service}"
    poison = draft.file("poison")
    poison[:] = [
        line
        for line in poison
        if (line["consumer"], line["body_sha256"]) != (letter["consumer"], letter["body_sha256"])
    ]
    return f"what letter {letter['id']} of {service} was sent for"
