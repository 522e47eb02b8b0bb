"""The audit log is complete: each filing, withdrawal, decision and opening has its line, and none has two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.faults.history.book import Book

Breaches = Iterator[tuple[str, str]]

DECISIONS: Mapping[str, str] = {
    "referral.acknowledged": "acknowledge",
    "referral.accepted": "accept",
    "referral.started": "start",
    "referral.closed": "close",
    "referral.cancelled": "cancel",
    "referral.ask-withdrawal": "ask-withdrawal",
    "referral.leave-line": "leave-line",
}
"""Name in the audit log → action."""
REFUSED = frozenset({"urn:aid:problem:illegal-transition", "urn:aid:problem:outcome-not-available"})
"""Answers to an action that the referral's status does not allow."""
WITHDRAWALS = frozenset({"request.withdrawn", "leg.cancel-requested"})


def filings(book: Book) -> Breaches:
    """Check one line for each request that is there."""
    lines = Counter(
        row["object_id"] for row in book.table("intake", "audit_log") if row["action"] == "request.filed"
    )
    for request in sorted(book.requests.keys() | lines.keys()):
        if lines[request] != (request in book.requests):
            yield request, f"its filing has {lines[request]} lines in the audit log"


def withdrawals(book: Book) -> Breaches:
    """Check that each wish to cancel a leg stands in one line of the audit log."""
    lines = Counter(
        leg
        for row in book.table("intake", "audit_log")
        if row["action"] in WITHDRAWALS
        for leg in row["detail"]["legs"]
    )
    asked = Counter(
        event["body"]["data"]["referral"]
        for event in book.events.values()
        if event["type"] == "referral.cancel-requested.v1"
    )
    for leg in sorted(lines.keys() | asked.keys()):
        if lines[leg] != asked[leg]:
            yield leg, f"{asked[leg]} cancellations were asked for, {lines[leg]} are in the audit log"


def decisions(book: Book) -> Breaches:
    """Check one line for each line of each referral's history: the action, the actor, the version it led to."""
    lines = Counter(
        (row["object_id"], DECISIONS[row["action"]], row["detail"]["version"], row["actor"])
        for row in book.table("referrals", "audit_log")
        if row["action"] in DECISIONS
    )
    decided = Counter(
        (referral, line["action"], version, line["actor"] or "system")
        for referral, history in book.history.items()
        for version, line in enumerate(history, start=2)
    )
    for place in sorted(lines.keys() | decided.keys()):
        if lines[place] != decided[place]:
            referral, action, version, actor = place
            done = f"done {decided[place]} times, {lines[place]} lines in the audit log"
            yield referral, f"{action} by {actor} to version {version}: {done}"


def openings(book: Book) -> Breaches:
    """Check that each packet was opened as often as clients were shown it, or may have been."""
    lines = Counter(
        (row["object_id"], row["actor"])
        for row in book.table("referrals", "audit_log")
        if row["action"] == "packet.opened"
    )
    shown: Counter[tuple[str, str]] = Counter()
    perhaps: Counter[tuple[str, str]] = Counter()
    for operation in book.operations:
        if operation.op == "open":
            place = (operation.about["referral"], operation.about["staff"])
            shown[place] += sum(attempt.event == "ok" for attempt in operation.attempts)
            perhaps[place] += sum(attempt.event == "unknown" for attempt in operation.attempts)
    for place in sorted(lines.keys() | shown.keys()):
        if not shown[place] <= lines[place] <= shown[place] + perhaps[place]:
            yield (
                place[0],
                f"{place[1]} was shown its packet {shown[place]} times, {lines[place]} are in the audit log",
            )


def refusals(book: Book) -> Breaches:
    """Check that each action refused in the present status has its line, and no line is without a refusal."""
    lines = Counter(
        (row["object_id"], row["detail"]["action"], row["actor"])
        for row in book.table("referrals", "audit_log")
        if row["action"] == "referral.action-refused"
    )
    heard: Counter[tuple[str, str, str]] = Counter()
    perhaps: Counter[tuple[str, str, str]] = Counter()
    for operation in book.operations:
        if "referral" in operation.about:
            place = (operation.about["referral"], operation.op, operation.about["staff"])
            for attempt in operation.attempts:
                answer = (attempt.outcome or {}).get("answer") or {}
                heard[place] += attempt.event == "fail" and answer.get("type") in REFUSED
                perhaps[place] += attempt.event == "unknown"
    for place in sorted(lines.keys() | heard.keys()):
        if not heard[place] <= lines[place] <= heard[place] + perhaps[place]:
            done = f"refused {heard[place]} times, {lines[place]} lines in the audit log"
            yield place[0], f"{place[1]} by {place[2]}: {done}"
