"""A service's own books tell what does not leave, what waits for an operator, and which letter holds up how many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shared.audit.sealer import Sealer
from shared.db import Database
from shared.inbox.tables import dead_letters
from shared.outbox import books
from shared.outbox.tables import outbox
from shared.telemetry.trouble import Trouble
from tests.conftest import MakeDatabase
from tests.integration.inbox.deliveries import delivery, event, receiver
from tests.integration.outbox.conftest import event as outgoing
from tests.unit.audit.log import an_entry


def _told(database: Database, later: timedelta = timedelta(0)) -> dict[str, Trouble]:
    with database.read() as connection:
        found = books.troubles(connection, "referrals", datetime.now(UTC) + later)
    return {trouble.code: trouble for trouble in found}


def _written(database: Database, count: int) -> None:
    with database.unit_of_work() as uow:
        for number in range(count):
            uow.record(outgoing(f"subject-{number}", 1))


def test_books_in_order_tell_nothing(database: MakeDatabase) -> None:
    books_of = database("referrals")
    _written(books_of, 3)
    assert _told(books_of) == {}, "what was written a moment ago is on its way"


def test_events_that_do_not_leave_are_counted_and_the_oldest_is_dated(database: MakeDatabase) -> None:
    books_of = database("referrals")
    _written(books_of, 3)
    late = _told(books_of, timedelta(seconds=94))["outbox-late"]
    assert late.what.en == "Events not yet published: 3; the oldest has waited 94 s."
    assert late.what.zh == "待发出的事件 3 个，最早的已等待 94 秒。"
    assert late.since is not None


def test_what_an_agencys_own_system_is_owed_is_told_apart(database: MakeDatabase) -> None:
    books_of = database("referrals")
    _written(books_of, 2)
    with books_of.unit_of_work() as uow:
        uow.connection.execute(
            sa.update(outbox).values(published_at=datetime.now(UTC), agencies_id=outbox.c.event_id)
        )
        uow.connection.execute(sa.update(outbox).values(agencies_body=b"{}").where(outbox.c.id == 1))
    assert list(_told(books_of, timedelta(minutes=2))) == ["outbox-late-agencies"]


def test_dead_letters_are_counted_and_the_one_that_holds_up_others_is_named(inbox_database: Database) -> None:
    take = receiver(inbox_database)
    first = event("a", 1)
    take([delivery(first, user_id="somebody-else"), delivery(b"no event at all")])
    assert set(_told(inbox_database)) == {"dead-letters"}
    bad, later = event("b", 1, data={"no": "at"}), [event("b", number) for number in (2, 3, 4)]
    take([delivery(bad), *map(delivery, later)])
    told = _told(inbox_database)
    assert set(told) == {"dead-letters", "dead-letter-blocks"}
    assert told["dead-letters"].what.en == "Messages that could not be handled and wait for an operator: 3."
    blocks = told["dead-letter-blocks"]
    assert blocks.about.startswith("referrals/")
    assert f"(event {bad.id}) holds up what comes after it: 3." in blocks.what.en
    assert f"dead-letters replay {blocks.about}" in blocks.remedy.en


def test_what_calls_itself_by_a_persons_data_is_not_repeated(inbox_database: Database) -> None:
    take = receiver(inbox_database)
    take([delivery(event("b", 1, data={"no": "at"})), delivery(event("b", 2))])
    with inbox_database.unit_of_work() as uow:
        uow.connection.execute(sa.update(dead_letters).values(event_id="张三 990000198803120029"))
    said = _told(inbox_database)["dead-letter-blocks"]
    assert "(event ?)" in said.what.en
    assert "990000" not in said.what.zh


def test_letters_that_wait_long_for_what_never_came_are_told(inbox_database: Database) -> None:
    take = receiver(inbox_database)
    take([delivery(event("c", 2)), delivery(event("c", 3))])
    assert _told(inbox_database) == {}, "their predecessor may be on its way"
    told = _told(inbox_database, timedelta(minutes=20))
    assert (
        told["letters-wait-long"].what.en == "Messages that have waited over 15 min for one before them: 2."
    )
    assert "reconcile" in told["letters-wait-long"].remedy.en


def test_letters_that_wait_for_a_dead_one_are_told_with_it_alone(inbox_database: Database) -> None:
    take = receiver(inbox_database)
    take([delivery(event("b", 1, data={"no": "at"})), delivery(event("b", 2))])
    assert set(_told(inbox_database, timedelta(minutes=20))) == {"dead-letters", "dead-letter-blocks"}


def test_an_audit_log_that_nobody_seals_is_told(database: MakeDatabase) -> None:
    books_of = database("referrals")
    with books_of.unit_of_work() as uow:
        uow.audit(an_entry())
    assert _told(books_of) == {}
    assert "not been sealed for 11 min" in _told(books_of, timedelta(minutes=11))["audit-unsealed"].what.en
    now = datetime.now(UTC)
    Sealer(books_of, "referrals", "/aid/530103/referrals", lambda: now).seal()
    assert "audit-unsealed" not in _told(books_of, timedelta(minutes=11))
