"""A dismissed letter has no effect and holds nobody up; it never takes a place that is not its own."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest
import sqlalchemy as sa

from shared import audit
from shared.db import Database, UnitOfWork
from shared.events import Event
from shared.inbox import NotYet, Refused
from shared.inbox.letters import OutOfTurnError, UnknownLetterError, dismiss_letter, list_letters
from shared.inbox.tables import attempts, receipts
from shared.text import Text
from tests.integration.inbox.deliveries import AT, delivery, event, letters, note, receiver, seen


def refuse_first(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Never take the first event of a chain."""
    if any(item.sequence == 1 for item in events):
        raise Refused(Text("不行", "never"))
    note(uow, events)


def dismiss(database: Database, number: int) -> bool:
    """Dismiss as an operator does."""
    return dismiss_letter(database, number, reason="known to be wrong", actor="operator", at=AT)


def numbers(database: Database) -> list[int]:
    """Give the numbers of the open letters."""
    return [int(letter.fields["id"]) for letter in list_letters(database)]


def places(database: Database) -> list[tuple[int, bool]]:
    """Give (sequence, dismissed) of every receipt."""
    with database.read() as connection:
        rows = connection.execute(
            sa.select(receipts.c.sequence, receipts.c.dismissed).order_by(receipts.c.sequence)
        )
        return [(row.sequence, row.dismissed) for row in rows]


def test_what_waited_behind_it_goes_on_in_order_and_copies_of_it_are_duplicates(
    inbox_database: Database,
) -> None:
    chain = [event("a", number) for number in (1, 2, 3)]
    receive = receiver(inbox_database, refuse_first)
    receive([delivery(item) for item in chain])
    assert dismiss(inbox_database, numbers(inbox_database)[0])
    receive.tick()
    receive([delivery(item) for item in chain])
    assert seen(inbox_database, "a") == [2, 3]
    assert places(inbox_database) == [(1, True), (2, False), (3, False)]
    assert [state for state, _ in letters(inbox_database)] == ["dismissed", "replayed", "replayed"]
    with inbox_database.read() as connection:
        (entry,) = audit.search(connection, audit.AuditQuery(action="dead-letter.dismissed"), limit=9)
        assert (entry.reason, entry.detail["sequence"]) == ("known to be wrong", 1)
        assert connection.execute(sa.select(attempts)).all() == []


def test_it_is_refused_while_something_before_it_is_not_settled(inbox_database: Database) -> None:
    receiver(inbox_database, refuse_first)([delivery(event("a", 1)), delivery(event("a", 2))])
    first, second = numbers(inbox_database)
    with pytest.raises(OutOfTurnError) as refused:
        dismiss(inbox_database, second)
    assert refused.value.missing == 1
    assert dismiss(inbox_database, first)
    assert dismiss(inbox_database, second)
    assert places(inbox_database) == [(1, True), (2, True)]


def test_what_waits_for_a_pack_that_never_comes_can_be_dismissed(inbox_database: Database) -> None:
    def wait(_uow: UnitOfWork, _events: Sequence[Event]) -> None:
        raise NotYet("pack 12ab is unknown")

    receive = receiver(inbox_database, wait)
    receive([delivery(event("a", 1))])
    assert dismiss(inbox_database, numbers(inbox_database)[0])
    assert receive.tick() == 0


def test_a_strangers_letter_leaves_the_place_to_the_real_event(inbox_database: Database) -> None:
    receive = receiver(inbox_database)
    receive([delivery(event("a", 1), user_id="agency-health")])
    forged = orjson.loads(event("b", 1).internal()) | {"type": "nothing.known.v1"}
    receive([delivery(orjson.dumps(forged), user_id="agency-health"), delivery(b"no event")])
    assert [dismiss(inbox_database, number) for number in numbers(inbox_database)] == [False, False, False]
    receive([delivery(event("a", 1)), delivery(event("b", 1))])
    assert (seen(inbox_database, "a"), seen(inbox_database, "b")) == ([1], [1])


def test_a_type_from_a_newer_release_can_be_passed_over(inbox_database: Database) -> None:
    newer = orjson.loads(event("a", 1).internal()) | {"type": "staff.promoted.v1"}
    receive = receiver(inbox_database)
    receive([delivery(orjson.dumps(newer)), delivery(event("a", 2))])
    assert dismiss(inbox_database, numbers(inbox_database)[0])
    receive.tick()
    assert seen(inbox_database, "a") == [2]


def test_a_dismissed_letter_is_closed(inbox_database: Database) -> None:
    receiver(inbox_database, refuse_first)([delivery(event("a", 1))])
    (number,) = numbers(inbox_database)
    dismiss(inbox_database, number)
    with pytest.raises(UnknownLetterError):
        dismiss(inbox_database, number)
