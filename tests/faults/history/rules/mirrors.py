"""At rest intake shows of each leg and request what referrals has decided."""

from __future__ import annotations

from collections.abc import Iterator

from services.intake.domain.request import CANCELLED, ENDED, IN_PROGRESS, LEG_ENDED, SUBMITTED, WITHDRAWN
from tests.faults.history.book import Book, Line

Breaches = Iterator[tuple[str, str]]

MIRRORED = ("request_id", "number", "agency", "status", "version", "position")


def legs(book: Book) -> Breaches:
    """Check each leg against its referral."""
    held = _held_up(book)
    for id_ in sorted(book.legs.keys() | book.referrals.keys()):
        leg, referral = book.legs.get(id_), book.referrals.get(id_)
        if leg is None or referral is None:
            if id_ not in held:
                yield id_, f"is {'no leg at intake' if leg is None else 'no referral'}"
            continue
        if id_ in held:
            continue
        for name in MIRRORED:
            if leg[name] != referral[name]:
                yield id_, f"its {name} is {referral[name]}, and intake shows {leg[name]}"
        if leg["cancel_requested_at"] is not None:
            yield id_, "its cancellation was asked for and never settled"


def requests(book: Book) -> Breaches:
    """Check that each request has one person, its legs, and the status that follows from them."""
    people = [row["id"] for row in book.table("intake", "people")]
    if sorted(people) != sorted(row["person_id"] for row in book.requests.values()):
        yield "", f"{len(people)} people for {len(book.requests)} requests"
    held = _held_up(book)
    for id_, request in book.requests.items():
        legs_ = book.legs_of.get(id_, [])
        if not legs_:
            yield id_, "is a request without a leg"
        elif not held & {leg["id"] for leg in legs_} and request["status"] != _wanted(request, legs_):
            yield id_, f"is {request['status']}, and its legs are {[leg['status'] for leg in legs_]}"
    for stray in book.legs_of.keys() - book.requests.keys():
        yield stray, "has legs and is no request"


def _wanted(request: Line, legs_: list[dict[str, object]]) -> str:
    statuses = {leg["status"] for leg in legs_}
    if statuses <= LEG_ENDED:
        whole = request["withdrawal_requested_at"] is not None and statuses == {CANCELLED}
        return WITHDRAWN if whole else ENDED
    return SUBMITTED if statuses == {"planned"} else IN_PROGRESS


def _held_up(book: Book) -> set[str]:
    """Give the legs of which a letter is kept: what follows for them waits for an operator."""
    found = set()
    for service in ("intake", "referrals"):
        for letter in book.table(service, "dead_letters"):
            if letter["state"] != "replayed" and letter["subject"]:
                found |= {letter["subject"]}
                found |= {leg["id"] for leg in book.legs_of.get(letter["subject"], [])}
    return found
