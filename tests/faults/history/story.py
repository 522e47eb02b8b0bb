"""Tells the life of one referral in the order of time, from all files of a history, for somebody who audits it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.faults.history.book import SERVICES, Book, Line
from tests.faults.history.rules.effects import SUBJECT

AROUND = timedelta(seconds=60)
"""Faults this long before its first and after its last moment may have to do with it."""
LONG = 60
IN_WORDS = {"insert": "wrote", "update": "changed", "delete": "deleted"}


@dataclass(frozen=True)
class Cast:
    """Who a story is about: a leg and its request, or a request and its legs, by their ids and their events'."""

    subjects: frozenset[str]
    events: frozenset[str]
    title: str


def tell(book: Book, subject: str, rule: str, what: str) -> str:
    """Tell everything that any file knows about ``subject``, headed by the rule that is broken and how."""
    cast = _cast(book, subject)
    happened = sorted((*_clients(book, cast), *_effects(book, cast)), key=lambda moment: moment[0])
    if happened:
        begin, end = happened[0][0] - AROUND, happened[-1][0] + AROUND
        happened = sorted(
            (*happened, *(fault for fault in _faults(book) if begin <= fault[0] <= end)),
            key=lambda moment: moment[0],
        )
    lines = [f"BROKEN: {rule}", f"  {cast.title}", f"  {what}", "", "What happened, in the order of time:"]
    lines += [f"  {at:%Y-%m-%d %H:%M:%S.%f}  {who:<24} {said}" for at, who, said in happened]
    lines += ["", "What is there now:", *(f"  {where:<24} {said}" for where, said in _rows(book, cast))]
    return "\n".join(lines)


def _cast(book: Book, subject: str) -> Cast:
    leg = book.legs.get(subject) or book.referrals.get(subject)
    if leg is not None:
        subjects = {subject, leg["request_id"]}
        request = book.requests.get(leg["request_id"], {})
        title = f"referral {leg['number']} ({subject}) at {leg['agency']}, of request {request.get('number')}"
    elif subject in book.requests:
        subjects = {subject, *(row["id"] for row in book.legs_of.get(subject, []))}
        title = f"request {book.requests[subject]['number']} ({subject}) with all its legs"
    else:
        subjects, title = {subject}, f"about {subject or 'the history as a whole'}"
    # Events of the request are told with the leg, but not wishes to cancel another leg.
    events = {
        event["event_id"]
        for event in book.events.values()
        if event["subject"] in subjects and event["body"]["data"].get("referral", subject) in subjects
    }
    return Cast(frozenset(subjects - {""}), frozenset(events), title)


Moment = tuple[datetime, str, str]


def _clients(book: Book, cast: Cast) -> Iterator[Moment]:
    for operation in book.operations:
        about = operation.about
        filed = {answer.get("id") for answer in operation.answers()}
        if not cast.subjects & {about.get("referral"), about.get("request"), *filed}:
            continue
        named = f"{operation.op} with key {operation.key}"
        version = f", on version {about['version']}" if "version" in about else ""
        for attempt in operation.attempts:
            invoke, outcome = attempt.invoke, attempt.outcome
            yield _moment(invoke["at"]), f"client {invoke['client']}", f"sent {named}{version}"
            if outcome is None:
                continue
            heard = f" {outcome['status']}" if outcome["status"] else ""
            answer = f": {_short(outcome['answer'])}" if outcome["answer"] else ""
            said = f"heard {outcome['event']}{heard} to {named}{answer}"
            yield _moment(outcome["at"]), f"client {outcome['client']}", said


def _effects(book: Book, cast: Cast) -> Iterator[Moment]:
    for service in SERVICES:
        concerned = {
            effect["txid"]
            for effect in book.log(service)
            if effect["table_name"] in {"requests", "history"} and _concerns(effect, cast)
        }
        for effect in book.log(service):
            answer_kept = effect["table_name"] == "idempotency_keys" and effect["txid"] in concerned
            if answer_kept or _concerns(effect, cast):
                who = f"{service} (tx {effect['txid']})"
                yield _moment(effect["at"]), who, _effect(effect)


def _concerns(effect: Line, cast: Cast) -> bool:
    row = effect["after"] or effect["before"]
    if row.get("event_id"):
        return row["event_id"] in cast.events
    return row.get(SUBJECT.get(effect["table_name"], "")) in cast.subjects


def _effect(effect: Line) -> str:
    before, after = effect["before"] or {}, effect["after"] or {}
    if before and after:
        changes = [f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name]]
        said = ", ".join(changes) or "nothing in it"
    else:
        said = _short({name: value for name, value in (after or before).items() if name != "id"})
    return f"{IN_WORDS[effect['op']]} {effect['table_name']} {effect['key']}: {said}"


def _faults(book: Book) -> Iterator[Moment]:
    for line in book.files.get("faults", []):
        yield _moment(line["at"]), f"FAULT {line['kind']}", f"{line['target']} {_short(line['detail'])}"
    for line in book.files.get("poison", []):
        said = f"sent to {line['consumer']}: {line['event_id'] or line['body_sha256'][:12]}"
        yield _moment(line["at"]), "FAULT poison", said


def _rows(book: Book, cast: Cast) -> Iterator[tuple[str, str]]:
    for service in SERVICES:
        for table, subject in SUBJECT.items():
            for row in book.table(service, table):
                named = row.get("event_id") in cast.events if row.get("event_id") else False
                if named or row[subject] in cast.subjects:
                    yield f"{service}.{table}", _short(row)
    for queue, messages in book.queues.items():
        for message in messages:
            body = message.get("body")
            if isinstance(body, dict) and body.get("subject") in cast.subjects:
                yield f"queue {queue}", f"{body['type']} {body['id']} sequence {body['sequence']}"


def _short(values: Any) -> str:
    """Say a record on one line; long and empty values are left out, for they are sealed or say nothing."""
    if not isinstance(values, dict):
        return str(values)[:LONG]
    return ", ".join(
        f"{name} {value}"
        for name, value in values.items()
        if value not in (None, "", [], {}) and len(str(value)) <= LONG
    )


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
