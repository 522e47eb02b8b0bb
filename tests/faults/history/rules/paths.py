"""Every way a status went is in the table of transitions, and the events told it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.intake.domain import request as requests
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import TRANSITIONS, is_open_to
from shared.identity import Role, outward_role
from tests.faults.history.book import Book, Line
from tests.faults.history.rules.effects import BESIDE, FACTS, TELLS

Breaches = Iterator[tuple[str, str]]

ISSUED = "referral.issued.v1"
_REQUEST_STEPS = {(before, after) for (before, _), after in requests.TRANSITIONS.items()}


def of_referrals(book: Book) -> Breaches:
    """Check the history of each referral against the table, line by line, to the status it has now."""
    for id_, referral in book.referrals.items():
        lines = book.history.get(id_, [])
        status, accepted = Status.ISSUED.value, False
        for line in lines:
            if line["from_status"] != status:
                yield id_, f"was {status}, and its history goes on from {line['from_status']}"
            yield from _legal(id_, line, accepted=accepted)
            status, accepted = line["to_status"], accepted or line["to_status"] == Status.ACCEPTED
        if status != referral["status"]:
            yield id_, f"its history ends with {status}, and it is {referral['status']}"
        if len(lines) + 1 != referral["version"]:
            yield id_, f"is at version {referral['version']} after {len(lines)} actions"
        yield from _told(book, id_, lines)
    for stray in book.history.keys() - book.referrals.keys():
        yield stray, "has a history and is no referral"


def _legal(referral: str, line: Line, *, accepted: bool) -> Breaches:
    row = TRANSITIONS.get(line["action"])
    before = line["from_status"]
    beside = BESIDE.get(line["action"])
    if beside is not None:
        if line["to_status"] != before or Status(before) not in beside.statuses:
            yield referral, f"{line['action']} took it from {before} to {line['to_status']}"
    elif (
        row is None
        or not is_open_to(row, Status(before), accepted=accepted)
        or row.target != line["to_status"]
    ):
        yield referral, f"{line['action']} took it from {before} to {line['to_status']}"
    elif line["role"] not in (row.roles or {outward_role(Role.HUT)}):
        yield referral, f"{line['action']} was taken by {line['role']}"


def _told(book: Book, referral: str, lines: Sequence[Line]) -> Breaches:
    facts = [event for event in book.chains.get(("referrals", referral), []) if event["type"] in FACTS]
    wanted = [(ISSUED, Status.ISSUED.value, 1)]
    wanted += [
        (TELLS[line["action"]], line["to_status"], version)
        for version, line in enumerate(lines, start=2)
        if line["action"] in TELLS
    ]
    told = [
        (event["type"], event["body"]["data"]["status"], event["body"]["data"]["version"]) for event in facts
    ]
    if told != wanted:
        yield referral, f"what happened is {wanted}, what was told is {told}"


def of_changes(book: Book) -> Breaches:
    """Check the same ways once more in the effect log, where an overwritten status still shows."""
    steps = {(before.value, row.target.value) for row in TRANSITIONS.values() for before in row.sources}
    for service, table, legal, first in (
        ("referrals", "referrals", steps, {Status.ISSUED.value, Status.PLANNED.value}),
        ("intake", "requests", _REQUEST_STEPS, {requests.SUBMITTED}),
    ):
        for effect in book.effects(service, table):
            after = (effect["after"] or {}).get("status")
            if effect["op"] == "insert" and after not in first:
                yield effect["key"], f"{table} began as {after}"
            before = (effect["before"] or {}).get("status")
            if effect["op"] == "update" and before != after and (before, after) not in legal:
                yield effect["key"], f"{table} went from {before} to {after}"
