"""What clients were told: ok is there, fail is not, unknown is there at most once, and nothing is there unasked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.faults.history.book import Book, Line, Operation

Breaches = Iterator[tuple[str, str]]

FILING, WITHDRAWING = "file", ("withdraw", "cancel")
CANCEL_REQUESTED = "referral.cancel-requested.v1"


def whole_log(book: Book) -> Breaches:
    """Check that each sending has one outcome, and no outcome is without its sending."""
    under_way: set[tuple[str, str, str]] = set()
    for line in book.files.get("clients", []):
        sender = (line["op"], line["key"], line["client"])
        if (line["event"] == "invoke") is (sender in under_way):
            yield "", f"{line['client']} noted {line['event']} of {line['op']} {line['key']} out of turn"
        (under_way.add if line["event"] == "invoke" else under_way.discard)(sender)
    for op, key, client in under_way:
        yield "", f"{client} never noted how {op} {key} came out"


def ok_is_present(book: Book) -> Breaches:
    """Check that what was promised is there, exactly as answered, and answered the same each time."""
    for operation in book.operations:
        answers = operation.answers()
        if not answers:
            continue
        subject = _subject(operation)
        if any(answer != answers[0] for answer in answers):
            yield subject, f"{operation.op} {operation.key} was answered differently when it was sent again"
        check = _PROMISED.get(operation.op, _acted)
        for sentence in check(book, operation, answers[0]):
            yield subject, f"{operation.op} {operation.key} was answered ok, but {sentence}"


def _filed(book: Book, _operation: Operation, answer: Line) -> Iterator[str]:
    request = book.requests.get(answer["id"])
    if request is None:
        yield f"request {answer['id']} is gone"
        return
    if request["number"] != answer["number"]:
        yield f"the number is {request['number']} and not {answer['number']}"
    legs = {leg["id"]: leg for leg in book.legs_of.get(answer["id"], [])}
    promised = {leg["id"]: leg for leg in answer["legs"]}
    if legs.keys() != promised.keys():
        yield f"its legs are {sorted(legs)} and not {sorted(promised)}"
        return
    for id_, leg in promised.items():
        if (leg["agency"], leg["programme"]) != (legs[id_]["agency"], legs[id_]["programme"]):
            yield f"leg {id_} is at {legs[id_]['agency']} for {legs[id_]['programme']}"


def _acted(book: Book, operation: Operation, answer: Line) -> Iterator[str]:
    about = operation.about
    change = book.left_version.get((about["referral"], about["version"]))
    if change is None:
        yield f"the referral never left version {about['version']}"
        return
    if (change["version"], change["status"]) != (answer["version"], answer["status"]):
        yield f"it became {change['status']} at version {change['version']}, not {answer['status']}"
    lines = book.history.get(about["referral"], [])
    if not any((line["action"], line["actor"]) == (operation.op, about["staff"]) for line in lines):
        yield f"its history knows no {operation.op} by {about['staff']}"


def _asked_to_cancel(book: Book, _operation: Operation, answer: Line) -> Iterator[str]:
    asked = {
        event["body"]["data"]["referral"]
        for event in book.chains.get(("intake", answer["id"]), [])
        if event["type"] == CANCEL_REQUESTED
    }
    for leg in answer["legs"]:
        if leg["id"] not in asked:
            yield f"nobody was told to cancel leg {leg['id']}"


def _opened(_book: Book, _operation: Operation, _answer: Line) -> Iterator[str]:
    # What an opening leaves is its line in the audit log, which has a rule of its own.
    yield from ()


_PROMISED = {FILING: _filed, "withdraw": _asked_to_cancel, "cancel": _asked_to_cancel, "open": _opened}


def fail_is_absent(book: Book) -> Breaches:
    """Check that nothing was kept of an operation that was only ever refused."""
    kept = _kept(book)
    for operation in book.operations:
        if not operation.came_out("ok", "unknown") and kept[operation.digest]:
            yield _subject(operation), f"{operation.op} {operation.key} was refused, and its answer is kept"


def once_at_most(book: Book) -> Breaches:
    """Check that no key took effect twice: one kept answer, and in that transaction one request."""
    kept = _kept(book)
    for operation in book.operations:
        if kept[operation.digest] > 1:
            yield (
                _subject(operation),
                f"{operation.op} {operation.key} took effect {kept[operation.digest]} times",
            )
        if operation.op == FILING and operation.came_out("ok") and not kept[operation.digest]:
            yield _subject(operation), f"{operation.key} was answered ok, and no answer is kept for its key"


def nothing_unasked(book: Book) -> Breaches:
    """Check that every kept answer, request, action and wish to cancel was asked for by a client, and not refused."""
    alive = [operation for operation in book.operations if operation.came_out("ok", "unknown")]
    known = {operation.digest for operation in alive}
    for digest in _kept(book):
        if digest not in known:
            yield "", f"an answer is kept for a key that no client sent: {digest}"
    yield from _unasked_requests(book, {op.digest for op in alive if op.op == FILING})
    acts = {(op.about.get("referral"), op.op, op.about.get("version")) for op in alive}
    for referral, lines in book.history.items():
        for version, line in enumerate(lines, start=1):
            if line["actor"] is not None and (referral, line["action"], version) not in acts:
                yield (
                    referral,
                    f"{line['action']} from version {version} was done, and no client asked for it",
                )
    yield from _unasked_cancelling(book, [op for op in alive if op.op in WITHDRAWING])


def _unasked_requests(book: Book, digests: set[str]) -> Breaches:
    by_transaction: Counter[int] = Counter()
    for effect in book.effects("intake", "idempotency_keys", "insert"):
        by_transaction[effect["txid"]] += effect["key"] in digests
    filed: dict[int, list[str]] = {}
    for effect in book.effects("intake", "requests", "insert"):
        filed.setdefault(effect["txid"], []).append(effect["key"])
    for transaction, requests in filed.items():
        if len(requests) != by_transaction[transaction]:
            yield requests[-1], f"{len(requests)} requests were filed for {by_transaction[transaction]} keys"


def _unasked_cancelling(book: Book, operations: list[Operation]) -> Breaches:
    whole = {op.about["request"] for op in operations if not op.about["legs"]}
    named = {(op.about["request"], leg) for op in operations for leg in op.about["legs"]}
    for event in book.events.values():
        if event["type"] == CANCEL_REQUESTED:
            request, leg = event["subject"], event["body"]["data"]["referral"]
            if request not in whole and (request, leg) not in named:
                yield leg, "its cancellation was asked for, and by no client"


def _kept(book: Book) -> Counter[str]:
    return Counter(
        effect["key"]
        for service in ("intake", "referrals")
        for effect in book.effects(service, "idempotency_keys", "insert")
    )


def _subject(operation: Operation) -> str:
    answers = operation.answers()
    about = operation.about
    filed = answers[0].get("id") if answers else None
    return str(about.get("referral") or about.get("request") or filed or "")
