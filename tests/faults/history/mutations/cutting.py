"""The end of something is lost, as after a crash that kept less than was promised."""

from __future__ import annotations

import random

from tests.faults.history.effects import WATCHED
from tests.faults.history.mutations.draft import SERVICES, Draft, is_about_cases, says_something
from tests.faults.history.mutations.dropping import LOGS, ONE_EACH, TABLES

TOLD = frozenset(
    {"outbox", "inbox_receipts", "messages", "leg_events", "history", "requests", "referrals", "legs"}
)


def a_file(draft: Draft, chance: random.Random) -> str | None:
    """A file ends early."""
    name = chance.choice([name for name in (*LOGS[1:], *TABLES, *ONE_EACH) if draft.files.get(name)])
    lines = draft.files[name]
    last = max(
        (place for place, line in enumerate(lines) if says_something(line) and is_about_cases(line)),
        default=None,
    )
    if last is None:
        return None
    place = chance.randint(0, last)
    del draft.file(name)[place:]
    return f"{name} after line {place}"


def a_database(draft: Draft, chance: random.Random) -> str | None:
    """A service's database is as it was some transactions ago; everybody else remembers more."""
    service = chance.choice(SERVICES)
    log = draft.log(service)
    written = [line["txid"] for line in log if line["table_name"] in TOLD]
    if not written:
        return None
    first_lost = chance.choice(sorted(set(written)))
    lost = [line for line in log if line["txid"] >= first_lost]
    log[:] = [line for line in log if line["txid"] < first_lost]
    for table in WATCHED[service]:
        gone = {line["key"] for line in lost if line["table_name"] == table and line["op"] == "insert"}
        rows = draft.table(service, table)
        rows[:] = [row for row in rows if draft.key(service, table, row) not in gone]
        state = {line["key"]: line["after"] for line in log if line["table_name"] == table}
        for row in rows:
            known = state.get(draft.key(service, table, row), {})
            row |= {name: known[name] for name in known if name not in {"id", "detail"}}
    return f"the last {len(lost)} effects of {service}"


def the_clients(draft: Draft, chance: random.Random) -> str | None:
    """The clients' log ends before something that took effect was sent, or before it was known how it came out."""
    lines = draft.file("clients")
    kept = {line["key"] for service in SERVICES for line in draft.book.effects(service, "idempotency_keys")}
    done = [op for op in draft.book.operations if op.digest in kept]
    if not done:
        return None
    operation = chance.choice(done)
    first = next(
        place
        for place, line in enumerate(lines)
        if (line["op"], line["key"]) == (operation.op, operation.key)
    )
    place = first + chance.randint(0, 1)
    del lines[place:]
    return f"clients after line {place}"
